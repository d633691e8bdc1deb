"""What a diff looks like, with a cursor in it: the base of every pane that shows one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from spark_tui.widgets.chosen_lines import ChosenLines, change_index
from spark_tui.widgets.diff_lines import DiffLines
from spark_tui.widgets.diff_rows import RowState, Side, draw_row, draw_sides
from spark_tui.widgets.find import Find
from spark_tui.widgets.highlight import HighlightClock, Wanted, load_lexer
from spark_tui.widgets.layout import Row
from spark_tui.widgets.line_view import LineView
from spark_tui.widgets.palette import DIFF_CSS, DIFF_ROLES, VIEW_ROLES
from spark_tui.widgets.row_content import RowContent
from spark_tui.widgets.rows import CODE, DiffBlock, DiffRow, Mark
from spark_tui.widgets.shown_block import ShownBlock

_ONE_ROW = (Row("", 0, 0),)
FOLLOW_MARGIN = 3
SKIP_STEP = 8


class DiffCanvas(LineView):
    """Blocks of a diff below one another. See :meth:`show` and :meth:`touch` for how it is fed.

    While it follows, it keeps the hunk that is being written in view, then the one that was written last; the first
    move of the user's ends that.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move_cursor(-1)", "Line up", show=False, id="diff.up", tooltip="One line up"),
        Binding("down,j", "move_cursor(1)", "Line down", show=False, id="diff.down", tooltip="One line down"),
        Binding("left", "skip(-1)", "Left", show=False, id="diff.left", tooltip="Show what is further left"),
        Binding("right", "skip(1)", "Right", show=False, id="diff.right", tooltip="Show what is further right"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = VIEW_ROLES | DIFF_ROLES
    DEFAULT_CSS = f"DiffCanvas {{ {DIFF_CSS} }}"

    class CurrentHunkChanged(Message):
        """Keys act on another hunk now; ``None`` if on none."""

        def __init__(self, view: DiffCanvas, hunk_id: str | None) -> None:
            super().__init__()
            self.view = view
            self.hunk_id = hunk_id

        @property
        def control(self) -> DiffCanvas:
            return self.view

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.newest: str | None = None
        """The hunk that was written last: where the view comes to rest that followed it. ``None``: there is none."""
        self._left_behind: str | None = None
        self._lines = DiffLines()
        self._chosen = ChosenLines()
        self._find: Find | None = None
        self._cursor: int | None = None
        self._cursor_line = 0
        self._cursor_shown: int | None = None
        self._height_before = 0
        self._seen: tuple[str, DiffRow, int, bool] | None = None
        self._skip = 0
        self._announced: str | None = None
        self._selects_old = False
        self._place: tuple[int, int, str] = (-1, 0, "")
        self._clock = HighlightClock(self, self._wanted, load_lexer, self.request_update)

    # Public

    @property
    def current_hunk(self) -> str | None:
        """The id of the hunk that keys act on; ``None`` if the cursor is in none."""
        shown = self._current()
        return shown.block.hunk if shown is not None else None

    hunk_under_cursor = current_hunk

    @property
    def current_path(self) -> str | None:
        """The path of the file that the cursor is in; ``None`` if nothing is shown."""
        shown = self._current()
        return shown.block.path if shown is not None else None

    @property
    def cursor_y(self) -> int:
        """The row of the pane that the cursor is in, from 0; the first where it is out of view."""
        line = self._line_under_cursor()
        return next((y for y, (shown, _) in enumerate(self._visible) if shown == line), 0)

    @property
    def current_row(self) -> DiffRow | None:
        """The row under the cursor; ``None`` if nothing is shown."""
        line = self._line_under_cursor()
        return self._lines.row(line) if line is not None else None

    @property
    def chosen_lines(self) -> frozenset[int]:
        """The chosen lines of the current hunk, as indices into its removed and then its added lines."""
        return self._chosen.of(self.current_hunk)

    def show(self, blocks: Sequence[DiffBlock]) -> None:
        """Show ``blocks`` in this order. Blocks are known by their key, so the cursor and the view stay with them."""
        self.splice(0, self._lines.block_count, blocks)

    def splice(self, place: int, removed: int, blocks: Sequence[DiffBlock]) -> None:
        """Show ``blocks`` in place of the ``removed`` ones from ``place`` on; one that is among both stays known."""
        for gone in self._lines.splice(place, removed, blocks):
            if gone.hunk is not None:
                self._chosen.drop(gone.hunk)
        for block in blocks:
            self._chosen.keep(block)
        self._stay_on_line()
        self._settle_cursor()
        self.request_update()

    def touch(self, *keys: str) -> None:
        """Look again at these blocks, whose rows or marks changed: all that did, or lines are counted wrongly.

        Raises :exc:`KeyError` if one is not shown.
        """
        for key in keys:
            self._chosen.keep(self._lines.touch(key))
        self._stay_on_line()
        self._settle_cursor()
        self.request_update()

    def reveal(self, hunk_id: str) -> None:
        """Put the cursor on the hunk and bring it into view. An unknown id changes nothing."""
        place = self._lines.hunk(hunk_id)
        if place is not None:
            self._go_to_block(place)

    def reveal_path(self, path: str) -> bool:
        """Put the cursor on the first hunk of the file and bring it into view; whether the file is shown."""
        place = self._lines.first_of(path)
        if place is None:
            return False
        self._go_to_block(place)
        return True

    def go_to_line(self, line: int) -> None:
        """Put the cursor on ``line`` and bring it into view."""
        self.follow(False)
        self._set_cursor(line)
        self.show_line(line, margin=2)

    def follow_next(self) -> None:
        """Go along with what is written from now on; until something is, the view stays where it is."""
        self._left_behind = self.newest
        self.follow()

    # The cursor

    def _line_under_cursor(self) -> int | None:
        if not self._lines.count:
            return None
        line = self.line_of(self._cursor) if self._cursor is not None else 0
        if line is None:
            line = self._cursor_line
        return min(line, self._lines.count - 1)

    def _height_of_cursor(self) -> int:
        """How many lines the cursor is below the top of the view; 0 above it."""
        line = self._line_under_cursor()
        return 0 if line is None else max(line - self.visible_lines[0], 0)

    def _current(self) -> ShownBlock | None:
        line = self._line_under_cursor()
        return self._lines.at(self._lines.locate(line)[0]) if line is not None else None

    def _set_cursor(self, line: int) -> None:
        self._cursor = self.line_serial(line)
        self._cursor_line = line
        self._announce()
        self.request_update()

    def _announce(self) -> None:
        hunk = self.current_hunk
        if hunk != self._announced:
            self._announced = hunk
            self.post_message(self.CurrentHunkChanged(self, hunk))

    def _stay_on_line(self) -> None:
        """Where the block under the cursor gave way to others: go with the line of the file, at its height."""
        if self._seen is None or self._cursor is None or self.following:
            return
        path, row, height, streamed = self._seen
        if self.line_of(self._cursor) is not None:
            shown = self._current()
            if not streamed or shown is None or shown.block.mark is Mark.STREAMING:
                return
        line = self._lines.line_like(path, row)
        if line is not None:
            self._set_cursor(line)
            self.viewport.set_top((max(line - height, 0), 0))

    def _settle_cursor(self) -> None:
        """After a change: go with the hunk being written while following."""
        if not self._lines.count:
            self._cursor = None
        elif self.following and (place := self._followed()) is not None:
            self._set_cursor(self._lines.last_written(place))
        self._announce()

    def _go_to_block(self, place: int) -> None:
        start, _ = self._lines.span(place)
        line = self._landing(place)
        self.follow(False)
        self._set_cursor(line)
        self.show_line(min(self._lines.last_written(place) + 1, self.line_count() - 1), margin=1)
        self.show_line(line, margin=2 if line == start else self.view_height // 3)

    def _landing(self, place: int) -> int:
        """Where the cursor goes in a block: to its header, unless its first change would then be out of view."""
        start, change = self._lines.span(place)[0], self._lines.first_change(place)
        return change if change - start > max(self.view_height - FOLLOW_MARGIN, 0) else start

    def _hold_cursor(self) -> None:
        """The context is about to grow or to shrink: let the cursor, on a line that stays, keep its height."""
        line = self._line_under_cursor()
        if line is None:
            return
        place, offset = self._lines.locate(line)
        change = self._lines.first_change(place)
        if offset == 0 and change <= self.visible_lines[1]:
            line = change
        self.follow(False)
        self._set_cursor(line)
        self.viewport.hold(line)

    def _move_cursor(self, delta: int) -> None:
        line = self._line_under_cursor()
        if line is not None:
            self.go_to_line(min(max(line + delta, 0), self.line_count() - 1))

    def _changes_at(self, line: int) -> tuple[ShownBlock, frozenset[int]]:
        """The block at ``line``, and which of its changed lines stand there: two where old and new are paired."""
        place, offset = self._lines.locate(line)
        shown = self._lines.at(place)
        rows = {row for row in shown.sides(offset) if row is not None}
        found = {change_index(shown.block.rows, row) for row in rows}
        return shown, frozenset(index for index in found if index is not None)

    # The lines, for LineView

    def line_count(self) -> int:
        return self._lines.count

    def line_serial(self, line: int) -> int:
        return self._lines.serial(line)

    def line_of(self, serial: int) -> int | None:
        return self._lines.line_of(serial)

    def raw_line(self, line: int) -> str:
        place, offset = self._lines.locate(line)
        shown = self._lines.at(place)
        old, new = shown.sides(offset)
        row = old if self._selects_old else new
        if shown.beside is not None and row is None:
            return ""
        return shown.block.rows[row if row is not None else shown.leading_row(offset)].copied

    def rows_of(self, line: int) -> Sequence[Row]:
        return _ONE_ROW

    def row_key(self, line: int, row: int) -> Hashable:
        return (*self._row_at(line), self._selects_old)

    def row_content(self, line: int, row: int) -> RowContent:
        old, new, state = self._row_at(line)
        lead = new.row or old.row
        if self._lines.side_by_side and lead is not None and lead.kind in CODE:
            return draw_sides(old, new, state, self.text_width, self.palette, self._selects_old)
        assert lead is not None
        return draw_row(lead, state, self.text_width, self.palette)

    def _row_at(self, line: int) -> tuple[Side, Side, RowState]:
        place, offset = self._lines.locate(line)
        shown = self._lines.at(place)
        block, cursor = shown.block, self._cursor_shown
        start, end = self._lines.span(place)
        here = cursor is not None and start <= cursor < end
        left, right = shown.sides(offset)
        new = self._side(shown, right)
        old = new if left == right else self._side(shown, left)
        state = RowState(
            mark=block.mark,
            leads=offset == 0,
            current=here and block.hunk is not None,
            cursor=cursor == line and self.has_focus,
            digits=self._lines.digits,
            skip=self._skip,
            spans=new.spans,
            chosen=new.chosen,
            find=self._find,
            folded=shown.is_header and block.path in self._lines.folded,
            place=self._place[2] if line == self._place[0] else "",
        )
        return old, new, state

    def _side(self, shown: ShownBlock, row: int | None) -> Side:
        if row is None:
            return Side(None)
        chosen = self._chosen.of(shown.block.hunk)
        is_chosen = bool(chosen) and change_index(shown.block.rows, row) in chosen
        return Side(shown.block.rows[row], shown.highlights.get(row), is_chosen)

    def follow_target(self) -> int:
        place = self._followed()
        if place is None:
            return self._line_under_cursor() or 0
        return min(self._lines.last_written(place) + FOLLOW_MARGIN, self._lines.span(place)[1] - 1)

    def _followed(self) -> int | None:
        """The place of the hunk to keep in view; a quick one may be whole before it was ever seen being written."""
        if self._lines.streaming is not None or self.newest is None or self.newest == self._left_behind:
            return self._lines.streaming
        place = self._lines.place(self.newest)
        return place if place is not None and self._lines.is_visible(place) else None

    def begin_update(self) -> None:
        self._cursor_shown = self._line_under_cursor()

    def pinned_line(self, top: int) -> int | None:
        place, offset = self._lines.locate(top)
        header = self._lines.header(place)
        self._place = (-1, 0, "")
        if header is None or place < header or (place, offset) == (header, 0):
            return None
        line = self._lines.span(header)[0]
        self._place = (line, top, self._lines.at(place).function_at(offset))
        return line

    # Highlighting

    def view_updated(self) -> None:
        self._keep_cursor_in_view()
        self._seen = None
        if (shown := self._current()) is not None and (row := self.current_row) is not None:
            self._seen = shown.block.path, row, self._height_of_cursor(), shown.block.mark is Mark.STREAMING
        if any(self._wanted()):
            self._clock.start()

    def _wanted(self) -> Iterator[Wanted]:
        return self._lines.uncoloured(*self.visible_lines, self._clock.knows)

    def _keep_cursor_in_view(self) -> None:
        """A key must never act on a hunk that cannot be seen: after scrolling the cursor comes along, and in a window
        of another height the view goes to the cursor."""
        resized, self._height_before = self.view_height != self._height_before, self.view_height
        cursor = self._line_under_cursor()
        first, last = self.visible_lines
        if cursor is None or self.following or first > last:
            return
        if self.pinned_line(first) is not None:
            first = min(first + 1, last)
        inside = min(max(cursor, first), last)
        if inside != cursor and resized:
            self.show_line(cursor, margin=1)
        elif inside != cursor:
            self._set_cursor(inside)

    # Events and actions

    def on_focus(self) -> None:
        self.request_update()

    def on_blur(self) -> None:
        self.request_update()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        super().on_mouse_down(event)
        if self._lines.side_by_side:
            self._selects_old = event.x - self.gutter.left < self.text_width // 2
            self.request_update()

    def on_click(self, event: events.Click) -> None:
        y = event.y - self.gutter.top
        if 0 <= y < len(self._visible):
            self.follow(False)
            self._set_cursor(self._visible[y][0])

    def _on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        event.stop()
        self.action_skip(1)

    def _on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        event.stop()
        self.action_skip(-1)

    def action_move_cursor(self, delta: int) -> None:
        self._move_cursor(delta)

    def action_scroll_pages(self, pages: int) -> None:
        self._move_cursor(pages * max(self.view_height - 3, 1))

    def action_first(self) -> None:
        self._move_cursor(-self.line_count())

    def action_last(self) -> None:
        self._move_cursor(self.line_count())

    def action_skip(self, steps: int) -> None:
        self._skip = max(self._skip + steps * SKIP_STEP, 0)
        self.request_update()
