"""An engine that yields what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from spark_tui.protocol.gateway.engine import EngineEvent, EngineRequest

Script = Callable[[EngineRequest], Iterable["EngineEvent | asyncio.Event"]]


class ScriptedEngine:
    """Answers each request with ``script(request)``; an :class:`asyncio.Event` in it is waited for."""

    name = "scripted"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[EngineRequest] = []
        self.yielded = 0
        self.stopped: list[str] = []
        self.closed = False
        self._news = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition``, which is about what has been yielded and stopped, is true."""
        while not condition():
            self._news.clear()
            await self._news.wait()

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        self.requests.append(request)
        try:
            for step in self.script(request):
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    self.yielded += 1
                    self._news.set()
                    yield step
        finally:
            self.stopped.append(request.response_id)
            self._news.set()

    async def aclose(self) -> None:
        self.closed = True
