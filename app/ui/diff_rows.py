"""The rows of one hunk, made when they are looked at: a hunk of 10,000 lines costs what is visible of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from spark_tui.app.changes.hunk import Conflict, Hunk, HunkState
from spark_tui.app.changes.live import OpenChunk
from spark_tui.app.workspace.guard import warning_for
from spark_tui.protocol.patch.events import Op, PartialLine
from spark_tui.widgets.emphasis import emphasise, pair_lines
from spark_tui.widgets.rows import DiffRow, RowKind

EMPHASIS_LIMIT = 400
"""Lines of a hunk past which changed words are not looked for: such a hunk is new text, not an edit."""

KINDS = {Op.KEEP: RowKind.CONTEXT, Op.REMOVE: RowKind.REMOVED, Op.ADD: RowKind.ADDED}
Emphasis = tuple[tuple[int, int], ...]


class Rows(Sequence[DiffRow]):
    """A sequence that makes its rows one by one; negative indices and slices work as for any sequence."""

    def __len__(self) -> int:
        raise TypeError

    def row(self, index: int) -> DiffRow:
        """The row at ``index``, which is not negative."""
        raise TypeError

    @overload
    def __getitem__(self, index: int) -> DiffRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[DiffRow]: ...
    def __getitem__(self, index: int | slice) -> DiffRow | list[DiffRow]:
        size = len(self)
        if isinstance(index, slice):
            return [self.row(i) for i in range(*index.indices(size))]
        if index < 0:
            index += size
        if not 0 <= index < size:
            raise IndexError(index)
        return self.row(index)

    def __iter__(self) -> Iterator[DiffRow]:
        return (self.row(index) for index in range(len(self)))


@dataclass(frozen=True, slots=True)
class Part:
    """A run of rows of one kind; ``old`` and ``new`` number its first line from 0, ``None``: it has no number."""

    kind: RowKind
    lines: Sequence[str]
    first: int
    count: int
    old: int | None = None
    new: int | None = None


def sides(conflict: Conflict, start: int, *, undoing: bool) -> Iterator[Part]:
    """The three sides of a conflict at line ``start``, each under a line that names it and its key."""

    def heading(text: str) -> Part:
        return Part(RowKind.NOTE, (text,), 0, 1)

    if conflict.deleted:
        yield heading("the file was deleted outside: 1 drops this, 2 makes the file anew with it")
    else:
        yield heading("in the file now" if undoing else "in the file now: 1 keeps it as it is")
        yield Part(RowKind.CONTEXT, conflict.theirs, 0, len(conflict.theirs), start)
    if not undoing:
        yield heading("what the change was made on")
        yield Part(RowKind.REMOVED, conflict.base, 0, len(conflict.base))
    yield heading(
        "what undo would put back" if undoing else "the change: 2 takes it, e edits, 3 asks the model again"
    )
    yield Part(RowKind.ADDED, conflict.ours, 0, len(conflict.ours))


def notes_of(hunk: Hunk) -> str:
    """What deserves a second look before the hunk is decided on, as one line."""
    notes = [hunk.note] if hunk.note else []
    if hunk.state is HunkState.ACCEPTED and hunk.conflict is not None:
        notes.append("changed since it was accepted")
    if hunk.state is HunkState.PENDING:
        if hunk.ambiguity is not None:
            notes.append(f"{hunk.ambiguity.place} of {hunk.places} places, m moves it")
        warning = warning_for(hunk.target or hunk.path)
        if warning is not None:
            notes.append(f"this file {warning}")
    return "; ".join(notes)


class HunkRows(Rows):
    """A hunk that is not being written, between ``above`` and ``below`` lines of context of ``base``.

    ``shift`` is by how many lines the hunks before it make the new file longer.
    """

    def __init__(self, hunk: Hunk, base: Sequence[str], title: str, above: int, below: int, shift: int) -> None:
        self._emphasis: dict[tuple[RowKind, int], Emphasis] | None = None
        self._hunk = hunk
        self._parts = [Part(RowKind.HUNK, (f"{title}\t{notes_of(hunk)}",), 0, 1)]
        start, end = hunk.start, hunk.end
        self._parts.append(Part(RowKind.CONTEXT, base, start - above, above, start - above, start - above + shift))
        if hunk.conflict is not None and hunk.state in (HunkState.CONFLICTED, HunkState.ACCEPTED):
            self._parts += sides(hunk.conflict, start, undoing=hunk.state is HunkState.ACCEPTED)
        else:
            removed: Sequence[str] = hunk.removed if hunk.conflict is None else hunk.conflict.theirs
            old = None if hunk.state is HunkState.ACCEPTED else start
            new = start + shift if hunk.state in (HunkState.PENDING, HunkState.ACCEPTED) else None
            self._parts += [
                Part(RowKind.REMOVED, removed, 0, len(removed), old=old),
                Part(RowKind.ADDED, hunk.added, 0, len(hunk.added), new=new),
            ]
        behind = end + shift + (hunk.growth if hunk.state is HunkState.PENDING else 0)
        self._parts.append(Part(RowKind.CONTEXT, base, end, below, end, behind))
        self._size = sum(part.count for part in self._parts)

    def __len__(self) -> int:
        return self._size

    def row(self, index: int) -> DiffRow:
        for part in self._parts:
            if index < part.count:
                return DiffRow(
                    part.kind,
                    part.lines[part.first + index].rstrip("\r\n"),
                    None if part.old is None else part.old + index + 1,
                    None if part.new is None else part.new + index + 1,
                    self._emphasised(part.kind, index),
                )
            index -= part.count
        raise IndexError(index)

    def _emphasised(self, kind: RowKind, index: int) -> Emphasis:
        is_changed = kind in (RowKind.REMOVED, RowKind.ADDED)
        if not is_changed or self._size > EMPHASIS_LIMIT or self._hunk.conflict is not None:
            return ()
        if self._emphasis is None:
            self._emphasis = {}
            removed = [line.rstrip("\r\n") for line in self._hunk.removed]
            added = [line.rstrip("\r\n") for line in self._hunk.added]
            for one, other in pair_lines(removed, added):
                was, is_now = emphasise(removed[one], added[other])
                self._emphasis[RowKind.REMOVED, one] = was
                self._emphasis[RowKind.ADDED, other] = is_now
        return self._emphasis.get((kind, index), ())


class StreamRows(Rows):
    """The chunk that is being written; grows as its lines do, with the unfinished line at the end.

    ``title`` gives the header for the line where the chunk is placed, once it is.
    """

    def __init__(self, title: Callable[[int], str]) -> None:
        self._title_at = title
        self._title = ""
        self._placed: int | None = None
        self._chunk: OpenChunk | None = None
        self._partial: PartialLine | None = None
        self._shift = 0
        self._before: list[tuple[int, int]] = []

    def update(self, chunk: OpenChunk, partial: PartialLine | None, shift: int) -> None:
        """Look at the chunk as it is now; ``shift`` is as in :class:`HunkRows`."""
        self._chunk, self._partial, self._shift = chunk, partial, shift
        if chunk.start is not None and chunk.start != self._placed:
            self._placed = chunk.start
            self._title = self._title_at(chunk.start)
        before, lines = self._before, chunk.lines
        while len(before) < len(lines):
            if not before:
                before.append((0, 0))
                continue
            old, new = before[-1]
            op = lines[len(before) - 1].op
            before.append((old + (op is not Op.ADD), new + (op is not Op.REMOVE)))

    def __len__(self) -> int:
        return 1 + len(self._before) + (self._partial is not None)

    def row(self, index: int) -> DiffRow:
        chunk = self._chunk
        if index == 0 or chunk is None:
            return DiffRow(RowKind.HUNK, self._title)
        index -= 1
        if index == len(self._before):
            assert self._partial is not None
            return DiffRow(KINDS[self._partial.op], self._partial.text, partial=True)
        line = chunk.lines[index]
        if chunk.start is None:
            return DiffRow(KINDS[line.op], line.text)
        old, new = self._before[index]
        first = chunk.start + 1
        return DiffRow(
            KINDS[line.op],
            line.text,
            None if line.op is Op.ADD else first + old,
            None if line.op is Op.REMOVE else first + self._shift + new,
        )
