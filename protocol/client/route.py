"""The way to a server: straight, or through the proxy that the environment names."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from websockets.exceptions import InvalidURI
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.errors import WireError


@dataclass(frozen=True, slots=True)
class Hop:
    """The first machine on the way: the server itself, or with ``is_proxy`` one that passes everything on."""

    host: str
    port: int
    is_proxy: bool = False


def first_hop(endpoint: Endpoint) -> Hop:
    """Where a connection to ``endpoint`` goes first. HTTPS_PROXY, HTTP_PROXY and NO_PROXY are respected.

    A server on this machine is never behind a proxy. Raises :class:`WireError` for a URL that cannot be used.
    """
    try:
        proxy = None if endpoint.is_loopback else get_proxy(parse_uri(endpoint.ws_url))
        if proxy is None:
            return Hop(endpoint.host, endpoint.port)
        parts = urlsplit(proxy)
        if not parts.hostname:
            raise ValueError
        return Hop(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80), is_proxy=True)
    except (InvalidURI, ValueError):
        raise WireError("the proxy's URL cannot be used; check HTTPS_PROXY") from None


async def reaches(hop: Hop, patience: float) -> bool:
    """Whether a bare TCP connection to ``hop`` opens within ``patience`` seconds."""
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(hop.host, hop.port)
    except OSError:  # a timeout is one as well
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
