"""The seam between the client and the network: what carries frames, and how one is opened."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.errors import ConnectionLost, HandshakeRefused, UpgradeCut, WireError
from spark_tui.protocol.tls import client_context
from spark_tui.protocol.wire.limits import retry_delay

MAX_FRAME = 64 * 1024 * 1024
"""The largest message taken from a server, in bytes."""

_QUEUE = (1024, 256)
"""Frames held unread before the socket is no longer read, and how few let it be read again."""

_READ_AT_ONCE = 64 * 1024
"""Bytes taken from the socket in one go. In asyncio's 256 KiB are more than a thousand events, and telling their
frames apart takes longer than the event loop may be held."""

_LOGGER = logging.getLogger("spark_tui.wire")
_LOGGER.setLevel(logging.INFO)  # what websockets logs below that holds the key


class Transport(Protocol):
    """An open connection that carries whole frames, in order, both ways."""

    headers: Mapping[str, str]
    """What the server said when it was opened; names in lower case."""

    note: str
    """What the user should know of this way to the server, in one line; empty for the usual one."""

    superseded: asyncio.Event | None
    """Set once dialling again gives a better transport; ``None`` where that will not happen."""

    async def receive(self) -> str | bytes:
        """Return the next frame; raises :class:`ConnectionLost` when there will be none."""
        ...

    async def send(self, frame: str) -> None:
        """Send a frame; returns when there is room for the next. Raises :class:`ConnectionLost`."""
        ...

    async def ping(self) -> None:
        """Return when the server has answered a ping. Raises :class:`ConnectionLost`."""
        ...

    def abort(self) -> None:
        """End the connection at once, without waiting for anybody; it can be called again."""
        ...


Dial = Callable[[Endpoint, Timing], Coroutine[Any, Any, Transport]]
"""Opens a transport. Raises :class:`WireError`, of which ``is_transient`` tells whether to dial again."""


class WebSocketTransport:
    """A :class:`Transport` over one WebSocket."""

    note = ""
    superseded: asyncio.Event | None = None

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        if hasattr(socket.transport, "max_size"):  # where asyncio reads a plain socket; TLS has records of its own
            setattr(socket.transport, "max_size", _READ_AT_ONCE)  # noqa: B010 - its type does not tell of it
        response = socket.response
        self.headers: Mapping[str, str] = (
            {name.lower(): value for name, value in response.headers.raw_items()} if response else {}
        )

    async def receive(self) -> str | bytes:
        try:
            return await self._socket.recv(decode=False)
        except ConnectionClosed as error:
            raise _lost(error) from None

    async def send(self, frame: str) -> None:
        try:
            await self._socket.send(frame)
        except ConnectionClosed as error:
            raise _lost(error) from None

    async def ping(self) -> None:
        try:
            await (await self._socket.ping())
        except ConnectionClosed as error:
            raise _lost(error) from None

    def abort(self) -> None:
        self._socket.transport.abort()


async def open_websocket(endpoint: Endpoint, timing: Timing) -> Transport:
    """Open the endpoint's WebSocket. The proxy and certificate settings of the environment are respected.

    Raises :class:`HandshakeRefused`, :class:`ConnectionLost` or, for what trying again cannot mend,
    :class:`WireError`.
    """
    url, key = endpoint.ws_url, (endpoint.api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise WireError("the API key holds characters that no key has; check the API key")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    tls = await asyncio.to_thread(client_context, endpoint.ca_bundle) if endpoint.is_secure else None
    try:
        socket = await connect(
            url,
            ssl=tls,
            # A server on this machine is never behind the proxy that the environment names.
            proxy=None if endpoint.is_loopback else True,
            additional_headers=headers,
            user_agent_header="spark-tui",
            compression=None if endpoint.is_loopback else "deflate",
            open_timeout=timing.open,
            ping_interval=None,
            max_size=MAX_FRAME,
            max_queue=_QUEUE,
            logger=_LOGGER,
        )
    except (OSError, InvalidHandshake, InvalidURI, ValueError, EOFError, ImportError) as error:
        raise translate_dial_error(error, endpoint.host) from None
    return WebSocketTransport(socket)


def translate_dial_error(error: Exception, host: str) -> WireError:
    """Return the one clear line, with the next step, for what went wrong while opening."""
    match error:
        case InvalidStatus(response=response):
            headers = {name.lower(): value for name, value in response.headers.raw_items()}
            status = response.status_code
            return HandshakeRefused(status, _refusal(status, host), retry_delay(headers, "", time.time()))
        case ssl.SSLCertVerificationError():
            return WireError(
                f"{host}'s certificate is not trusted: set SSL_CERT_FILE or ca_bundle to the file that signs it"
            )
        case ssl.SSLError():
            return WireError(f"{host} does not speak TLS here; check whether the URL should be http or https")
        case ImportError():
            return WireError("a SOCKS proxy cannot be used; set HTTPS_PROXY to an HTTP proxy, or unset it")
        case InvalidURI() | InvalidProxy() | ValueError():
            return WireError("the endpoint's or the proxy's URL cannot be used; check the settings and HTTPS_PROXY")
        case TimeoutError():
            return ConnectionLost(f"{host} did not answer in time; check the network")
        case ProxyError():
            return UpgradeCut("the proxy did not let the connection through; check HTTPS_PROXY")
        case InvalidMessage() | EOFError() | ConnectionResetError():
            return UpgradeCut(f"{host} ended the connection before it was open")
        case InvalidHandshake():
            return WireError(f"{host} does not speak the WebSocket protocol here; check the base URL")
        case _:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return ConnectionLost(f"cannot reach {host} ({reason or type(error).__name__}); check the network")


def _refusal(status: int, host: str) -> str:
    match status:
        case 401:
            return f"{host} refused the key (401); check the API key"
        case 403:
            return f"{host} forbids this (403); check what the API key may use"
        case 404 | 405 | 426:
            return f"{host} has no WebSocket here ({status}); check the base URL"
        case 429:
            return f"{host} asks to wait (429)"
        case _ if status >= 500:
            return f"{host} is not available now ({status})"
        case _:
            return f"{host} answered {status} instead of opening a WebSocket; check the base URL"


def _lost(error: ConnectionClosed) -> ConnectionLost:
    received = error.rcvd
    if received is None:
        return ConnectionLost("the connection was lost")
    reason = " ".join(received.reason.split())
    return ConnectionLost(
        f"the server closed the connection ({received.code}{': ' if reason else ''}{reason})", received.code
    )
