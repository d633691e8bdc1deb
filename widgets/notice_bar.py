"""One line for what the program has to say, without taking the keyboard or moving anything.

Textual's toasts cover the text beneath them and go by the clock even if they report a failure. This row stands
between the panes and the prompt, is a plain rule while there is nothing to say, and keeps warnings and errors until
somebody is there to read them: the first key that is pressed once a notice has stood long enough takes it away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer

from spark_tui.widgets.fitting import fit_start
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.text_bar import Passage, TextBar


class Severity(Enum):
    """How much a notice asks of the user."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """``text`` may come from outside and is shown in one line. ``lasts`` is in seconds, ``None`` until it is read."""

    text: str
    severity: Severity
    lasts: float | None

    @property
    def reading(self) -> float:
        """Seconds that it takes to be seen and read."""
        return NOTICED[self.severity] + len(self.text) / CHARACTERS_A_SECOND


LASTS: dict[Severity, float | None] = {Severity.INFO: 6.0, Severity.WARNING: None, Severity.ERROR: None}
NOTICED = {Severity.INFO: 1.0, Severity.WARNING: 1.5, Severity.ERROR: 8.0}
"""Seconds until a notice is seen by someone who looks at something else, which an error must not be taken from."""

CHARACTERS_A_SECOND = 25.0
"""How fast people read."""

SHAPES = {Severity.INFO: "·", Severity.WARNING: "!", Severity.ERROR: "▲"}
STYLES = {Severity.INFO: "$text-quiet", Severity.WARNING: "$warning", Severity.ERROR: "$error bold"}
KEPT = 20


class NoticeBar(TextBar):
    """Shows the newest notice and how many unread ones stand behind it; a click dismisses the one that is shown, and
    so does a key (see :meth:`key_pressed`). While another screen is before it, nothing is read and nothing goes.
    """

    DEFAULT_CSS = """
    NoticeBar {
        height: 1;
        background: $background;
    }
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._since = 0.0
        self._notices: list[Notice] = []
        self._timer: Timer | None = None

    @property
    def current(self) -> Notice | None:
        """The notice that is shown, if any."""
        return self._notices[-1] if self._notices else None

    def post(self, text: str, severity: Severity = Severity.INFO, lasts: float | None = None) -> None:
        """Show ``text`` for ``lasts`` seconds; ``None`` is :data:`LASTS` of its severity.

        A newer notice hides an information for good, and a warning or an error until it is dismissed itself. What is
        shown already is not repeated.
        """
        notice = Notice(text, severity, LASTS[severity] if lasts is None else lasts)
        self._notices = [old for old in self._notices if old.severity is not Severity.INFO and old.text != text]
        self._notices = [*self._notices[1 - KEPT :], notice]
        self._show()

    def dismiss(self) -> None:
        """Take away the notice that is shown; the one behind it appears."""
        del self._notices[-1:]
        self._show()

    def key_pressed(self) -> None:
        """Somebody is there: what has been shown for as long as it takes to read it goes."""
        now = self._clock()
        if not self.screen.is_active:
            self._since = now
        elif self.current is not None and now - self._since >= self.current.reading:
            self.dismiss()

    def clear(self) -> None:
        """Take away all notices."""
        self._notices.clear()
        self._show()

    def render(self) -> Content:
        width = self.size.width
        notice = self.current
        if notice is None:
            return Content.styled("─" * width, "$rule")
        lead, text, more = self._fitted(notice)
        rule = "─" * max(0, width - cell_len(lead) - cell_len(text) - cell_len(more))
        style = STYLES[notice.severity]
        return Content.assemble((lead, style), (text, style), (more, "$text-faint"), (rule, "$rule"))

    def passages(self) -> Sequence[Passage]:
        notice = self.current
        if notice is None:
            return ()
        lead, text, _ = self._fitted(notice)
        return (Passage(0, len(lead), text, safe_line(notice.text)),)

    def _fitted(self, notice: Notice) -> tuple[str, str, str]:
        """The mark before a notice, as much of it as there is room for, and how many stand behind it."""
        behind = len(self._notices) - 1
        more = f" +{behind} more " if behind else " "
        lead = f"── {SHAPES[notice.severity]} "
        room = max(1, self.size.width - cell_len(lead) - cell_len(more))
        return lead, fit_start(safe_line(notice.text), room), more

    def on_click(self) -> None:
        if not self.has_selection:
            self.dismiss()

    def _show(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._since = self._clock()
        if self.current is not None and self.current.lasts is not None:
            self._timer = self.set_timer(self.current.lasts, self._expire)
        self.refresh()

    def _expire(self) -> None:
        if self.screen.is_active:
            self.dismiss()
        else:
            self._show()
