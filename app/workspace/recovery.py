"""Finishing, at the start or on demand, what a crash interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from spark_tui.app.workspace.beneath import OpenTree
from spark_tui.app.workspace.errors import WorkspaceError, WriteFailed
from spark_tui.app.workspace.journal import Journal, journal_path
from spark_tui.app.workspace.lock import write_lock
from spark_tui.app.workspace.publishing import Outcome, settle


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What a recovery found and did.

    ``kept`` are the files that someone had edited since, which stay as they are; ``copies`` are files that hold
    edits for which there was no place left.
    """

    outcome: Outcome
    kept: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)


def recover(root: Path, state_dir: Path) -> RecoveryReport:
    """Bring an interrupted write to its end, wholly new or wholly old; blocking, and idempotent.

    It may itself be interrupted at any point. Where there is nothing to do it makes no file and takes no lock.
    Raises :exc:`Locked` while another program writes, and :exc:`WriteFailed` where the system refuses.
    """
    try:
        if not any(journal_path(state_dir).iterdir()):
            return RecoveryReport(Outcome.CLEAN)
    except FileNotFoundError:
        return RecoveryReport(Outcome.CLEAN)
    except OSError as error:
        raise WriteFailed(f"the journal cannot be read ({error.strerror}): nothing was changed") from error
    with writing(root, state_dir) as (tree, journal):
        return settle_recorded(tree, journal)


def settle_recorded(tree: OpenTree, journal: Journal) -> RecoveryReport:
    """As :func:`recover`, for whoever holds the lock."""
    recorded = journal.manifest()
    if recorded is None:
        journal.clear(tree)
        return RecoveryReport(Outcome.CLEAN)
    manifest, aborting = recorded
    settlement = settle(tree, journal, manifest, aborting=aborting, untouched=False)
    return RecoveryReport(settlement.outcome, list(settlement.edited), list(settlement.copies))


@contextmanager
def writing(root: Path, state_dir: Path) -> Iterator[tuple[OpenTree, Journal]]:
    """Hold the lock, with the tree and the journal open; every :exc:`OSError` leaves as :exc:`WriteFailed`.

    Only steps that change nothing in the tree may raise :exc:`OSError` in here.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with write_lock(state_dir / "lock"), OpenTree(root) as tree, Journal(state_dir) as journal:
            yield tree, journal
    except WorkspaceError:
        raise
    except OSError as error:
        what = f" at {error.filename}" if isinstance(error.filename, str) else ""
        raise WriteFailed(f"{error.strerror}{what}: nothing was written") from error
