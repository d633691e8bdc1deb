"""The change as it is written: hunks of every file on the lines they change, with a cursor to judge them by.

The view draws the blocks it is given and posts what the user asks for; it decides nothing. While it follows, it keeps
the hunk that is being written in view; the first move of the user's ends that, ``f`` begins it again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from spark_tui.widgets.diff_lines import DiffLines, ShownBlock
from spark_tui.widgets.diff_rows import RowState, draw_row
from spark_tui.widgets.highlight import HighlightClock, Wanted, load_lexer
from spark_tui.widgets.layout import Row
from spark_tui.widgets.line_view import LineView, RowContent
from spark_tui.widgets.palette import DIFF_CSS, DIFF_ROLES, VIEW_ROLES
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark

_ONE_ROW = (Row("", 0, 0),)
_DECIDED = (Mark.ACCEPTED, Mark.REJECTED)
FOLLOW_MARGIN = 3
SKIP_STEP = 8


class DiffView(LineView):
    """The diff pane. See :meth:`show` and :meth:`touch` for how it is fed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "accept", "Accept", id="diff.accept", tooltip="Write this hunk to disk"),
        Binding("x", "reject", "Reject", id="diff.reject", tooltip="Drop this hunk; the model is told"),
        Binding("n", "go_to_hunk(1)", "Next hunk", id="diff.next-hunk", tooltip="Go to the next hunk"),
        Binding("p", "go_to_hunk(-1)", "Previous hunk", id="diff.previous-hunk", tooltip="Go to the hunk before"),
        Binding("u", "undo", "Undo", id="diff.undo", tooltip="Take the last accept out of the files again"),
        Binding("U", "redo", "Redo", show=False, id="diff.redo", tooltip="Accept again what was undone"),
        Binding("c,enter", "comment", "Comment", id="diff.comment", tooltip="Say something about this line"),
        Binding("s", "narrow", "Ask for less", show=False, id="diff.narrow", tooltip="Ask for a smaller change"),
        Binding(
            "S",
            "send_comments",
            "Send comments",
            show=False,
            id="diff.send-comments",
            tooltip="Send the collected comments",
        ),
        Binding("e", "edit", "Edit", show=False, id="diff.edit", tooltip="Change this hunk before it is accepted"),
        Binding("o", "open", "Open", show=False, id="diff.open", tooltip="Open the file at this line in your editor"),
        Binding(
            "A",
            "accept_file",
            "Accept file",
            show=False,
            id="diff.accept-file",
            tooltip="Accept every hunk of the file",
        ),
        Binding(
            "X",
            "reject_file",
            "Reject file",
            show=False,
            id="diff.reject-file",
            tooltip="Reject every hunk of the file",
        ),
        Binding("r", "restore", "Restore", show=False, id="diff.restore", tooltip="Take back this hunk's decision"),
        Binding("m", "move_on", "Next place", show=False, id="diff.move", tooltip="Move this hunk to its next place"),
        Binding(
            "1", "keep_theirs", "Keep file", show=False, id="diff.keep-theirs", tooltip="Conflict: keep the file"
        ),
        Binding(
            "2", "take_ours", "Take change", show=False, id="diff.take-ours", tooltip="Conflict: take the change"
        ),
        Binding(
            "3", "ask_again", "Ask again", show=False, id="diff.ask-again", tooltip="Conflict: ask the model again"
        ),
        Binding(
            "F", "follow_rename", "Follow file", show=False, id="diff.follow-rename", tooltip="Follow a moved file"
        ),
        Binding(
            "right_square_bracket",
            "go_to_file(1)",
            "Next file",
            show=False,
            id="diff.next-file",
            tooltip="Go to the next file",
        ),
        Binding(
            "left_square_bracket",
            "go_to_file(-1)",
            "Previous file",
            show=False,
            id="diff.previous-file",
            tooltip="Go to the file before",
        ),
        Binding(
            "f", "follow", "Follow", show=False, id="diff.follow", tooltip="Follow the hunk that is being written"
        ),
        Binding("up,k", "move_cursor(-1)", "Line up", show=False, id="diff.up", tooltip="One line up"),
        Binding("down,j", "move_cursor(1)", "Line down", show=False, id="diff.down", tooltip="One line down"),
        Binding("left", "skip(-1)", "Left", show=False, id="diff.left", tooltip="Show what is further left"),
        Binding("right", "skip(1)", "Right", show=False, id="diff.right", tooltip="Show what is further right"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = VIEW_ROLES | DIFF_ROLES
    DEFAULT_CSS = f"DiffView {{ {DIFF_CSS} }}"

    class HunkMessage(Message):
        """Something is asked for the hunk ``hunk_id``."""

        def __init__(self, view: DiffView, hunk_id: str) -> None:
            super().__init__()
            self.view = view
            self.hunk_id = hunk_id

        @property
        def control(self) -> DiffView:
            return self.view

    class FileMessage(Message):
        """Something is asked for the file ``path``."""

        def __init__(self, view: DiffView, path: str) -> None:
            super().__init__()
            self.view = view
            self.path = path

        @property
        def control(self) -> DiffView:
            return self.view

    class LineMessage(Message):
        """Something is asked at a line: ``row`` of the file ``path``, in the hunk ``hunk_id`` if it is in one."""

        def __init__(self, view: DiffView, path: str, row: DiffRow, hunk_id: str | None) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.row = row
            self.hunk_id = hunk_id
            self.rows = (row,)

        @property
        def control(self) -> DiffView:
            return self.view

    class AcceptRequested(HunkMessage):
        """The hunk should be written to disk."""

    class RejectRequested(HunkMessage):
        """The hunk should be dropped."""

    class RestoreRequested(HunkMessage):
        """The hunk, which was rejected or accepted, should be pending again."""

    class EditRequested(HunkMessage):
        """The user wants to change the hunk's text."""

    class MoveRequested(HunkMessage):
        """The hunk should go to the next place that its context fits."""

    class KeepTheirsRequested(HunkMessage):
        """In a conflict, the file should stay as it is."""

    class TakeOursRequested(HunkMessage):
        """In a conflict, the change should be taken."""

    class AskAgainRequested(HunkMessage):
        """In a conflict, the model should be asked again."""

    class FollowRenameRequested(FileMessage):
        """The hunks of a file that is gone should go to where it was moved."""

    class NarrowRequested(HunkMessage):
        """The hunk should become smaller."""

    class SendCommentsRequested(Message):
        """The comments that were collected should be sent."""

    class AcceptFileRequested(FileMessage):
        """Every hunk of the file should be written to disk."""

    class RejectFileRequested(FileMessage):
        """Every hunk of the file should be dropped."""

    class CommentRequested(LineMessage):
        """The user wants to say something about the line."""

    class OpenRequested(LineMessage):
        """The user wants to see the line in an editor."""

    class UndoRequested(Message):
        """The last accept should be taken back."""

    class RedoRequested(Message):
        """What was undone should be accepted again."""

    class CurrentHunkChanged(Message):
        """Keys act on another hunk now; ``None`` if on none."""

        def __init__(self, view: DiffView, hunk_id: str | None) -> None:
            super().__init__()
            self.view = view
            self.hunk_id = hunk_id

        @property
        def control(self) -> DiffView:
            return self.view

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._lines = DiffLines()
        self._cursor: int | None = None
        self._cursor_line = 0
        self._skip = 0
        self._awaited: str | None = None
        self._announced: str | None = None
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

    def show(self, blocks: Sequence[DiffBlock]) -> None:
        """Show ``blocks`` in this order. Blocks are known by their key, so the cursor and the view stay with them."""
        self._lines.replace(blocks)
        self._settle_cursor()
        self.request_update()

    def touch(self, *keys: str) -> None:
        """Look again at these blocks, whose rows or marks changed: all that did, or lines are counted wrongly.

        Raises :exc:`KeyError` if one is not shown.
        """
        for key in keys:
            self._lines.touch(key)
        self._settle_cursor()
        self.request_update()

    def reveal(self, hunk_id: str) -> None:
        """Put the cursor on the hunk and bring it into view. An unknown id changes nothing."""
        place = self._lines.hunk(hunk_id)
        if place is not None:
            self._go_to_block(place)

    def reveal_path(self, path: str) -> bool:
        """Put the cursor on the first hunk of the file and bring it into view; whether the file is shown."""
        place = next((place for place in self._lines.hunks() if self._lines.at(place).block.path == path), None)
        if place is None:
            return False
        self._go_to_block(place)
        return True

    def go_to_hunk(self, delta: int) -> None:
        """Move ``delta`` hunks on, round the ends."""
        self._go_among(self._lines.hunks(), delta)

    def go_to_file(self, delta: int) -> None:
        """Move ``delta`` files on, round the ends."""
        self._go_among(self._lines.files(), delta)

    # The cursor

    def _line_under_cursor(self) -> int | None:
        if not self._lines.count:
            return None
        line = self.line_of(self._cursor) if self._cursor is not None else 0
        if line is None:
            line = self._cursor_line
        return min(line, self._lines.count - 1)

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

    def _settle_cursor(self) -> None:
        """After a change: go with the hunk being written while following, or on from the hunk just decided."""
        if not self._lines.count:
            self._cursor = None
        elif self.following and self._lines.streaming is not None:
            self._set_cursor(self._lines.last_written(self._lines.streaming))
        current = self._current()
        if self._awaited is not None and current is not None:
            block = current.block
            if block.hunk != self._awaited:
                self._awaited = None
            elif block.mark in _DECIDED:
                self._awaited = None
                place = self._lines.next_open(self._lines.locate(self._line_under_cursor() or 0)[0])
                if place is not None:
                    self._go_to_block(place)
        self._announce()

    def _go_among(self, places: list[int], delta: int) -> None:
        line = self._line_under_cursor()
        if not places or line is None:
            return
        here, offset = self._lines.locate(line)
        if delta > 0:
            index = sum(place <= here for place in places) - 1 + delta
        else:
            index = sum(place < here or (place == here and offset > 0) for place in places) + delta
        self._go_to_block(places[index % len(places)])

    def _go_to_block(self, place: int) -> None:
        start, _ = self._lines.span(place)
        self.follow(False)
        self._set_cursor(start)
        self.show_line(min(self._lines.last_written(place) + 1, self.line_count() - 1), margin=1)
        self.show_line(start, margin=2)

    def _move_cursor(self, delta: int) -> None:
        line = self._line_under_cursor()
        if line is None:
            return
        self.follow(False)
        line = min(max(line + delta, 0), self.line_count() - 1)
        self._set_cursor(line)
        self.show_line(line, margin=2)

    # The lines, for LineView

    def line_count(self) -> int:
        return self._lines.count

    def line_serial(self, line: int) -> int:
        return self._lines.serial(line)

    def line_of(self, serial: int) -> int | None:
        return self._lines.line_of(serial)

    def raw_line(self, line: int) -> str:
        return self._lines.row(line).text

    def rows_of(self, line: int) -> Sequence[Row]:
        return _ONE_ROW

    def row_key(self, line: int, row: int) -> Hashable:
        return self._row_at(line)

    def row_content(self, line: int, row: int) -> RowContent:
        found, state = self._row_at(line)
        return draw_row(found, state, self.text_width, self.palette)

    def _row_at(self, line: int) -> tuple[DiffRow, RowState]:
        place, offset = self._lines.locate(line)
        shown = self._lines.at(place)
        block, cursor = shown.block, self._line_under_cursor()
        start, end = self._lines.span(place)
        here = cursor is not None and start <= cursor < end
        state = RowState(
            mark=block.mark,
            leads=offset == 0,
            current=here and block.hunk is not None,
            cursor=cursor == line and self.has_focus,
            digits=self._lines.digits,
            skip=self._skip,
            spans=shown.highlights.get(offset),
        )
        return block.rows[offset], state

    def follow_target(self) -> int:
        place = self._lines.streaming
        if place is None:
            return self._line_under_cursor() or 0
        return min(self._lines.last_written(place) + FOLLOW_MARGIN, self._lines.span(place)[1] - 1)

    def pinned_line(self, top: int) -> int | None:
        place, offset = self._lines.locate(top)
        header = self._lines.header(place)
        if header is None or place < header or (place, offset) == (header, 0):
            return None
        return self._lines.span(header)[0]

    def empty_lines(self) -> Sequence[Sequence[tuple[str, str]]]:
        return (
            (("No changes yet", "view--heading"),),
            (),
            (("Edits appear here on the real file while they are written.", "view--muted"),),
            (("Nothing is saved until you accept it.", "view--muted"),),
            (),
            (
                ("a", "view--key"),
                (" accept   ", "view--muted"),
                ("x", "view--key"),
                (" reject   ", "view--muted"),
                ("n", "view--key"),
                (" next hunk", "view--muted"),
            ),
        )

    # Highlighting

    def view_updated(self) -> None:
        self._keep_cursor_in_view()
        if any(self._wanted()):
            self._clock.start()

    def _wanted(self) -> Iterator[Wanted]:
        first, last = self.visible_lines
        line = first
        while line <= last < self._lines.count:
            place, offset = self._lines.locate(line)
            shown = self._lines.at(place)
            end = min(last, self._lines.span(place)[1] - 1)
            language = "/" + shown.block.path
            final = offset + end - line
            while final >= offset and shown.block.rows[final].partial:
                final -= 1
            if final >= offset and self._clock.knows(language) and shown.highlights.lacks(offset, final):
                yield Wanted(shown.highlights, language, offset, final)
            line = end + 1

    def _keep_cursor_in_view(self) -> None:
        """A key must never act on a hunk that cannot be seen: after scrolling the cursor comes along."""
        cursor = self._line_under_cursor()
        first, last = self.visible_lines
        if cursor is None or self.following or first > last:
            return
        if self.pinned_line(first) is not None:
            first = min(first + 1, last)
        inside = min(max(cursor, first), last)
        if inside != cursor:
            self._set_cursor(inside)

    # Events and actions

    def on_focus(self) -> None:
        first = self._lines.next_open(-1)
        if self.current_hunk is None and first is not None:
            self._go_to_block(first)
        self.request_update()

    def on_blur(self) -> None:
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

    def action_follow(self) -> None:
        self.follow(True)
        self._settle_cursor()

    def action_skip(self, steps: int) -> None:
        self._skip = max(self._skip + steps * SKIP_STEP, 0)
        self.request_update()

    def action_go_to_hunk(self, delta: int) -> None:
        self.go_to_hunk(delta)

    def action_go_to_file(self, delta: int) -> None:
        self.go_to_file(delta)

    def action_accept(self) -> None:
        self._post_for_hunk(self.AcceptRequested)

    def action_reject(self) -> None:
        self._post_for_hunk(self.RejectRequested)

    def action_restore(self) -> None:
        self._post_for_hunk(self.RestoreRequested)

    def action_edit(self) -> None:
        self._post_for_hunk(self.EditRequested)

    def action_move_on(self) -> None:
        self._post_for_hunk(self.MoveRequested)

    def action_keep_theirs(self) -> None:
        self._post_for_hunk(self.KeepTheirsRequested)

    def action_take_ours(self) -> None:
        self._post_for_hunk(self.TakeOursRequested)

    def action_ask_again(self) -> None:
        self._post_for_hunk(self.AskAgainRequested)

    def action_follow_rename(self) -> None:
        if (path := self.current_path) is not None:
            self.post_message(self.FollowRenameRequested(self, path))

    def action_undo(self) -> None:
        self.post_message(self.UndoRequested())

    def action_redo(self) -> None:
        self.post_message(self.RedoRequested())

    def action_narrow(self) -> None:
        self._post_for_hunk(self.NarrowRequested)

    def action_send_comments(self) -> None:
        self.post_message(self.SendCommentsRequested())

    def action_accept_file(self) -> None:
        self._post_for_file(self.AcceptFileRequested)

    def action_reject_file(self) -> None:
        self._post_for_file(self.RejectFileRequested)

    def action_comment(self) -> None:
        self._post_for_line(self.CommentRequested)

    def action_open(self) -> None:
        self._post_for_line(self.OpenRequested)

    def _post_for_hunk(self, message: type[HunkMessage]) -> None:
        hunk = self.current_hunk
        if hunk is None:
            return
        if message in (self.AcceptRequested, self.RejectRequested):
            self._awaited = hunk
        self.post_message(message(self, hunk))

    def _post_for_file(self, message: type[FileMessage]) -> None:
        if (path := self.current_path) is not None:
            if self.current_hunk is None:
                self.reveal_path(path)
            self._awaited = self.current_hunk
            self.post_message(message(self, path))

    def _post_for_line(self, message: type[LineMessage]) -> None:
        path, row = self.current_path, self.current_row
        if path is not None and row is not None:
            self.post_message(message(self, path, row, self.current_hunk))
