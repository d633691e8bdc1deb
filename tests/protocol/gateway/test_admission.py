"""Whom the gateway lets in."""

from __future__ import annotations

import pytest
from websockets.datastructures import Headers

from spark_tui.protocol.gateway.admission import refusal_of
from spark_tui.protocol.gateway.settings import GatewaySettings


@pytest.mark.parametrize(
    ("bound", "host", "welcome"),
    [
        ("127.0.0.1", "127.0.0.1:8765", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("::1", "[::1]:8765", True),
        ("127.0.0.1", "127.1.2.3", True),
        ("127.0.0.1", "evil.example:8765", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "localhost@evil.example", False),
        ("localhost", "[::1", False),
        ("127.0.0.1", "", False),
        ("0.0.0.0", "my-machine.lan", True),
    ],
)
def test_host_must_be_loopback_where_the_gateway_is(bound: str, host: str, welcome: bool) -> None:
    refusal = refusal_of("/v1/responses", Headers(Host=host), GatewaySettings(host=bound))
    assert (refusal is None) == welcome


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/responses?a=b", None), ("/v1/responses/", 404), ("/", 404), ("//v1/responses", 404), ("http://[", 404)],
)
def test_path(path: str, status: int | None) -> None:
    refusal = refusal_of(path, Headers(Host="localhost"), GatewaySettings())
    assert (refusal and refusal[0]) == status


def test_token_with_other_letters() -> None:
    headers = Headers(Host="localhost", Authorization="Bearer schlüssel")
    assert refusal_of("/v1/responses", headers, GatewaySettings(token="schlüssel")) is None
    assert refusal_of("/v1/responses", headers, GatewaySettings(token="x")) is not None


def test_settings_do_not_show_the_token() -> None:
    assert "secret" not in repr(GatewaySettings(token="secret"))
