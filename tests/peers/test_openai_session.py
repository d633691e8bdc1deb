"""The official ``openai`` package's own WebSocket session, driving the gateway through all of its features."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from spark_tui.protocol.engines.offline.engine import OfflineEngine
from spark_tui.protocol.gateway.engine import CallInput, CallOpened, Failed, Finished, Text
from spark_tui.protocol.wire.updates import CallKind, Usage
from tests.doubles.running_gateway import running_gateway
from tests.doubles.scripted_engine import ScriptedEngine

openai: Any = pytest.importorskip("openai", reason="the official SDK is not installed")
sessions: Any = pytest.importorskip("openai.lib.responses_websocket", reason="the official SDK is not installed")
pytestmark = pytest.mark.peers

TOOL = {"type": "custom", "name": "apply_patch"}


@asynccontextmanager
async def session_with(engine: Any) -> AsyncIterator[Any]:
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


async def test_a_steer_waits_for_the_results_of_open_calls() -> None:
    go_on = asyncio.Event()

    def steered(request: Any) -> Any:
        if len(request.input) > 1:
            return [Text(" ".join(str(item["type"]) for item in request.input)), Finished()]
        return [
            CallOpened("c1", "apply_patch", CallKind.CUSTOM),
            CallInput("***"),
            go_on,
            CallInput(" x"),
            Finished(),
        ]

    async with session_with(ScriptedEngine(steered)) as session:
        lane = session.lane("main")
        await lane.send(create("hi", tools=[TOOL]))
        event = await lane.recv()
        parent = event.response.id
        while event.type != "response.custom_tool_call_input.delta":
            event = await lane.recv()
        await lane.send({"type": "response.steer", "previous_response_id": parent, "input": "no"})
        while event.type != "response.steer.accepted":
            event = await lane.recv()
        go_on.set()
        while event.type != "response.steer.pending":
            event = await lane.recv()
        stub = event.required_input[0]
        assert (stub.type, stub.call_id) == ("custom_tool_call_output", "c1")
        result = {"type": stub.type, "call_id": stub.call_id, "output": "staged"}
        await lane.send(create([result], previous_response_id=parent))
        answer = await lane.get_final_response()
        assert answer.output_text == "message custom_tool_call message custom_tool_call_output"


async def test_a_steer_that_cannot_be_is_refused_with_its_input() -> None:
    async with session_with(ScriptedEngine(script)) as session:
        lane = session.lane("main")
        await lane.send(create("hi"))
        done = await lane.get_final_response()
        await lane.send(create("again", previous_response_id=done.id))
        await lane.send({"type": "response.steer", "previous_response_id": done.id, "input": "late"})
        events = [await lane.recv()]
        while "response.steer.failed" not in {event.type for event in events}:
            events.append(await lane.recv())
        failed = next(event for event in events if event.type == "response.steer.failed")
        assert (failed.error.code, failed.steer.input) == ("response_already_completed", "late")


async def test_every_kind_of_call() -> None:
    operation = {"type": "update_file", "path": "a.py", "diff": ""}

    def calling(request: Any) -> Any:
        return [
            CallOpened("c1", "read_file", CallKind.FUNCTION),
            CallInput('{"path":'),
            CallInput('"a"}'),
            CallOpened("c2", "apply_patch", CallKind.CUSTOM),
            CallInput("*** é"),
            CallOpened("c3", "", CallKind.APPLY_PATCH, {"operation": operation}),
            CallInput("@@\n-a\n+b\n"),
            Finished(Usage(1, 1, 1, 1)),
        ]

    async with session_with(ScriptedEngine(calling)) as session:
        lane = session.lane("main")
        await lane.send(create("hi"))
        function, custom, patch = (await lane.get_final_response()).output
        assert (function.type, function.arguments) == ("function_call", '{"path":"a"}')
        assert (custom.type, custom.input) == ("custom_tool_call", "*** é")
        assert (patch.type, patch.operation.diff) == ("apply_patch_call", "@@\n-a\n+b\n")


async def test_an_answer_that_is_cut_is_incomplete_and_can_be_continued() -> None:
    def cut(request: Any) -> Any:
        return [Text("so far"), Finished(None, None if len(request.input) > 1 else "max_output_tokens")]

    async with session_with(ScriptedEngine(cut)) as session:
        lane = session.lane("main")
        await lane.send(create("hi"))
        response = await lane.get_final_response()
        assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")
        await lane.send(create("go on", previous_response_id=response.id))
        assert (await lane.get_final_response()).status == "completed"


async def test_one_lane_too_many_is_refused_and_the_others_go_on() -> None:
    async with session_with(ScriptedEngine(script)) as session:
        for number in range(32):
            lane = session.lane(f"lane-{number}")
            await lane.send(create("hi"))
            await lane.get_final_response()
        refused = session.lane("lane-32")
        await refused.send(create("hi"))
        with pytest.raises(sessions.ResponsesWebSocketError) as error:
            await refused.get_final_response()
        assert error.value.event.error.code == "websocket_stream_limit_reached"
        await lane.send(create("hi"))
        assert (await lane.get_final_response()).output_text == "1 items"


async def test_closing_the_connection_stops_the_work() -> None:
    never = asyncio.Event()
    engine = ScriptedEngine(lambda request: [Text("a"), never, Finished()])
    async with session_with(engine) as session:
        lane = session.lane("main")
        await lane.send(create("hi"))
        while (await lane.recv()).type != "response.output_text.delta":
            pass
        assert engine.stopped == []
    assert len(engine.stopped) == 1


@pytest.mark.parametrize("kind", ["custom", "function"])
async def test_the_offline_engine_serves_a_client_with_nothing_but_a_patch_tool(kind: str) -> None:
    parameters = {"type": "object", "properties": {"input": {"type": "string"}}}
    tool = TOOL if kind == "custom" else {"type": "function", "name": "apply_patch", "parameters": parameters}
    async with session_with(OfflineEngine(rate=0)) as session:
        lane = session.lane("main")
        await lane.send(create("create notes.md: hello", tools=[tool]))
        response = await lane.get_final_response()
        call = response.output[-1]
        patch = call.input if kind == "custom" else json.loads(call.arguments)["input"]
        assert patch == "*** Begin Patch\n*** Add File: notes.md\n+hello\n*** End Patch\n"
        result = {"type": f"{call.type}_output", "call_id": call.call_id, "output": "Success."}
        await lane.send(create([result], previous_response_id=response.id, tools=[tool]))
        assert "Done" in (await lane.get_final_response()).output_text


async def test_a_conversation_is_compacted_and_goes_on_from_the_compaction() -> None:
    async with session_with(OfflineEngine(rate=0)) as session:
        lane = session.lane("main")
        await lane.send(create("create notes.md: hello", tools=[TOOL]))
        response = await lane.get_final_response()
        result = {"type": "custom_tool_call_output", "call_id": response.output[-1].call_id, "output": "Success."}
        await lane.send(create([result, {"type": "compaction_trigger"}], previous_response_id=response.id))
        compacted = await lane.get_final_response()
        assert [item.type for item in compacted.output] == ["compaction"]
        chain = [compacted.output[0].model_dump(exclude_none=True), {"role": "user", "content": "outline a.py"}]
        await lane.send(create(chain, tools=[TOOL]))
        assert "cannot read files here" in (await lane.get_final_response()).output_text
