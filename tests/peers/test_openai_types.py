"""What the gateway sends, against the types of the official ``openai`` package (3.54 and later)."""

from __future__ import annotations

from typing import Any

import pytest

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
from spark_tui.protocol.wire.updates import CallKind, Usage
from tests.doubles.session_driver import Driver, output, patch_call

server_event: Any = pytest.importorskip(
    "openai.types.responses.responses_server_event", reason="the official SDK is not installed"
)
pydantic: Any = pytest.importorskip("pydantic", reason="the official SDK is not installed")

pytestmark = pytest.mark.peers

UNKNOWN_TO_THE_SDK = ("response.apply_patch_call_operation_diff.",)

EVERYTHING: list[EngineEvent] = [
    Accepted(),
    Reasoning("hm"),
    Text("I look"),
    *patch_call("call_1"),
    CallOpened("call_2", "read_file", CallKind.FUNCTION),
    CallInput("{}"),
    CallOpened("call_3", "", CallKind.APPLY_PATCH, {"operation": {"type": "update_file", "path": "a", "diff": ""}}),
    CallInput("@@"),
    ItemDone({"type": "compaction", "encrypted_content": "zz"}),
]


def check(frames: list[dict[str, Any]]) -> set[str]:
    """Validate each frame strictly against the class of its type; the types that were seen."""
    adapter = pydantic.TypeAdapter(server_event.ResponsesServerEvent)
    for frame in frames:
        if not frame["type"].startswith(UNKNOWN_TO_THE_SDK):
            found = adapter.validate_python(frame, strict=False)
            assert found.type == frame["type"]
    return {frame["type"] for frame in frames}


def test_every_event_of_a_response_is_valid() -> None:
    function: dict[str, Any] = {"type": "function", "name": "f", "strict": None, "parameters": {}}
    tools = [{"type": "custom", "name": "apply_patch"}, function]
    for end in (Finished(Usage(1, 1, 1, 1)), Finished(None, "max_output_tokens"), Failed("gone")):
        driver = Driver()
        driver.create(stream_id="main", tools=tools, instructions="x", metadata={"a": "b"}, store=False)
        assert len(check(driver.engine(0, *EVERYTHING, end))) >= 16


def test_queueing_and_warm_up_are_valid() -> None:
    driver = Driver()
    assert check(driver.create(generate=False)) == {
        "response.created",
        "response.in_progress",
        "response.completed",
    }
    driver.create()
    check(driver.engine(0, Waiting(), Text("x"), Finished(incomplete="content_filter")))


def test_errors_are_valid() -> None:
    driver = Driver()
    driver.session.receive("{")
    check(driver.take())
    check(driver.create(stream_id=""))
    check(driver.create(previous_response_id="resp_x", stream_id="a"))
    driver.create()
    check(driver.engine(0, Failed("slow", "rate_limit_exceeded", 429, {"retry-after": "1"})))


def test_steering_is_valid() -> None:
    driver = Driver()
    driver.create(stream_id="a")
    parent = driver.engine(0, *patch_call()[:2])[0]["response"]["id"]
    steer = {"type": "response.steer", "previous_response_id": parent, "input": "no"}
    seen = check(driver.receive(**steer))
    seen |= check(driver.engine(0, Text("x")))
    seen |= check(driver.receive(**steer))
    driver.create([output()], stream_id="a", previous_response_id=parent)
    seen |= check(driver.engine(1, Text("x"), Finished()))
    assert {f"response.steer.{kind}" for kind in ("accepted", "pending", "failed")} <= seen
