"""A block of a diff as it is in the pane: its lines, their names, their colours. No widget here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spark_tui.widgets.enclosing import SEARCHED, enclosing
from spark_tui.widgets.highlight import Highlights
from spark_tui.widgets.rows import CHANGED, DiffBlock, DiffRow, Mark, RowKind, runs_of
from spark_tui.widgets.side_by_side import SideBySide, Sides

NAME_BITS = 32
"""The name of a row has at most so many bits."""

MIDDLE = 1 << (NAME_BITS - 1)
"""Where the names of rows are counted from, so that a block can grow at both ends."""

_LANES = {RowKind.CONTEXT: "on", RowKind.REMOVED: "o", RowKind.ADDED: "n"}


class ShownBlock:
    """A block in the pane; ``number`` names it for good. ``beside`` is there while old and new stand side by side.

    A row is named by its distance from the first changed one, since the context above may grow and shrink.
    """

    __slots__ = ("_function", "_grown", "_highlights", "beside", "block", "first_change", "number")

    def __init__(self, number: int, block: DiffBlock) -> None:
        self.number = number
        self.block = block
        self.beside: SideBySide | None = None
        self._highlights: Highlights | None = None
        self.first_change: int | None = None
        """The first row that is removed or added, as of the last :meth:`look`; ``None`` where there is none."""
        self._grown = 0
        self._function: tuple[DiffBlock | None, int | str, int, str] = None, 0, 0, ""

    @property
    def highlights(self) -> Highlights:
        """The colours of its rows; made when they are first looked at."""
        if self._highlights is None:
            self._highlights = Highlights(self._line_at)
        return self._highlights

    def look(self) -> None:
        """Take in that the rows may be others now."""
        if self.first_change is not None and self.block.mark is Mark.STREAMING:
            return  # it grows at its end only
        before, self.first_change = self.first_change, first_change(self.block.rows)
        if before is not None and self.first_change is not None:
            self._grown += self.first_change - before

    @property
    def titled(self) -> bool:
        """Whether the first row is a header of the block's own."""
        rows = self.block.rows
        return len(rows) > 0 and rows[0].kind in (RowKind.FILE, RowKind.HUNK)

    def name_of(self, row: int) -> int:
        """A number that names ``row`` also when rows come and go above it; 0 is the header."""
        return 0 if row == 0 and self.titled else row - self._grown + MIDDLE

    def row_named(self, name: int) -> int:
        """The row with that name, or the nearest to where it was."""
        if name == 0:
            return 0
        return min(max(name - MIDDLE + self._grown, int(self.titled)), len(self.block.rows) - 1)

    @property
    def is_header(self) -> bool:
        """Whether it is the header of a file."""
        rows = self.block.rows
        return self.block.hunk is None and len(rows) > 0 and rows[0].kind is RowKind.FILE

    @property
    def size(self) -> int:
        """How many lines it has when it is shown."""
        return len(self.block.rows) if self.beside is None else len(self.beside)

    def sides(self, offset: int) -> Sides:
        """The rows on the line at ``offset``."""
        return (offset, offset) if self.beside is None else self.beside.sides(offset)

    def leading_row(self, offset: int) -> int:
        """The row that stands for the line at ``offset``: the new one where there is one."""
        left, right = self.sides(offset)
        return right if right is not None else left or 0

    def offset_of(self, row: int) -> int:
        """The line on which ``row`` stands."""
        return row if self.beside is None else self.beside.line_of(row)

    def changed_rows(self, chosen: frozenset[int]) -> Iterator[DiffRow]:
        """Of the removed and added rows those whose number among them is in ``chosen``."""
        at = changed = 0
        for kind, count in runs_of(self.block.rows):
            if kind in CHANGED:
                yield from (self.block.rows[at + index] for index in range(count) if changed + index in chosen)
                changed += count
            at += count

    def _line_at(self, index: int) -> tuple[str, str]:
        row = self.block.rows[index]
        return _LANES.get(row.kind, ""), row.text

    def function_at(self, offset: int) -> str:
        """The function that the line is in: by the lines above in the block, else what the block's header says.

        The last answer is kept: it is asked for each frame, mostly of the same line, and costs as much as drawing it.
        """
        block, row = self.block, self.leading_row(offset)
        # What is being written grows at its end only, but may get its title late.
        stamp = block.rows[0].text if block.mark is Mark.STREAMING else block.version
        known, *asked, found = self._function
        if known is not block or asked != [stamp, row]:
            found = self._function_above(row)
            self._function = block, stamp, row, found
        return found

    def _function_above(self, row: int) -> str:
        rows, first = self.block.rows, max(row - SEARCHED, 0)
        above: list[str] = []
        at = 0
        for kind, count in runs_of(rows):
            if kind in (RowKind.CONTEXT, RowKind.ADDED):
                above += (rows[index].text for index in range(max(at, first), min(at + count, row + 1)))
            at += count
        named = enclosing(above, len(above) - 1) if above else ""
        return (named or rows[0].text.partition("\t")[0]).strip()


def first_change(rows: Sequence[DiffRow]) -> int | None:
    """The first removed or added row; ``None`` without one."""
    at = 0
    for kind, count in runs_of(rows):
        if kind in CHANGED:
            return at
        at += count
    return None


def row_ranges(shown: ShownBlock, first: int, last: int) -> list[tuple[int, int]]:
    """The rows on the lines ``first`` to ``last`` in stretches without gaps; not the line that is being written."""
    rows = sorted({row for line in range(first, last + 1) for row in shown.sides(line) if row is not None})
    while rows and shown.block.rows[rows[-1]].partial:
        rows.pop()
    ranges: list[tuple[int, int]] = []
    for row in rows:
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return ranges
