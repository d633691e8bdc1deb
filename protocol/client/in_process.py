"""A transport whose server is the gateway's session in this very process, with an engine behind it.

It speaks the same frames as a WebSocket to the gateway would, so the client knows no difference.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Mapping

from spark_tui.protocol.errors import ConnectionLost
from spark_tui.protocol.gateway.engine import Engine, EngineEvent
from spark_tui.protocol.gateway.lanes import Run
from spark_tui.protocol.gateway.session import Session
from spark_tui.protocol.gateway.work import Work

_UNREAD_LIMIT = 256
"""Frames that may wait for the client before the engines do."""
_FRAMES_PER_TURN = 64
"""An engine that never waits lets others run after this many."""

_closing: set[asyncio.Task[None]] = set()
"""What still closes an engine; the event loop alone would not keep it."""


class InProcessTransport:
    """A :class:`~spark_tui.protocol.client.transport.Transport` to ``engine``, which is closed with it.

    Work that runs when it is aborted is stopped.
    """

    def __init__(self, engine: Engine, *, note: str = "", superseded: asyncio.Event | None = None) -> None:
        self.headers: Mapping[str, str] = {}
        self.note = note
        self.superseded = superseded
        self._engine = engine
        self._outbox = _Outbox()
        self._work = Work(engine, self._give, self._outbox.room)
        self._session = Session(_Host(self._outbox, self._work), default_model=engine.name)

    async def receive(self) -> str | bytes:
        return await self._outbox.take()

    async def send(self, frame: str) -> None:
        if self._outbox.closed:
            raise ConnectionLost("the connection was lost")
        self._session.receive(frame)

    async def ping(self) -> None:
        if self._outbox.closed:
            raise ConnectionLost("the connection was lost")

    def abort(self) -> None:
        if not self._outbox.closed:
            self._session.close()
            self._outbox.close()
            closing = asyncio.get_running_loop().create_task(self._close())
            _closing.add(closing)
            closing.add_done_callback(_closing.discard)

    async def _close(self) -> None:
        await self._work.settle()
        await self._engine.aclose()

    def _give(self, run: Run, event: EngineEvent) -> None:
        self._session.on_event(run, event)


class _Outbox:
    """Frames on their way to the client."""

    def __init__(self) -> None:
        self.closed = False
        self._frames: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self._since_turn = 0

    def put(self, frame: bytes) -> None:
        self._frames.append(frame)
        self._since_turn += 1
        self._changed.set()

    async def take(self) -> bytes:
        """The next frame. Raises :class:`ConnectionLost` when there will be none."""
        while not self._frames:
            if self.closed:
                raise ConnectionLost("the connection was lost")
            self._changed.clear()
            await self._changed.wait()
        frame = self._frames.popleft()
        if len(self._frames) < _UNREAD_LIMIT:
            self._taken.set()
        return frame

    def room(self) -> Awaitable[None] | None:
        """What an engine waits for before it goes on."""
        if len(self._frames) >= _UNREAD_LIMIT:
            return self._wait_until_taken()
        if self._since_turn >= _FRAMES_PER_TURN:
            self._since_turn = 0
            return asyncio.sleep(0)
        return None

    def close(self) -> None:
        self.closed = True
        self._frames.clear()
        self._changed.set()
        self._taken.set()

    async def _wait_until_taken(self) -> None:
        while len(self._frames) >= _UNREAD_LIMIT:
            self._taken.clear()
            await self._taken.wait()


class _Host:
    """The I/O of the session, as it asks for it."""

    def __init__(self, outbox: _Outbox, work: Work) -> None:
        self.send = outbox.put
        self.start = work.start
        self.stop = work.stop
