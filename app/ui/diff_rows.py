"""The rows of one hunk, made when they are looked at: a hunk of 10,000 lines costs what is visible of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from spark_tui.app.changes.hunk import Conflict, Hunk, HunkState
from spark_tui.app.changes.moves import Moved
from spark_tui.app.workspace.guard import warning_for
from spark_tui.protocol.patch.events import Op, PartialLine, PatchLine
from spark_tui.widgets.emphasis import Ranges, emphasise, pair_lines
from spark_tui.widgets.rows import CHANGED, DiffRow, RowKind, Rows, Run

EMPHASIS_LIMIT = 400
"""Lines of a hunk past which changed words are not looked for: such a hunk is new text, not an edit."""

KINDS = {Op.KEEP: RowKind.CONTEXT, Op.REMOVE: RowKind.REMOVED, Op.ADD: RowKind.ADDED}
NOT_MOVED = Moved()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a line differs from its counterpart: by these words, and whether by ``spacing`` alone."""

    emphasis: Ranges = ()
    spacing: bool = False


UNLIKE = Likeness()


def compare(removed: Sequence[str], added: Sequence[str]) -> dict[tuple[RowKind, int], Likeness]:
    """The likeness of each removed and added line that has a counterpart."""
    before = [line.rstrip("\r\n") for line in removed]
    after = [line.rstrip("\r\n") for line in added]
    found: dict[tuple[RowKind, int], Likeness] = {}
    for one, other in pair_lines(before, after):
        was, is_now = emphasise(before[one], after[other])
        spacing = "".join(before[one].split()) == "".join(after[other].split())
        found[RowKind.REMOVED, one] = Likeness(was, spacing)
        found[RowKind.ADDED, other] = Likeness(is_now, spacing)
    return found


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
    if hunk.is_part and hunk.state in (HunkState.RETIRED, HunkState.PENDING):
        notes.append("r keeps what came of it" if hunk.state is HunkState.RETIRED else "it is not whole")
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

    ``title`` is asked for when the header is looked at: what it searches the file for costs more than the rest.
    ``shift`` is by how many lines the hunks before it make the new file longer. ``moved`` are its lines that stand
    elsewhere in the change too.
    """

    def __init__(
        self,
        hunk: Hunk,
        base: Sequence[str],
        title: Callable[[], str],
        above: int,
        below: int,
        shift: int,
        moved: Moved = NOT_MOVED,
    ) -> None:
        self._pairs: dict[tuple[RowKind, int], Likeness] | None = None
        self._hunk = hunk
        self._moved = moved if hunk.conflict is None else NOT_MOVED
        self._title = title
        self._header = ""
        self._parts = [Part(RowKind.HUNK, ("",), 0, 1)]
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

    def runs(self) -> Sequence[Run]:
        return [(part.kind, part.count) for part in self._parts if part.count]

    def texts(self) -> Iterator[str]:
        yield self._header_text()
        for part in self._parts[1:]:
            for line in part.lines[part.first : part.first + part.count]:
                yield line.rstrip("\r\n")

    def highest(self) -> int:
        shown = (part for part in self._parts if part.count)
        ends = (first + part.count for part in shown for first in (part.old, part.new) if first is not None)
        return max(ends, default=0)

    def _header_text(self) -> str:
        self._header = self._header or f"{self._title()}\t{notes_of(self._hunk)}"
        return self._header

    def row(self, index: int) -> DiffRow:
        if index == 0:
            return DiffRow(RowKind.HUNK, self._header_text())
        for part in self._parts:
            if index < part.count:
                like = self._likeness(part.kind, index)
                return DiffRow(
                    part.kind,
                    part.lines[part.first + index].rstrip("\r\n"),
                    None if part.old is None else part.old + index + 1,
                    None if part.new is None else part.new + index + 1,
                    like.emphasis,
                    moved=self._is_moved(part.kind, index),
                    spacing=like.spacing,
                )
            index -= part.count
        raise IndexError(index)

    def _is_moved(self, kind: RowKind, index: int) -> bool:
        moved = self._moved
        return kind in CHANGED and index in (moved.removed if kind is RowKind.REMOVED else moved.added)

    def _likeness(self, kind: RowKind, index: int) -> Likeness:
        if kind not in CHANGED or self._size > EMPHASIS_LIMIT or self._hunk.conflict is not None:
            return UNLIKE
        if self._pairs is None:
            self._pairs = compare(self._hunk.removed, self._hunk.added)
        return self._pairs.get((kind, index), UNLIKE)


class StreamRows(Rows):
    """The chunk that is being written; grows as its lines do, with the unfinished line at the end.

    ``title`` gives the header for the line where the chunk is placed, once it is.
    """

    def __init__(self, title: Callable[[int], str]) -> None:
        self._title_at = title
        self._title = ""
        self._placed: int | None = None
        self._base: Sequence[str] = ()
        self._lines: Sequence[PatchLine] = ()
        self._partial: PartialLine | None = None
        self._shift = 0
        self._before: list[tuple[int, int]] = []
        self._runs: list[Run] = [(RowKind.HUNK, 1)]

    def update(
        self,
        lines: Sequence[PatchLine],
        start: int | None,
        shift: int = 0,
        partial: PartialLine | None = None,
        base: Sequence[str] = (),
    ) -> None:
        """Look at the chunk's ``lines`` as they are now; ``start`` is where it is placed in ``base``, once it is.
        ``shift`` is as in :class:`HunkRows`."""
        self._lines, self._partial, self._shift = lines, partial, shift
        if start is not None and (start != self._placed or base is not self._base):
            self._title = self._title_at(start)
        self._placed, self._base = start, base
        before = self._before
        while len(before) < len(lines):
            self._add_to_runs(KINDS[lines[len(before)].op])
            if not before:
                before.append((0, 0))
                continue
            old, new = before[-1]
            op = lines[len(before) - 1].op
            before.append((old + (op is not Op.ADD), new + (op is not Op.REMOVE)))

    def _add_to_runs(self, kind: RowKind) -> None:
        last, count = self._runs[-1]
        if last is kind:
            self._runs[-1] = kind, count + 1
        else:
            self._runs.append((kind, 1))

    def __len__(self) -> int:
        return 1 + len(self._before) + (self._partial is not None)

    def runs(self) -> Sequence[Run]:
        return [*self._runs, *self._partial_run()]

    def texts(self) -> Iterator[str]:
        yield self._title
        yield from (line.text for line in self._lines[: len(self._before)])
        if self._partial is not None:
            yield self._partial.text

    def _partial_run(self) -> list[Run]:
        return [] if self._partial is None else [(KINDS[self._partial.op], 1)]

    def row(self, index: int) -> DiffRow:
        if index == 0:
            return DiffRow(RowKind.HUNK, self._title)
        index -= 1
        if index == len(self._before):
            assert self._partial is not None
            return DiffRow(KINDS[self._partial.op], self._partial.text, partial=True)
        line = self._lines[index]
        if self._placed is None:
            return DiffRow(KINDS[line.op], line.text)
        old, new = self._before[index]
        first = self._placed + 1
        return DiffRow(
            KINDS[line.op],
            line.text,
            None if line.op is Op.ADD else first + old,
            None if line.op is Op.REMOVE else first + self._shift + new,
        )
