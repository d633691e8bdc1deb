"""The writer on a pseudo-terminal: nobody waits for a slow one, nothing is lost, and it is known which is behind."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator

import pytest

from spark_tui.app.ui.terminal_writer import PROBED_BYTES, QUESTION, REMINDER, SLACK, TerminalWriter

FRAME = "x" * PROBED_BYTES
FLOOD = "0123456789" * 200_000


class At:
    """A writer on a pseudo-terminal, with a clock that stands still."""

    def __init__(self) -> None:
        self.person, self.program = pty.openpty()
        tty.setraw(self.program)
        os.set_blocking(self.person, False)
        self.now = 100.0
        self.ready = asyncio.Event()
        self.writer = TerminalWriter(self.program, self.ready.set, clock=lambda: self.now)

    def read(self) -> str:
        """What has come so far."""
        data = b""
        while True:
            try:
                data += os.read(self.person, 1 << 16)
            except BlockingIOError:
                return data.decode()

    async def draw(self) -> str:
        """Draw a frame, and what came of it once there was time for a question."""
        self.writer.write(FRAME)
        self.writer.flush()
        for _ in range(3):
            await asyncio.sleep(0)
        return self.read()


@pytest.fixture
async def at(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[At]:
    monkeypatch.setattr("spark_tui.app.ui.terminal_writer.ASK_AFTER", 0.0)
    at = At()
    yield at
    at.read()
    os.close(at.person)
    at.writer.close()
    os.close(at.program)


async def test_what_is_written_is_sent_by_a_flush_in_one_piece(at: At) -> None:
    at.writer.write("one ")
    at.writer.write("twö")
    assert at.read() == ""
    at.writer.flush()
    assert at.read() == "one twö"


async def test_what_nobody_flushes_is_sent_soon(at: At) -> None:
    at.writer.write("a bell")
    await asyncio.sleep(0)
    assert at.read() == "a bell"


async def test_a_terminal_that_takes_nothing_holds_nobody_up_and_gets_everything(at: At) -> None:
    at.writer.write(FLOOD)
    at.writer.flush()
    assert at.writer.is_behind
    at.writer.write("and more")
    came = ""
    while not at.ready.is_set():
        came += at.read()
        await asyncio.sleep(0)
    assert came + at.read() == FLOOD + "and more"
    assert not at.writer.is_behind


async def test_others_who_write_to_the_terminal_still_wait_for_it(at: At) -> None:
    await at.draw()
    assert os.get_blocking(at.program)


async def test_closing_sends_the_rest(at: At) -> None:
    other = TerminalWriter(at.program)
    other.write("the last words")
    other.close()
    assert at.read() == "the last words"


async def test_a_terminal_that_never_answered_is_asked_nothing(at: At) -> None:
    assert await at.draw() == FRAME
    assert not at.writer.awaits_answer


async def test_one_question_goes_out_at_a_time_behind_a_frame_and_not_behind_a_key(at: At) -> None:
    at.writer.answered()
    assert await at.draw() == FRAME + QUESTION
    at.writer.write("k")
    at.writer.flush()
    assert at.read() == "k"
    assert await at.draw() == FRAME  # one question at a time
    at.writer.answered()
    assert await at.draw() == FRAME + QUESTION


async def test_a_terminal_whose_answer_is_overdue_is_behind_until_it_comes(at: At) -> None:
    at.writer.answered()
    await at.draw()
    at.now += 0.1  # a long way, but not a slow one
    at.writer.answered()
    await at.draw()
    at.now += 0.1 + SLACK / 2
    assert not at.writer.is_behind
    at.now += SLACK
    assert at.writer.is_behind
    at.ready.clear()
    at.writer.answered()
    assert not at.writer.is_behind
    assert at.ready.is_set()


async def test_where_an_answer_was_lost_the_reminder_is_answered(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_tui.app.ui.terminal_writer.REMIND_AFTER", 0.0)
    monkeypatch.setattr("spark_tui.app.ui.terminal_writer.SLACK", 0.0)
    at.writer.answered()
    asked = await at.draw()
    while not asked.endswith(REMINDER):
        await asyncio.sleep(0)
        asked += at.read()
    at.writer.reminded()
    assert not at.writer.awaits_answer


async def test_a_reminder_that_is_answered_late_says_nothing_of_the_next_question(at: At) -> None:
    at.writer.answered()
    await at.draw()
    at.writer.reminded()
    assert at.writer.awaits_answer


async def test_a_terminal_that_falls_silent_is_not_waited_for(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REMIND_AFTER", "SLACK", "SILENCE"):
        monkeypatch.setattr(f"spark_tui.app.ui.terminal_writer.{name}", 0.0)
    at.writer.answered()
    await at.draw()
    at.now += 1
    await at.ready.wait()
    assert not at.writer.is_behind
    at.read()
    assert await at.draw() == FRAME


async def test_nothing_is_asked_when_somebody_else_is_about_to_read(at: At) -> None:
    at.writer.answered()
    await at.draw()
    at.writer.ask_no_more()
    assert not at.writer.awaits_answer
    assert await at.draw() == FRAME


async def test_a_terminal_that_is_gone_is_no_error(at: At) -> None:
    person, program = pty.openpty()
    writer = TerminalWriter(program)
    os.close(person)
    writer.write(FRAME)
    writer.flush()
    writer.close()
    os.close(program)
