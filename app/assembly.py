"""How the parts of a session are made from its repository; whoever owns them says what they tell whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from spark_tui.app.audience import Audience
from spark_tui.app.changes.change_set import NOT_STAGED, ChangeSet
from spark_tui.app.checkpoints.publisher import Publisher
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.checkpoints.undoing import Undoing
from spark_tui.app.pairing.notices import Severity
from spark_tui.app.pairing.review import Review
from spark_tui.app.pairing.tools import Pending, ToolBox
from spark_tui.app.pairing.transcript import Transcript
from spark_tui.app.running.desk import CommandDesk
from spark_tui.app.running.scratch import UNTRACKED_LIMIT, Scratch
from spark_tui.app.settings import DIRS
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.open_elsewhere import open_elsewhere
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.search import search
from spark_tui.app.workspace.writer import NothingIsWritten, Writer
from spark_tui.protocol.patch.grammar import grammar


class Assembly:
    """Makes the parts that work on ``repository`` and on one change set. With ``writes`` unset nothing is written."""

    def __init__(self, repository: Repository, changes: ChangeSet, audience: Audience, *, writes: bool) -> None:
        self._repository = repository
        self._changes = changes
        self._audience = audience
        self._writer = Writer(repository.root, repository.state_dir) if writes else NothingIsWritten()

    def read(self, path: str) -> FileSnapshot:
        """The file on disk; blocks."""
        return read_snapshot(self._repository.root, path)

    def pending(self) -> Pending:
        """What the change set makes of each file that it touches; ``None`` for those that it takes away."""
        contents = {}
        for file in self._changes.files:
            for path in {file.path, file.target}:
                data = self._changes.read(path)
                if data is not NOT_STAGED:
                    contents[path] = data
        return contents

    def review(
        self,
        checkpoints: CheckpointStore,
        session: str | None,
        *,
        request: Callable[[], str],
        on_decided: Callable[[], None],
    ) -> Review:
        """The way of a decision to the disk; ``session`` and ``request`` are kept beside what a write replaces."""
        return Review(
            self._changes,
            Publisher(checkpoints, self._writer, session, request),
            Undoing(checkpoints, self._writer, self.read, git_line_diff),
            self.read,
            git_line_diff,
            lambda paths: open_elsewhere(self._repository.root, paths),
            notify=self._audience.notify_user,
            on_change=self._audience.changed,
            on_decided=on_decided,
        )

    def tools(
        self, propose: Callable[[str, str], Awaitable[str]], on_read: Callable[[FileSnapshot], None]
    ) -> ToolBox:
        """What the model may look at, each file ``on_read``; it can only ``propose`` to run a command."""
        return ToolBox(
            read=self.read,
            pending=self.pending,
            list_files=self._repository.list_files,
            search=lambda query, pending: search(self._repository, query, pending),
            grammar=grammar(),
            propose=propose,
            on_read=on_read,
        )

    def desk(self, transcript: Transcript, tell: Callable[[str], None]) -> CommandDesk:
        """Where commands are run, against the work tree or a copy with the pending change."""
        return CommandDesk(
            self._repository.root,
            Scratch(self._repository.root, DIRS.user_cache_path / "scratch"),
            transcript,
            pending=self.pending,
            list_files=partial(self._repository.list_files, UNTRACKED_LIMIT),
            tell=tell,
            notify=lambda line: self._audience.notify_user(line, Severity.WARNING),
            on_change=self._audience.changed,
        )
