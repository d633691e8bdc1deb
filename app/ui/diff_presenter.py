"""From the change set to what the diff pane draws: once a frame, and only for files that changed since the last."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.pairing.comments import CommentBook
from spark_tui.app.running.desk import CommandDesk
from spark_tui.app.ui.file_blocks import FileBlocks, Splice, Surroundings
from spark_tui.app.ui.moved_lines import MovedLines
from spark_tui.app.ui.tally import Totals
from spark_tui.app.ui.unplaced_blocks import UnplacedBlocks

CONTEXT = 3
"""Lines of the file shown above and below each hunk."""

CONTEXTS = (0, 1, 3, 6, 12, 25, 50, 100)
"""The steps by which the context grows."""

NOWHERE = sys.maxsize
"""Behind every line: none of the hunks changed."""


@dataclass(slots=True)
class Redraw:
    """What a frame changes: the ``splices``, each to be made on what the ones before it left; then the ``touched``
    keys of blocks that only changed in themselves; ``paths`` are the files concerned."""

    splices: list[Splice] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)


class DiffPresenter:
    """Turns ``changes`` into blocks. It keeps what it made, so that a block which did not change stays the same."""

    def __init__(
        self, changes: ChangeSet, comments: CommentBook | None = None, desk: CommandDesk | None = None
    ) -> None:
        self._changes = changes
        self._desk = desk
        self._desk_version = 0
        self._comments = CommentBook() if comments is None else comments
        self._comments_version = self._comments.version
        self._shown: dict[int, FileBlocks] = {}
        self._context = CONTEXT
        self._whole: set[str] = set()
        self._stale: set[str] = set()
        self._moves = MovedLines(changes)
        self._moves_due = False
        self._unplaced = UnplacedBlocks()

    @property
    def context(self) -> int:
        """Lines shown above and below each hunk."""
        return self._context

    def widen(self, step: int) -> None:
        """Show more lines around the hunks, or with a negative ``step`` fewer; from the next :meth:`refresh` on."""
        at = min(max(CONTEXTS.index(self._context) + step, 0), len(CONTEXTS) - 1)
        self._context = CONTEXTS[at]
        self._stale = {file.path for file in self._changes.files}

    def toggle_whole(self, path: str) -> None:
        """Show all of the file, or only its hunks again; from the next :meth:`refresh` on."""
        self._whole ^= {path}
        self._stale.add(path)

    def refresh(self, patch: LivePatch | None) -> Redraw:
        """Return what changed since the last call; ``patch`` is the one that is being written, if any."""
        if patch is not None:
            patch.place_again()
        changed = self._changes.take_touched() | dict.fromkeys(self._stale, 0)
        self._stale = set()
        if self._comments.version != self._comments_version:
            self._comments_version = self._comments.version
            changed |= dict.fromkeys(self._comments.paths, 0)
        if self._desk is not None and self._desk.version != self._desk_version:
            self._desk_version = self._desk.version
            changed |= dict.fromkeys((file.path for file in self._changes.files), 0)
        self._moves_due |= bool(changed)
        if patch is not None:
            self._moves.prepare(hunk for path, line in changed.items() for hunk in self._hunks_from(path, line))
        if patch is None and self._moves_due:
            self._moves_due = False
            changed |= dict.fromkeys(self._moves.look(), 0)
        redraw = Redraw(paths=set(changed))
        live = self._changes.file(patch.path) if patch is not None and patch.path is not None else None
        place = 0
        for file in self._changes.files:
            shown = self._shown.get(id(file))
            if shown is None:
                shown = self._shown[id(file)] = FileBlocks(file)
            if file.path in changed or file is live or shown.path != file.path:
                line = changed.get(file.path, NOWHERE) if shown.path == file.path else 0
                splice, touched = shown.update(line, patch if file is live else None, self._around(file))
                redraw.touched += touched
                if splice is not None:
                    redraw.splices.append(replace(splice, place=place + splice.place))
            place += len(shown.blocks)
        splice, grown = self._show_unplaced(patch)
        redraw.touched += grown
        if splice is not None:
            redraw.splices.append(replace(splice, place=place + splice.place))
        return redraw

    def totals(self) -> Iterator[tuple[FileChange, Totals]]:
        """What the hunks of each file came to at the last :meth:`refresh`, in order."""
        return ((file, self._shown[id(file)].totals) for file in self._changes.files if id(file) in self._shown)

    def _show_unplaced(self, patch: LivePatch | None) -> tuple[Splice | None, list[str]]:
        if patch is None or patch.unplaced is None:
            return self._unplaced.update(None, None)
        return self._unplaced.update(patch.unplaced, patch.partial)

    def _hunks_from(self, path: str, line: int) -> list[Hunk]:
        file = self._changes.file(path)
        return [] if file is None else file.hunks_from(line)

    def _around(self, file: FileChange) -> Surroundings:
        context = len(file.base_lines) if file.path in self._whole else self._context
        return Surroundings(context, self._moves.of, self._comments.on(file.path), self._tested(file))

    def _tested(self, file: FileChange) -> str:
        """What the tests said of the file as the change has it now; nothing if they were not run on that."""
        verdict = self._desk.verdict if self._desk is not None else None
        if verdict is None or file.streaming is not None or file.target not in verdict.contents:
            return ""
        if not verdict.holds_for(file.target, file.proposed):
            return "untested  "
        return "tests✓  " if verdict.passed else "tests✗  "
