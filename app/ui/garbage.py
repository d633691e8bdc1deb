"""When Python looks for garbage: among what is young at any time, among all there is only while nobody is there.

Looking through a million objects takes 0.2 s, in which nothing is drawn and no key is taken, and by itself Python
does so in the middle of a stream, which is when there is more and more to look through. What is dropped is freed at
once in any case; only what refers to itself, such as a closed screen, waits.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

AWAY = 60.0
"""Seconds without a key or a change on the screen after which nobody is there."""

NEVER = 1_000_000_000
"""So many young generations are to pass before Python looks through all objects by itself."""


class GarbageClock:
    """Ask :meth:`look` now and then, and tell what happens by :meth:`touch`. ``clock`` gives seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._touched_at = clock()
        self._thresholds: tuple[int, int, int] | None = None

    def begin(self) -> None:
        """Start-up is over, during which nothing was looked for: from now on. What start-up made stays for good."""
        self._thresholds = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(self._thresholds[0], self._thresholds[1], NEVER)
        gc.enable()

    def end(self) -> None:
        """Leave Python's own ways as they were found."""
        if self._thresholds is not None:
            gc.set_threshold(*self._thresholds)
            self._thresholds = None

    def touch(self) -> None:
        """Somebody is there: a key came, or something is drawn."""
        self._touched_at = self._clock()

    def look(self) -> bool:
        """Look through all objects if nobody is there and something was made meanwhile; whether that was done."""
        is_away = self._clock() - self._touched_at >= AWAY
        if self._thresholds is None or not is_away or not gc.get_count()[2]:
            return False
        gc.collect()
        return True
