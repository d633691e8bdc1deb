"""One frame tick for everything that streams: work is asked for as often as it comes, and done once a frame."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable

FRAME = 1 / 60
"""Seconds between frames at most; an idle screen draws at once."""


class FrameClock:
    """Calls ``draw`` soon after :meth:`request`, at most once a :data:`FRAME`. Made and used on one event loop.

    ``on_error`` is told what ``draw`` raises.
    """

    def __init__(
        self, draw: Callable[[], None], *, on_error: Callable[[Exception], None], interval: float = FRAME
    ) -> None:
        self._draw = draw
        self._on_error = on_error
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._drawn_at = float("-inf")
        self._waiting: asyncio.Handle | None = None

    def request(self) -> None:
        """There is something new to draw."""
        if self._waiting is not None:
            return
        due = self._drawn_at + self._interval - self._loop.time()
        if due <= 0:
            self._waiting = self._loop.call_soon(self._frame, context=self._context)
        else:
            self._waiting = self._loop.call_later(due, self._frame, context=self._context)

    def close(self) -> None:
        """Draw no more."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self._loop.call_later(0, lambda: None)

    def _frame(self) -> None:
        self._waiting = None
        self._drawn_at = self._loop.time()
        try:
            self._draw()
        except Exception as error:
            self._on_error(error)
