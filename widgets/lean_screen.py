"""A screen that does once what Textual does twice: when it opens, and when the focus moves.

Textual styles all widgets of a screen when they are mounted, and again when it is shown; for the colours of our panes
that is two hundred sets of rules. And it draws the whole screen when the focus moves, though the widgets that look
different then draw themselves.
"""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

Answer = TypeVar("Answer")


class LeanScreen(Screen[Answer]):
    """Goes behind Textual's ``ModalScreen`` among a window's bases: styles come by way of the first of them alone."""

    focused = Reactive[Widget | None](None, repaint=False)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        event.refresh_styles = False
        self.refresh()

    def _compositor_refresh(self) -> None:
        """Draw what has changed, unless all is to be drawn in a moment: then parts of it need not be before."""
        if not (self._repaint_required and self.is_current):
            super()._compositor_refresh()
