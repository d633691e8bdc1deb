"""A real pseudo-terminal with the real program in it, and the screen that it leaves."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pexpect
import pyte

PATIENCE = 20.0
"""Seconds until a screen that does not come is a failure."""

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "space": " ",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pgdn": "\x1b[6~",
    "f1": "\x1bOP",
    "ctrl+b": "\x02",
    "ctrl+g": "\x07",
    "ctrl+n": "\x0e",
    "ctrl+q": "\x11",
    "ctrl+s": "\x13",
    "ctrl+x": "\x18",
}


class Terminal:
    """Runs ``python -m spark_tui.app`` with ``arguments`` in ``folder``."""

    def __init__(
        self, arguments: list[str], folder: Path, environ: Mapping[str, str], *, rows: int = 40, columns: int = 120
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = bytearray()
        self.process: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            ["-P", "-m", "spark_tui.app", *arguments],
            cwd=str(folder),
            env={**environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )
        self.process.delaybeforesend = None

    @property
    def text(self) -> str:
        """The screen as it is now, a line a row."""
        self._read(0)
        return "\n".join(line.rstrip() for line in self._screen.display)

    def send(self, *keys: str) -> None:
        """Type: names from ``KEYS``, anything else as it is."""
        for key in keys:
            self.process.send(KEYS.get(key, key))

    def wait_for(self, pattern: str, *, gone: bool = False) -> str:
        """Wait until ``pattern`` is on the screen (or no longer is) and return the screen."""
        until = time.monotonic() + PATIENCE
        while bool(re.search(pattern, self.text)) is gone:
            if time.monotonic() > until or not self._read(0.05):
                state = "still there" if gone else "not seen"
                raise AssertionError(f"{pattern!r} {state}; the screen:\n{self.text}")
        return self.text

    def resize(self, rows: int, columns: int) -> None:
        """Make the terminal another size, as dragging its window does."""
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def children(self) -> list[int]:
        """The program's child processes."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def wait_for_exit(self) -> int:
        """Wait until the program has ended and return its exit code."""
        until = time.monotonic() + PATIENCE
        while self._read(0.05):
            if time.monotonic() > until:
                raise AssertionError(f"still running; the screen:\n{self.text}")
        self.process.close()
        status = self.process.exitstatus
        return -1 if status is None else int(status)

    def close(self) -> None:
        """End the program, whatever it does."""
        self.process.close(force=True)

    def _read(self, timeout: float) -> bool:
        """Take in all that has come, waiting ``timeout`` seconds for the first of it; ``False`` once it is over."""
        while not self.process.closed:
            try:
                data = self.process.read_nonblocking(65536, timeout)
            except pexpect.TIMEOUT:
                return True
            except pexpect.EOF:
                return False
            self.raw += data
            self._stream.feed(data)
            timeout = 0
        return False
