"""Widgets that keep what they drew.

Textual draws every widget that the changed part of the screen touches, whole, and that is those behind and beside it
too: each frame of a stream would go through the blank rows of a handful of containers and of all the bars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.geometry import Region
from textual.strip import Strip

from spark_tui.widgets.row_strip import as_rows

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object  # Textual looks for styles in the first base that is a widget, which must be the other one


class Still(_Base):
    """A mixin, to be named before the widget: drawn once, until a refresh or another style asks for it again."""

    _drawn: tuple[object, list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        look = crop, tuple(self.get_line_filters())
        if self._drawn is None or self._drawn[0] != look:
            self._drawn = look, as_rows(super().render_lines(crop))
        return self._drawn[1]

    def notify_style_update(self) -> None:
        self._drawn = None
        super().notify_style_update()

    def refresh(self, *regions: Region, **kwargs: Any) -> Any:
        self._drawn = None
        return super().refresh(*regions, **kwargs)
