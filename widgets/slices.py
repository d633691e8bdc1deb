"""Long work on the event loop, in slices: it stays there, since what it changes is looked at there, and others get
their turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

SLICE = 0.004
"""Seconds of work after which keys and frames are served."""


class Slices:
    """``await`` :meth:`turn` after each step of the work. ``length`` of a slice and ``clock`` are in seconds."""

    def __init__(self, length: float = SLICE, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._length = length
        self._clock = clock
        self._began = clock()

    async def turn(self) -> bool:
        """Let others have the loop, if this slice is over; whether it was."""
        if self._clock() - self._began < self._length:
            return False
        await asyncio.sleep(0)
        self._began = self._clock()
        return True
