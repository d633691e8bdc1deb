"""The driver on a pseudo-terminal: no key is lost, the escape key is no sequence, and the last size is told last."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import pytest
from textual import constants, events
from textual.app import App
from textual.geometry import Size
from textual.message import Message
from textual.messages import InBandWindowResize, TerminalSupportsSynchronizedOutput

from spark_tui.app.ui.terminal_driver import TerminalDriver, _KeyReader


class Driver:
    """As much of the driver as the reader of keys needs."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self._loop = asyncio.get_running_loop()
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.escapes = 0
        self.answers = 0
        self.messages: list[type[Message]] = []

    def take_answer(self) -> bool:
        self.answers += 1
        return self.answers > 1

    def on_escape(self) -> None:
        self.escapes += 1

    def process_message(self, message: Message) -> None:
        self.messages.append(type(message))
        if isinstance(message, events.Key):
            self.keys.put_nowait(message.key)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    person, program = pty.openpty()
    os.set_blocking(program, False)
    yield person, program
    os.close(person)
    os.close(program)


def reader_of(driver: Driver, typed: bytes = b"") -> _KeyReader:
    return _KeyReader(cast(TerminalDriver, cast(Any, driver)), typed)


async def test_what_was_typed_before_comes_first(terminal: tuple[int, int]) -> None:
    person, program = terminal
    driver = Driver(program)
    reader = reader_of(driver, b"ab")
    os.write(person, b"c\n")
    assert [await driver.keys.get() for _ in range(3)] == ["a", "b", "c"]
    reader.stop()


async def test_a_lone_escape_byte_is_the_escape_key(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.001)
    _, program = terminal
    driver = Driver(program)
    reader = reader_of(driver, b"\x1b")
    assert driver.escapes == 1
    assert await driver.keys.get() == "escape"
    reader.stop()


async def test_no_escape_is_announced_for_what_is_known_to_be_another_key(terminal: tuple[int, int]) -> None:
    _, program = terminal
    driver = Driver(program)
    reader = reader_of(driver, b"\x1b[A")
    assert await driver.keys.get() == "up"
    assert driver.escapes == 0
    reader.stop()


@pytest.mark.parametrize(("says", "told"), [(2, [TerminalSupportsSynchronizedOutput]), (0, [])])
async def test_answers_to_the_writers_question_are_passed_on_once(
    terminal: tuple[int, int], says: int, told: list[type[Message]]
) -> None:
    person, program = terminal
    answer = b"\x1b[?2026;%d$y" % says
    driver = Driver(program)
    reader = reader_of(driver, answer)
    reader._take(answer)
    assert (driver.answers, driver.messages) == (2, told)
    reader._take(answer + b"a")
    assert await driver.keys.get() == "a"
    os.write(person, b"b\n")
    assert await driver.keys.get() == "b"
    reader.stop()


async def test_a_sequence_that_comes_in_pieces_is_one_key(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 3600)
    person, program = terminal
    driver = Driver(program)
    reader = reader_of(driver, b"\x1b")
    os.write(person, b"[A\n")
    assert await driver.keys.get() == "up"
    reader.stop()


async def test_a_character_that_comes_in_pieces_is_one_key(terminal: tuple[int, int]) -> None:
    person, program = terminal
    driver = Driver(program)
    head, tail = "é".encode()[:1], "é".encode()[1:]
    reader = reader_of(driver, head)
    os.write(person, tail + b"b\n")
    assert [await driver.keys.get() for _ in range(2)] == ["é", "b"]
    reader.stop()


@pytest.mark.parametrize(
    ("rest", "keys"), [(b"A\n", ["escape", "A"]), (b"[A\n", ["up"]), (b"OP\n", ["f1"])], ids=["key", "csi", "ss3"]
)
async def test_what_waited_for_a_busy_loop_is_not_taken_for_one_key(
    terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch, rest: bytes, keys: list[str]
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.0)  # over before the loop comes to look
    person, program = terminal
    os.write(person, rest)
    driver = Driver(program)
    reader = reader_of(driver, b"\x1b")
    assert [await driver.keys.get() for _ in keys] == keys
    reader.stop()


LARGE, SMALL, LAST = Size(120, 40), Size(20, 5), Size(80, 24)


class SizedApp:
    """As much of the app as the driver needs to tell it the terminal's size."""

    def __init__(self) -> None:
        self.told: list[Size] = []

    def post_message(self, message: Message) -> bool:
        if isinstance(message, events.Resize):
            self.told.append(message.size)
        return True

    async def _post_message(self, message: Message) -> bool:
        return self.post_message(message)


class HastyDriver(TerminalDriver):
    """Whose terminal is :data:`LAST` by the time that it is known to be ``changes_at``."""

    changes_at: Size | None = None

    def _get_terminal_size(self) -> tuple[int, int]:
        size = Size(*os.get_terminal_size(self.fileno))
        if size == self.changes_at:
            self.resize(LAST)
        return size

    def resize(self, size: Size) -> None:
        """Make the terminal another size: the signal comes at once."""
        fcntl.ioctl(self.fileno, termios.TIOCSWINSZ, struct.pack("HHHH", size.height, size.width, 0, 0))
        signal.raise_signal(signal.SIGWINCH)


@pytest.fixture
def standard_streams(terminal: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a driver takes its terminal from, and the handlers of the signals that it takes over."""
    _, program = terminal
    handlers = {number: signal.getsignal(number) for number in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT)}
    with open(program, closefd=False) as stdin, open(program, "w", closefd=False) as stdout:
        monkeypatch.setattr(sys, "__stdin__", stdin)
        monkeypatch.setattr(sys, "__stdout__", stdout)
        yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
async def hasty_driver(standard_streams: None) -> AsyncIterator[tuple[HastyDriver, SizedApp]]:
    """A driver on a terminal that is :data:`LARGE`, not yet in application mode."""
    app = SizedApp()
    driver = HastyDriver(cast("App[object]", cast(Any, app)))
    driver.resize(LARGE)
    yield driver, app
    driver.stop_application_mode()
    driver.close()


async def all_is_told() -> None:
    """Let the loop run what was asked of it, and what that asks of it."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_size_that_changes_while_the_one_before_is_read_is_told_last(
    hasty_driver: tuple[HastyDriver, SizedApp],
) -> None:
    driver, app = hasty_driver
    driver.start_application_mode()
    await all_is_told()
    assert app.told[-1] == LARGE
    driver.changes_at = SMALL
    driver.resize(SMALL)
    await all_is_told()
    assert app.told[-1] == LAST


async def test_a_size_that_changes_at_the_start_is_told_last(hasty_driver: tuple[HastyDriver, SizedApp]) -> None:
    driver, app = hasty_driver
    driver.changes_at = LARGE
    driver.start_application_mode()
    await all_is_told()
    assert LARGE in app.told
    assert app.told[-1] == LAST


async def test_a_terminal_that_tells_its_size_itself_is_believed(hasty_driver: tuple[HastyDriver, SizedApp]) -> None:
    driver, app = hasty_driver
    driver.start_application_mode()
    await all_is_told()
    driver.process_message(InBandWindowResize(True, True))
    app.told.clear()
    driver.resize(SMALL)
    await all_is_told()
    assert app.told == []
