"""A server of the wire on loopback that does what a test tells it, one script for each connection.

::

    async def script(peer: Peer) -> None:
        create = await peer.create()
        await peer.answer("resp_1", "hello")

    async with ScriptedServer(script) as server:
        ...  # connect to server.base_url

A connection past the last script gets the last script again. A :class:`Refusal` answers the handshake with HTTP
instead; ``before_upgrade`` is waited for before any handshake is answered.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Json = dict[str, Any]


def message(item_id: str, text: str) -> Json:
    """A whole message item of the model."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "id": item_id, "role": "assistant", "status": "completed", "content": content}


def custom_call(call_id: str, name: str, text: str) -> Json:
    """A whole call of a custom tool; its item's id is ``ctc_`` and the call's."""
    return {"type": "custom_tool_call", "id": f"ctc_{call_id}", "call_id": call_id, "name": name, "input": text}


@dataclass
class Peer:
    """One client's connection, as its script sees it."""

    socket: ServerConnection
    path: str
    received: list[Json] = field(default_factory=list)
    """Every event of the client on this connection."""

    async def next(self) -> Json:
        """Return the client's next event."""
        event: Json = json.loads(await self.socket.recv())
        self.received.append(event)
        return event

    async def create(self) -> Json:
        """Return the client's next ``response.create``; anything else before it is an error of the test."""
        event = await self.next()
        assert event["type"] == "response.create", event
        return event

    async def send(self, kind: str, **fields: Any) -> None:
        """Send one event, as text."""
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def created(self, response_id: str, **fields: Any) -> None:
        """Begin a response."""
        response = {"id": response_id, "status": "in_progress", "output": []}
        await self.send("response.created", response=response | fields.pop("response", {}), **fields)

    async def delta(self, text: str, item_id: str = "msg_1", **fields: Any) -> None:
        """Send more of a message."""
        await self.send("response.output_text.delta", item_id=item_id, output_index=0, delta=text, **fields)

    async def item(self, item: Json, index: int = 0, **fields: Any) -> None:
        """Declare an item done."""
        await self.send("response.output_item.done", item=item, output_index=index, **fields)

    async def ended(self, response_id: str, output: list[Json] | None, **fields: Any) -> None:
        """End a response; ``status`` and any field of the response may be given, ``stream_id`` is the event's."""
        at = {"stream_id": fields.pop("stream_id")} if "stream_id" in fields else {}
        status = fields.pop("status", "completed")
        response = {"id": response_id, "status": status, "output": output, **fields}
        await self.send(f"response.{status}", response=response, **at)

    async def answer(self, response_id: str, text: str, **fields: Any) -> None:
        """Answer with one message, from its first event to its last."""
        item = message(f"msg_{response_id}", text)
        await self.created(response_id, **fields)
        await self.delta(text, item["id"], **fields)
        await self.item(item, **fields)
        await self.ended(response_id, [item], **fields)

    async def error(self, status: int, code: str, message: str, **fields: Any) -> None:
        """Send an error event; ``headers`` go into the error, ``stream_id`` beside it."""
        error = {"type": "invalid_request_error", "code": code, "message": message}
        if "headers" in fields:
            error["headers"] = fields.pop("headers")
        await self.send("error", status=status, error=error, **fields)

    async def close(self, code: int) -> None:
        """Close with a close code."""
        await self.socket.close(code)

    def reset(self) -> None:
        """End the TCP connection without a word."""
        self.socket.transport.abort()

    async def silence(self) -> None:
        """Stop reading, so that pings are not answered either, until the test ends."""
        self.socket.transport.pause_reading()
        await self.socket.wait_closed()

    async def until_gone(self) -> None:
        """Read on, recording, until the client goes."""
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            return


Script = Callable[[Peer], Awaitable[None]]


@dataclass(frozen=True)
class Refusal:
    """An answer to the handshake that is no WebSocket."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


class ScriptedServer:
    """Listens on loopback while it is entered; ``peers`` are the connections so far, ``refused`` the refusals."""

    def __init__(
        self,
        *scripts: Script | Refusal,
        headers: Mapping[str, str] | None = None,
        port: int = 0,
        before_upgrade: asyncio.Event | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.scripts = scripts
        self.peers: list[Peer] = []
        self.refused: list[int] = []
        self.authorizations: list[str | None] = []
        self.failures: list[BaseException] = []
        self._headers = dict(headers or {})
        self._port = port
        self._before_upgrade = before_upgrade
        self._tls = tls
        self._turn = 0
        self._server: Server | None = None

    @property
    def base_url(self) -> str:
        assert self._server is not None
        host, port = next(iter(self._server.sockets)).getsockname()[:2]
        return f"{'https' if self._tls else 'http'}://{host}:{port}/v1"

    async def __aenter__(self) -> ScriptedServer:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self._port,
            ssl=self._tls,
            process_request=self._process_request,
            process_response=self._process_response,
            max_size=None,
            ping_interval=None,
            close_timeout=0.1,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        for peer in self.peers:
            peer.reset()
        self._server.close()
        await self._server.wait_closed()
        if error is None and self.failures:
            raise self.failures[0]

    def _next_script(self) -> Script | Refusal:
        script = self.scripts[min(self._turn, len(self.scripts) - 1)]
        self._turn += 1
        return script

    async def _process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        if self._before_upgrade is not None:
            await self._before_upgrade.wait()
        self.authorizations.append(request.headers.get("Authorization"))
        script = self._next_script()
        if isinstance(script, Refusal):
            self.refused.append(script.status)
            response = socket.respond(HTTPStatus(script.status), "no\n")
            for name, value in script.headers.items():
                response.headers[name] = value
            return response
        socket.script = script  # type: ignore[attr-defined]
        return None

    def _process_response(self, socket: ServerConnection, request: Request, response: Response) -> None:
        for name, value in self._headers.items():
            response.headers[name] = value

    async def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        peer = Peer(socket, socket.request.path)
        self.peers.append(peer)
        try:
            await socket.script(peer)  # type: ignore[attr-defined]
            await peer.until_gone()
        except ConnectionClosed:
            return
        except Exception as error:
            self.failures.append(error)
            raise
