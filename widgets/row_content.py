"""What stands in one row of a streaming pane, before it is known how much room there is for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from spark_tui.widgets.layout import Row, StyledSpan, fill, overlay


@dataclass(frozen=True, slots=True)
class RowContent:
    """How one row is drawn: a ``prefix`` that is no part of the text, the row, and styles from below to above.

    ``suffix`` stands at the right edge. ``base`` fills the rest of the width too.
    """

    prefix: Sequence[Segment]
    row: Row
    base: Style
    layers: Sequence[Sequence[StyledSpan]] = ()
    suffix: Sequence[Segment] = ()

    def segments(self, width: int, ground: Style, above: Sequence[Sequence[StyledSpan]] = ()) -> list[Segment]:
        """The row as ``width`` cells on ``ground``, with the layers ``above`` its own."""
        base = ground + self.base
        segments = [*self.prefix, *overlay(self.row.text, base, [*self.layers, *above])]
        if self.suffix:
            room = width - sum(segment.cell_length for segment in self.suffix)
            segments = [*Strip(fill(segments, room, base)).crop(0, room), *self.suffix]
        return fill(segments, width, base)
