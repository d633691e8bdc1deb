"""The engines at work for one session: a task for each response, whatever carries the frames."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, cast

from spark_tui.protocol.gateway.engine import Engine, EngineEvent, Failed
from spark_tui.protocol.gateway.lanes import Run

logger = logging.getLogger(__name__)


class Work:
    """Asks ``engine`` and hands what it yields to ``give``.

    ``room`` is asked after each event and returns what to wait for before the next one, ``None`` where there is
    room: so a client that reads slowly is felt by the engine.
    """

    def __init__(
        self,
        engine: Engine,
        give: Callable[[Run, EngineEvent], None],
        room: Callable[[], Awaitable[None] | None],
    ) -> None:
        self._engine = engine
        self._give = give
        self._room = room
        self._tasks: dict[Run, asyncio.Task[None]] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    def start(self, run: Run) -> None:
        """Let the engine answer ``run``."""
        self._tasks[run] = asyncio.get_running_loop().create_task(self._answer(run))

    def stop(self, run: Run) -> None:
        """Stop the engine's work on ``run``; it frees what it holds by itself."""
        task = self._tasks.pop(run, None)
        if task is None or task is asyncio.current_task():
            return  # an event of its own ended the response: it sees that and stops without being cut off
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)
        task.cancel()

    async def settle(self) -> None:
        """Return when all that was stopped has ended."""
        await asyncio.gather(*self._stopping, return_exceptions=True)

    async def _answer(self, run: Run) -> None:
        try:
            await self._pump(run)
            self._give(run, Failed("The engine stopped without an end.", code="engine_stopped"))
        except Exception as error:  # whatever goes wrong in one engine must not take the connection along
            logger.exception("the engine failed")
            self._give(run, Failed(f"The engine failed: {type(error).__name__}.", code="engine_error"))
        finally:
            self._tasks.pop(run, None)

    async def _pump(self, run: Run) -> None:
        events = cast("Any", self._engine.respond(run.engine_request))
        async with aclosing(events):
            async for event in events:
                self._give(run, event)
                if run.writer.phase.ended:
                    return
                wait = self._room()
                if wait is not None:
                    await wait
