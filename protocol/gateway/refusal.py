"""A request that is refused: the protocol's ``error`` event, as an exception and as a frame."""

from __future__ import annotations

from typing import Any

import msgspec

from spark_tui.protocol.errors import RequestFailed


class Refusal(RequestFailed):
    """A client event cannot be done. ``str()`` is one line; ``param`` names the field at fault."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int = 400,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.param = param
        self.headers = headers or {}

    def frame(self, stream_id: str | None = None) -> bytes:
        """The ``error`` event; ``stream_id`` is echoed where the error is a named lane's (protocol.md 9)."""
        status = self.status or 500
        error: dict[str, Any] = {
            "type": error_type(status),
            "code": self.code,
            "message": str(self),
            "param": self.param,
        }
        if self.headers:
            error["headers"] = self.headers
        event: dict[str, Any] = {"type": "error", "status": status, "error": error}
        if stream_id is not None:
            event["stream_id"] = stream_id
        return msgspec.json.encode(event)


def error_type(status: int) -> str:
    """The ``error.type`` that goes with an HTTP status."""
    match status:
        case 401:
            return "authentication_error"
        case 403:
            return "permission_error"
        case 429:
            return "rate_limit_error"
    return "server_error" if status >= 500 else "invalid_request_error"
