"""One client's socket: frames in and out of its :class:`Session`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from spark_tui.protocol.gateway.chain import StoredResponses
from spark_tui.protocol.gateway.engine import Engine, EngineEvent
from spark_tui.protocol.gateway.lanes import Run
from spark_tui.protocol.gateway.session import Session
from spark_tui.protocol.gateway.work import Work

FRAMES_PER_WRITE = 64
"""An engine that never waits lets its frames go out, and others run, after this many."""

UNREAD_LIMIT = 4 * 1024 * 1024
"""Bytes waiting for the client beyond which its messages are not read either."""


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
        self._work = Work(engine, self._give, self._room)
        self._session = Session(self, default_model=engine.name, stored=stored)
        self._lifetime = lifetime
        self._loop = asyncio.get_running_loop()
        self._frames: list[bytes] = []
        self._closing: asyncio.Task[None] | None = None

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
            await self._work.settle()
            if self._closing is not None:
                await asyncio.gather(self._closing, return_exceptions=True)

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
        self._work.start(run)

    def stop(self, run: Run) -> None:
        """Stop the engine's work on ``run``."""
        self._work.stop(run)

    def _flush(self) -> None:
        if self._frames:
            frames, self._frames = self._frames, []
            self._socket.write_frames(frames)

    def _room(self) -> Awaitable[None] | None:
        if len(self._frames) >= FRAMES_PER_WRITE:
            return self._breathe()
        return self._socket.drain() if self._socket.paused else None

    async def _breathe(self) -> None:
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
        if self._closing is None:
            self._closing = self._loop.create_task(self._socket.close())
