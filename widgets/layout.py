"""From a raw line to rows of cells: wrapping, and laying styles over text. Nothing here knows of a widget."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style

Span = tuple[int, int, str]
"""``[start, end)`` and the role (see :mod:`spark_tui.widgets.palette`) of what lies between."""

StyledSpan = tuple[int, int, Style]


@dataclass(frozen=True, slots=True)
class Row:
    """One visual row: drawn text, and the raw text ``[start, end)`` of its line that it shows.

    ``origins`` holds the raw index of each drawn character; ``None`` where drawn and raw text are the same.
    ``spans`` are over the drawn text and do not overlap.
    """

    text: str
    start: int
    end: int
    spans: tuple[Span, ...] = ()
    origins: array[int] | None = None

    def drawn_range(self, start: int, end: int) -> tuple[int, int]:
        """The drawn characters that stand for the raw text ``[start, end)``; empty if none of it is here."""
        if self.origins is None:
            size = len(self.text)
            return min(max(start - self.start, 0), size), min(max(end - self.start, 0), size)
        return bisect_left(self.origins, start), bisect_left(self.origins, end)

    def unit_end(self, raw: int) -> int:
        """Where the unit that holds raw character ``raw`` ends: an escape or an emoji is never cut."""
        if self.origins is None:
            return min(raw + 1, self.end)
        index = bisect_right(self.origins, raw)
        return self.origins[index] if index < len(self.origins) else self.end


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Break ``text`` into ``[start, end)`` rows of at most ``width`` cells, after spaces where there are any.

    Spaces at a break or at the end belong to no row. There is always one row, and a row always advances, so a
    ``width`` under 2 may overflow by a wide character.
    """
    width = max(width, 1)
    text = text.rstrip(" ")
    if len(text) <= width and text.isascii():
        return [(0, len(text))]
    return _wrap_narrow(text, width) if text.isascii() else _wrap_cells(text, width)


def _wrap_narrow(text: str, width: int) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    start, size = 0, len(text)
    while size - start > width:
        limit = start + width
        space = text.rfind(" ", start + 1, limit + 1)
        if space < 0 or not text[start:space].strip():
            rows.append((start, limit))
            start = limit
            continue
        rows.append((start, space))
        start = space + 1
    rows.append((start, size))
    return rows


def _wrap_cells(text: str, width: int) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = []
    start = used = 0
    break_end = break_next = 0  # the row may end at the one and go on at the other
    break_used = 0
    graphemes, _ = split_graphemes(text)
    for index, end, cells in graphemes:
        if text[index] == " ":
            if index > start:
                break_end, break_next, break_used = index, end, used + 1
            if used >= width:
                rows.append((start, index))
                start, used = end, 0
                continue
        elif cells == 2 and index > start:
            break_end, break_next, break_used = index, index, used
        if used + cells > width and index > start:
            if break_next > start:
                rows.append((start, break_end))
                start, used = break_next, used - break_used
            else:
                rows.append((start, index))
                start, used = index, 0
        used += cells
    rows.append((min(start, len(text)), len(text)))
    return rows


def crop(text: str, skip: int, width: int) -> tuple[int, int, bool]:
    """The ``[start, end)`` of ``text`` that shows in ``width`` cells after ``skip``, and whether more follows.

    Where more follows, one cell is left free for the sign that says so.
    """
    if text.isascii():
        if len(text) - skip <= width:
            return min(skip, len(text)), len(text), False
        return skip, skip + max(width - 1, 0), True
    graphemes, total = split_graphemes(text)
    cut = total - skip > width
    room = width - 1 if cut else width
    start = end = len(text)
    position = 0
    shown = 0
    for index, after, cells in graphemes:
        if position >= skip:
            start = min(start, index)
            if shown + cells > room:
                return start, index, cut
            shown += cells
            end = after
        position += cells
    return min(start, end), end, cut


def overlay(text: str, base: Style, layers: Iterable[Sequence[StyledSpan]]) -> list[Segment]:
    """Segments of ``text`` in ``base`` with the spans of each layer on top of the layers before.

    Spans of one layer are in order and do not overlap; what lies outside ``text`` is ignored.
    """
    size = len(text)
    parts: list[StyledSpan] = [(0, size, base)] if size else []
    for layer in layers:
        if layer:
            parts = _overlaid(parts, layer)
    return [Segment(text[start:end], style) for start, end, style in parts]


def _overlaid(parts: list[StyledSpan], layer: Sequence[StyledSpan]) -> list[StyledSpan]:
    result: list[StyledSpan] = []
    position = 0
    for start, end, style in parts:
        while position < len(layer) and layer[position][1] <= start:
            position += 1
        at = position
        while start < end:
            if at == len(layer) or layer[at][0] >= end:
                result.append((start, end, style))
                break
            above_start, above_end, above = layer[at]
            if above_start > start:
                result.append((start, above_start, style))
                start = above_start
            stop = min(end, above_end)
            if stop > start:
                result.append((start, stop, style + above))
                start = stop
            at += 1
    return result


def fill(segments: list[Segment], width: int, style: Style) -> list[Segment]:
    """Add blanks in ``style`` so that ``segments`` are ``width`` cells; they must not be more."""
    missing = width - sum(cell_len(segment.text) for segment in segments)
    return [*segments, Segment(" " * missing, style)] if missing > 0 else segments
