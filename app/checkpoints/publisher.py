"""Writing what a person accepts or takes back, with what it replaces kept first."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.plans import AcceptPlan
from spark_tui.app.checkpoints.step import Step, step_of
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.workspace.errors import WorkspaceError
from spark_tui.app.workspace.files import FileWrite

Kept = tuple[Step, list[bytes]]


class Writing(Protocol):
    """What publishes files; see :class:`spark_tui.app.workspace.writer.Writer`."""

    def commit(self, writes: Sequence[FileWrite], label: str = "") -> None:
        """Write all or nothing; blocks."""


class Publisher:
    """Publishes the plans of one session, named ``session``; ``request`` gives what the user asked for last."""

    def __init__(
        self, store: CheckpointStore, writer: Writing, session: str | None, request: Callable[[], str] = str
    ) -> None:
        self._store = store
        self._writer = writer
        self._session = session or f"run-{int(time.time())}-{secrets.token_hex(3)}"
        self._request = request

    def key(self, hunk_id: str) -> str:
        """What a hunk of this session is called in the steps of the work tree."""
        return f"{self._session}/{hunk_id}"

    def describe(self, changes: ChangeSet, plan: AcceptPlan) -> Kept:
        """What is to be kept of ``plan``; quick."""
        return step_of(changes, plan, self.key, session=self._session, request=self._request(), now=time.time())

    def publish(self, plan: AcceptPlan, kept: Kept, label: str) -> None:
        """Keep what ``plan`` replaces, then write it; blocks. Raises as :func:`write_step`."""
        write_step(self._store, self._writer, plan.writes, label, kept)


def write_step(store: CheckpointStore, writer: Writing, writes: Sequence[FileWrite], label: str, kept: Kept) -> None:
    """Remember a step, then write it: a crash between the two leaves a step of which nothing is in the files.

    Raises :exc:`~..workspace.errors.WorkspaceError` or :exc:`~..workspace.git_errors.GitError`; then nothing was
    written and nothing is remembered.
    """
    number = store.append(*kept)
    try:
        writer.commit(writes, label)
    except WorkspaceError:
        store.drop([number])
        raise
