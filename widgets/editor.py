"""What every text field shares: keys in the order they were pressed, and nothing hidden in the text."""

from __future__ import annotations

import re

from textual import events
from textual.dom import DOMNode
from textual.widget import Widget
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


async def press_now(widget: Widget, event: events.Key, *owners: DOMNode) -> bool:
    """Run the action that ``event`` is bound to on one of ``owners``, at once; true if it ran.

    Textual runs actions only after the key has travelled up to the app, while letters are taken on the way: of
    ``a``, backspace, ``b`` typed in one breath, both letters would come before the backspace.
    """
    active = widget.screen.active_bindings.get(event.key)
    if active is None or not active.enabled or active.node not in owners:
        return False
    return await widget.app.run_action(active.binding.action, active.node)


class PlainEditor(TextArea):
    """A text area without blinking, whose pastes are made visible and whose keys keep their order."""

    def __init__(self, text: str, *, placeholder: str, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(
            visible_text(text), placeholder=placeholder, highlight_cursor_line=False, id=id, classes=classes
        )
        self.cursor_blink = False

    async def on_key(self, event: events.Key) -> None:
        if not event.is_printable and await press_now(self, event, self):
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
