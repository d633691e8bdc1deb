"""A pane of lines that keeps up with a stream: it owns its scroll offset and redraws only the rows that changed.

Textual's ``ScrollView`` lays the screen out again whenever the virtual size grows, which under a stream is once a
frame. Here the size never changes. What is on the screen is a list of row keys; each frame makes the new list, and
only the rows whose key differs are refreshed. Finished rows are drawn once and kept as strips.

Where the view is, and why nothing moves it but the reader, is the business of :mod:`spark_tui.widgets.viewport`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from spark_tui.widgets.drawn_rows import DrawnRows
from spark_tui.widgets.follow_pace import FollowPace
from spark_tui.widgets.layout import Row, StyledSpan, fill
from spark_tui.widgets.line_selection import Selected, resolve, with_offsets, word_at
from spark_tui.widgets.palette import VIEW_CSS, VIEW_ROLES, Palette
from spark_tui.widgets.row_content import RowContent
from spark_tui.widgets.row_strip import RowStrip
from spark_tui.widgets.viewport import Position, Viewport

WHEEL_ROWS = 3


class LineView(Widget, can_focus=True):
    """The base of the streaming panes. A subclass holds the lines and says how a row looks; see the first methods."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_rows(-1)", "Up", show=False, id="view.up", tooltip="One row up"),
        Binding("down", "scroll_rows(1)", "Down", show=False, id="view.down", tooltip="One row down"),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False, id="view.page-up", tooltip="One page up"),
        Binding("pagedown", "scroll_pages(1)", "Page down", show=False, id="view.page-down", tooltip="One page down"),
        Binding("home", "first", "Start", show=False, id="view.first", tooltip="Go to the start"),
        Binding("end", "last", "End", show=False, id="view.last", tooltip="Go to the end and follow what arrives"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = VIEW_ROLES
    DEFAULT_CSS = f"LineView {{ width: 1fr; height: 1fr; {VIEW_CSS} }}"

    class FollowChanged(Message):
        """The view began or ceased to follow what arrives."""

        def __init__(self, view: LineView, following: bool) -> None:
            super().__init__()
            self.view = view
            self.following = following

        @property
        def control(self) -> LineView:
            return self.view

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.palette = Palette(self)
        self._following = True
        self.viewport = Viewport(self)
        self._pace = FollowPace()
        self._visible: list[Position] = []
        self._drawn = DrawnRows()
        self._selected: Selected | None = None
        self._thumb = (0, 0, False)
        self._area = Size(0, 0)
        self._update_pending = False
        self._painting = False
        self._dragging: int | None = None

    # What a subclass provides

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line_serial(self, line: int) -> int:
        """A number that names line ``line`` for as long as it exists, whatever comes before it."""
        raise NotImplementedError

    def line_of(self, serial: int) -> int | None:
        """The line that ``serial`` names; ``None`` if it is gone."""
        raise NotImplementedError

    def raw_line(self, line: int) -> str:
        """The text of the line as it came, for copying."""
        raise NotImplementedError

    def rows_of(self, line: int) -> Sequence[Row]:
        """The rows of a line at :attr:`text_width`; at least one."""
        raise NotImplementedError

    def row_key(self, line: int, row: int) -> Hashable:
        """Equal keys must look the same; selection and width are taken care of here."""
        raise NotImplementedError

    def row_content(self, line: int, row: int) -> RowContent:
        """How the row is drawn."""
        raise NotImplementedError

    def follow_target(self) -> int:
        """The line that is kept in view while following; the last one unless a subclass says otherwise."""
        return self.line_count() - 1

    def pinned_line(self, top: int) -> int | None:
        """A line to show in the first row in place of what would be there, when ``top`` is the first line in view."""
        return None

    def empty_lines(self) -> Sequence[Sequence[tuple[str, str]]]:
        """What an empty view says: lines of (text, role), centred."""
        return ()

    def begin_update(self) -> None:
        """Called once a frame, before it is asked how the rows look."""

    def view_updated(self) -> None:
        """Called once a frame, when it is known what is in view."""

    # Public

    @property
    def following(self) -> bool:
        """Whether the view moves along with what arrives."""
        return self._following

    @property
    def text_width(self) -> int:
        """Cells for a row: all but the scrollbar's column."""
        return max(self._area.width - 1, 1)

    @property
    def view_height(self) -> int:
        """Rows that are in view at once."""
        return self._area.height

    @property
    def visible_lines(self) -> tuple[int, int]:
        """The first and the last line in view; ``(0, -1)`` when there is none."""
        return self.viewport.lines_in_view

    def follow(self, following: bool = True) -> None:
        """Begin or cease to follow what arrives."""
        if following != self._following:
            self._following = following
            self.post_message(self.FollowChanged(self, following))
        self.request_update()

    def come_to_rest(self) -> None:
        """Nothing more arrives for now: no row is kept free for it."""
        self._pace.stop()
        self.viewport.fill()
        self.request_update()

    def request_update(self) -> None:
        """Look at the rows in view once before the next frame, however often this is called until then."""
        if not self._update_pending and self.is_mounted:
            self._update_pending = True
            self.call_next(self._update)

    def show_line(self, line: int, *, margin: int = 0) -> None:
        """Scroll as little as needed to bring ``line`` into view, ``margin`` rows from the edges."""
        self.viewport.set_top(self.viewport.top_showing(line, self.viewport.top(), margin))
        self.request_update()

    def scroll_rows(self, rows: int) -> None:
        """Move the view by ``rows`` (negative: towards the start). Reaching the end begins to follow it."""
        if not self.line_count():
            return
        last = max(self.viewport.last_top(), self.viewport.top())
        top = min(self.viewport.moved(self.viewport.top(), rows), last)
        self.viewport.set_top(top)
        self.follow(rows > 0 and top == last and self.follow_target() == self.line_count() - 1)

    # One frame

    def _update(self) -> None:
        """Find the rows in view, and refresh those that differ from what is on the screen."""
        self._update_pending = False
        self._area = self.content_size
        height = self.view_height
        if not height or not self.is_attached:
            return
        self.viewport.height = height
        target = self.follow_target() if self._following and self.line_count() else None
        self.viewport.settle(target, lead=0 if target is None else self._pace.lead(target, height))
        self._visible = list(self.viewport.rows)
        pinned = self.pinned_line(self._visible[0][0]) if self._visible else None
        if pinned is not None and height > 2:
            self._visible[0] = (pinned, 0)
        self._selected = self._selection_bounds()
        self._thumb = (*self.viewport.thumb(), not self._following and not self.viewport.at_end)
        self.begin_update()
        for start, end in self._drawn.change([self._key_at(y) for y in range(height)]):
            self.refresh(Region(0, start, self._area.width, end - start))
        self.view_updated()

    def _key_at(self, y: int) -> Hashable:
        bar = self._bar_at(y)
        if y < len(self._visible):
            line, row = self._visible[y]
            return self.row_key(line, row), self._selected_in(line), bar
        empty = None if self._visible else (y, self.view_height, tuple(map(tuple, self.empty_lines())))
        return empty, None, bar

    def _bar_at(self, y: int) -> str:
        """What the last column shows in row ``y``: the thumb, or that there is more below."""
        start, end, more = self._thumb
        if more and y == self.view_height - 1:
            return "↓"
        return "▐" if start <= y < end else " "

    def _drag_to(self, y: int) -> None:
        self.viewport.put_thumb(y)
        at_end = self.viewport.top() == self.viewport.last_top()
        self.follow(at_end and self.follow_target() == self.line_count() - 1)

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        self._painting = True
        try:
            self._keep_up()  # before Textual's cache is asked: what is found to be changed while it draws, it forgets
            gutter = self.gutter
            if gutter.left or gutter.right or self.opacity < 1:
                return super().render_lines(crop)
            return self._rows_in(crop, gutter.top, self.size.height + gutter.top)
        finally:
            self._painting = False

    def _rows_in(self, crop: Region, top: int, bottom: int) -> list[Strip]:
        """The strips of ``crop``. They are not handed through Textual's cache of styled lines, which looks at each
        row of each frame and would keep what is kept here already."""
        filters = self.get_line_filters()
        background = self.background_colors[1]

        def finish(y: int) -> Strip:
            strip = self.render_line(y)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            return strip.crop(crop.x, crop.right)

        look = crop.x, crop.right, tuple(filters), background
        rows = len(self._drawn.keys)
        strips: list[Strip] = []
        for y in crop.line_range:
            if not top <= y < bottom:
                strips += super().render_lines(Region(crop.x, y, crop.width, 1))
            elif y - top < rows:
                strips.append(self._drawn.ready(y - top, look, finish))
            else:
                strips.append(finish(y - top))
        return strips

    def render_line(self, y: int) -> Strip:
        """One row. Textual also asks for it to learn what is under the mouse, and then it carries text offsets."""
        if not self._painting:
            self._keep_up()
        if y >= len(self._drawn.keys):
            return Strip.blank(self._area.width, self.palette.base)
        if not self._painting and y < len(self._visible):
            return self._row_with_offsets(*self._visible[y])
        return self._drawn.drawn(y, self._area.width, self._draw)

    def _keep_up(self) -> None:
        """What is drawn must be what the keys were made of, also if a paint comes between a change and its frame."""
        if self._update_pending or len(self._drawn.keys) != self.content_size.height:
            self._update()

    def _draw(self, y: int) -> Strip:
        width = self.text_width
        bar = self._bar_at(y)
        base = self.palette.base
        if y < len(self._visible):
            segments = self._row_segments(*self._visible[y], width)
        elif self._visible or not (text := self._empty_at(y)):
            segments = [Segment(" " * width, base)]
        else:
            segments = text
        bar_role = "view--more" if bar == "↓" else "view--scrollbar"
        strip = Strip(segments).adjust_cell_length(width, base)
        return RowStrip([*strip, Segment(bar, base + self.palette[bar_role])], width + 1)

    def _row_segments(self, line: int, row: int, width: int) -> list[Segment]:
        content = self.row_content(line, row)
        above: list[list[StyledSpan]] = []
        selected = self._selected_in(line)
        if selected is not None:
            start, end = content.row.drawn_range(*selected)
            if start < end or not content.row.text:
                above = [[(start, end, self.screen.get_component_rich_style("screen--selection"))]]
        return content.segments(width, self.palette.base, above)

    def _row_with_offsets(self, line: int, row: int) -> Strip:
        content = self.row_content(line, row)
        return with_offsets(content.prefix, content.row, content.suffix, self.text_width, self.line_serial(line))

    def _empty_at(self, y: int) -> list[Segment]:
        lines = self.empty_lines()
        at = y - max((self.view_height - len(lines)) // 2, 0)
        if not 0 <= at < len(lines):
            return []
        segments = [Segment(text, self.palette.base + self.palette[role]) for text, role in lines[at]]
        margin = (self.text_width - sum(segment.cell_length for segment in segments)) // 2
        return fill([Segment(" " * max(margin, 0), self.palette.base), *segments], self.text_width, self.palette.base)

    # Selection

    def _selection_bounds(self) -> Selected | None:
        selection = self.text_selection
        return None if selection is None or not self.line_count() else resolve(self, selection)

    def _selected_in(self, line: int) -> tuple[int, int] | None:
        return None if self._selected is None else self._selected.within(line)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The raw text of the selection: what came, not what is drawn."""
        selected = resolve(self, selection) if self.line_count() else None
        return None if selected is None else (selected.text(self.raw_line), "\n")

    async def _on_click(self, event: events.Click) -> None:
        """A second click selects the word and a third the line, where Textual would take the pane and its parent."""
        event.prevent_default()
        await self.broker_event("click", event)
        y = event.y - self.gutter.top
        if event.chain < 2 or not 0 <= y < len(self._visible):
            return
        line = self._visible[y][0]
        _, offset = self.screen.get_widget_and_offset_at(event.screen_x, event.screen_y)
        start, end = word_at(self.raw_line(line), offset.x if offset is not None else 0)
        if event.chain > 2:
            start, end = 0, len(self.raw_line(line))
        serial = self.line_serial(line)
        self.screen.selections = {self: Selection(Offset(start, serial), Offset(end, serial))}

    def selection_updated(self, selection: Selection | None) -> None:
        self.request_update()

    # Events and actions

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.palette.clear()
        self._drawn.clear()
        self.request_update()

    def on_mount(self) -> None:
        self.request_update()

    def on_resize(self) -> None:
        self._area = self.content_size
        self._drawn.clear()
        self.request_update()

    def on_show(self) -> None:
        self.request_update()

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_rows(WHEEL_ROWS)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        start, end, _ = self._thumb
        if event.x - self.gutter.left == self.text_width and start < end:
            event.stop()
            self.screen.clear_selection()
            self.capture_mouse()
            self._dragging = event.y
            self._drag_to(event.y - self.gutter.top)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging is not None:
            self._drag_to(event.y - self.gutter.top)
        elif event.button == 1 and self.text_selection is not None:
            # Dragging a selection against an edge scrolls on.
            if event.y <= self.gutter.top:
                self.scroll_rows(-1)
            elif event.y >= self.gutter.top + self.view_height - 1:
                self.scroll_rows(1)

    def on_mouse_up(self) -> None:
        if self._dragging is not None:
            self._dragging = None
            self.release_mouse()

    def action_scroll_rows(self, rows: int) -> None:
        self.scroll_rows(rows)

    def action_scroll_pages(self, pages: int) -> None:
        self.scroll_rows(pages * max(self.view_height - 2, 1))

    def action_first(self) -> None:
        if self.line_count():
            self.viewport.set_top((0, 0))
            self.follow(False)

    def action_last(self) -> None:
        if self.line_count():
            self.viewport.set_top(self.viewport.last_top())
        self.follow(True)
