"""The terminal, read on the event loop.

Textual reads keys in a thread that looks only ten times a second whether a lone escape byte was the escape key, and
that waits for the interpreter's lock while a stream is drawn. Here a key is taken in the next round of the event
loop, and the escape key after ``ESCDELAY``.
"""

from __future__ import annotations

import asyncio
import codecs
import os

from textual import constants
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

CHUNK = 1 << 16
ENTER_ALTERNATE_SCREEN = "\x1b[?1049h"


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, without its thread for keys."""

    already_entered = False
    """Whether the alternate screen is on and shows something that is not to be cleared before the first paint."""

    _reader: _KeyReader | None = None

    def write(self, data: str) -> None:
        if data == ENTER_ALTERNATE_SCREEN and TerminalDriver.already_entered:
            TerminalDriver.already_entered = False
        else:
            super().write(data)

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was drawn before."""
        writer = self._writer_thread
        return writer is not None and not writer._queue.empty()

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is not None:
            self._reader = _KeyReader(self)

    def disable_input(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        super().disable_input()

    def run_input_thread(self) -> None:
        """Nothing to do but to wait, since the event loop reads."""
        self.exit_event.wait()

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)


class _KeyReader:
    """Bytes of the terminal to messages of the driver, on its event loop."""

    def __init__(self, driver: TerminalDriver) -> None:
        self._driver = driver
        self._loop = driver._loop
        self._parser = XTermParser()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(driver.fileno, self._read)

    def stop(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self._driver.fileno)
        self._cancel_timer()

    def _read(self) -> None:
        try:
            data = os.read(self._driver.fileno, CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:  # the terminal is gone; the hang-up signal ends the program
            self.stop()
            return
        self._cancel_timer()
        try:
            for message in self._parser.feed(self._decode(data)):
                self._driver.process_message(message)
        except ParseError:
            self.stop()
            return
        self._wait_for_more()

    def _wait_for_more(self) -> None:
        """What came may be the start of a sequence: see whether the rest comes in time."""
        if self._parser._timeout_time is not None:
            self._timer = self._loop.call_later(constants.ESCAPE_DELAY, self._give_up_waiting)

    def _give_up_waiting(self) -> None:
        """An escape byte alone is the escape key."""
        self._timer = None
        for message in self._parser.tick():
            self._driver.process_message(message)
        self._wait_for_more()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
