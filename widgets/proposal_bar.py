"""A command that the model would like to be run, whole, with the keys that decide on it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.text_bar import Passage, TextBar

KEYS = (
    ("F5", "run", "app.allow"),
    ("F8", "decline", "app.decline"),
    ("F9", "always in this session", "app.allow(True)"),
)
"""Each key, what it does, and the action that a click on it runs."""

LEAD = "◇ run? "
INDENT = "  "


class ProposalBar(TextBar):
    """Hidden while nothing is proposed. A long command takes several rows: nothing of it is cut off. Its keys can be
    clicked."""

    DEFAULT_CSS = """
    ProposalBar {
        display: none;
        height: auto;
        padding: 0 1;
        background: $surface;
        color: $foreground;
        link-color: $foreground;
        link-style: none;
        link-color-hover: $foreground;
        link-background-hover: $selection-bg;
        link-style-hover: none;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: tuple[str, str, int] | None = None

    def show(self, command: str | None, reason: str = "", more: int = 0) -> None:
        """Show ``command`` and why it is proposed, with ``more`` behind it; ``None`` hides the bar."""
        shown = None if command is None else (command, reason, more)
        if shown != self._shown:
            self._shown = shown
            self.display = shown is not None
            self.refresh(layout=True)

    def passages(self) -> Sequence[Passage]:
        if self._shown is None:
            return ()
        command, reason = safe_line(self._shown[0]), safe_line(self._shown[1][:300])
        return Passage(0, len(LEAD), command, command), Passage(1, len(INDENT), reason, reason)

    def render(self) -> Content:
        if self._shown is None:
            return Content("")
        command, reason, more = self._shown
        keys = Content("   ").join(
            Content.from_markup(f"[@click={action}][$primary bold]{key}[/] {word}[/]") for key, word, action in KEYS
        )
        rows = [Content.assemble((LEAD, "$warning bold"), (safe_line(command), "bold"))]
        if reason:
            rows.append(Content.styled(f"{INDENT}{safe_line(reason[:300])}", "$text-quiet"))
        rows.append(Content.assemble(INDENT, keys, (f"   {more} more" if more else "", "$text-faint")))
        return Content("\n").join(rows)
