"""An event loop on a thread of its own: for the servers of a test that itself waits for a terminal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, TypeVar

Result = TypeVar("Result")

PATIENCE = 20.0
"""Seconds until a step that does not end is a failure."""


class LoopThread:
    """Runs what it is given while it is entered."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> LoopThread:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, step: Coroutine[Any, Any, Result]) -> Result:
        """Do ``step`` and return what came of it."""
        return self.start(step).result(PATIENCE)

    def start(self, step: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Start ``step``, which goes on beside the test."""
        return asyncio.run_coroutine_threadsafe(step, self._loop)
