"""The exceptions of ``spark_tui.protocol``.

Each carries one clear line for a person; none carries a key or a header.

::

    ProtocolError
    ├── PatchError            the text is not a patch, or does not fit the files
    │   ├── PatchSyntaxError      ... with the line at fault
    │   └── PatchMatchError       ... with the lines that were looked for
    └── WireError             talking with the model failed
        ├── HandshakeRefused      the server answered the upgrade with plain HTTP
        ├── ConnectionLost        the socket went away
        │   └── UpgradeCut            ... before the server had answered the upgrade
        └── RequestFailed         the server answered with an ``error`` or ``response.failed``
"""

from __future__ import annotations


class ProtocolError(Exception):
    """Base of all errors of this package."""


class PatchError(ProtocolError):
    """A patch cannot be used as it is. ``str()`` is one message, possibly of several lines."""


class PatchSyntaxError(PatchError):
    """The text is not in the patch language.

    ``line`` is the 1-based line of the patch at fault, or ``None`` where the whole text is.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class PatchMatchError(PatchError):
    """A chunk's context or removed lines are not in the file. ``path`` is the file as the patch names it."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


class WireError(ProtocolError):
    """Talking with the model failed."""


class HandshakeRefused(WireError):
    """The server answered the WebSocket upgrade with HTTP ``status``; ``retry_after`` in seconds, if told."""

    def __init__(self, status: int, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ConnectionLost(WireError):
    """The socket went away; ``code`` is the WebSocket close code, or ``None`` when there was none."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class UpgradeCut(ConnectionLost):
    """Something on the way was reached, and ended the connection instead of answering the upgrade."""


class RequestFailed(WireError):
    """The server refused or failed one request; ``code`` and ``status`` as it said, where it did."""

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
