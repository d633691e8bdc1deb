"""What every text field shares: keys that are bound are no text, and nothing is hidden in the text."""

from __future__ import annotations

import re

from textual import events
from textual.widgets import TextArea

from spark_tui.widgets.safe_text import safe

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""What would drive the terminal, turn text around or hide in it. Joiners within emoji are left alone."""


def visible_text(text: str) -> str:
    """``text`` with line feeds only, and with each character that would act or hide replaced by its visible code.

    What is sent is what is seen: nothing can be smuggled in with a paste.
    """
    return _UNSEEN.sub(lambda match: safe(match[0]), text.replace("\r\n", "\n").replace("\r", "\n"))


class PlainEditor(TextArea):
    """A text area without blinking, whose pastes are made visible."""

    def __init__(self, text: str, *, placeholder: str, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(
            visible_text(text), placeholder=placeholder, highlight_cursor_line=False, id=id, classes=classes
        )
        self.cursor_blink = False

    async def on_key(self, event: events.Key) -> None:
        """Run the action of our own that a key is bound to: the text area would take enter and tab for text."""
        active = self.screen.active_bindings.get(event.key)
        if event.is_printable or active is None or not active.enabled or active.node is not self:
            return
        if await self.app.run_action(active.binding.action, self):
            event.prevent_default()
            event.stop()

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.type_text(visible_text(event.text))

    def type_text(self, text: str) -> None:
        """Put ``text`` in place of the selection, as if it had been typed."""
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
