"""One client's socket: frames in and out of its :class:`Session`, and a task for each engine at work."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Any, cast

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from spark_tui.protocol.gateway.chain import StoredResponses
from spark_tui.protocol.gateway.engine import Engine, EngineEvent, Failed
from spark_tui.protocol.gateway.lanes import Run
from spark_tui.protocol.gateway.session import Session

FRAMES_PER_WRITE = 64
"""An engine that never waits lets its frames go out, and others run, after this many."""

UNREAD_LIMIT = 4 * 1024 * 1024
"""Bytes waiting for the client beyond which its messages are not read either."""

logger = logging.getLogger(__name__)


class GatewaySocket(ServerConnection):
    """A connection that can send several frames with one write to the socket."""

    def write_frames(self, frames: list[bytes]) -> None:
        """Send each of ``frames`` as a text message now; none if the connection is closing."""
        if self.protocol.state is not State.OPEN:
            return
        for frame in frames:
            self.protocol.send_text(frame)
        self.transport.write(b"".join(self.protocol.data_to_send()))

    @property
    def unread_bytes(self) -> int:
        """Bytes that the client has not taken yet."""
        return self.transport.get_write_buffer_size()


class GatewayClient:
    """Runs the session of one connection; the :class:`SessionHost` of it."""

    def __init__(
        self, socket: GatewaySocket, engine: Engine, stored: StoredResponses, lifetime: float | None
    ) -> None:
        self._socket = socket
        self._engine = engine
        self._session = Session(self, default_model=engine.name, stored=stored)
        self._lifetime = lifetime
        self._loop = asyncio.get_running_loop()
        self._frames: list[bytes] = []
        self._tasks: dict[Run, asyncio.Task[None]] = {}
        self._stopping: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Serve the client until it goes. Whatever works for it is stopped before this returns."""
        expiry = None if self._lifetime is None else self._loop.call_later(self._lifetime, self._expire)
        try:
            while not self._session.finished:
                self._session.receive(await self._socket.recv(decode=False))
                if self._socket.unread_bytes > UNREAD_LIMIT:
                    await self._socket.drain()
        except ConnectionClosed:
            pass
        finally:
            if expiry is not None:
                expiry.cancel()
            self._flush()
            self._session.close()
            await asyncio.gather(*self._stopping, return_exceptions=True)

    def shut_down(self) -> None:
        """The gateway stops: end all work, so that nothing is written any more.

        The close frame would wait behind what the client left unread; then its socket is dropped instead.
        """
        self._session.close()
        if self._socket.unread_bytes:
            self._socket.transport.abort()

    def send(self, frame: bytes) -> None:
        """Queue ``frame``; what one turn of the event loop queues goes out in one write."""
        if not self._frames:
            self._loop.call_soon(self._flush)
        self._frames.append(frame)

    def start(self, run: Run) -> None:
        """Let the engine answer ``run``."""
        self._tasks[run] = self._loop.create_task(self._work(run))

    def stop(self, run: Run) -> None:
        """Stop the engine's work on ``run``; it frees what it holds by itself."""
        task = self._tasks.pop(run, None)
        if task is None or task is asyncio.current_task():
            return  # an event of its own ended the response: it sees that and stops without being cut off
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)
        task.cancel()

    def _flush(self) -> None:
        if self._frames:
            frames, self._frames = self._frames, []
            self._socket.write_frames(frames)

    async def _work(self, run: Run) -> None:
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
                if len(self._frames) >= FRAMES_PER_WRITE:
                    self._flush()
                    await asyncio.sleep(0)
                if self._socket.paused:
                    await self._socket.drain()

    def _give(self, run: Run, event: EngineEvent) -> None:
        self._session.on_event(run, event)
        if self._session.finished:
            self._close()

    def _expire(self) -> None:
        self._session.expire()
        if self._session.finished:
            self._close()

    def _close(self) -> None:
        self._flush()
        self._stopping.add(closing := self._loop.create_task(self._socket.close()))
        closing.add_done_callback(self._stopping.discard)
