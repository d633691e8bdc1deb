"""Where a model is reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from spark_tui.protocol.errors import WireError
from spark_tui.protocol.profiles import Profile

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_HTTP_SCHEMES = {"ws": "http", "wss": "https"}
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server of the protocol, by its base URL (``https://api.openai.com/v1``), and the model to ask for.

    ``api_key`` is sent as a bearer token; ``None`` sends none. It is never shown.
    """

    base_url: str
    api_key: str | None = field(repr=False)
    model: str
    profile: Profile
    ca_bundle: str | None = None
    """A file of certificates to trust beside the system's; ``None`` adds none."""

    @property
    def ws_url(self) -> str:
        """The WebSocket's URL: ``ws`` or ``wss``, the base's path with ``/responses``, its query kept.

        Raises :class:`WireError` when the base is no such URL.
        """
        try:
            parts = urlsplit(self.base_url)
            host = parts.hostname
        except ValueError:
            host = None
        if host is None or parts.scheme not in _SCHEMES:
            raise WireError("the base URL must look like https://host/v1; check the endpoint in the settings")
        path = parts.path.rstrip("/")
        if not path.endswith("/responses"):
            path += "/responses"
        return urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, parts.query, ""))

    @property
    def http_url(self) -> str:
        """The base of the same server over HTTP, to which ``/responses`` is added.

        Raises :class:`WireError` as :attr:`ws_url` does.
        """
        parts = urlsplit(self.ws_url)
        path = parts.path.removesuffix("/responses")
        return urlunsplit((_HTTP_SCHEMES[parts.scheme], parts.netloc, path, parts.query, ""))

    @property
    def is_secure(self) -> bool:
        """Whether the server is reached by TLS."""
        return self.base_url.startswith(("https:", "wss:"))

    @property
    def port(self) -> int:
        """The port, the scheme's own where the base names none; 0 when it is no URL of ours."""
        try:
            parts = urlsplit(self.base_url)
            return parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError:
            return 0

    @property
    def host(self) -> str:
        """The host's name, for messages; empty when the base has none."""
        try:
            return urlsplit(self.base_url).hostname or ""
        except ValueError:
            return ""

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
