"""Which rows of a text are in view: pure arithmetic over lines that know their rows.

The top of the view is kept as (line serial, raw column), not as a row number, so neither a new width nor lines that
arrive above move what the reader looks at, and no total height has to be known: what is computed depends on the
height of the view alone. Where lines are about to grow within the view, another line can be held instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from spark_tui.widgets.layout import Row

Position = tuple[int, int]
"""A line, and a row within it."""


class Lines(Protocol):
    """What a viewport must know of the text it looks at."""

    def line_count(self) -> int:
        """How many lines there are."""
        ...

    def line_serial(self, line: int) -> int:
        """A number that names line ``line`` for as long as it exists, whatever comes before it."""
        ...

    def line_of(self, serial: int) -> int | None:
        """The line that ``serial`` names; ``None`` if it is gone."""
        ...

    def rows_of(self, line: int) -> Sequence[Row]:
        """The rows of a line at the present width; at least one."""
        ...


class Viewport:
    """A window of ``height`` rows on ``lines``."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._anchor: tuple[int, int] | None = None
        self._anchor_line = 0
        self._anchor_row = 0
        self._slack = 0
        self.height = 0
        self.rows: list[Position] = []

    @property
    def lines_in_view(self) -> tuple[int, int]:
        """The first and the last line in view; ``(0, -1)`` when there is none."""
        return (self.rows[0][0], self.rows[-1][0]) if self.rows else (0, -1)

    def moved(self, position: Position, rows: int) -> Position:
        """The position ``rows`` further on, or back; stops at the ends."""
        line, row = position
        row += rows
        while row < 0 and line > 0:
            line -= 1
            row += len(self._lines.rows_of(line))
        last = self._lines.line_count() - 1
        while line < last and row >= (size := len(self._lines.rows_of(line))):
            row -= size
            line += 1
        if line >= last:
            row = min(row, len(self._lines.rows_of(line)) - 1) if last >= 0 else 0
        return line, max(row, 0)

    def last_top(self) -> Position:
        """The furthest position at which the view is still full."""
        last = self._lines.line_count() - 1
        if last < 0:
            return 0, 0
        return self.moved((last, len(self._lines.rows_of(last)) - 1), 1 - max(self.height, 1))

    def top(self) -> Position:
        """The first position in view, wherever the line it was set on is now."""
        position = self._anchored()
        return self.moved(position, -self._anchor_row) if self._anchor_row else position

    def _anchored(self) -> Position:
        if self._anchor is None:
            return 0, 0
        serial, raw = self._anchor
        line = self._lines.line_of(serial)
        if line is None:
            return min(self._anchor_line, max(self._lines.line_count() - 1, 0)), 0
        self._anchor_line = line
        if not raw:
            return line, 0
        rows = self._lines.rows_of(line)
        row = len(rows) - 1
        while row > 0 and rows[row].start > raw:
            row -= 1
        return line, row

    def set_top(self, top: Position) -> None:
        """Look at ``top`` first from now on."""
        line, row = top
        if self._lines.line_count():
            raw = self._lines.rows_of(line)[row].start if row else 0
            self._anchor = (self._lines.line_serial(line), raw)
            self._anchor_line = line
            self._anchor_row = 0
            self._slack = 0

    def hold(self, line: int) -> None:
        """Keep ``line`` at its height in the view, whatever grows above it, until the view is moved."""
        row = next((row for row, (shown, _) in enumerate(self.rows) if shown == line), None)
        if row is not None:
            self.set_top(self.rows[row])
            self._anchor_row = row

    def top_showing(self, target: int, top: Position, margin: int = 0) -> Position:
        """The position nearest to ``top`` from which the last row of line ``target`` is in view."""
        height = max(self.height, 1)
        margin = min(margin, (height - 1) // 2)
        row = len(self._lines.rows_of(target)) - 1
        latest = self.moved((target, row), -margin)
        if latest < top:
            return latest
        if target - top[0] < height:
            below = self.moved(top, height - 1 - margin)
            if (target, row) <= below:
                return top
        return max(top, self.moved((target, row), margin + 1 - height))

    def fill(self) -> None:
        """Leave no rows free from the next :meth:`settle` on."""
        self._slack = 0

    def settle(self, target: int | None, *, lead: int = 0) -> None:
        """Find the rows in view, after the lines or the height changed; line ``target`` is brought into view.

        Where the view has to move down for that, it moves on by ``lead`` rows, which may be free as yet.
        """
        height, count = self.height, self._lines.line_count()
        self.rows = []
        if not count:
            return
        before = top = self.top()
        slack = self._slack
        if target is not None:
            top = self.top_showing(target, top)
            if top > before and lead:
                top, slack = self.moved(top, lead), lead
        if top[0] + height > count - 1:
            top = min(top, self.moved(self.last_top(), slack))
        if top != before or not self._anchor_row:
            self.set_top(top)
        line, row = top
        while len(self.rows) < height and line < count:
            size = len(self._lines.rows_of(line))
            self.rows.extend((line, at) for at in range(row, min(size, row + height - len(self.rows))))
            line, row = line + 1, 0
        self._slack = min(slack, height - len(self.rows))

    @property
    def at_end(self) -> bool:
        """Whether the last row of the text is in view."""
        count = self._lines.line_count()
        return not self.rows or self.rows[-1] == (count - 1, len(self._lines.rows_of(count - 1)) - 1)

    def thumb(self) -> tuple[int, int]:
        """The ``[start, end)`` rows of a scrollbar's thumb; none if all is in view.

        Lines stand for their rows here: nothing outside the view is laid out for the sake of a scrollbar.
        """
        if not self.rows or len(self.rows) < self.height or (self.rows[0] == (0, 0) and self.at_end):
            return 0, 0
        count = self._lines.line_count()
        (line, row), (last, last_row) = self.rows[0], self.rows[-1]
        top = line + row / len(self._lines.rows_of(line))
        bottom = last + (last_row + 1) / len(self._lines.rows_of(last))
        size = max(1, round(self.height * (bottom - top) / count))
        hidden = count - (bottom - top)
        start = round((self.height - size) * top / hidden) if hidden > 0 else 0
        return start, start + size

    def put_thumb(self, y: int) -> None:
        """Look at the part of the text for which the middle of the thumb is at row ``y``."""
        self.settle(None)
        start, end = self.thumb()
        room = self.height - (end - start)
        if room <= 0:
            return
        part = min(max(y - (end - start) / 2, 0), room) / room
        last = self.last_top()
        self.set_top(last if part == 1 else (round(part * last[0]), 0))
