"""A command that the model would like to be run, whole, with the keys that decide on it."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from spark_tui.widgets.safe_text import safe_line

KEYS = (("F5", "run"), ("F8", "decline"), ("F9", "always in this session"))


class ProposalBar(Widget):
    """Hidden while nothing is proposed. A long command takes several rows: nothing of it is cut off."""

    DEFAULT_CSS = """
    ProposalBar {
        display: none;
        height: auto;
        padding: 0 1;
        background: $surface;
        color: $foreground;
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

    def render(self) -> Content:
        if self._shown is None:
            return Content("")
        command, reason, more = self._shown
        keys = Content("   ").join(Content.assemble((key, "$primary bold"), f" {word}") for key, word in KEYS)
        rows = [Content.assemble(("◇ run? ", "$warning bold"), (safe_line(command), "bold"))]
        if reason:
            rows.append(Content.styled(f"  {safe_line(reason[:300])}", "$text-quiet"))
        rows.append(Content.assemble("  ", keys, (f"   {more} more" if more else "", "$text-faint")))
        return Content("\n").join(rows)
