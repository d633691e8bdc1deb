"""Who hears of a session: the screen, the command line, a test."""

from __future__ import annotations

from typing import Protocol

from spark_tui.app.pairing.notices import Severity


class Audience(Protocol):
    """Who is told what happens; all calls come on the event loop and must be quick."""

    def changed(self) -> None:
        """There is something new to draw."""

    def returned(self, text: str) -> None:
        """``text`` was not applied and goes back to the prompt."""

    def notify_user(self, text: str, severity: Severity) -> None:
        """One line for the user."""
