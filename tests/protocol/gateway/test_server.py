"""The real server over loopback sockets: who is let in, flow control, stopping."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from spark_tui.protocol.gateway.connection import GatewaySocket
from spark_tui.protocol.gateway.engine import CallInput, CallOpened, Finished, Text
from spark_tui.protocol.wire.updates import CallKind
from tests.doubles.running_gateway import running_gateway
from tests.doubles.scripted_engine import ScriptedEngine

Gateway = Callable[..., Awaitable[str]]
HI = json.dumps({"type": "response.create", "input": "hi", "stream_id": "main"})


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:

        async def start(engine: ScriptedEngine, **settings: Any) -> str:
            return await stack.enter_async_context(running_gateway(engine, **settings))

        yield start


async def receive(ws: ClientConnection, last: str) -> list[dict[str, Any]]:
    """The events up to one of type ``last``."""
    events = []
    while True:
        events.append(json.loads(await ws.recv()))
        if events[-1]["type"] == last:
            return events


def answering(*texts: str) -> ScriptedEngine:
    return ScriptedEngine(lambda request: [*[Text(text) for text in texts], Finished()])


async def test_turn_over_a_real_socket(gateway: Gateway) -> None:
    url = await gateway(answering("a", "b"))
    async with connect(url + "?api-version=1") as ws:
        await ws.send(HI)
        events = await receive(ws, "response.completed")
        await ws.send("{")
        assert json.loads(await ws.recv())["error"]["code"] == "invalid_json"
        await ws.send(HI.encode())
        assert await receive(ws, "response.completed")
    assert [event["delta"] for event in events if event["type"].endswith("text.delta")] == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("", {}, 401),
        ("", {"Authorization": "Bearer wrong"}, 401),
        ("", {"Authorization": "Basic secret"}, 401),
        ("", {"Authorization": "Bearer secret", "Origin": "http://127.0.0.1:3000"}, 403),
        ("", {"Authorization": "Bearer secret", "Origin": "null"}, 403),
        ("/else", {"Authorization": "Bearer secret"}, 404),
    ],
)
async def test_who_is_kept_out(gateway: Gateway, path: str, headers: dict[str, str], status: int) -> None:
    url = await gateway(answering("x"), token="secret")
    with pytest.raises(InvalidStatus) as refused:
        await connect(url + path, additional_headers=headers).__aenter__()
    assert refused.value.response.status_code == status
    assert refused.value.response.body.endswith(b".\n")
    async with connect(url, additional_headers={"Authorization": "bearer secret"}) as ws:
        await ws.send(HI)
        assert await receive(ws, "response.completed")


async def test_plain_http_gets_a_plain_answer(gateway: Gateway) -> None:
    url = await gateway(answering("x"), token="secret")
    port = int(url.split(":")[2].split("/")[0])
    for head, status in (
        (b"GET /v1/responses HTTP/1.1\r\nHost: localhost\r\n", b"401"),
        (b"GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n", b"426"),
        (b"GET /v1/responses HTTP/1.1\r\nHost: rebound.example\r\nAuthorization: Bearer secret\r\n", b"403"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head + b"\r\n")
        assert (await reader.readline()).split()[1] == status
        writer.close()
        await writer.wait_closed()


async def test_long_message_is_taken_and_a_longer_one_closes(gateway: Gateway) -> None:
    engine = answering("x")
    url = await gateway(engine)
    async with connect(url, max_size=None) as ws:
        long = {"type": "response.create", "input": "x" * 9_000_000}
        await ws.send(json.dumps(long))
        await receive(ws, "response.completed")
        assert len(engine.requests[0].input[0]["content"]) == 9_000_000
    url = await gateway(answering("x"), max_message_bytes=1000)
    async with connect(url) as ws:
        await ws.send(json.dumps(long))
        with pytest.raises(ConnectionClosed) as closed:
            await ws.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_compression_is_taken_when_offered(gateway: Gateway, compression: str | None) -> None:
    url = await gateway(answering("x"))
    async with connect(url, compression=compression) as ws:
        assert bool(ws.protocol.extensions) == (compression is not None)
        await ws.send(HI)
        assert await receive(ws, "response.completed")


async def test_slow_client_holds_the_engine_back_and_can_still_interrupt(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = 5000
    engine = ScriptedEngine(lambda request: [*[Text("x" * 10_000)] * total, Finished()])
    drain, held_back = GatewaySocket.drain, asyncio.Event()
    yielded_while_held: list[int] = []

    async def watched_drain(socket: GatewaySocket) -> None:
        before, must_wait = engine.yielded, socket.paused
        if must_wait:
            held_back.set()
        try:
            await drain(socket)
        finally:
            if must_wait:
                yielded_while_held.append(engine.yielded - before)

    monkeypatch.setattr(GatewaySocket, "drain", watched_drain)
    url = await gateway(engine)
    async with connect(url, compression=None, max_size=None, max_queue=1) as ws:
        await ws.send(HI)
        created = json.loads(await ws.recv())
        await held_back.wait()
        await ws.send(json.dumps({"type": "response.interrupt", "response_id": created["response"]["id"]}))
        await engine.until(lambda: bool(engine.stopped))
        assert engine.yielded < total
        assert set(yielded_while_held) == {0}
        assert (await receive(ws, "response.incomplete"))[-1]["response"]["incomplete_details"]


async def test_work_stops_when_the_client_goes(gateway: Gateway) -> None:
    never = asyncio.Event()
    engine = ScriptedEngine(lambda request: [Text("x"), never])
    url = await gateway(engine)
    async with connect(url) as other:
        ws = await connect(url)
        await ws.send(HI)
        await receive(ws, "response.output_text.delta")
        ws.transport.abort()
        await engine.until(lambda: len(engine.stopped) == 1)
        await other.send(HI)
        await receive(other, "response.output_text.delta")
        assert len(engine.requests) == 2


async def test_broken_engine_is_a_failed_response(gateway: Gateway) -> None:
    def script(request: Any) -> Any:
        yield Text("x")
        if request.input[0]["content"] == "hi":
            raise RuntimeError("inner secret")

    url = await gateway(ScriptedEngine(script))
    async with connect(url) as ws:
        await ws.send(HI)
        failed = (await receive(ws, "response.failed"))[-1]["response"]
        assert failed["error"]["code"] == "engine_error"
        assert "secret" not in failed["error"]["message"]
        await ws.send(HI.replace("hi", "ho"))
        failed = (await receive(ws, "response.failed"))[-1]["response"]
        assert failed["error"]["code"] == "engine_stopped"


async def test_steer_in_the_midst_of_a_patch(gateway: Gateway) -> None:
    go_on = asyncio.Event()

    def script(request: Any) -> Any:
        if len(request.input) > 1:
            return [Text("as you say"), Finished()]
        return [CallOpened("c", "apply_patch", CallKind.CUSTOM), CallInput("x"), go_on, CallInput("y"), Text("z")]

    engine = ScriptedEngine(script)
    url = await gateway(engine)
    async with connect(url) as ws:
        await ws.send(HI)
        events = await receive(ws, "response.custom_tool_call_input.delta")
        response_id = events[0]["response"]["id"]
        await ws.send(json.dumps({"type": "response.steer", "previous_response_id": response_id, "input": "no"}))
        await receive(ws, "response.steer.accepted")
        go_on.set()
        pending = (await receive(ws, "response.steer.pending"))[-1]
        answer = {**pending["required_input"][0], "output": "staged"}
        create = {"type": "response.create", "previous_response_id": response_id, "input": [answer]}
        await ws.send(json.dumps({**create, "stream_id": "main"}))
        assert (await receive(ws, "response.completed"))[-1]["response"]["previous_response_id"] == response_id
    assert len(engine.stopped) == 2


async def test_old_connection_is_closed_between_responses(gateway: Gateway) -> None:
    url = await gateway(answering("x"), connection_lifetime=0.01)
    async with connect(url) as ws:
        error = json.loads(await ws.recv())
        assert error["error"]["code"] == "websocket_connection_limit_reached"
        with pytest.raises(ConnectionClosed):
            await ws.recv()


async def test_stop_does_not_wait_for_a_client_that_reads_nothing() -> None:
    engine = ScriptedEngine(lambda request: [Text("x" * 10_000)] * 5000)
    async with running_gateway(engine) as url:
        ws = await connect(url, compression=None, max_size=None, max_queue=1)
        await ws.send(HI)
        await engine.until(lambda: engine.yielded > 10)
    assert engine.stopped
    ws.transport.abort()


async def test_several_connections_have_their_own_lanes(gateway: Gateway) -> None:
    url = await gateway(answering("x"))
    async with connect(url) as one, connect(url) as two:
        create = {"type": "response.create", "input": "hi", "store": False}
        await one.send(json.dumps(create))
        done = (await receive(one, "response.completed"))[-1]["response"]["id"]
        await two.send(json.dumps({**create, "previous_response_id": done}))
        assert json.loads(await two.recv())["error"]["code"] == "previous_response_not_found"
