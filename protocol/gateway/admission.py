"""Whom the gateway lets in: path, token, Host and Origin of the handshake. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from spark_tui.protocol.gateway.settings import GatewaySettings, is_loopback

PATH = "/v1/responses"


def refusal_of(path: str, headers: Mapping[str, str], settings: GatewaySettings) -> tuple[HTTPStatus, str] | None:
    """The HTTP status and one line for a handshake that is refused; ``None`` lets it in.

    ``headers`` must look names up without regard to case. A web page can open a socket to loopback, but it cannot
    leave out ``Origin`` nor, where it rebinds its own name to 127.0.0.1, choose another ``Host``.
    """
    if "Origin" in headers:
        return HTTPStatus.FORBIDDEN, "Web pages may not connect."
    if settings.loopback_only and not is_loopback(_host_name(headers.get("Host", ""))):
        return HTTPStatus.FORBIDDEN, "The Host header does not name this machine's loopback address."
    if path.partition("?")[0] != PATH:
        return HTTPStatus.NOT_FOUND, f"There is nothing here; connect to {PATH}."
    if settings.token is not None and not _shows(headers.get("Authorization", ""), settings.token):
        return HTTPStatus.UNAUTHORIZED, "The bearer token is missing or wrong."
    return None


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _shows(authorization: str, token: str) -> bool:
    scheme, _, shown = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
