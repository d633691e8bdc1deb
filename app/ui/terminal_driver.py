"""The terminal, read and written on the event loop.

Textual reads keys in a thread that looks only ten times a second whether a lone escape byte was the escape key, and
that waits for the interpreter's lock while a stream is drawn. Here a key is taken in the next round of the event
loop, and the escape key after ``ESCDELAY``. What is written goes through :class:`TerminalWriter`.

Textual reads the terminal's size in the handler of the signal that tells of a change. The next signal interrupts that
handler: the newer size was told first, the older one last, and so it was drawn. Here the handler only asks for the
size to be told, and it is read when that is done.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import select
import signal
import sys
from collections.abc import Callable, Iterable

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from spark_tui.app.ui.first_frame import FirstFrame
from spark_tui.app.ui.terminal_writer import TerminalWriter

CHUNK = 1 << 16
ENTER_ALTERNATE_SCREEN = "\x1b[?1049h"
ESCAPE = "\x1b"
ANSWER = re.compile(rb"\x1b\[\?2026;\d\$y")
"""What the terminal says to the writer's question: that it knows the mode, or 0, that it does not."""

ANSWER_END = b"$y"
"""What the answer to the writer's question ends in."""

LAST_ANSWER = 0.15
"""Seconds for which an answer that is still open is waited for when the terminal is left."""

GOES_ON = ("[", "O", "]", "P", ESCAPE)
"""What follows an escape byte within one key or answer of a terminal; anything else may be a key of its own."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for a terminal, without its threads for keys and for output."""

    first_frame: FirstFrame | None = None
    """What is on the screen until the first paint; its keys come before all others."""

    on_escape: Callable[[], None] = staticmethod(lambda: None)
    """Called with an escape byte that may be the escape key, before it is known whether more follows."""

    on_ready: Callable[[], None] = staticmethod(lambda: None)
    """Called when the terminal has taken what was drawn, after it :attr:`is_behind`."""

    _reader: _KeyReader | None = None
    _writer: TerminalWriter | None = None
    _typed = b""
    _in_application_mode = False

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file = sys.__stdout__  # a shell may have sent errors elsewhere; that this is a terminal is checked

    def write(self, data: str) -> None:
        if self.first_frame is not None:
            if data == ENTER_ALTERNATE_SCREEN:  # it is on, and entering it again would clear it
                return
            if self._in_application_mode:  # the first paint
                self._end_first_frame()
        if self._writer is not None:
            self._writer.write(data)

    def flush(self) -> None:
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        super().close()
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was drawn before."""
        return self._writer is not None and self._writer.is_behind

    def start_application_mode(self) -> None:
        assert self._file is not None  # that there is a terminal was checked
        if self._writer is None:
            self._writer = TerminalWriter(self._file.fileno(), self.on_ready)
        first_frame = self.first_frame
        if first_frame is not None:
            first_frame.restore_modes()
            first_frame.taken_over()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        signal.signal(signal.SIGWINCH, self._size_changed)
        self._size_changed()  # a change meanwhile met Textual's handler, which may have told an older size last
        self._in_application_mode = True
        if first_frame is None:
            self.read_keys()

    def read_keys(self) -> None:
        """Begin to read, where it was put off: keys that nobody is there to take yet would be lost."""
        self._end_first_frame()
        if self._key_thread is not None and self._reader is None:
            self._reader = _KeyReader(self, self._typed)
            self._typed = b""

    def disable_input(self) -> None:
        self._in_application_mode = False
        self._end_first_frame()
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        self._take_late_answers()
        super().disable_input()

    def run_input_thread(self) -> None:
        """Nothing to do but to wait, since the event loop reads."""
        self.exit_event.wait()

    def _size_changed(self, *_: object) -> None:
        """The handler of the signal; Textual tells the first size in this way too, so that ours comes behind it."""
        asyncio.run_coroutine_threadsafe(self._tell_size(), self._loop)

    async def _tell_size(self) -> None:
        if not self._in_band_window_resize:  # else the terminal tells it itself
            size = Size(*self._get_terminal_size())
            self.send_message(events.Resize(size, size))

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)

    def process_message(self, message: Message) -> None:
        if self._writer is not None:
            if isinstance(message, TerminalSupportsSynchronizedOutput):
                self._writer.answered()
            elif isinstance(message, events.CursorPosition):
                self._writer.reminded()
                return
        super().process_message(message)

    def take_answer(self) -> bool:
        """The terminal answered the writer's question, with whatever it says; whether nobody else has to know."""
        if self._writer is None:
            return False
        is_known = self._writer.answers
        self._writer.answered()
        return is_known

    def _take_late_answers(self) -> None:
        """Ask no more, and wait a moment for what the terminal is about to say."""
        writer, answer = self._writer, b""
        if writer is None:
            return
        while writer.awaits_answer and select.select([self.fileno], [], [], LAST_ANSWER)[0]:
            try:
                data = os.read(self.fileno, CHUNK)
            except OSError:
                break
            if not data:
                break
            *answered, answer = (answer + data).split(ANSWER_END)
            if answered:
                writer.answered()
        writer.ask_no_more()

    def _end_first_frame(self) -> None:
        if self.first_frame is not None:
            self._typed += self.first_frame.end()
            self.first_frame = None


class _KeyReader:
    """Bytes of the terminal to messages of the driver, on its event loop; ``typed`` are those that came before."""

    def __init__(self, driver: TerminalDriver, typed: bytes) -> None:
        self._driver = driver
        self._loop = driver._loop
        self._parser = XTermParser()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(driver.fileno, self._read)
        if typed:
            self._take(typed)

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
        self._take(data)

    def _take(self, data: bytes) -> None:
        if self._timer is None and ANSWER.fullmatch(data) and self._driver.take_answer():
            return  # one comes behind each frame, and Textual's parser takes its time
        text = self._decode(data)
        if not text:  # part of a character; the parser would take no text for the end of the terminal
            return
        is_late = self._timer is not None and self._timer.when() <= self._loop.time()
        self._cancel_timer()
        if is_late and not text.startswith(GOES_ON):
            # The loop was busy, and the escape key and the next one came together: they are not one key with alt.
            self._process(self._parser.tick())
        self._process(self._parser.feed(text))
        self._wait_for_more()
        if self._timer is not None and text.endswith(ESCAPE):
            self._driver.on_escape()

    def _wait_for_more(self) -> None:
        """What came may be the start of a sequence: see whether the rest comes in time."""
        if self._parser._timeout_time is not None:
            self._timer = self._loop.call_later(constants.ESCAPE_DELAY, self._give_up_waiting)

    def _give_up_waiting(self) -> None:
        """An escape byte alone is the escape key."""
        self._timer = None
        self._process(self._parser.tick())
        self._wait_for_more()

    def _process(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._driver.process_message(message)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
