"""The official ``openai`` package's own WebSocket session, driving the gateway through all of its features.

``openai`` is not among the development dependencies; install it beside them to run this.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from spark_tui.protocol.gateway.engine import CallInput, CallOpened, Failed, Finished, Text
from spark_tui.protocol.wire.updates import CallKind, Usage
from tests.doubles.running_gateway import running_gateway
from tests.doubles.scripted_engine import ScriptedEngine

openai: Any = pytest.importorskip("openai", reason="the official SDK is not installed")
sessions: Any = pytest.importorskip("openai.lib.responses_websocket", reason="the official SDK is not installed")

TOOL = {"type": "custom", "name": "apply_patch"}


@asynccontextmanager
async def session_with(engine: ScriptedEngine) -> AsyncIterator[Any]:
    limits = sessions.ResponsesWebSocketLimits(
        max_lanes=40,
        max_events_per_lane=1000,
        max_events=9000,
        max_bytes_per_lane=2**24,
        max_bytes=2**25,
        max_response_bytes=None,
    )
    async with running_gateway(engine, token="secret") as url:
        base = url.replace("ws://", "http://").removesuffix("/responses")
        async with (
            openai.AsyncOpenAI(base_url=base, api_key="secret") as client,
            client.responses.connect(websocket_connection_options={"max_size": None}) as connection,
            sessions.AsyncResponsesWebSocketSession(connection, limits=limits) as session,
        ):
            yield session


def create(text: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "response.create", "model": "m", "input": text, "store": False, **fields}


def script(request: Any) -> Any:
    last = request.input[-1] if request.input else {}
    if last.get("content") == "patch":
        return [CallOpened("c1", "apply_patch", CallKind.CUSTOM), CallInput("*** Begin"), Finished(Usage(3, 0, 2))]
    if last.get("content") == "fail":
        return [Failed("slow down", "rate_limit_exceeded", 429)]
    return [Text(f"{len(request.input)} "), Text("items"), Finished(Usage(3, 0, 2))]


async def test_warm_up_turns_tools_and_errors() -> None:
    async with session_with(ScriptedEngine(script)) as session:
        lane = session.lane("main")
        await lane.send(create("context", generate=False))
        warm = await lane.get_final_response()
        assert warm.output == []
        await lane.send(create("hi", previous_response_id=warm.id))
        response = await lane.get_final_response()
        assert (response.output_text, response.usage.total_tokens) == ("2 items", 5)
        await lane.send(create("patch", previous_response_id=response.id, tools=[TOOL]))
        called = await lane.get_final_response()
        assert called.output[0].input == "*** Begin"
        result = {"type": "custom_tool_call_output", "call_id": "c1", "output": "staged"}
        await lane.send(create([result], previous_response_id=called.id))
        done = await lane.get_final_response()
        assert done.output_text == "6 items"
        await lane.send(create("fail", previous_response_id=done.id))
        with pytest.raises(sessions.ResponsesWebSocketError):
            await lane.get_final_response()
        await lane.send(create("again", previous_response_id=done.id))
        with pytest.raises(sessions.ResponsesWebSocketError) as lost:
            await lane.get_final_response()
        assert lost.value.event.error.code == "previous_response_not_found"


async def test_lanes_and_forks() -> None:
    async with session_with(ScriptedEngine(script)) as session:
        main = session.lane("main")
        await main.send(create("hi"))
        parent = await main.get_final_response()
        forks = [session.lane(f"fork-{number}") for number in range(20)]
        for fork in forks:
            await fork.send(create("side", previous_response_id=parent.id))
            while (await fork.recv()).type != "response.in_progress":
                pass
        await main.send(create("on", previous_response_id=parent.id))
        answers = await asyncio.gather(*[lane.get_final_response() for lane in [main, *forks]])
        assert {answer.output_text for answer in answers} == {"3 items"}


async def test_steering() -> None:
    go_on = asyncio.Event()

    def steered(request: Any) -> Any:
        return [Text("so"), Finished()] if len(request.input) > 1 else [Text("a"), go_on, Text("b"), Finished()]

    async with session_with(ScriptedEngine(steered)) as session:
        lane = session.lane("main")
        await lane.send(create("hi"))
        event = await lane.recv()
        parent = event.response.id
        await lane.send({"type": "response.steer", "previous_response_id": parent, "input": "no"})
        while event.type != "response.steer.accepted":
            event = await lane.recv()
        go_on.set()
        while event.type != "response.created":
            event = await lane.recv()
        assert event.response.previous_response_id == parent
        assert (await lane.get_final_response()).output_text == "so"
