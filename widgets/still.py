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
    """A mixin, to be named before the widget: drawn once, until a refresh or another style asks for it again.

    Rows are kept one by one, since the part that Textual asks for is another nearly each time.
    """

    _kept_look: object = None
    _kept_rows: dict[int, Strip]

    def render_lines(self, crop: Region) -> list[Strip]:
        look = crop.x, crop.width, tuple(self.get_line_filters())
        if self._kept_look != look:
            self._kept_look, self._kept_rows = look, {}
        rows = self._kept_rows
        if any(y not in rows for y in crop.line_range):
            rows.update(zip(crop.line_range, as_rows(super().render_lines(crop)), strict=True))
        return [rows[y] for y in crop.line_range]

    def notify_style_update(self) -> None:
        self._kept_look = None
        super().notify_style_update()

    def refresh(self, *regions: Region, **kwargs: Any) -> Any:
        self._kept_look = None
        return super().refresh(*regions, **kwargs)
