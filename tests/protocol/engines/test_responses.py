"""The Responses engine: its requests, its events, and a server on loopback."""

from __future__ import annotations

from typing import Any

from spark_tui.protocol.engines.responses import ResponsesEngine
from spark_tui.protocol.engines.responses_stream import ResponsesTranslator
from spark_tui.protocol.gateway.engine import (
    Accepted,
    CallInput,
    CallOpened,
    EngineEvent,
    EngineRequest,
    Failed,
    Finished,
    ItemDone,
    Reasoning,
    Text,
    Waiting,
)
from spark_tui.protocol.wire.updates import CallKind, Usage
from tests.doubles.fake_upstream import sse, upstream

MESSAGE = {
    "id": "msg_u",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "ab", "annotations": []}],
}
CALL = {"id": "ctc_u", "type": "custom_tool_call", "call_id": "c1", "name": "apply_patch", "input": "xy"}
WITHOUT_ID = {name: value for name, value in MESSAGE.items() if name != "id"}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def translate(*events: dict[str, Any]) -> list[EngineEvent]:
    translator = ResponsesTranslator()
    return [made for one in events for made in translator.feed(one)]


def test_deltas_pass_and_done_items_follow() -> None:
    usage = {"input_tokens": 5, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 1}}
    made = translate(
        event("created", response={"status": "in_progress"}),
        event("output_item.added", item={"type": "message"}),
        event("output_text.delta", delta="a"),
        event("output_text.delta", delta="b", obfuscation="zz"),
        event("output_item.done", item=MESSAGE),
        event("output_item.added", item={**CALL, "input": ""}),
        event("custom_tool_call_input.delta", delta="xy"),
        event("output_item.done", item=CALL),
        event("completed", response={"output": [MESSAGE, CALL], "usage": usage}),
    )
    assert made == [
        Accepted(),
        Text("a"),
        Text("b"),
        ItemDone(WITHOUT_ID),
        CallOpened("c1", "apply_patch", CallKind.CUSTOM),
        CallInput("xy"),
        ItemDone({"type": "custom_tool_call", "input": "xy"}),
        Finished(Usage(5, 1, 2)),
    ]


def test_items_without_deltas_are_told_whole() -> None:
    once = [Text("ab"), ItemDone(WITHOUT_ID)]
    assert translate(event("output_item.done", item=MESSAGE), event("completed", response={"output": [MESSAGE]})) == [
        *once,
        Finished(),
    ]
    assert translate(event("completed", response={"output": [MESSAGE]})) == [*once, Finished()]


def test_reasoning_keeps_its_parts_apart_and_its_secret() -> None:
    item = {"type": "reasoning", "id": "rs_u", "summary": [], "encrypted_content": "z"}
    made = translate(
        event("output_item.added", item=item),
        event("reasoning_summary_part.added", summary_index=0),
        event("reasoning_summary_text.delta", delta="one"),
        event("reasoning_summary_part.added", summary_index=1),
        event("reasoning_summary_text.delta", delta="two"),
        event("output_item.done", item=item),
    )
    assert "".join(one.delta for one in made if isinstance(one, Reasoning)) == "one\n\ntwo"
    assert made[-1] == ItemDone({"type": "reasoning", "summary": [], "encrypted_content": "z"})


def test_ends() -> None:
    reason = {"incomplete_details": {"reason": "max_output_tokens"}}
    assert translate(event("incomplete", response=reason)) == [Finished(None, "max_output_tokens")]
    limited = {"code": "rate_limit_exceeded", "message": "try again in 1.5s"}
    assert translate(event("failed", response={"error": limited})) == [
        Failed("try again in 1.5s", "rate_limit_exceeded", 429)
    ]
    refused = {"message": "m", "code": "c", "headers": {"retry-after": "1"}}
    assert translate({"type": "error", "status": 429, "error": refused}) == [
        Failed("m", "c", 429, {"retry-after": "1"})
    ]
    assert translate({"type": "error", "code": "c", "message": "flat"}) == [Failed("flat", "c", 500)]
    assert translate(event("queued")) == [Waiting()]


def test_strange_events_are_passed_over() -> None:
    assert translate({}, {"type": 5}, event("new.delta", delta="x"), event("output_text.delta", delta=None)) == []


async def test_whole_chain_is_sent_without_what_concerns_the_gateway() -> None:
    reasoning = {"type": "reasoning", "id": "rs_g", "summary": []}
    sealed = {**reasoning, "encrypted_content": "z"}
    fields = {"type": "response.create", "stream_id": "a", "previous_response_id": "resp_0", "model": "a"}
    request = EngineRequest("resp_1", [MESSAGE, reasoning, sealed, CALL], "", [], {**fields, "instructions": "x"})
    async with upstream([sse(event("output_text.delta", delta="x"), event("completed", response={}))]) as server:
        engine = ResponsesEngine(server.url + "?version=1", model_map={"a": "b"})
        assert [one async for one in engine.respond(request)] == [Text("x"), Finished()]
        await engine.aclose()
    assert server.heads[0].startswith("POST /v1/responses?version=1 ")
    sent = server.requests[0]
    assert sent.keys() == {"model", "instructions", "input", "stream", "store"}
    assert (sent["model"], sent["store"], sent["stream"]) == ("b", False, True)
    assert [item["type"] for item in sent["input"]] == ["message", "reasoning", "custom_tool_call"]
    assert not any("id" in item for item in sent["input"])


async def test_stream_without_an_end_has_failed() -> None:
    async with upstream([sse(event("output_text.delta", delta="x"), "[DONE]")]) as server:
        engine = ResponsesEngine(server.url)
        request = EngineRequest("resp_1", [], "", [], {"model": "m"})
        *_, failed = [one async for one in engine.respond(request)]
        await engine.aclose()
    assert isinstance(failed, Failed)
    assert failed.code == "upstream_ended"
