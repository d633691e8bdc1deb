"""The app as a program in a terminal: its driver, the signals that end it, and mistakes of ours, told in one line."""

from __future__ import annotations

import asyncio
import gc
import signal
from abc import abstractmethod
from functools import partial
from pathlib import Path
from typing import Any

from textual import events
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from spark_tui.app.pairing.notices import Severity
from spark_tui.app.ui import crash
from spark_tui.app.ui.first_frame import FirstFrame
from spark_tui.app.ui.garbage import GarbageClock
from spark_tui.app.ui.terminal_driver import TerminalDriver
from spark_tui.widgets.theme import ThemedApp

SIGNALLED = 128
"""What a shell adds to a signal's number for the exit code of what it ended."""

GARBAGE_PERIOD = 5.0
"""Seconds between two questions whether nobody is there."""


class TerminalApp(ThemedApp[int]):
    """``first_frame`` is what stands on the screen until the first paint; reports of crashes go to ``state_dir``."""

    def __init__(self, state_dir: Path, first_frame: FirstFrame | None) -> None:
        super().__init__()
        self._state_dir = state_dir
        self._first_frame = first_frame
        self._garbage = GarbageClock()

    @abstractmethod
    def notify_user(self, text: str, severity: Severity) -> None:
        """One line for the user."""

    @abstractmethod
    def escape_began(self) -> None:
        """The escape key, or another one whose first byte is the same, has begun to come."""

    @abstractmethod
    def terminal_caught_up(self) -> None:
        """The terminal has taken what was drawn, after it was behind."""

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        return TerminalDriver if driver is LinuxDriver else driver

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        driver = super()._build_driver(headless, inline, mouse, size)
        if isinstance(driver, TerminalDriver):
            driver.first_frame = self._first_frame
            driver.on_escape = self.escape_began
            driver.on_ready = self.terminal_caught_up
        return driver

    @property
    def _terminal_is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was drawn before."""
        return isinstance(self._driver, TerminalDriver) and self._driver.is_behind

    def _catch_signals_and_mistakes(self) -> None:
        """From now on a signal ends the program in order, and no failure goes without a word."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._tell_mistake)
        for number in () if self.is_headless else (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, partial(self.exit, return_code=SIGNALLED + number))

    def _end_start(self) -> None:
        """All is made: take the keys, those that were typed meanwhile first."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.read_keys()
        if not gc.isenabled():
            self._garbage.begin()
            self.set_interval(GARBAGE_PERIOD, self._garbage.look)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._garbage.touch()
        await super().on_event(event)

    async def on_unmount(self) -> None:
        self._garbage.end()

    def on_resize(self, event: events.Resize) -> None:
        """Textual paints nothing for the size that it drew last, but a terminal that was smaller has cut that off."""
        if self.screen_stack and self.screen.outer_size == event.size:
            self.screen.refresh()

    def _handle_exception(self, error: Exception) -> None:
        """A mistake of ours ends the program with one line; what is known of it goes to a file."""
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.exit(return_code=1, message=crash.report(error, self._state_dir))

    def _tell_mistake(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What fails outside of any handler, such as a frame, would otherwise leave an old screen and no word."""
        error = context.get("exception")
        if self.is_headless and isinstance(error, Exception):
            self._handle_exception(error)
        else:
            self.notify_user(f"something went wrong: {error or context['message']!r}", Severity.ERROR)
