"""One line to write in, opened under the line of the diff that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from spark_tui.widgets.editor import PlainEditor
from spark_tui.widgets.terminal_keys import MODIFIED_ENTER, learn_alt_enter

HINT = "enter sends · alt+enter collects for later · esc closes"
REASON_HINT = "why not? · enter rejects, and the model is told why with your next message · esc closes"


class CommentBox(PlainEditor):
    """Hidden until :meth:`open`; it closes with every answer, and keeps what was not sent for the next time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="comment.send", tooltip="Send this comment, and those collected before"),
        Binding(
            "alt+enter,ctrl+enter,shift+enter,ctrl+j",
            "collect",
            "Collect",
            key_display="alt+enter",
            id="comment.collect",
            tooltip="Keep this comment, to send several together",
        ),
        Binding("escape", "close", "Close", id="comment.close", tooltip="Back to the diff"),
    ]

    DEFAULT_CSS = """
    CommentBox {
        display: none;
        layer: box;
        position: absolute;
        height: 1;
        border: none;
        padding: 0 1;
        background: $surface;
        color: $foreground;
        scrollbar-size: 0 0;
        &:focus { border: none; }
        & .text-area--cursor-line { background: transparent; }
        & .text-area--placeholder { color: $text-faint; }
        & .text-area--selection { background: $selection-bg; }
    }
    """

    @dataclass
    class Answered(Message):
        """``text`` was written; with ``collect`` it waits to be sent together with others."""

        text: str
        collect: bool

    class Closed(Message):
        """Nothing was written."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        learn_alt_enter()
        super().__init__("", placeholder=HINT, id=id, classes=classes)

    def open(self, x: int, y: int, width: int, hint: str = HINT) -> None:
        """Show it at this place of the screen, ``width`` cells wide, to be written in; ``hint`` tells its keys."""
        self.placeholder = hint
        self.styles.offset = (x, y)
        self.styles.width = width
        self.display = True
        self.focus()

    async def on_key(self, event: events.Key) -> None:
        if event.key in MODIFIED_ENTER:
            event.prevent_default()
            event.stop()
            self.action_collect()

    def action_send(self) -> None:
        self._answer(collect=False)

    def action_collect(self) -> None:
        self._answer(collect=True)

    def action_close(self) -> None:
        self.display = False
        self.post_message(self.Closed())

    def _answer(self, *, collect: bool) -> None:
        text = " ".join(self.text.split())
        if not text:
            self.action_close()
            return
        self.load_text("")
        self.display = False
        self.post_message(self.Answered(text, collect))
