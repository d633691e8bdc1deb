"""The gateway's server: listens, lets clients in, and stops cleanly."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websockets
from websockets.http11 import Request, Response

from spark_tui.protocol.gateway.admission import PATH, refusal_of
from spark_tui.protocol.gateway.chain import StoredResponses
from spark_tui.protocol.gateway.connection import GatewayClient, GatewaySocket
from spark_tui.protocol.gateway.engine import Engine
from spark_tui.protocol.gateway.settings import GatewaySettings

CLOSE_TIMEOUT = 0.5
"""Seconds that a client has to answer the close; then its socket is dropped."""

WRITE_LIMIT = 64 * 1024
"""Bytes that may wait for a client before its engines do."""

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


async def serve(settings: GatewaySettings, engine: Engine, *, on_listening: Callable[[str], None]) -> None:
    """Serve until SIGTERM, SIGINT or, if so set, the end of standard input; or until cancelled.

    ``on_listening`` gets the URL once the port is open. Raises :class:`OSError` when it cannot be opened. The
    engine is closed at the end.
    """
    stop = asyncio.Event()
    stored = StoredResponses()
    clients: set[GatewayClient] = set()

    async def handle(connection: ServerConnection) -> None:
        client = GatewayClient(cast("GatewaySocket", connection), engine, stored, settings.connection_lifetime)
        clients.add(client)
        try:
            await client.serve()
        finally:
            clients.discard(client)

    def admit(connection: ServerConnection, request: Request) -> Response | None:
        refusal = refusal_of(request.path, request.headers, settings)
        if refusal is None:
            return None
        status, line = refusal
        response = connection.respond(status, line + "\n")
        if status is HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    try:
        # No ping timeout: a client whose screen is frozen reads nothing, pongs included, and is alive all the same.
        async with serve_websockets(
            handle,
            **_where(settings),
            process_request=admit,
            create_connection=GatewaySocket,
            max_size=settings.max_message_bytes,
            write_limit=WRITE_LIMIT,
            ping_timeout=None,
            close_timeout=CLOSE_TIMEOUT,
            server_header=None,
            logger=logger,
        ) as server:
            _stop_on_signals(stop)
            if settings.stop_with_stdin:
                _stop_with_stdin(stop)
            on_listening(url_of(server))
            try:
                await stop.wait()
            finally:
                for client in clients:
                    client.shut_down()
    finally:
        await engine.aclose()


def _where(settings: GatewaySettings) -> dict[str, Any]:
    if settings.descriptor is not None:
        return {"sock": socket.socket(fileno=settings.descriptor)}
    return {"host": settings.host, "port": settings.port}


def url_of(server: Server) -> str:
    """Where to connect, with the port that was really opened."""
    host, port = server.sockets[0].getsockname()[:2]
    return f"ws://{f'[{host}]' if ':' in host else host}:{port}{PATH}"


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        # Signals can be handled in the main thread only, and not at all by this loop on Windows.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(name, stop.set)


def _stop_with_stdin(stop: asyncio.Event) -> None:
    """A thread rather than the loop: standard input may be a file or a device that cannot be polled."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="stdin watch", daemon=True).start()
