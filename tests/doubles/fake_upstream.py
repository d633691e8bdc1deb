"""An HTTP server on loopback that answers every POST with bytes that a test gives it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any


class FakeUpstream:
    """Takes requests and sends ``chunks``, one write each; ``hold`` stops before the rest until it is set."""

    def __init__(self, chunks: Sequence[bytes], status: str = "200 OK", headers: str = "") -> None:
        self.chunks = list(chunks)
        self.status = status
        self.headers = headers
        self.requests: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.hold: asyncio.Event | None = None
        self.hung_up = asyncio.Event()
        self.cut = False
        self.url = ""

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(
                line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length")
            )
            self.heads.append(head)
            self.requests.append(json.loads(await reader.readexactly(int(length))))
            start = f"HTTP/1.1 {self.status}\r\nContent-Type: text/event-stream\r\n{self.headers}"
            writer.write(f"{start}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode())
            for chunk in self.chunks:
                writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                await writer.drain()
            if self.hold is not None:
                await reader.read()
                self.hung_up.set()
            if not self.cut:
                writer.write(b"0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


@asynccontextmanager
async def upstream(chunks: Sequence[bytes], status: str = "200 OK", headers: str = "") -> AsyncIterator[FakeUpstream]:
    """A running server; its base URL is ``url``."""
    fake = FakeUpstream(chunks, status, headers)
    server = await asyncio.start_server(fake._answer, "127.0.0.1", 0)
    async with server:
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield fake


def sse(*events: Any, end: str = "\n\n") -> bytes:
    """Events as a stream; a string stands for itself."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return "".join(f"data: {text}{end}" for text in texts).encode()
