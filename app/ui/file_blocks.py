"""One file's blocks in the diff pane, kept up to date: only what follows the first change is made anew."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.formatting import formatting_lines
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.changes.moves import Moved
from spark_tui.app.pairing.comments import Comment
from spark_tui.app.ui.diff_rows import NOT_MOVED, HunkRows, StreamRows
from spark_tui.app.ui.tally import NO_HUNKS, Totals, is_shown, totals_of
from spark_tui.widgets.enclosing import enclosing
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind

Signature = tuple[object, ...]
"""What a block was made from: equal ones make equal blocks."""


@dataclass(frozen=True, slots=True)
class Splice:
    """The ``removed`` blocks at ``place`` give way to ``blocks``."""

    place: int
    removed: int
    blocks: Sequence[DiffBlock]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the blocks of a file depend on besides its hunks.

    ``context`` is how many lines are shown around a hunk; ``tested`` what the tests said, for the header.
    """

    context: int
    moves: dict[str, Moved]
    comments: Sequence[Comment]
    tested: str


@dataclass(frozen=True, slots=True)
class _Progress:
    """Where a walk over the hunks has come to: how much longer the new file is by then (``shift``), the line of the
    base up to which it is shown (``reached``), and the sums."""

    shift: int = 0
    reached: int = 0
    totals: Totals = NO_HUNKS


@dataclass(frozen=True, slots=True)
class _Step:
    """The walk ``before`` a hunk at line ``start`` of the base."""

    start: int
    before: _Progress


class FileBlocks:
    """The blocks of ``file``: its header, its hunks, and the comments on them. A block that stays is the same object,
    brought up to date in place, since the view holds on to it."""

    def __init__(self, file: FileChange) -> None:
        self.path = ""
        """Where the file was at the last :meth:`update`."""
        self.blocks: list[DiffBlock] = []
        self.totals = NO_HUNKS
        self._file = file
        self._steps: list[_Step] = []
        self._streaming: int | None = None
        self._made_from: dict[str, Signature] = {}
        self._formatting: dict[str, tuple[int, int]] = {}
        self._known: dict[str, DiffBlock] = {}
        self._changed: list[str] = []

    def update(self, line: int, patch: LivePatch | None, around: Surroundings) -> tuple[Splice | None, list[str]]:
        """Look again at the hunks from ``line`` of the base on, and at the one that ``patch``, if given, is writing.

        Returns which blocks came and went, with the place counted from the header, and the keys of those that only
        changed in themselves. Where ``around`` is another than before, ``line`` is 0.
        """
        self._changed = []
        self.path = self._file.path
        line, before = self._go_back(0 if around.comments else line)
        first = 1 + len(self._steps) if self._steps else 0
        self._known = {block.key: block for block in (*self.blocks[:1], *self.blocks[first:])}
        tail = list(self._walk(line, before, patch, around))
        header = [self._header(around.tested)] if self.totals.mark is not None else []
        splice = self._put(first, tail if first else [*header, *tail])
        return splice, self._changed

    def _go_back(self, line: int) -> tuple[int, _Progress]:
        """Forget the walk from the last hunk before ``line`` on (the context below it ends where the next begins), or
        from the one that was being written; returns the line of the base to go on from, and the walk up to there."""
        steps = self._steps
        if self._streaming is not None:
            line = min(line, steps[self._streaming].start)
        kept = bisect_left(steps, line, key=_start)
        if not kept:
            steps.clear()
            return 0, _Progress()
        again = steps[bisect_left(steps, steps[kept - 1].start, key=_start)]
        del steps[bisect_left(steps, again.start, key=_start) :]
        return again.start, again.before

    def _walk(
        self, line: int, before: _Progress, patch: LivePatch | None, around: Surroundings
    ) -> Iterator[DiffBlock]:
        hunks = [hunk for hunk in self._file.hunks_from(line) if is_shown(hunk)]
        base = len(self._file.base_lines)
        notes = deque(around.comments)
        shift, reached, totals = before.shift, before.reached, before.totals
        self._streaming = None
        for index, hunk in enumerate(hunks):
            self._steps.append(_Step(hunk.start, _Progress(shift, reached, totals)))
            is_last = index + 1 == len(hunks)
            limit = base if is_last else hunks[index + 1].start
            if hunk.state is HunkState.STREAMING:
                self._streaming = len(self._steps) - 1
                yield self._stream(hunk, patch, shift)
            else:
                context = around.context
                above = max(0, min(context, hunk.start - reached)) if hunk.kind is HunkKind.EDIT else 0
                room = min(limit, base) - hunk.end
                below = max(0, room if room <= 2 * context and not is_last else min(context, room))
                yield self._whole(hunk, above, below, shift, around.moves.get(hunk.id, NOT_MOVED))
                reached = max(reached, hunk.end + below)
            if hunk.state is HunkState.PENDING:
                shift += hunk.growth
            totals += totals_of(hunk, self._formatting_of(hunk))
            while notes and (is_last or notes[0].start < reached + shift):
                yield self._note(notes.popleft())
        self.totals = totals

    def _put(self, first: int, tail: list[DiffBlock]) -> Splice | None:
        """Let ``tail`` take the place of the blocks from ``first`` on; returns where they differ."""
        before = self.blocks[first:]
        same = _common(before, tail)
        behind = _common(before[same:][::-1], tail[same:][::-1])
        removed, added = before[same : len(before) - behind], tail[same : len(tail) - behind]
        if not removed and not added:
            return None
        place = first + same
        self.blocks[place : place + len(removed)] = added
        there = {block.key for block in added}
        for block in removed:
            if block.key not in there:
                del self._made_from[block.key]
        self._changed = [key for key in self._changed if key not in there]
        return Splice(place, len(removed), added)

    # -- one block -------------------------------------------------------------------------------------------

    def _header(self, tested: str) -> DiffBlock:
        file, totals = self._file, self.totals
        name = file.path if file.target == file.path else f"{file.path} → {file.target}"
        figures = f"+{totals.to_add} −{totals.to_remove}" if totals.to_add or totals.to_remove else ""
        frozen = f"{file.frozen}  " if file.frozen else ""
        row = DiffRow(RowKind.FILE, f"{name}\t{frozen}{tested}{figures}")
        return self._block(f"file:{id(file)}", (row, totals.mark), lambda: (row,), totals.mark)

    def _whole(self, hunk: Hunk, above: int, below: int, shift: int, moved: Moved) -> DiffBlock:
        base = self._file.base_lines
        looks = (hunk.state, hunk.revision, hunk.note, moved, id(hunk.conflict))
        start = hunk.start

        def rows() -> HunkRows:
            return HunkRows(hunk, base, lambda: title_of(self._file, hunk, start), above, below, shift, moved)

        signature = (*looks, hunk.start, above, below, shift, id(base))
        block = self._block(hunk.id, signature, rows, Mark(hunk.state.value), hunk.id)
        block.revision = hunk.revision
        return block

    def _stream(self, hunk: Hunk, patch: LivePatch | None, shift: int) -> DiffBlock:
        known = self._known.get(hunk.id)
        rows = known.rows if known is not None else None
        if not isinstance(rows, StreamRows):
            rows = StreamRows(lambda start: title_of(self._file, hunk, start))
        partial = None
        if patch is not None and patch.open_chunk is not None:
            partial = patch.partial
            chunk = patch.open_chunk
            rows.update(chunk.lines, chunk.start, shift, partial, self._file.base_lines)
        kept = rows
        return self._block(hunk.id, (len(rows), partial, hunk.start), lambda: kept, Mark.STREAMING, hunk.id)

    def _note(self, comment: Comment) -> DiffBlock:
        """The row of a comment, below the hunk that its lines are in, or next to."""
        row = DiffRow(RowKind.NOTE, f"{comment.place.removeprefix(f'{comment.path}, ')}: {comment.note}")
        return self._block(f"note:{comment.id}", (row,), lambda: (row,), None)

    def _block(
        self,
        key: str,
        signature: Signature,
        rows: Callable[[], Sequence[DiffRow]],
        mark: Mark | None,
        hunk: str | None = None,
    ) -> DiffBlock:
        """The block of ``key``, with ``rows`` as they are made from what ``signature`` tells."""
        signature = (self.path, *signature)
        block = self._known.get(key)
        if block is None:
            block = DiffBlock(key, self.path, rows(), hunk=hunk, mark=mark)
        elif self._made_from.get(key) != signature:
            block.path, block.rows, block.mark = self.path, rows(), mark
            block.version += 1
            self._changed.append(key)
        self._made_from[key] = signature
        return block

    def _formatting_of(self, hunk: Hunk) -> int:
        """How many lines of the hunk say nothing new; counted once a revision, when it is whole."""
        if hunk.state is HunkState.STREAMING or not hunk.has_lines:
            return 0
        known = self._formatting.get(hunk.id)
        if known is None or known[0] != hunk.revision:
            known = self._formatting[hunk.id] = (hunk.revision, formatting_lines(hunk.removed, hunk.added))
        return known[1]


def title_of(file: FileChange, hunk: Hunk, start: int) -> str:
    """What stands above a hunk at line ``start``: what it does to the file, or the function it is in, or its line."""
    match hunk.kind:
        case HunkKind.CREATE:
            return "new file"
        case HunkKind.DELETE:
            return "delete the file"
        case HunkKind.RENAME:
            return f"move to {hunk.target}"
        case HunkKind.EDIT if file.base is None:
            return "part of a new file"
        case HunkKind.EDIT:
            return enclosing(file.base_lines, start) or f"line {start + 1}"


def _start(step: _Step) -> int:
    return step.start


def _common(one: Sequence[DiffBlock], other: Sequence[DiffBlock]) -> int:
    """How many blocks both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a is not b), min(len(one), len(other)))
