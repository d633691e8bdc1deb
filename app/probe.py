"""What the benchmark cannot see from outside the program, told to a file as it happens. Imported only when asked for.

With ``SPARK_TUI_PROBE=FILE`` in its environment the program adds a line to FILE for

- ``loop BEGAN HELD``: the event loop was held for longer than :data:`TOLD_FROM`, so that a key had to wait
- ``gc BEGAN TOOK GENERATION``: garbage was collected
- ``out AT BYTES``: the terminal has taken so many bytes

Times are in ns of CLOCK_MONOTONIC, which other processes on the machine can compare with their own. What is told is
written within :data:`WRITTEN_AFTER`, since a system call each frame would be seen in what is measured.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import selectors
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Buffer

TOLD_FROM = 4_000_000
"""Nanoseconds: a quarter of a frame. What holds the loop for less is not worth a line."""

LOOK = 0.016
"""Seconds after which an idle loop is woken, to see whether it could have gone on: another thread may hold the
interpreter's lock."""

WRITTEN_AFTER = 100_000_000
"""Nanoseconds for which lines may wait to be written together."""

Result = TypeVar("Result")
now = time.monotonic_ns
_write = os.write


class Probe:
    """Appends to ``path``. Raises :exc:`OSError` where that cannot be written."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._collecting_since = 0
        self._untold: list[str] = []
        self._written_at = now()

    def run(self, main: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Run ``main`` on a watched event loop, like :func:`asyncio.run`."""
        gc.callbacks.append(self._on_collection)
        setattr(os, "write", self._write)  # noqa: B010 - a function, for the type checker
        try:
            with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(WatchedSelector(self))) as runner:
                return runner.run(main())
        finally:
            setattr(os, "write", _write)  # noqa: B010
            gc.callbacks.remove(self._on_collection)
            self.write()

    def tell(self, *what: object) -> None:
        """Add a line, with the next :meth:`write`."""
        self._untold.append(" ".join(map(str, what)) + "\n")

    def write_in_time(self, at: int) -> None:
        """It is ``at``: write what has waited long enough."""
        if at - self._written_at > WRITTEN_AFTER:
            self._written_at = at
            self.write()

    def write(self) -> None:
        """Write what waits; whole lines, since it is one write."""
        lines, self._untold = self._untold, []
        if lines:
            _write(self._file, "".join(lines).encode())

    def _write(self, descriptor: int, data: Buffer) -> int:
        taken = _write(descriptor, data)
        if os.isatty(descriptor):
            self.tell("out", now(), taken)
        return taken

    def _on_collection(self, phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            self._collecting_since = now()
        else:
            self.tell("gc", self._collecting_since, now() - self._collecting_since, about["generation"])


class WatchedSelector(selectors.DefaultSelector):  # type: ignore[misc,valid-type,unused-ignore]
    """Tells ``probe`` for how long the event loop was away: from one look at what is ready to the next."""

    def __init__(self, probe: Probe) -> None:
        super().__init__()
        self._probe = probe
        self._since = now()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        asked = now()
        if asked - self._since > TOLD_FROM:
            self._probe.tell("loop", self._since, asked - self._since)
            asked = now()
        self._probe.write_in_time(asked)
        longest = LOOK if timeout is None else min(max(timeout, 0.0), LOOK)
        ready = super().select(longest)
        self._since = now()
        if not ready:  # what it slept too long counts as held: nothing else could have been done either
            self._since = min(self._since, asked + math.ceil(longest * 1e3) * 1_000_000)  # as epoll rounds
        return ready
