"""The two panes of the commit form: the hunks with their checkboxes, and the lines of the hunk under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from spark_tui.widgets.commit_choice import Choice, ChoiceRow, Chosen, CommitHunk
from spark_tui.widgets.diff_browser import DiffBrowser
from spark_tui.widgets.fitting import fit_end, fit_start
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.theme import SHAPES

NOT_IN_A_PREVIEW = frozenset(
    {"clear_chosen", "comment", "open", "widen", "whole_file", "toggle_side_by_side", "fold"}
)
BOXES = {Chosen.NONE: "[ ]", Chosen.SOME: "[-]", Chosen.ALL: "[x]"}


class HunkList(ScrollView, can_focus=True):
    """Files and their hunks; space chooses."""

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="commit.up"),
        Binding("down", "move(1)", "Down", show=False, id="commit.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="commit.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="commit.page_down"),
        Binding("home", "edge(-1)", "First", show=False, id="commit.first"),
        Binding("end", "edge(1)", "Last", show=False, id="commit.last"),
        Binding("space,enter", "choose", "Choose", id="commit.choose", tooltip="Choose the hunk or the file"),
        Binding(
            "right", "enter_lines", "Lines", id="commit.lines", tooltip="Into the lines: space chooses single ones"
        ),
        Binding(
            "a", "toggle_file", "File", show=False, id="commit.file", tooltip="Choose all hunks of the file, or none"
        ),
        Binding("A", "toggle_everything", "All", show=False, id="commit.all", tooltip="Choose all hunks, or none"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hunk-list--cursor",
        "hunk-list--file",
        "hunk-list--faint",
        "hunk-list--chosen",
        "hunk-list--ours",
        "hunk-list--added",
        "hunk-list--removed",
    }

    DEFAULT_CSS = """
    HunkList {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .hunk-list--cursor { background: $cursor-bg-blurred; }
        &:focus > .hunk-list--cursor { background: $cursor-bg; }
        &:ansi > .hunk-list--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .hunk-list--cursor { text-style: reverse; }
        & > .hunk-list--file { text-style: bold; }
        & > .hunk-list--faint { color: $text-faint; }
        & > .hunk-list--chosen { color: $hunk-accepted; text-style: bold; }
        & > .hunk-list--ours { color: $hunk-accepted; }
        & > .hunk-list--added { color: $diff-added; }
        & > .hunk-list--removed { color: $diff-removed; }
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor is on ``row`` now."""

        row: ChoiceRow

    class LinesRequested(Message):
        """The user wants to choose lines of what is under the cursor."""

    class Changed(Message):
        """Other hunks are chosen than before."""

    cursor = reactive(0, init=False, repaint=True)

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice

    @property
    def row(self) -> ChoiceRow | None:
        """The row under the cursor; ``None`` without hunks."""
        return self.choice.rows[self.cursor] if self.choice.rows else None

    def on_mount(self) -> None:
        self.virtual_size = Size(0, len(self.choice.rows))
        self._tell_row()

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        base = self.rich_style
        if index >= len(self.choice.rows):
            text = " nothing has changed since HEAD" if y == 0 and not self.choice.rows else ""
            return Strip([Segment(set_cell_size(text, width), base + self._style("faint"))], width)
        if index == self.cursor:
            base += self._style("cursor")
        row = self.choice.rows[index]
        right = self._right(row, base)
        room = max(1, width - sum(segment.cell_length for segment in right))
        left = Strip(self._left(row, room, base)).adjust_cell_length(room, base)
        return Strip([*left, *right]).adjust_cell_length(width, base)

    def _left(self, row: ChoiceRow, room: int, base: Style) -> list[Segment]:
        chosen = self.choice.of_row(row)
        box = Segment(BOXES[chosen], base + self._style("faint" if chosen is Chosen.NONE else "chosen"))
        if row.hunk is None:
            name = fit_end(safe_line(row.path), room - 6)
            return [Segment(" ", base), box, Segment(f" {name}", base + self._style("file"))]
        line = f"{row.hunk.line} " if row.hunk.line is not None and row.hunk.header else ""
        place = safe_line(row.hunk.place)
        return [
            Segment("   ", base),
            box,
            Segment(f" {line}", base),
            Segment(fit_start(place, room - 8 - len(line)), base + self._style("faint")),
        ]

    def _right(self, row: ChoiceRow, base: Style) -> list[Segment]:
        if row.hunk is None:
            return [Segment(" ", base)]
        segments = []
        if row.hunk.staged is not Chosen.NONE:
            word = "staged " if row.hunk.staged is Chosen.ALL else "part staged "
            segments.append(Segment(word, base + self._style("faint")))
        added, removed = self.choice.counts[row.hunk.id]
        if added:
            segments.append(Segment(f"+{added} ", base + self._style("added")))
        if removed:
            segments.append(Segment(f"−{removed} ", base + self._style("removed")))
        shape = SHAPES[Mark.ACCEPTED] if row.hunk.ours else " "
        return [*segments, Segment(f"{shape} ", base + self._style("ours"))]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"hunk-list--{name}", partial=True)

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.choice.rows) - 1))

    def watch_cursor(self) -> None:
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)
        self._tell_row()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset_capture(self)
        index = at.y + self.scroll_offset.y
        if index >= len(self.choice.rows):
            return
        self.cursor = index
        left = 1 if self.choice.rows[index].hunk is None else 3
        if left <= at.x < left + 3:
            self.action_choose()

    def action_move(self, step: int) -> None:
        self.cursor += step

    def action_page(self, direction: int) -> None:
        self.cursor += direction * max(1, self.scrollable_content_region.height - 1)

    def action_edge(self, direction: int) -> None:
        self.cursor = 0 if direction < 0 else len(self.choice.rows) - 1

    def action_choose(self) -> None:
        if (row := self.row) is not None:
            self.choice.toggle(row)
            self._changed()

    def action_toggle_file(self) -> None:
        if (row := self.row) is not None:
            self.choice.toggle_file(row.path)
            self._changed()

    def action_toggle_everything(self) -> None:
        self.choice.toggle_everything()
        self._changed()

    def action_enter_lines(self) -> None:
        self.post_message(self.LinesRequested())

    def _tell_row(self) -> None:
        if (row := self.row) is not None:
            self.post_message(self.Moved(row))

    def _changed(self) -> None:
        self.refresh()
        self.post_message(self.Changed())


class HunkPreview(DiffBrowser, can_focus=False):
    """The lines of one hunk, or of all hunks of a file, each under its header.

    It takes the keyboard only from the list, by ``right`` or a click, to choose lines; ``left`` gives it back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,escape", "leave", "Hunks", id="commit.leave-lines", tooltip="From the lines back to the hunks"),
    ]

    class Left(Message):
        """The keyboard goes back to the list."""

    def show_hunks(self, hunks: Sequence[CommitHunk], choice: Choice) -> None:
        """Draw ``hunks`` of ``choice`` below one another, from the top, with the chosen lines of each."""
        blocks = [
            DiffBlock(hunk.id, hunk.path, [_heading(hunk, *choice.counts[hunk.id]), *hunk.rows], hunk=hunk.id)
            for hunk in hunks
        ]
        lines = choice.lines
        self._chosen.clear()
        for block in blocks:
            self._chosen.add(block, lines.get(block.key, frozenset()))
        self.show(blocks)
        self.action_first()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in NOT_IN_A_PREVIEW:
            return False
        return super().check_action(action, parameters)

    def enter(self) -> None:
        """Take the keyboard."""
        self.can_focus = True
        self.focus()

    def on_blur(self) -> None:
        super().on_blur()
        self.can_focus = False

    def on_click(self, event: events.Click) -> None:
        self.enter()  # what the click means in a diff, textual has the base class do

    def action_leave(self) -> None:
        if self.state.query is not None:
            self.end_search()
        else:
            self.post_message(self.Left())


def _heading(hunk: CommitHunk, added: int, removed: int) -> DiffRow:
    """As the diff has it at its top: the file, the place in it, and at the right how many lines."""
    counts = " ".join(f"{sign}{count}" for sign, count in (("+", added), ("−", removed)) if count)
    return DiffRow(RowKind.HUNK, f"{hunk.path} › {hunk.place}\t{counts}")
