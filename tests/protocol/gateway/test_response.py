"""The events of one response: order, fields, numbers."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.gateway.engine import (
    Accepted,
    CallInput,
    CallOpened,
    EngineEvent,
    Failed,
    Finished,
    ItemDone,
    Reasoning,
    Text,
    Waiting,
)
from spark_tui.protocol.gateway.requests import parse_create
from spark_tui.protocol.gateway.response import Phase, ResponseWriter
from spark_tui.protocol.wire.updates import CallKind, Usage
from tests.doubles.session_driver import kinds


def writer(stream_id: str | None = None, **fields: Any) -> ResponseWriter:
    request = parse_create({"type": "response.create", **fields})
    return ResponseWriter(request, response_id="resp_1", stream_id=stream_id, model="m", clock=lambda: 7.0)


def write(target: ResponseWriter, *events: EngineEvent) -> list[dict[str, Any]]:
    return [json.loads(frame) for event in events for frame in target.write(event)]


def test_message_events_come_in_order() -> None:
    frames = write(writer(), Text("Hel"), Text("lo"), Finished(Usage(10, 4, 2, 1)))
    assert kinds(frames) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [frame["sequence_number"] for frame in frames] == list(range(10))
    assert frames[4]["logprobs"] == []
    assert frames[4]["delta"] == "Hel"
    assert frames[6]["text"] == "Hello"
    item = frames[8]["item"]
    assert item["status"] == "completed"
    assert item["content"][0]["text"] == "Hello"
    assert frames[9]["response"]["output"] == [item]
    assert frames[9]["response"]["usage"] == {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 12,
    }


def test_items_follow_one_another() -> None:
    frames = write(
        writer(),
        Reasoning("hm"),
        CallOpened("c1", "apply_patch", CallKind.CUSTOM),
        CallInput("a"),
        CallInput("b"),
        CallOpened("c2", "read_file", CallKind.FUNCTION),
        CallInput("{}"),
        Text("done"),
        Finished(),
    )
    done = [frame["item"] for frame in frames if frame["type"] == "response.output_item.done"]
    assert [item["type"] for item in done] == ["reasoning", "custom_tool_call", "function_call", "message"]
    assert done[0]["summary"] == [{"type": "summary_text", "text": "hm"}]
    assert done[1]["input"] == "ab"
    assert done[2]["arguments"] == "{}"
    assert [frame["output_index"] for frame in frames if frame["type"].endswith("item.added")] == [0, 1, 2, 3]
    assert len({item["id"] for item in done}) == 4


def test_built_in_patch_streams_its_diff_and_deletion_has_none() -> None:
    update = {"operation": {"type": "update_file", "path": "a.py", "diff": ""}}
    delete = {"operation": {"type": "delete_file", "path": "b.py"}}
    frames = write(
        writer(),
        CallOpened("c1", "", CallKind.APPLY_PATCH, update),
        CallInput("@@"),
        CallOpened("c2", "", CallKind.APPLY_PATCH, delete),
        Finished(),
    )
    output = frames[-1]["response"]["output"]
    assert output[0]["operation"] == {"type": "update_file", "path": "a.py", "diff": "@@"}
    assert output[1]["operation"] == {"type": "delete_file", "path": "b.py"}
    assert kinds(frames).count("apply_patch_call_operation_diff.done") == 1


def test_only_named_lanes_are_echoed() -> None:
    assert all("stream_id" not in frame for frame in write(writer(), Text("x"), Finished()))
    assert {frame["stream_id"] for frame in write(writer("a-b"), Text("x"), Finished())} == {"a-b"}


def test_waiting_comes_before_in_progress() -> None:
    frames = write(writer(), Waiting(), Waiting(), Accepted(), Accepted(), Finished())
    assert kinds(frames) == ["created", "queued", "in_progress", "completed"]
    assert frames[0]["response"]["status"] == "queued"


def test_failure_before_anything_is_an_error_and_later_a_failed_response() -> None:
    target = writer("lane")
    frames = write(target, Failed("slow down", "rate_limit_exceeded", 429, {"retry-after": "2"}), Text("late"))
    assert frames == [
        {
            "type": "error",
            "status": 429,
            "error": {
                "type": "rate_limit_error",
                "code": "rate_limit_exceeded",
                "message": "slow down",
                "param": None,
                "headers": {"retry-after": "2"},
            },
            "stream_id": "lane",
        }
    ]
    assert target.phase is Phase.REFUSED
    frames = write(writer(), Text("x"), Failed("gone"))
    assert kinds(frames)[-1] == "failed"
    assert frames[-1]["response"]["error"]["code"] == "server_error"


def test_cut_answer_is_incomplete_and_keeps_its_text() -> None:
    frames = write(writer(), Text("half"), Finished(Usage(), "max_output_tokens"))
    response = frames[-1]["response"]
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete"
    assert response["output"][0]["content"][0]["text"] == "half"


def test_done_item_replaces_what_deltas_built_but_not_the_id() -> None:
    item = {"type": "reasoning", "id": "foreign", "summary": [], "encrypted_content": "zzz"}
    frames = write(writer(), Reasoning("x"), ItemDone(item), Finished())
    (done,) = frames[-1]["response"]["output"]
    assert done["encrypted_content"] == "zzz"
    assert done["summary"] == []
    assert done["id"] == frames[2]["item"]["id"]


def test_item_without_deltas_passes_whole() -> None:
    item = {"type": "compaction", "encrypted_content": "zzz"}
    frames = write(writer(), Text("x"), ItemDone(item), Text("y"), Finished())
    assert [one["type"] for one in frames[-1]["response"]["output"]] == ["message", "compaction", "message"]
    (compacting,) = [frame for frame in frames if frame["type"] == "response.compaction.compacting"]
    assert compacting["output_index"] == 1


def test_request_is_echoed() -> None:
    tools = [{"type": "custom", "name": "apply_patch"}]
    frames = write(writer(tools=tools, instructions="be brief", metadata={"a": "b"}), Finished())
    response = frames[0]["response"]
    assert response["tools"] == tools
    assert response["instructions"] == "be brief"
    assert response["metadata"] == {"a": "b"}
    assert response["tool_choice"] == "auto"


@given(st.lists(st.text(alphabet=st.characters(codec=None), max_size=4), max_size=12))
@settings(max_examples=60)
def test_any_text_arrives_whole_however_it_is_cut(parts: list[str]) -> None:
    """Halves of surrogate pairs included: what is sent can be encoded, and deltas add up to the done text."""
    frames = write(writer(), *[Text(part) for part in parts], Finished())
    expected = "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    deltas = "".join(frame["delta"] for frame in frames if frame["type"] == "response.output_text.delta")
    assert deltas == expected
    for item in frames[-1]["response"]["output"]:
        assert item["content"][0]["text"] == expected
    assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
