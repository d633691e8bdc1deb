"""What the user has said for later: one row a message, above the prompt, in the order in which they will be sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message

from spark_tui.widgets.fitting import fit_start
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.text_bar import Passage, TextBar

ROWS = 4
"""Messages shown at most; the last ones, since those can be taken back."""

HINT = "↑ edits · ⌫ drops the last"


class QueuedMessages(TextBar):
    """Hidden while nothing is queued. A click takes a message back."""

    DEFAULT_CSS = """
    QueuedMessages {
        display: none;
        height: auto;
        padding: 0 1 0 0;
        color: $text-quiet;
        background: $background;
    }
    """

    @dataclass
    class TakeBackRequested(Message):
        """The message at ``index`` should come back to be edited."""

        index: int

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._texts: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown."""
        return self._texts

    def show(self, texts: Sequence[str]) -> None:
        """Show ``texts``; the same ones again cost nothing."""
        if tuple(texts) != self._texts:
            self._texts = tuple(texts)
            self.display = bool(texts)
            self.refresh(layout=True)

    def render(self) -> Content:
        width = self.content_size.width
        lines = []
        for _, mark, shown, hint in self._rows():
            pad = " " * (width - len(mark) - len(hint) - Content(shown).cell_length) if hint else ""
            lines.append(Content.assemble((mark, "$text-faint"), shown, pad, (hint, "$text-faint")))
        return Content("\n").join(lines)

    def passages(self) -> Sequence[Passage]:
        return [
            Passage(line, len(mark), shown, safe_line(" ".join(self._texts[number].split())))
            for line, (number, mark, shown, _) in enumerate(self._rows())
        ]

    def _rows(self) -> Iterator[tuple[int, str, str, str]]:
        """Of each message that is shown its number, its mark, as much of it as there is room for, and a hint."""
        width = self.content_size.width
        first = max(len(self._texts) - ROWS, 0)
        for number, text in enumerate(self._texts[first:], first):
            mark = f"⋯ {number + 1} "
            hint = f"  {HINT}" if number == len(self._texts) - 1 and width > 2 * len(HINT) else ""
            room = width - len(mark) - len(hint)
            yield number, mark, fit_start(safe_line(" ".join(text[: 4 * width].split())), room), hint

    def on_click(self, event: events.Click) -> None:
        index = max(len(self._texts) - ROWS, 0) + event.y
        if index < len(self._texts) and not self.has_selection:
            self.post_message(self.TakeBackRequested(index))
