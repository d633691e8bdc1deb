"""A server of the Responses API on loopback that answers POST by server-sent events, and the upgrade as told.

``upgrade`` is what becomes of a WebSocket: an HTTP status, 0 to end the connection, or ``None`` for a black hole
(nothing is ever answered).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from types import TracebackType
from typing import Any

from tests.doubles.fake_upstream import sse


def answer(text: str, response_id: str = "up_1") -> bytes:
    """One whole answer as a stream."""
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    response = {"id": response_id, "status": "completed", "output": [item]}
    usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    return sse(
        {"type": "response.created", "response": {"id": response_id, "status": "in_progress"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "delta": text},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {**response, "usage": usage}},
    )


class HttpResponses:
    """Listens while it is entered. ``posts`` are the bodies, ``upgrades`` how many WebSockets were asked for."""

    def __init__(self, upgrade: int | None, text: str = "hello", tls: ssl.SSLContext | None = None) -> None:
        self.upgrade = upgrade
        self.text = text
        self._tls = tls
        self.posts: list[dict[str, Any]] = []
        self.authorizations: list[str] = []
        self.upgrades = 0
        self.held_back: asyncio.Event | None = None
        """Where it is set, an answer's end waits for it."""
        self.port = 0
        self._server: asyncio.Server | None = None
        self._held: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> HttpResponses:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._held:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._held.add(writer)
        try:
            while await self._answer(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._held.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n"))
        }
        if "upgrade" in headers:
            self.upgrades += 1
            if self.upgrade is None:
                await reader.read()
                return False
            if self.upgrade:
                writer.write(f"HTTP/1.1 {self.upgrade} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return False
        self.posts.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
        self.authorizations.append(headers.get("authorization", ""))
        begin, gap, rest = answer(self.text).rpartition(b'data: {"type": "response.output_item.done"')
        kind = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream"
        start = f"{kind}\r\nContent-Length: {len(begin + gap + rest)}\r\n\r\n"
        writer.write(start.encode() + begin)
        if self.held_back is not None:
            await self.held_back.wait()
        writer.write(gap + rest)
        return True
