from __future__ import annotations

import ssl

import pytest
from websockets.exceptions import InvalidURI

from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.policy import Timing, is_transient
from spark_tui.protocol.client.transport import open_websocket, translate_dial_error
from spark_tui.protocol.errors import WireError
from spark_tui.protocol.profiles import Profile


def endpoint(base_url: str, key: str | None = None) -> Endpoint:
    return Endpoint(base_url, key, "m", Profile())


@pytest.mark.parametrize(
    ("base_url", "ws_url"),
    [
        ("https://api.example.com/v1", "wss://api.example.com/v1/responses"),
        ("http://127.0.0.1:8080/v1/", "ws://127.0.0.1:8080/v1/responses"),
        ("https://x.example/openai?api-version=1", "wss://x.example/openai/responses?api-version=1"),
        ("wss://x.example/v1/responses", "wss://x.example/v1/responses"),
        ("ws://[::1]:9", "ws://[::1]:9/responses"),
    ],
)
def test_the_url_of_the_websocket(base_url: str, ws_url: str) -> None:
    assert endpoint(base_url).ws_url == ws_url


@pytest.mark.parametrize("base_url", ["", "api.example.com/v1", "ftp://x/v1", "http://", "http://[::1/v1"])
def test_what_is_no_base_url_says_what_it_must_look_like(base_url: str) -> None:
    with pytest.raises(WireError, match="must look like"):
        _ = endpoint(base_url).ws_url


def test_the_key_is_never_shown() -> None:
    assert "sk-secret" not in repr(endpoint("https://x.example/v1", "sk-secret"))


def test_loopback_is_recognised() -> None:
    local = ("http://127.0.0.1/v1", "http://localhost:1/v1", "http://[::1]/v1")
    assert all(endpoint(url).is_loopback for url in local)
    assert not endpoint("https://api.example.com/v1").is_loopback


async def test_a_key_that_cannot_be_sent_is_refused_without_showing_it() -> None:
    with pytest.raises(WireError, match="check the API key") as caught:
        await open_websocket(endpoint("http://127.0.0.1:9/v1", "sk-a\nb"), Timing())
    assert "sk-a" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words", "transient"),
    [
        (TimeoutError(), "did not answer in time", True),
        (ConnectionRefusedError(111, "Connection refused"), "cannot reach h (Connection refused)", True),
        (ssl.SSLCertVerificationError(), "set SSL_CERT_FILE", False),
        (ssl.SSLError(), "http or https", False),
        (EOFError(), "ended the connection", True),
        (InvalidURI("x", "y"), "check the settings", False),
        (ImportError(), "SOCKS", False),
    ],
)
def test_dialling_errors_name_the_next_step(error: Exception, words: str, transient: bool) -> None:
    translated = translate_dial_error(error, "h")
    assert words in str(translated)
    assert is_transient(translated) is transient


@pytest.mark.parametrize(
    ("base_url", "http_url", "port", "is_secure"),
    [
        ("wss://h/v1", "https://h/v1", 443, True),
        ("ws://h:8765/v1/", "http://h:8765/v1", 8765, False),
        ("https://h/v1/responses?api-version=2", "https://h/v1?api-version=2", 443, True),
        ("http://[::1]:80", "http://[::1]:80", 80, False),
    ],
)
def test_the_same_server_over_http(base_url: str, http_url: str, port: int, is_secure: bool) -> None:
    endpoint = Endpoint(base_url, None, "m", Profile())
    assert (endpoint.http_url, endpoint.port, endpoint.is_secure) == (http_url, port, is_secure)
