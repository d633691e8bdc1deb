"""response.steer: the state machine of protocol.md, section 7."""

from __future__ import annotations

from typing import Any

import pytest

from spark_tui.protocol.gateway.engine import CallInput, CallOpened, Failed, Finished, Reasoning, Text
from spark_tui.protocol.gateway.steering import MAX_STEERS
from spark_tui.protocol.wire.updates import CallKind
from tests.doubles.session_driver import Driver, code_of, kinds, output, patch_call


def running(driver: Driver, **fields: Any) -> str:
    """A response in the midst of a message; its id."""
    driver.create(stream_id="a", **fields)
    return str(driver.engine(-1, Text("so "))[0]["response"]["id"])


def steer(driver: Driver, response_id: str, text: Any = "no, call it total") -> list[dict[str, Any]]:
    return driver.receive(type="response.steer", previous_response_id=response_id, input=text)


def test_steer_waits_for_the_item_and_then_a_successor_goes_on() -> None:
    driver = Driver()
    parent = running(driver, instructions="be brief")
    (accepted,) = steer(driver, parent)
    assert accepted["type"] == "response.steer.accepted"
    assert accepted["steer"]["previous_response_id"] == parent
    assert accepted["stream_id"] == "a"
    assert accepted["sequence_number"] == 5
    assert kinds(driver.engine(0, Text("far"))) == ["output_text.delta"]
    frames = driver.engine(0, CallOpened("c", "t", CallKind.FUNCTION))
    assert kinds(frames)[-2:] == ["output_item.done", "incomplete"]
    end = frames[-1]["response"]
    assert end["incomplete_details"] == {"reason": "steered"}
    assert end["usage"] is None
    assert driver.stopped == driver.started[:1]
    request = driver.started[1].engine_request
    assert request.instructions == "be brief"
    assert [item["role"] for item in request.input] == ["user", "assistant", "user"]
    assert request.input[2]["content"] == "no, call it total"
    created = driver.engine(1, Text("right"))[0]
    assert created["response"]["previous_response_id"] == parent


def test_steer_between_items_takes_effect_at_once() -> None:
    driver = Driver()
    driver.create()
    response_id = driver.engine(0, Text(""))[0]["response"]["id"]
    assert kinds(steer(driver, response_id)) == ["steer.accepted", "incomplete"]
    assert len(driver.started) == 2


def test_completion_is_followed_by_the_successor_before_queued_creates() -> None:
    driver = Driver()
    parent = running(driver)
    driver.create("queued", stream_id="a")
    steer(driver, parent, "first")
    steer(driver, parent, [{"role": "user", "content": [{"type": "input_text", "text": "second"}]}])
    assert kinds(driver.engine(0, Finished()))[-1] == "completed"
    assert [item["content"] for item in driver.started[1].engine_request.input[2:]] == [
        "first",
        [{"type": "input_text", "text": "second"}],
    ]
    driver.engine(1, Text("x"), Finished())
    assert driver.started[2].engine_request.input[0]["content"] == "queued"


def test_open_call_makes_the_steer_wait_for_its_result() -> None:
    driver = Driver()
    parent = running(driver)
    driver.engine(0, *patch_call()[:2])
    accepted = steer(driver, parent)[0]["steer"]
    frames = driver.engine(0, Text("more"))
    assert kinds(frames)[-2:] == ["completed", "steer.pending"]
    pending = frames[-1]
    assert pending["steer"] == accepted
    assert pending["reason"] == "waiting_for_required_input"
    assert pending["required_input"] == [{"type": "custom_tool_call_output", "call_id": "call_1"}]
    assert pending["sequence_number"] == frames[-2]["sequence_number"] + 1
    driver.create([output()], stream_id="a", previous_response_id=parent, instructions="own")
    request = driver.started[-1].engine_request
    assert [item["type"] for item in request.input[-2:]] == ["message", "custom_tool_call_output"]
    assert request.instructions == "own"
    assert kinds(driver.engine(-1, Text("x")))[0] == "created"


def test_function_stub_names_the_function() -> None:
    driver = Driver()
    parent = running(driver)
    driver.engine(0, CallOpened("c", "read_file", CallKind.FUNCTION), CallInput("{}"))
    steer(driver, parent)
    (pending,) = driver.engine(0, Finished())[-1:]
    assert pending["required_input"] == [{"type": "function_call_output", "call_id": "c", "name": "read_file"}]


def test_results_already_sent_make_the_notice_unnecessary() -> None:
    driver = Driver()
    parent = running(driver)
    driver.engine(0, *patch_call()[:2])
    steer(driver, parent)
    driver.create([output()], stream_id="a", previous_response_id=parent)
    assert "steer.pending" not in kinds(driver.engine(0, Text("more")))
    assert [item["type"] for item in driver.started[-1].engine_request.input[-2:]] == [
        "message",
        "custom_tool_call_output",
    ]


@pytest.mark.parametrize("answer", [{"previous_response_id": None}, {"tools": 3}])
def test_steer_whose_results_never_come_is_given_back(answer: dict[str, Any]) -> None:
    driver = Driver()
    parent = running(driver)
    driver.engine(0, *patch_call()[:2])
    steer_id = steer(driver, parent)[0]["steer"]["id"]
    driver.engine(0, Finished())
    frames = driver.create("new", stream_id="a", **{"previous_response_id": parent, **answer})
    (failed,) = [frame for frame in frames if frame["type"] == "response.steer.failed"]
    assert failed["steer"] == {"id": steer_id, "previous_response_id": parent, "input": "no, call it total"}
    assert failed["error"]["code"] == "successor_creation_failed"


def test_successor_that_cannot_be_made_gives_the_input_back_without_an_error_of_the_lane() -> None:
    driver = Driver()
    parent = running(driver)
    steer(driver, parent)
    driver.engine(0, Finished())
    (failed,) = driver.engine(1, Failed("no quota", "rate_limit_exceeded", 429))
    assert failed["type"] == "response.steer.failed"
    assert failed["error"] == {
        "type": "invalid_request_error",
        "code": "successor_creation_failed",
        "message": "no quota",
    }


def test_failure_and_interrupt_give_the_input_back() -> None:
    driver = Driver()
    parent = running(driver)
    steer(driver, parent)
    assert kinds(driver.engine(0, Failed("gone"))) == ["failed", "steer.failed"]
    driver = Driver()
    parent = running(driver)
    steer(driver, parent)
    assert kinds(driver.receive(type="response.interrupt", response_id=parent)) == ["incomplete", "steer.failed"]
    assert len(driver.started) == 1


def test_too_many_steers_are_refused() -> None:
    driver = Driver()
    parent = running(driver)
    for n in range(MAX_STEERS):
        assert kinds(steer(driver, parent, str(n))) == ["steer.accepted"]
    (failed,) = steer(driver, parent, "one more")
    assert failed["error"]["code"] == "too_many_pending_steers"
    assert failed["steer"] == {"previous_response_id": parent, "input": "one more"}


@pytest.mark.parametrize(
    "bad",
    [
        "",
        [],
        None,
        [3],
        [{"role": "assistant", "content": "x"}],
        [{"role": "user", "content": "x", "id": "msg_1"}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": [{"type": "output_text", "text": "x"}]}],
        [{"type": "function_call_output", "call_id": "c", "output": "x"}],
    ],
)
def test_bad_input_is_refused_and_returned(bad: Any) -> None:
    driver = Driver()
    parent = running(driver)
    (failed,) = steer(driver, parent, bad)
    assert failed["error"]["code"] == "invalid_input"
    assert failed["steer"]["input"] == bad
    assert kinds(driver.engine(0, Text("on"))) == ["output_text.delta"]


def test_late_and_lost_steers_are_told_apart() -> None:
    driver = Driver()
    parent = running(driver)
    (unknown,) = steer(driver, "resp_x")
    assert unknown["error"]["code"] == "response_not_found"
    assert "stream_id" not in unknown
    driver.engine(0, Finished())
    (late,) = steer(driver, parent)
    assert (late["error"]["code"], late["stream_id"]) == ("response_already_completed", "a")
    parent = running(driver)
    driver.engine(-1, Failed("gone"))
    assert steer(driver, parent)[0]["error"]["code"] == "response_not_active"
    assert code_of(driver.receive(type="response.steer", input="x")) == "invalid_value"


def test_reasoning_is_an_item_to_wait_for_too() -> None:
    driver = Driver()
    driver.create()
    parent = driver.engine(0, Reasoning("hm"))[0]["response"]["id"]
    assert kinds(steer(driver, parent)) == ["steer.accepted"]
    assert kinds(driver.engine(0, Reasoning("hm"))) == ["reasoning_summary_text.delta"]
    assert kinds(driver.engine(0, Text("x")))[-1] == "incomplete"
