"""Proxies and certificates, for both ways to a server."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.fallback import FallbackDial
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.client.route import Hop, first_hop
from spark_tui.protocol.errors import WireError
from spark_tui.protocol.profiles import Profile
from spark_tui.protocol.tls import client_context
from spark_tui.protocol.wire.updates import LinkState
from tests.doubles.http_responses import HttpResponses
from tests.doubles.recording_client import KEY, Recorder
from tests.doubles.scripted_server import Peer, ScriptedServer
from tests.protocol.client.test_fallback import Memory


async def answering(peer: Peer) -> None:
    await peer.create()
    await peer.answer("r1", "by WebSocket")


@asynccontextmanager
async def connected(base_url: str, ca_bundle: str | None = None) -> AsyncIterator[Recorder]:
    recorder: Recorder
    dial = FallbackDial(Memory())
    endpoint = Endpoint(base_url, KEY, "test-model", Profile(), ca_bundle)
    client = Client(endpoint, on_link=lambda change: recorder.on_link(change), timing=Timing(open=3), dial=dial)
    recorder = Recorder(client)
    await client.start()
    try:
        yield recorder
    finally:
        await client.aclose()
        await dial.aclose()


class Proxy:
    """An HTTP proxy that takes every name for one server; ``heads`` are the requests it saw."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._target = (parts.hostname, parts.port)
        self.heads: list[str] = []
        self.url = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        upstream_reader, upstream = await asyncio.open_connection(*self._target)
        if head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            upstream.write(head.replace(b"http://model.test", b"", 1))
        await asyncio.gather(_copy(reader, upstream), _copy(upstream_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def proxy_to(base_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    proxy = Proxy(base_url)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    async with server:
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        yield proxy


async def test_websocket_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScriptedServer(answering) as server, proxy_to(server.base_url, monkeypatch) as proxy:
        async with connected("http://model.test/v1") as told:
            told.say("hi")
            await told.ended()
        assert told.text == "by WebSocket"
        assert proxy.heads[0].startswith("CONNECT model.test:80 ")
        assert KEY not in proxy.heads[0]


async def test_http_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpResponses(426) as server, proxy_to(server.base_url, monkeypatch) as proxy:
        async with connected("http://model.test/v1") as told:
            told.say("hi")
            await told.ended()
        assert told.text == "hello"
        assert [head.split()[0] for head in proxy.heads] == ["CONNECT", "POST"]


async def test_server_on_this_machine_is_never_behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpResponses(426) as server:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        async with connected(server.base_url) as told:
            told.say("hi")
            assert (await told.ended()).status == "completed"


def test_first_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = Endpoint("https://model.test/v1", None, "m", Profile())
    assert first_hop(endpoint) == Hop("model.test", 443)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.test:3128")
    assert first_hop(endpoint) == Hop("proxy.test", 3128, is_proxy=True)
    monkeypatch.setenv("NO_PROXY", "model.test")
    assert first_hop(endpoint) == Hop("model.test", 443)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTPS_PROXY", "http://:secret@:0x/")
    with pytest.raises(WireError) as caught:
        first_hop(endpoint)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback that nobody signs, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-days", "2", "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


async def test_an_unknown_authority_is_refused_with_the_next_step(server_context: ssl.SSLContext) -> None:
    async with ScriptedServer(answering, tls=server_context) as server, connected(server.base_url) as told:
        await told.link(LinkState.OFFLINE)
        assert "certificate is not trusted: set SSL_CERT_FILE or ca_bundle" in told.links[-1].detail


async def test_a_bundle_is_trusted_by_both_ways(
    certificate: tuple[Path, Path], server_context: ssl.SSLContext
) -> None:
    bundle = str(certificate[0])
    async with ScriptedServer(answering, tls=server_context) as server, connected(server.base_url, bundle) as told:
        told.say("hi")
        await told.ended()
        assert told.text == "by WebSocket"
    async with HttpResponses(404, tls=server_context) as http, connected(http.base_url, bundle) as told:
        told.say("hi")
        assert (await told.ended()).status == "completed"
        assert told.text == "hello"


async def test_the_environments_bundle_is_trusted_by_both_ways(
    certificate: tuple[Path, Path], server_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with HttpResponses(404, tls=server_context) as http, connected(http.base_url) as told:
        told.say("hi")
        assert (await told.ended()).status == "completed"
        assert http.upgrades >= 1


def test_a_bundle_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WireError, match="No such file"):
        client_context(str(tmp_path / "none"))
    (tmp_path / "empty").write_text("")
    with pytest.raises(WireError, match="no PEM certificates"):
        client_context(str(tmp_path / "empty"))
