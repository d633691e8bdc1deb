"""A dial that gets through where WebSockets do not: the same server over HTTP, until the WebSocket works again.

::

    dial ──WebSocket opens──────────────────────────────────> WebSocket
      ├──refused (404, 426 ...), or cut twice──┐
      └──nothing for 2 s, and TCP is open──────┴──> HTTP ──WebSocket opens behind it──> superseded ──dial──> WebSocket
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.policy import Timing, is_transient
from spark_tui.protocol.client.route import first_hop, reaches
from spark_tui.protocol.client.transport import Dial, Transport, open_websocket
from spark_tui.protocol.errors import HandshakeRefused, UpgradeCut, WireError

_CUTS_UNTIL_HTTP = 2
"""A server that restarts cuts one upgrade; what stands in the way of WebSockets cuts every one."""
_LONGEST_DELAY = 20
"""How many times the first delay the longest one is."""
_WANTS_THE_USER = frozenset((401, 402))
"""Refusals that HTTP would get as well, and that say what to do."""


class TransportMemory(Protocol):
    """Remembers, also tomorrow, which servers cannot be reached by WebSocket; ``place`` is ``host:port``."""

    def uses_http(self, place: str) -> bool:
        """Whether the last WebSocket to ``place`` did not get through."""
        ...

    def set_uses_http(self, place: str, blocked: bool) -> None:
        """Remember it. Must return at once."""
        ...


def is_upgrade_refused(error: WireError) -> bool:
    """Whether the server, or something before it, takes no WebSocket but may well take HTTP."""
    if not isinstance(error, HandshakeRefused):
        return False
    return not is_transient(error) and error.status not in _WANTS_THE_USER


class FallbackDial:
    """A :data:`~spark_tui.protocol.client.transport.Dial` for one endpoint; :meth:`aclose` it with its client."""

    def __init__(
        self, memory: TransportMemory, *, websocket: Dial = open_websocket, http: Dial | None = None
    ) -> None:
        self._memory = memory
        self._open_websocket = websocket
        self._open_http = http or open_http
        self._opened: Transport | None = None
        self._superseded = asyncio.Event()
        self._behind: asyncio.Task[None] | None = None
        self._cuts = 0
        self._prepared: asyncio.Task[Transport] | None = None
        self._why = ""

    async def __call__(self, endpoint: Endpoint, timing: Timing) -> Transport:
        """Open the best transport that can be had. Raises :class:`WireError` where there is none."""
        if self._opened is not None:
            return self._take_opened()
        if self._behind is not None:
            return await self._over_http(endpoint, timing)
        attempt = asyncio.create_task(self._open_websocket(endpoint, timing))
        if self._memory.uses_http(place_of(endpoint)):
            self._why = "WebSockets did not get through before"
            return await self._over_http(endpoint, timing, attempt)
        try:
            await asyncio.wait({attempt}, timeout=timing.fall_back_after / 2)
            if not attempt.done():
                self._prepared = self._prepared or asyncio.create_task(self._open_http(endpoint, timing))
                await asyncio.wait({attempt}, timeout=timing.fall_back_after / 2)
            if not attempt.done() and not await reaches(first_hop(endpoint), timing.reach):
                await asyncio.wait({attempt})  # nothing is reached at all, so HTTP would not be either
        except BaseException:
            await _discard(attempt)
            raise
        if not attempt.done():
            self._why = "the WebSocket did not open"
            return await self._over_http(endpoint, timing, attempt)
        try:
            transport = attempt.result()
        except WireError as error:
            self._cuts = self._cuts + 1 if isinstance(error, UpgradeCut) else 0
            if not is_upgrade_refused(error) and self._cuts < _CUTS_UNTIL_HTTP:
                raise
            self._why = f"no WebSocket ({error.status})" if isinstance(error, HandshakeRefused) else str(error)
            return await self._over_http(endpoint, timing)
        self._cuts = 0
        await self._forget_prepared()
        return transport

    async def aclose(self) -> None:
        """Stop trying, and let go of a WebSocket that nobody took."""
        if self._behind is not None:
            self._behind.cancel()
            await asyncio.gather(self._behind, return_exceptions=True)
        if self._opened is not None:
            self._opened.abort()
        await self._forget_prepared()

    def _take_opened(self) -> Transport:
        transport, self._opened, self._behind = self._opened, None, None
        assert transport is not None
        self._cuts = 0
        self._superseded = asyncio.Event()
        return transport

    async def _over_http(
        self, endpoint: Endpoint, timing: Timing, attempt: asyncio.Task[Transport] | None = None
    ) -> Transport:
        """Open HTTP, and go on with ``attempt`` at a WebSocket behind it."""
        prepared, self._prepared = self._prepared, None
        try:
            transport = await (prepared or self._open_http(endpoint, timing))
        except BaseException:
            if attempt is not None:
                await _discard(attempt)
            raise
        transport.note = f"over HTTP: {self._why}"
        transport.superseded = self._superseded
        self._memory.set_uses_http(place_of(endpoint), True)
        if self._behind is None:
            self._behind = asyncio.create_task(self._try_again(endpoint, timing, attempt))
        return transport

    async def _forget_prepared(self) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            await _discard(prepared)

    async def _try_again(self, endpoint: Endpoint, timing: Timing, attempt: asyncio.Task[Transport] | None) -> None:
        """Dial until a WebSocket opens, and keep it for the next dial."""
        delay = timing.upgrade_again
        while self._opened is None:
            if attempt is None:
                await asyncio.sleep(delay)
                delay = min(delay * 2, timing.upgrade_again * _LONGEST_DELAY)
                attempt = asyncio.create_task(self._open_websocket(endpoint, timing))
            try:
                self._opened = await attempt
            except WireError:
                attempt = None
            except asyncio.CancelledError:
                await _discard(attempt)
                raise
        self._memory.set_uses_http(place_of(endpoint), False)
        self._superseded.set()


def place_of(endpoint: Endpoint) -> str:
    """The server's name and port, under which the way to it is remembered."""
    return f"{endpoint.host}:{endpoint.port}"


async def open_http(endpoint: Endpoint, timing: Timing) -> Transport:
    """A transport over HTTP with server-sent events. Nothing is sent before the first request."""
    return await asyncio.to_thread(_make_http, endpoint)


def _make_http(endpoint: Endpoint) -> Transport:
    # Made in a thread: HTTP's libraries, which only such networks need, take a while to load.
    from spark_tui.protocol.client.in_process import InProcessTransport
    from spark_tui.protocol.engines.responses import ResponsesEngine
    from spark_tui.protocol.tls import client_context

    tls = client_context(endpoint.ca_bundle) if endpoint.is_secure else None
    return InProcessTransport(ResponsesEngine(endpoint.http_url, key=endpoint.api_key, tls=tls))


async def _discard(attempt: asyncio.Task[Transport]) -> None:
    """End an attempt that nobody waits for any more, and what it opened."""
    attempt.cancel()
    await asyncio.wait({attempt})
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().abort()
