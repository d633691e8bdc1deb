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

    async def respond(self, request: EngineRequest) -> AsyncIterator[EngineEvent]:
        self.requests.append(request)
        try:
            for step in self.script(request):
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    self.yielded += 1
                    yield step
        finally:
            self.stopped.append(request.response_id)

    async def aclose(self) -> None:
        self.closed = True
