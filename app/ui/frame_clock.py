"""One frame tick for everything that streams: work is asked for as often as it comes, and done once a frame."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable

FRAME = 0.012
"""Seconds between the frames of a stream; an idle screen draws at once. With the time of drawing it is the lag."""


FLOOD = 100
"""So often something new came since the last frame where a stream is too fast to be read, and nearly to be kept up
with: 8,000 tokens a second."""

FLOOD_FRAME = 0.02
"""Seconds between the frames of such a stream, so that there is time left for what comes."""


class FrameClock:
    """Calls ``draw`` soon after :meth:`request`, at most once a :data:`FRAME`, or a :data:`FLOOD_FRAME` while more
    than :data:`FLOOD` requests come from one to the next. Made and used on one event loop.

    While ``is_behind`` says that the last frame is still on its way to a slow terminal, none is drawn: frames are
    skipped, never queued. :meth:`caught_up` must be called when it has come there.
    """

    def __init__(
        self, draw: Callable[[], None], *, is_behind: Callable[[], bool] = lambda: False, interval: float = FRAME
    ) -> None:
        self._draw = draw
        self._is_behind = is_behind
        self._interval = self._pause = interval
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._drawn_at = float("-inf")
        self._requests = 0
        self._waiting: asyncio.Handle | None = None
        self._is_late = False
        self._is_owed = False
        self._closed = False

    def request(self, *, at_once: bool = False) -> None:
        """There is something new to draw; ``at_once`` where a person waits for it, however short ago a frame was."""
        self._requests += 1
        if self._closed or self._is_owed or (self._waiting is not None and not (at_once and self._is_late)):
            return
        self._schedule(0.0 if at_once else self._drawn_at + self._pause - self._loop.time())

    def caught_up(self) -> None:
        """The terminal has taken the last frame: one that was skipped is drawn now."""
        if self._is_owed and not self._closed:
            self._is_owed = False
            self._schedule(0.0)

    def close(self) -> None:
        """Draw no more."""
        self._closed = True
        if self._waiting is not None:
            self._waiting.cancel()

    def _schedule(self, delay: float) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._is_late = delay > 0
        if self._is_late:
            self._waiting = self._loop.call_later(delay, self._frame, context=self._context)
        else:
            self._waiting = self._loop.call_soon(self._frame, context=self._context)

    def _frame(self) -> None:
        self._waiting = None
        self._is_owed = self._is_behind()
        if not self._is_owed:
            self._drawn_at = self._loop.time()
            self._pause = max(self._interval, FLOOD_FRAME) if self._requests > FLOOD else self._interval
            self._requests = 0
            self._draw()
