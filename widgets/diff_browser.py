"""A diff to read: moving, searching, folding, widening, old and new side by side, lines to choose and to speak of.

Everything here is about looking. What can be decided about a hunk is the business of
:class:`~spark_tui.widgets.diff_view.DiffView`; a diff of commits is only read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from spark_tui.widgets.diff_lines import Filter
from spark_tui.widgets.diff_search import WHILE_TYPING, DiffSearch
from spark_tui.widgets.rows import DiffBlock, DiffRow
from spark_tui.widgets.shown_block import ShownBlock

SIDE_BY_SIDE_MIN = 110
"""Columns from which on old and new fit beside one another."""


EDGE = 2
"""Columns at the left in which a click is about the line as a whole: the rail, and the mark of what is chosen."""


def _quiet(key: str, action: str, name: str, id: str, tooltip: str) -> Binding:
    """A binding that the footer does not show."""
    return Binding(key, action, name, show=False, id=f"diff.{id}", tooltip=tooltip)


@dataclass(frozen=True, slots=True)
class BrowserState:
    """How a diff is looked at: ``found`` is the number of matches and ``at`` the one under the cursor, from 1."""

    filter: Filter = Filter.ALL
    side_by_side: bool = False
    narrow: bool = False
    query: str | None = None
    typing: bool = False
    found: int = 0
    at: int = 0
    chosen: int = 0


class DiffBrowser(DiffSearch):
    """See the module. While something is searched for, ``n`` and ``N`` go among its matches, and escape ends that."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "go_to_match(1)", "Next match", id="diff.next-match", tooltip="Searching: go to the next match"),
        Binding("n", "go_to_hunk(1)", "Next", id="diff.next-hunk", tooltip="Go to the next hunk"),
        _quiet("N", "go_to_match(-1)", "Previous match", "previous-match", "Searching: go to the match before"),
        Binding("p", "go_to_hunk(-1)", "Prev", id="diff.previous-hunk", tooltip="Go to the hunk before"),
        Binding("escape", "end_search", "End search", id="diff.end-search", tooltip="Searching: leave the search"),
        Binding("escape", "clear_chosen", "Clear", id="diff.clear", tooltip="Lines are chosen: choose none"),
        Binding("c,enter", "comment", "Comment", id="diff.comment", tooltip="Say something about this line"),
        Binding(
            "space",
            "choose_line",
            "Lines",
            id="diff.choose",
            tooltip="Choose this line: the next key is about it alone",
        ),
        _quiet("shift+down", "extend(1)", "Choose down", "extend-down", "Choose this line and the next"),
        _quiet("shift+up", "extend(-1)", "Choose up", "extend-up", "Choose this line and the one before"),
        _quiet("right_square_bracket", "go_to_file(1)", "Next file", "next-file", "Go to the next file"),
        _quiet("left_square_bracket", "go_to_file(-1)", "Previous file", "previous-file", "Go to the file before"),
        _quiet("v", "toggle_side_by_side", "Side by side", "side-by-side", "Old and new side by side, or below"),
        _quiet("plus,equals_sign", "widen(1)", "More context", "more-context", "Show more lines around the hunks"),
        _quiet("minus", "widen(-1)", "Less context", "less-context", "Show fewer lines around the hunks"),
        _quiet("w", "whole_file", "Whole file", "whole-file", "Show the whole file, or only its hunks"),
        _quiet("z", "fold", "Fold", "fold", "Fold the file down to its name, or unfold it"),
        _quiet("Z", "fold_all", "Fold all", "fold-all", "Fold all files, or unfold them"),
        _quiet("slash", "search", "Search", "search", "Search; n and N go on from match to match"),
        _quiet("o", "open", "Open", "open", "Open the file at this line in your editor"),
        _quiet("y", "copy", "Copy", "copy", "Copy the chosen lines, or this one"),
    ]

    class FileMessage(Message):
        """Something is asked for the file ``path``."""

        def __init__(self, view: DiffBrowser, path: str) -> None:
            super().__init__()
            self.view = view
            self.path = path

        @property
        def control(self) -> DiffBrowser:
            return self.view

    class LineMessage(Message):
        """Something is asked at a line: ``row`` of the file ``path``, in the hunk ``hunk_id`` if it is in one.

        ``rows`` are the chosen lines of that hunk, or ``row`` alone; of a comment the lines that are selected with
        the mouse, where there are some.
        """

        def __init__(
            self, view: DiffBrowser, path: str, row: DiffRow, hunk_id: str | None, rows: tuple[DiffRow, ...] = ()
        ) -> None:
            super().__init__()
            self.view = view
            self.path = path
            self.row = row
            self.hunk_id = hunk_id
            self.rows = rows or (row,)

        @property
        def line(self) -> int:
            """The line of the file as it will be, else as it was; 1 where the row is none."""
            return self.row.new or self.row.old or 1

        @property
        def control(self) -> DiffBrowser:
            return self.view

    class CommentRequested(LineMessage):
        """The user wants to say something about the line."""

    class OpenRequested(LineMessage):
        """The user wants to see the line in an editor."""

    class WholeFileRequested(FileMessage):
        """The user wants to see all of the file, or no longer."""

    @dataclass
    class ContextRequested(Message):
        """The user wants more lines around the hunks (``step`` is 1), or fewer (-1)."""

        step: int

    @dataclass
    class StateChanged(Message):
        """The diff is looked at in another way."""

        state: BrowserState

    @dataclass
    class SideBySideWanted(Message):
        """The user wants old and new side by side, or no longer; there may not be room for it."""

        wanted: bool

    @dataclass
    class LinesChosen(Message):
        """Of the hunk ``hunk_id`` these lines are chosen now, by their number among the changed ones."""

        hunk_id: str
        lines: frozenset[int]

    @dataclass
    class Copied(Message):
        """The text has been sent to the terminal's clipboard."""

        text: str

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.state = BrowserState()
        self._wants_sides = False

    # Public

    def set_side_by_side(self, wanted: bool) -> None:
        """Show old and new side by side as long as there is room for it."""
        self._wants_sides = wanted
        self._lay_out()

    def go_to_hunk(self, delta: int) -> None:
        """Move ``delta`` hunks on, round the ends."""
        self._go_among(self._lines.hunks(), delta)

    def go_to_file(self, delta: int) -> None:
        """Move ``delta`` files on, round the ends."""
        self._go_among(self._lines.files(), delta)

    def go_to_line(self, line: int) -> None:
        """Put the cursor on ``line`` and bring it into view; a selection with the mouse is meant no longer."""
        if self.text_selection is not None:
            self.screen.clear_selection()
        super().go_to_line(line)

    def _go_among(self, places: list[int], delta: int) -> None:
        line = self._line_under_cursor()
        if not places or line is None:
            return
        here, _ = self._lines.locate(line)
        if delta > 0:
            index = sum(place <= here for place in places) - 1 + delta
        else:
            is_inside = line > self._landing(here)
            index = sum(place < here or (place == here and is_inside) for place in places) + delta
        self._go_to_block(places[index % len(places)])

    # How it is looked at

    def _lay_out(self) -> None:
        has_room = self.content_size.width >= SIDE_BY_SIDE_MIN
        if self._lines.side_by_side != (self._wants_sides and has_room):
            self._rearrange(side_by_side=not self._lines.side_by_side)
        self.tell()

    def _rearrange(self, side_by_side: bool | None = None) -> None:
        """Lay the lines out anew with the cursor at the same height on the screen."""
        height = self._height_of_cursor()
        if side_by_side is not None:
            self._lines.side_by_side = side_by_side
        self._lines.arrange()
        line = self._line_under_cursor()
        if line is not None:
            self._set_cursor(line)
            self.viewport.set_top((max(line - height, 0), 0))
        self.request_update()

    def tell(self, matches: list[int] | None = None) -> None:
        """Post how the diff is looked at, if that is new."""
        found, at = self.state.found, self.state.at
        if matches is not None or self._find is None:
            line = self._line_under_cursor()
            found = len(matches or ())
            at = matches.index(line) + 1 if matches and line in matches else 0
        state = BrowserState(
            filter=self._lines.filter,
            side_by_side=self._lines.side_by_side,
            narrow=self._wants_sides and not self._lines.side_by_side,
            query=None if self._find is None else self._find.text,
            typing=self._typing,
            found=found,
            at=at,
            chosen=len(self.chosen_lines),
        )
        if state != self.state:
            self.state = state
            self.post_message(self.StateChanged(state))
            self.refresh_bindings()

    def view_updated(self) -> None:
        super().view_updated()
        self.tell()

    def on_resize(self) -> None:
        super().on_resize()
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """The cursor goes there; at the left edge a click chooses the line, and folds or unfolds a file."""
        super().on_click(event)
        line = self._line_under_cursor()
        if event.chain != 1 or line is None or not 0 <= event.y - self.gutter.top < len(self._visible):
            return
        at_edge = event.x - self.gutter.left < EDGE
        shown, changes = self._changes_at(line)
        if shown.is_header and (at_edge or shown.block.path in self._lines.folded):
            self.action_fold()
        elif at_edge and changes:
            self._choose(shown.block, changes)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self._typing and action not in WHILE_TYPING:
            return False
        match action:
            case "go_to_match" | "end_search":
                return self._find is not None
            case "go_to_hunk":
                return self._find is None or parameters != (1,)
            case "clear_chosen":
                return bool(self._chosen) and self._find is None
        return True

    def offers(self, action: str) -> bool:
        """Whether the row of keys should show ``action``: not where there is nothing that it could be about."""
        if action == "go_to_match":
            return self.state.found > 0
        return action == "end_search" or self._current() is not None

    def action_go_to_hunk(self, delta: int) -> None:
        self.go_to_hunk(delta)

    def action_go_to_file(self, delta: int) -> None:
        self.go_to_file(delta)

    def action_choose_line(self) -> None:
        line = self._line_under_cursor()
        if line is None:
            return
        shown, changes = self._changes_at(line)
        if changes:
            self._choose(shown.block, changes)
            self._move_cursor(1)
        elif (change := self._lines.next_change(line)) is not None:
            self.go_to_line(change)
        else:
            self._move_cursor(1)
        self.tell()

    def _choose(self, block: DiffBlock, changes: frozenset[int]) -> None:
        """Choose these lines, or no longer."""
        self._chosen.toggle(block, changes)
        self._tell_chosen(block)
        self.tell()
        self.request_update()

    def action_extend(self, delta: int) -> None:
        for step in (0, delta):
            self._move_cursor(step)
            line = self._line_under_cursor()
            if line is not None:
                shown, changes = self._changes_at(line)
                if changes:
                    self._chosen.add(shown.block, changes)
                    self._tell_chosen(shown.block)
        self.tell()

    def _tell_chosen(self, block: DiffBlock) -> None:
        if block.hunk is not None:
            self.post_message(self.LinesChosen(block.hunk, self._chosen.of(block.hunk)))

    def action_clear_chosen(self) -> None:
        self._chosen.clear()
        self.tell()
        self.request_update()

    def action_toggle_side_by_side(self) -> None:
        self._wants_sides = not self._wants_sides
        self.post_message(self.SideBySideWanted(self._wants_sides))
        self._lay_out()

    def action_widen(self, step: int) -> None:
        self._hold_cursor()
        self.post_message(self.ContextRequested(step))

    def action_whole_file(self) -> None:
        if (path := self.current_path) is not None:
            self._hold_cursor()
            self.post_message(self.WholeFileRequested(self, path))

    def action_fold(self) -> None:
        if (path := self.current_path) is not None:
            self._lines.folded ^= {path}
            self.follow(False)
            self._rearrange()

    def action_fold_all(self) -> None:
        paths = {self._lines.at(place).block.path for place in self._lines.files()}
        self._lines.folded = set() if paths <= self._lines.folded else paths
        self.follow(False)
        self._rearrange()

    def action_comment(self) -> None:
        if (selected := self._rows_selected()) is None:
            self._post_for_line(self.CommentRequested)
        else:
            shown, rows = selected
            self.post_message(self.CommentRequested(self, shown.block.path, rows[0], shown.block.hunk, rows))

    def action_open(self) -> None:
        self._post_for_line(self.OpenRequested)

    def action_copy(self) -> None:
        text = "\n".join(row.copied for row in self._rows_meant())
        if text:
            self.app.copy_to_clipboard(text)
            self.post_message(self.Copied(text))

    def _rows_meant(self) -> tuple[DiffRow, ...]:
        """The chosen lines of the current hunk, or the one under the cursor."""
        shown, row = self._current(), self.current_row
        if shown is None or row is None:
            return ()
        chosen = self._chosen.of(shown.block.hunk)
        return tuple(shown.changed_rows(chosen)) if chosen else (row,)

    def _rows_selected(self) -> tuple[ShownBlock, tuple[DiffRow, ...]] | None:
        """The lines of one file that a selection with the mouse touches, and the block in which it begins."""
        selected = self._selection_bounds()
        if selected is None:
            return None
        first = self._lines.at(self._lines.locate(selected.first)[0])
        rows = []
        for line in range(selected.first, selected.last + 1):
            place, offset = self._lines.locate(line)
            shown = self._lines.at(place)
            side = shown.sides(offset)[0 if self._selects_old else 1]
            if side is not None and shown.block.path == first.block.path:
                rows.append(shown.block.rows[side])
        return (first, tuple(rows)) if rows else None

    def _post_for_line(self, message: type[LineMessage]) -> None:
        path, row = self.current_path, self.current_row
        if path is not None and row is not None:
            self.post_message(message(self, path, row, self.current_hunk, self._rows_meant()))
