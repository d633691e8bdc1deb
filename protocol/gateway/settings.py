"""How the gateway listens."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

DEFAULT_PORT = 8765


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Where to listen and whom to let in."""

    host: str = "127.0.0.1"
    """Name or address to bind."""

    port: int = DEFAULT_PORT
    """0 picks a free one."""

    token: str | None = field(default=None, repr=False)
    """The bearer token that a client must show; ``None`` lets everybody in."""

    max_message_bytes: int = 16 * 1024 * 1024
    """Longest message of a client; a longer one closes the connection with 1009."""

    connection_lifetime: float | None = 60 * 60
    """Seconds after which a connection takes no new requests (protocol.md 1.6); ``None`` disables."""

    descriptor: int | None = None
    """A listening socket that the parent process made and handed down, used in place of ``host`` and ``port``."""

    stop_with_stdin: bool = False
    """Stop when standard input ends: the way a child learns that its parent is gone."""

    @property
    def loopback_only(self) -> bool:
        """Whether only this machine can connect. A name other than ``localhost`` counts as reachable from outside."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether ``host`` (no port, no brackets) means this machine whatever the name service says."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
