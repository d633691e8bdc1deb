"""A row of what is drawn while an answer streams, as it is handed to Textual.

Textual's strips keep what they are divided into. A strip that fills its place is divided into itself, so it refers to
itself and outlives its last use until Python looks for garbage, which it does not while an answer streams: each row
that was ever drawn, with its seven caches, stayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip


class RowStrip(Strip):
    """A strip that is gone once nobody holds it, and so is what filters make of it."""

    __slots__ = ("_filtered",)

    def __init__(self, segments: Iterable[Segment], cell_length: int | None = None) -> None:
        super().__init__(segments, cell_length)
        self._filtered: tuple[LineFilter, Color, RowStrip] | None = None

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        places = list(cuts)
        return [self] if places == [self.cell_length] else super().divide(places)

    def apply_filter(self, filter: LineFilter, background: Color) -> Strip:
        known = self._filtered
        if known is None or known[:2] != (filter, background):
            known = filter, background, RowStrip(filter.apply(list(self), background), self.cell_length)
            self._filtered = known
        return known[2]


def as_rows(strips: Iterable[Strip]) -> list[Strip]:
    """The same rows, for a widget that Textual draws again and again while an answer streams."""
    return [RowStrip(strip, strip.cell_length) for strip in strips]
