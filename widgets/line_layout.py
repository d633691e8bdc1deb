"""The rows of one line that may still be growing: finished rows are kept, only the last ones are wrapped again."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from spark_tui.widgets.layout import Row, Span, crop, wrap
from spark_tui.widgets.markdown import ROLES, Piece, parse_inline
from spark_tui.widgets.safe_text import draw_line

WINDOW = 4096
"""Characters looked at in one go; a longer line is laid out window by window."""

ROWS_OPEN = 2
"""Rows at the end that the next words may still change."""

ROWS_UNSETTLED_MAX = 8


class LineLayout:
    """Rows of a line for one width.

    With ``inline`` the line's inline Markdown is drawn. ``skip`` raw characters at its start are not drawn: the view
    draws a mark in their place.
    """

    def __init__(self, width: int, *, inline: bool = False, skip: int = 0) -> None:
        self.width = width
        self._inline = inline
        self._settled: list[Row] = []
        self._begin = skip
        self._open_marks: tuple[str, ...] = ()
        self.rows: Sequence[Row] = ()

    def update(self, raw: str, *, finished: bool) -> None:
        """Lay out ``raw``, which must begin with what was given before."""
        while len(raw) - self._begin > WINDOW:
            rows, pieces = self._lay_out(raw[self._begin : self._begin + WINDOW], finished=False)
            self._settle(rows, pieces)
        rows, pieces = self._lay_out(raw[self._begin :], finished=finished)
        if len(rows) > ROWS_UNSETTLED_MAX and not finished:
            settled = len(self._settled)
            self._settle(rows, pieces)
            rows = rows[len(self._settled) - settled :]
        self.rows = [*self._settled, *rows] if self._settled else rows

    def _lay_out(self, text: str, *, finished: bool) -> tuple[list[Row], list[Piece]]:
        pieces = [Piece(0, len(text))]
        if self._inline:
            pieces = parse_inline(text, self._open_marks, finished=finished)
        drawn, origins, spans = _draw(text, pieces)
        rows: list[Row] = []
        breaks = wrap(drawn, self.width)
        for start, end in breaks:
            row_spans = tuple(
                (max(left, start) - start, min(right, end) - start, role)
                for left, right, role in spans
                if left < end and right > start
            )
            if origins is None:
                rows.append(Row(drawn[start:end], self._begin + start, self._begin + end, row_spans))
            else:
                row_origins = array("I", [self._begin + origin for origin in origins[start : end + 1]])
                rows.append(Row(drawn[start:end], row_origins[0], row_origins[-1], row_spans, row_origins[:-1]))
        return rows, pieces

    def _settle(self, rows: list[Row], pieces: list[Piece]) -> None:
        """Keep all rows but the last ones for good, and go on from there."""
        keep = len(rows) - ROWS_OPEN
        while keep > 0 and _cuts_unit(rows[keep - 1], rows[keep]):
            keep -= 1
        if keep > 0:
            at = rows[keep].start
        else:
            at, keep = max(rows[-1].end, self._begin + 1), len(rows)
        for piece in pieces:
            if piece.start <= at - self._begin < piece.end:
                self._open_marks = tuple(mark for mark in piece.marks if mark in ROLES)
                break
        self._settled += rows[:keep]
        self._begin = at


def _cuts_unit(row: Row, following: Row) -> bool:
    """Whether the break between two rows is inside what one raw character is drawn as."""
    return row.origins is not None and len(row.origins) > 0 and row.origins[-1] == following.start


def cut_row(raw: str, width: int) -> Row:
    """One row that shows the start of ``raw``, with an ellipsis if that is not all."""
    limit = width * 4 + 16
    line = draw_line(raw[:limit])
    start, end, more = crop(line.text, 0, width)
    more = more or len(raw) > limit
    text = line.text[start:end] + ("…" if more else "")
    origins = array("I", [line.raw_index(index) for index in range(start, end)])
    if more:
        origins.append(line.raw_index(end))
    return Row(text, 0, len(raw), origins=origins)


def _draw(text: str, pieces: Sequence[Piece]) -> tuple[str, array[int] | None, list[Span]]:
    """The drawn text of ``pieces``, the raw index of each character and of the end, and the roles as spans."""
    if len(pieces) == 1 and pieces[0].drawn is None:
        line = draw_line(text)
        return line.text, line.origins, _span(0, len(line.text), pieces[0])
    parts: list[str] = []
    origins: array[int] = array("I")
    spans: list[Span] = []
    size = 0
    for piece in pieces:
        if piece.drawn is None:
            line = draw_line(text[piece.start : piece.end])
            drawn = line.text
            if line.origins is None:
                origins.extend(range(piece.start, piece.end))
            else:
                origins.extend([piece.start + origin for origin in line.origins[:-1]])
        else:
            drawn = piece.drawn
            origins.extend([piece.start] * len(drawn))
        spans += _span(size, size + len(drawn), piece)
        parts.append(drawn)
        size += len(drawn)
    origins.append(len(text))
    return "".join(parts), origins, spans


def _span(start: int, end: int, piece: Piece) -> list[Span]:
    if not piece.marks or start == end:
        return []
    return [(start, end, " ".join([ROLES.get(mark, mark) for mark in piece.marks]))]
