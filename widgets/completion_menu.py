"""The commands that can be meant, in a small window over the panes, right above the prompt."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from spark_tui.widgets.completions import Completion
from spark_tui.widgets.fitting import fit_start
from spark_tui.widgets.safe_text import safe_line

ROWS = 10
"""So many are shown at most; the cursor takes the others along."""

GAP = 2
"""Cells between a command and what it does, and behind that for the sign that there are more."""

INDENT = 2
"""Cells before a command, which then stands over what is written in the prompt."""


class CompletionMenu(Widget):
    """Hidden while nothing is offered. It takes no keys: the prompt moves its cursor, a click chooses.

    It covers a part of the panes instead of moving them. The window is laid out anew only when the number of its rows
    changes, and only behind the frame that shows the key which was typed.
    """

    DEFAULT_CSS = """
    CompletionMenu {
        display: none;
        layer: box;
        dock: bottom;
        max-width: 100%;
        background: $surface;
        color: $foreground;
    }
    """

    class Chosen(Message):
        """The one under the cursor was clicked."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._offered: Sequence[Completion] = ()
        self._at = 0
        self._first = 0
        self._rows = 1
        self._below = 0
        self._name_cells = 0
        self._cells = 0

    @property
    def offered(self) -> Sequence[Completion]:
        """All that can be chosen, the likeliest first."""
        return self._offered

    @property
    def chosen(self) -> Completion | None:
        """The one under the cursor; ``None`` while nothing is offered."""
        return self._offered[self._at] if self._offered else None

    def offer(self, completions: Sequence[Completion], *, below: int, room: int) -> None:
        """Show ``completions``, with the cursor on the first; none hide the menu.

        ``below`` rows of the screen stay free beneath it, and it takes at most ``room``.
        """
        if completions == self._offered:
            return
        self._offered, self._at, self._first = completions, 0, 0
        self._rows, self._below = max(1, min(len(completions), ROWS, room)), below
        if completions:
            # Narrowed, it keeps its width: columns that jump with every key cannot be read.
            self._name_cells = max(self._name_cells, *(cell_len(found.text.rstrip()) for found in completions))
            longest = max(cell_len(found.about) for found in completions)
            self._cells = max(self._cells, INDENT + self._name_cells + longest + 2 * GAP)
        else:
            self._name_cells = self._cells = 0
        self.call_after_refresh(self._take_place)

    def move(self, step: int) -> None:
        """Put the cursor ``step`` further down, round the ends."""
        self._at = (self._at + step) % len(self._offered)
        self._first = max(min(self._first, self._at), self._at - self._rows + 1)
        self.refresh()

    def render(self) -> Content:
        size = self.size
        shown = range(self._first, min(self._first + size.height, len(self._offered)))
        return Content("\n").join(self._row(at, size.width, self._edge(at, shown)) for at in shown)

    def on_click(self, event: events.Click) -> None:
        at = self._first + event.y
        if at < len(self._offered):
            self._at = at
            self.post_message(self.Chosen())

    def _take_place(self) -> None:
        if self._offered:
            self.styles.width = self._cells
            self.styles.height = self._rows
            self.styles.margin = (0, 0, self._below, 0)
        self.display = bool(self._offered)
        self.refresh()

    def _row(self, at: int, width: int, edge: str) -> Content:
        found, indent = self._offered[at], " " * INDENT
        name = fit_start(safe_line(found.text.rstrip()), width - INDENT)
        gap = " " * (self._name_cells - cell_len(name) + GAP)
        room = width - INDENT - cell_len(name) - len(gap) - GAP
        about = fit_start(safe_line(found.about), room)
        end = " " * max(0, room - cell_len(about)) + edge + " "
        if at == self._at:
            row = Content.assemble(indent, (name, "bold"), gap, about, end)
            return row.stylize("$block-cursor-foreground on $block-cursor-background")
        return Content.assemble(
            indent, (name, "$primary bold"), gap, (about, "$text-quiet"), (end, "$text-accent bold")
        )

    def _edge(self, at: int, shown: range) -> str:
        """A sign at the right end of the first and the last row behind which there are more."""
        if at == shown[0] and at > 0:
            return "↑"
        return "↓" if at == shown[-1] and at + 1 < len(self._offered) else " "
