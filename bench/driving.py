"""What a person does at a program's terminal, and waits for."""

from __future__ import annotations

import re
import time
from functools import partial

from bench.figures import Figures
from bench.screen import Emulator, Seen, play
from bench.terminal import Terminal
from bench.workshop import Session

SENTINEL = r"zq[a-z]{4}"
SENTINEL_BYTES = re.compile(SENTINEL.encode())
ESCAPE, UP_WHEEL = b"\x1b", "\x1b[<64;{};{}M"
PATIENCE = 60.0
"""Seconds for anything that the program is expected to show."""
QUIET = 0.6
"""Seconds without output after which a program has settled."""
WHEEL_STEPS = 400
WHEEL_NOTCHES = 3
"""Notches at a time: nine rows, less than any pane has."""


class Onlooker:
    """Looks at the screen of ``terminal`` while the program runs; a recording is played for times instead."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._emulator = Emulator()
        self._fed = 0

    @property
    def text(self) -> str:
        """The screen as it is now."""
        while self._fed < len(self._terminal.chunks):
            self._emulator.feed(self._terminal.chunks[self._fed][1])
            self._fed += 1
        return self._emulator.text

    def shows(self, pattern: str) -> bool:
        """Whether ``pattern`` is on the screen; ``^`` and ``$`` are a row's."""
        return re.search(pattern, self.text, re.MULTILINE) is not None

    def wait_for(self, pattern: str, *, gone: bool = False, seconds: float = PATIENCE) -> None:
        """Wait until ``pattern`` is on the screen, or ``gone`` from it. Raises :exc:`TimeoutError`."""
        if not self._terminal.wait(lambda: self.shows(pattern) is not gone, seconds):
            raise TimeoutError(f"{pattern!r} {'stayed' if gone else 'was never'} on the screen:\n{self.text}")


def settle(session: Session) -> Onlooker:
    """Wait until the program has started and is quiet."""
    program, terminal = session.program, session.terminal
    onlooker = Onlooker(terminal)
    onlooker.wait_for(program.ready)
    if program.settled:
        terminal.wait(lambda: onlooker.shows(program.settled), PATIENCE, every=0.1)
    terminal.wait(lambda: terminal.quiet_for() > QUIET, 5)
    return onlooker


def submit(terminal: Terminal) -> int:
    """Type a prompt and press Enter, 0.36 s of typing; returns when that was."""
    terminal.type("go")
    time.sleep(0.3)
    return terminal.write(b"\r")


def wait_until_still(terminal: Terminal, since: int, quiet: float = 1.0, seconds: float = 20) -> None:
    """Wait until the program has written something after ``since``, and then nothing for ``quiet`` seconds."""
    terminal.wait(lambda: terminal.chunks[-1][0] > since and terminal.quiet_for() > quiet, seconds, every=0.02)


def wait_for_answer(session: Session, count: int = 1, seconds: float = PATIENCE) -> None:
    """Wait until the model has sent ``count`` answers whole. Raises :exc:`TimeoutError`."""
    answers = partial(session.model.events, "stream", main=True)
    if not session.terminal.wait(lambda: len(answers()) >= count, seconds, every=0.05):
        raise TimeoutError(f"{session.program.name} did not take the whole answer {count}")


def wait_for_token(session: Session) -> None:
    """Wait until the first sentinel has been written."""
    session.terminal.wait(lambda: SENTINEL_BYTES.search(session.terminal.raw_since(0)), 30, every=0.02)


def reachable(session: Session, words: list[str], shape: str = "prose") -> float:
    """The percentage of ``words`` that turning the mouse wheel back to the start brings to the screen.

    The program must have a pane that the wheel moves.
    """
    program, terminal = session.program, session.terminal
    assert program.wheel is not None
    column, row = program.wheel if shape != "patch" else (program.wheel[0], 10)
    first = max(0, len(terminal.chunks) - 60)
    for _ in range(WHEEL_STEPS):
        written = len(terminal.chunks)
        terminal.write(UP_WHEEL.format(column, row).encode() * WHEEL_NOTCHES)
        if not terminal.wait(lambda count=written: len(terminal.chunks) > count, 0.5, every=0.002):  # type: ignore[misc]
            break  # the start
        terminal.wait(lambda: terminal.quiet_for() > 0.015, 0.5, every=0.003)
    seen = Seen(SENTINEL, after=terminal.chunks[first][0])
    play(terminal.chunks, seen)
    return 100 * sum(word in seen.at for word in words) / len(words)


def memory(session: Session) -> Figures:
    """What the program and its children hold now, and the most that was seen."""
    _, resident = session.terminal.usage()
    return {"memory_mb": resident / 1e6, "peak_memory_mb": session.terminal.peak_bytes / 1e6}
