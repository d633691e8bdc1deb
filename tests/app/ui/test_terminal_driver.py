"""The driver on a pseudo-terminal: the escape key is told from a sequence, and no key is lost on the way."""

from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import Iterator
from typing import Any, cast

import pytest
from textual import constants, events
from textual.message import Message

from spark_tui.app.ui.terminal_driver import TerminalDriver, _KeyReader


class Driver:
    """As much of the driver as the reader of keys needs."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self._loop = asyncio.get_running_loop()
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self.escapes = 0

    def on_escape(self) -> None:
        self.escapes += 1

    def process_message(self, message: Message) -> None:
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
