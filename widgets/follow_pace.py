"""How far ahead a view that follows a stream should look.

A view that moves by each line that comes draws all its rows each frame, and nothing in it stands still long enough
to be read. Moved by what comes in a few frames, it draws a row or two in between.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

PERIOD = 0.1
"""Seconds for which a followed text should stand still."""


class FollowPace:
    """Knows how fast the followed line moves on. ``clock`` gives seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def lead(self, line: int, height: int) -> int:
        """The followed line is ``line`` now: how many rows to leave free below it, in a view of ``height`` rows.

        What comes in a :data:`PERIOD`, and never more than half of the view; 0 where lines come one by one.
        """
        now, seen = self._clock(), self._seen
        if seen and not 0 <= line - seen[-1][1] <= height:
            seen.clear()  # another place, no stream
        seen.append((now, line))
        while len(seen) > 1 and seen[1][0] <= now - PERIOD:
            seen.popleft()
        began, first = seen[0]
        came = (line - first) * PERIOD / max(now - began, PERIOD)
        return min(int(came), height // 2)

    def stop(self) -> None:
        """The stream is over: what comes next begins anew."""
        self._seen.clear()
