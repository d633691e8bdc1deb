"""What a selection with the mouse covers. Textual's offsets are (raw column, line serial) in a pane of lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from spark_tui.widgets.layout import Row
from spark_tui.widgets.viewport import Lines

ALL = 1 << 60
"""A raw column behind the end of any line."""

_WORD = re.compile(r"\w+|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Selected:
    """From a raw column of one line to one of another, or of the same; in the order of the text."""

    first: int
    start: int
    last: int
    end: int

    def within(self, line: int) -> tuple[int, int] | None:
        """The raw columns of ``line`` that are selected; ``None`` if the line is outside."""
        if not self.first <= line <= self.last:
            return None
        return (self.start if line == self.first else 0), (self.end if line == self.last else ALL)

    def text(self, raw_line: Callable[[int], str]) -> str:
        """The raw text: what came, not what is drawn."""
        lines = [raw_line(line) for line in range(self.first, self.last + 1)]
        lines[-1] = lines[-1][: self.end]
        lines[0] = lines[0][self.start :]
        return "\n".join(lines)


def resolve(lines: Lines, selection: Selection) -> Selected | None:
    """The ends of ``selection`` in ``lines`` as they are now; ``None`` if one is gone. No unit is cut at the end."""
    ends = [(0, 0), (lines.line_count() - 1, ALL)]
    for index, offset in enumerate(selection):
        if offset is None:
            continue
        line = lines.line_of(offset.y)
        if line is None:
            return None
        ends[index] = (line, max(offset.x, 0))
    (first, start), (last, end) = sorted(ends)
    if 0 < end < ALL:
        row = next((row for row in lines.rows_of(last) if row.start < end <= row.end), None)
        end = row.unit_end(end - 1) if row is not None else end
    return Selected(first, start, last, end)


def word_at(text: str, column: int) -> tuple[int, int]:
    """The ``[start, end)`` of the word, or of the run of signs, at ``column``; of white space, that one character.

    >>> word_at("total = count", 9)
    (8, 13)
    """
    for found in _WORD.finditer(text):
        if found.end() > column:
            return found.span() if found.start() <= column else (column, column + 1)
    return column, column + 1


def with_offsets(prefix: Sequence[Segment], row: Row, suffix: Sequence[Segment], room: int, serial: int) -> Strip:
    """A row of ``room`` cells in which each character knows where it is from, as Textual asks for it under the mouse.

    What stands before the text counts as its start, and what stands behind it as its end.
    """
    pieces = [(character, row.start) for segment in prefix for character in segment.text]
    if row.origins is None:
        pieces.append((row.text, row.start))
    else:
        pieces.extend(zip(row.text, row.origins, strict=False))
    if suffix:
        used = sum(cell_len(text) for text, _ in pieces)
        pieces.append((" " * max(room - used - sum(segment.cell_length for segment in suffix), 0), row.end))
        pieces.extend((segment.text, row.end) for segment in suffix)
    return Strip(
        [Segment(piece, Style.from_meta({"offset": (raw, serial)})) for piece, raw in pieces if piece]
        or [Segment(" ", Style.from_meta({"offset": (row.start, serial)}))]
    )
