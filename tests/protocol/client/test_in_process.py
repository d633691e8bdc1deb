"""The gateway's session as a transport: frames both ways, a slow reader, and an end that stops the work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from spark_tui.protocol.client.in_process import InProcessTransport
from spark_tui.protocol.errors import ConnectionLost
from spark_tui.protocol.gateway.engine import EngineEvent, EngineRequest, Finished, Text
from tests.doubles.scripted_engine import ScriptedEngine

CREATE = '{"type":"response.create","input":"hi","stream_id":"main"}'
MANY = 20_000


def endless(request: EngineRequest) -> Iterable[EngineEvent]:
    for _ in range(MANY):
        yield Text("x")
    yield Finished()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


async def test_a_response_comes_whole_and_in_order() -> None:
    engine = ScriptedEngine(lambda request: [Text("hel"), Text("lo"), Finished()])
    transport = InProcessTransport(engine, note="over HTTP")
    await transport.ping()
    await transport.send(CREATE)
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != "response.completed":
        frames.append(json.loads(await transport.receive()))
    assert [frame["delta"] for frame in frames if frame["type"] == "response.output_text.delta"] == ["hel", "lo"]
    assert {frame["stream_id"] for frame in frames} == {"main"}
    assert transport.note == "over HTTP"
    transport.abort()
    await until(lambda: engine.closed)


async def test_an_engine_waits_for_a_client_that_does_not_read() -> None:
    engine = ScriptedEngine(endless)
    transport = InProcessTransport(engine)
    await transport.send(CREATE)
    await until(lambda: engine.yielded >= 200)
    for _ in range(1000):
        await asyncio.sleep(0)
    assert engine.yielded < 300
    kinds: list[str] = []
    while not kinds or kinds[-1] != "response.completed":
        kinds.append(json.loads(await transport.receive())["type"])
    assert kinds.count("response.output_text.delta") == MANY
    transport.abort()


async def test_an_abort_stops_the_work_and_ends_the_reader() -> None:
    never = asyncio.Event()
    engine = ScriptedEngine(lambda request: [Text("hi"), never])
    transport = InProcessTransport(engine)
    await transport.send(CREATE)
    reader = asyncio.create_task(_read_all(transport))
    await until(lambda: engine.yielded == 1)
    transport.abort()
    transport.abort()
    with pytest.raises(ConnectionLost):
        await reader
    await until(lambda: engine.closed and bool(engine.stopped))
    with pytest.raises(ConnectionLost):
        await transport.send(CREATE)
    with pytest.raises(ConnectionLost):
        await transport.ping()


async def _read_all(transport: InProcessTransport) -> None:
    while True:
        await transport.receive()
