"""Creates, lanes, continuation, warm-up, interrupts: the rules of protocol.md, sections 2 to 6, 8 and 9."""

from __future__ import annotations

from typing import Any

import pytest

from spark_tui.protocol.gateway.chain import StoredResponses
from spark_tui.protocol.gateway.engine import CallInput, CallOpened, EngineEvent, Failed, Finished, ItemDone, Text
from spark_tui.protocol.gateway.lanes import MAX_NAMES, MAX_QUEUED
from spark_tui.protocol.gateway.session import MAX_ACTIVE
from spark_tui.protocol.wire.updates import CallKind
from tests.doubles.session_driver import Driver, code_of, kinds, output, patch_call


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ('{"a": NaN}', "invalid_json"),
        ("{}", "invalid_event_type"),
        ('{"type": ["x"]}', "invalid_event_type"),
        ('{"type": "response.cancel"}', "invalid_event_type"),
        ('{"type": "response.create", "stream_id": ""}', "invalid_stream_id"),
        ('{"type": "response.create", "stream_id": "a b"}', "invalid_stream_id"),
        ('{"type": "response.create", "stream_id": "a\\n"}', "invalid_stream_id"),
        ('{"type": "response.create", "stream_id": 7}', "invalid_stream_id"),
    ],
)
def test_bad_message_is_an_error_of_nobody(frame: str | bytes, code: str) -> None:
    driver = Driver()
    driver.session.receive(frame)
    (error,) = driver.take()
    assert (error["status"], error["error"]["code"]) == (400, code)
    assert "stream_id" not in error
    assert driver.answered()


@pytest.mark.parametrize(
    "fields",
    [
        {"model": 3},
        {"input": 3},
        {"input": [3]},
        {"input": [{"role": "robot", "content": "x"}]},
        {"input": [{"role": "user"}]},
        {"input": [{"type": []}]},
        {"input": [{"type": "function_call", "call_id": {}}]},
        {"input": [{"type": "compaction_trigger"}, {"role": "user", "content": "x"}]},
        {"tools": "all"},
        {"tools": [{}]},
        {"background": True},
        {"conversation": "conv_1"},
        {"conversation": "conv_1", "previous_response_id": "resp_1"},
        {"input": [output("never")]},
        {"input": [{"type": "item_reference", "id": "nothing"}]},
    ],
)
def test_bad_field_is_an_error_of_the_lane(fields: dict[str, Any]) -> None:
    driver = Driver()
    (error,) = driver.receive(type="response.create", stream_id="main", **fields)
    assert (error["type"], error["status"], error["stream_id"]) == ("error", 400, "main")
    assert not driver.started
    assert driver.answered(stream_id="main")


def test_foreign_and_unknown_fields_are_accepted() -> None:
    driver = Driver()
    item = {"id": "msg_own-uuid", "role": "user", "content": [{"type": "input_text", "text": "hi"}], "new": 1}
    driver.create([item], stream=True, client_metadata={"a": "b"}, stream_id=None, future={"x": 1})
    request = driver.started[0].engine_request
    assert request.input == [{"type": "message", **item}]
    assert request.fields["future"] == {"x": 1}


def test_lone_surrogate_of_a_client_is_replaced() -> None:
    driver = Driver()
    driver.session.receive('{"type":"response.create","input":"a\\ud83d","instructions":"\\udc69"}')
    assert driver.started[0].engine_request.input[0]["content"] == "a\ufffd"
    assert driver.engine(0, Text("x"))[0]["response"]["instructions"] == "\ufffd"


def test_lane_is_first_in_first_out_and_errors_keep_their_turn() -> None:
    driver = Driver()
    driver.create("one", stream_id="a")
    assert driver.create("two", stream_id="a", model=5) == []
    assert driver.create("three", stream_id="a") == []
    assert len(driver.started) == 1
    frames = driver.engine(0, Text("1"), Finished())
    assert kinds(frames)[-2:] == ["completed", "error"]
    assert driver.started[1].engine_request.input[0]["content"] == "three"


def test_lanes_run_side_by_side() -> None:
    driver = Driver()
    driver.create(stream_id="a")
    driver.create(stream_id="b")
    driver.create()
    assert [driver.engine(n, Text("x"))[0].get("stream_id") for n in (2, 0, 1)] == [None, "a", "b"]


def test_seventeenth_response_is_queued_and_starts_when_one_ends() -> None:
    driver = Driver()
    for n in range(MAX_ACTIVE):
        driver.create(stream_id=f"lane{n}")
    assert kinds(driver.create(stream_id="late")) == ["created", "queued"]
    assert len(driver.started) == MAX_ACTIVE
    driver.engine(3, Text("x"), Finished())
    assert driver.started[-1].lane.name == "late"
    assert kinds(driver.engine(-1, Text("y")))[0] == "in_progress"


def test_thirty_third_name_is_refused_and_the_default_lane_does_not_count() -> None:
    driver = Driver()
    driver.answered()
    for n in range(MAX_NAMES):
        driver.create(generate=False, stream_id=f"lane{n}")
    (error,) = driver.create(stream_id="one-more")
    assert (error["error"]["code"], error["stream_id"]) == ("websocket_stream_limit_reached", "one-more")
    assert driver.answered(stream_id="lane0")


def test_flood_of_creates_is_refused_in_its_turn() -> None:
    driver = Driver()
    driver.create()
    for _ in range(MAX_QUEUED + 1):
        assert driver.create(generate=False) == []
    frames = driver.engine(0, Finished())
    assert code_of(frames[-1:]) == "rate_limit_exceeded"
    assert kinds(frames).count("completed") == 1 + MAX_QUEUED


def test_continuation_brings_the_whole_chain_but_no_settings() -> None:
    driver = Driver()
    first = driver.answered("one", instructions="be brief", tools=[{"type": "custom", "name": "t"}])
    driver.create("more", previous_response_id=first)
    request = driver.started[1].engine_request
    assert [item["content"] for item in request.input[::2]] == ["hi", "more"]
    assert request.input[1]["content"][0]["text"] == "one"
    assert (request.instructions, request.tools) == ("", [])


def test_only_the_latest_of_a_lane_is_kept() -> None:
    driver = Driver()
    first = driver.answered(store=False)
    second = driver.answered(store=False)
    assert code_of(driver.create(previous_response_id=first, stream_id="b")) == "previous_response_not_found"
    assert driver.create(previous_response_id=second, stream_id="b") == []
    assert len(driver.started) == 3


def test_stored_response_is_found_on_another_connection() -> None:
    stored = StoredResponses(limit=2)
    kept, volatile = Driver(stored).answered(), Driver(stored).answered(store=False)
    driver = Driver(stored)
    assert code_of(driver.create(previous_response_id=volatile)) == "previous_response_not_found"
    driver.create(previous_response_id=kept)
    assert len(driver.started) == 1
    Driver(stored).answered()
    Driver(stored).answered()
    assert code_of(Driver(stored).create(previous_response_id=kept)) == "previous_response_not_found"


@pytest.mark.parametrize("late", [False, True])
def test_failed_continuation_evicts_its_parent_but_a_failed_fork_does_not(late: bool) -> None:
    driver = Driver()
    first = driver.answered(store=False)
    failure: list[EngineEvent] = [Text("x"), Failed("no")] if late else [Failed("no")]
    driver.create(previous_response_id=first, stream_id="fork", store=False)
    driver.engine(-1, *failure)
    driver.create(previous_response_id=first, store=False)
    assert kinds(driver.engine(-1, *failure))[-1] == ("failed" if late else "error")
    assert code_of(driver.create(previous_response_id=first)) == "previous_response_not_found"


def test_refused_continuation_evicts_its_parent() -> None:
    driver = Driver()
    first = driver.answered(store=False)
    assert code_of(driver.create(previous_response_id=first, tools=3)) == "invalid_value"
    assert code_of(driver.create(previous_response_id=first)) == "previous_response_not_found"


def test_fork_lives_on_when_its_source_goes_on() -> None:
    driver = Driver()
    first = driver.answered(store=False)
    driver.create("side", previous_response_id=first, stream_id="side", store=False)
    driver.create("main", previous_response_id=first, store=False)
    side, main = (run.engine_request.input for run in driver.started[-2:])
    assert side[:2] == main[:2]
    assert (side[2]["content"], main[2]["content"]) == ("side", "main")


@pytest.mark.parametrize("fields", [{"generate": False}, {"prompt_cache_options": {"prewarm": True}}])
def test_warm_up_costs_nothing_and_lasts_several_turns(fields: dict[str, Any]) -> None:
    driver = Driver()
    frames = driver.create("context", store=False, **fields)
    assert kinds(frames) == ["created", "in_progress", "completed"]
    assert frames[-1]["response"]["output"] == []
    assert frames[-1]["response"]["usage"]["output_tokens"] == 0
    warm = frames[-1]["response"]["id"]
    driver.answered(previous_response_id=warm, store=False)
    driver.answered(previous_response_id=warm, store=False)
    assert [item["content"] for item in driver.started[-1].engine_request.input] == ["context", "hi"]


def test_open_calls_must_be_answered() -> None:
    driver = Driver()
    called = driver.called()
    assert code_of(driver.create("never mind", previous_response_id=called)) == "invalid_value"
    driver = Driver()
    called = driver.called()
    assert code_of(driver.create([output(), output()], previous_response_id=called)) == "invalid_value"
    driver = Driver()
    called = driver.called()
    driver.create([output()], previous_response_id=called)
    assert [item["type"] for item in driver.started[-1].engine_request.input] == [
        "message",
        "custom_tool_call",
        "custom_tool_call_output",
    ]


def test_call_cut_short_is_not_open() -> None:
    driver = Driver()
    driver.create()
    frames = driver.engine(
        0, CallOpened("c", "t", CallKind.FUNCTION), CallInput('{"a'), Finished(incomplete="max_output_tokens")
    )
    assert frames[-1]["response"]["output"][0]["status"] == "incomplete"
    driver.create("go on", previous_response_id=frames[-1]["response"]["id"])
    assert [item["type"] for item in driver.started[-1].engine_request.input] == ["message", "message"]


def test_tools_of_a_developer_item_count() -> None:
    driver = Driver()
    tool = {"type": "custom", "name": "apply_patch"}
    driver.create([{"type": "additional_tools", "role": "developer", "tools": [tool]}])
    assert driver.started[0].engine_request.tools == [tool]


def test_item_reference_is_resolved() -> None:
    driver = Driver()
    driver.create()
    item = driver.engine(0, Text("said"), Finished())[-1]["response"]["output"][0]
    driver.create([{"type": "item_reference", "id": item["id"]}])
    assert driver.started[1].engine_request.input == [item]


def test_interrupt_drops_the_unfinished_item_and_can_be_continued() -> None:
    driver = Driver()
    driver.create(stream_id="a")
    frames = driver.engine(0, *patch_call(), Text("half"))
    response_id = frames[0]["response"]["id"]
    (end,) = driver.receive(type="response.interrupt", response_id=response_id, mode="discard_partial_items")
    assert end["type"] == "response.incomplete"
    assert end["response"]["incomplete_details"] == {"reason": "interrupted"}
    assert [item["type"] for item in end["response"]["output"]] == ["custom_tool_call"]
    assert driver.stopped == driver.started
    assert driver.engine(0, Text("late"), Finished()) == []
    assert driver.receive(type="response.interrupt", response_id=response_id) == []
    driver.create([output()], previous_response_id=response_id, stream_id="a")
    assert len(driver.started) == 2


def test_interrupt_of_a_stranger_is_an_error() -> None:
    driver = Driver()
    assert code_of(driver.receive(type="response.interrupt", response_id="resp_x")) == "response_not_found"
    assert code_of(driver.receive(type="response.interrupt", response_id=None)) == "invalid_value"


def test_interrupt_of_a_queued_response_frees_its_place() -> None:
    driver = Driver()
    for n in range(MAX_ACTIVE):
        driver.create(stream_id=f"lane{n}")
    queued = driver.create(stream_id="late")[0]["response"]["id"]
    (end,) = driver.receive(type="response.interrupt", response_id=queued)
    assert end["response"]["incomplete_details"] == {"reason": "interrupted"}
    driver.engine(0, Finished())
    assert len(driver.started) == MAX_ACTIVE


def test_old_connection_ends_what_runs_and_begins_nothing() -> None:
    driver = Driver()
    driver.create(stream_id="a")
    driver.session.expire()
    assert code_of(driver.take()) == "websocket_connection_limit_reached"
    assert code_of(driver.create(stream_id="a")) == "websocket_connection_limit_reached"
    assert not driver.session.finished
    assert kinds(driver.engine(0, Text("x"), Finished()))[-1] == "completed"
    assert driver.session.finished


def test_close_stops_every_engine() -> None:
    driver = Driver()
    driver.create(stream_id="a")
    driver.create(stream_id="b")
    driver.session.close()
    assert set(driver.stopped) == set(driver.started)
    assert driver.engine(0, Text("late")) == []


def test_whatever_an_upstream_adds_to_its_output_is_kept() -> None:
    """A tool that the upstream runs itself shows results for calls that the client never saw."""
    driver = Driver()
    driver.create()
    hosted = {"type": "shell_call_output", "call_id": "hosted", "output": []}
    frames = driver.engine(0, ItemDone(hosted), Finished())
    assert frames[-1]["response"]["output"][0]["call_id"] == "hosted"
