from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.steering import user_message
from spark_tui.protocol.wire.updates import TurnSettings

SETTINGS = TurnSettings("m", "i", ({"type": "custom", "name": "apply_patch"},), {"prompt_cache_key": "k"})
ANSWER = {"type": "message", "id": "a", "role": "assistant", "content": []}


def call(call_id: str, kind: str = "custom_tool_call") -> dict[str, Any]:
    return {"type": kind, "call_id": call_id, "name": "n", "input": ""}


def asked(history: History, text: str, settings_: TurnSettings = SETTINGS) -> dict[str, Any]:
    history.add([user_message(text)])
    return history.request(settings_)


def test_the_first_request_has_everything_and_the_next_only_what_is_new() -> None:
    history = History()
    assert asked(history, "one") == {
        "type": "response.create",
        "model": "m",
        "store": False,
        "instructions": "i",
        "tools": list(SETTINGS.tools),
        "prompt_cache_key": "k",
        "input": [user_message("one")],
    }
    history.record("r1", [ANSWER], intact=True)
    second = asked(history, "two")
    assert (second["previous_response_id"], second["input"]) == ("r1", [user_message("two")])


@pytest.mark.parametrize("intact", [True, False])
def test_everything_is_sent_again_when_settings_change_or_the_chain_is_broken(intact: bool) -> None:
    history = History()
    asked(history, "one")
    history.record("r1", [ANSWER], intact=intact)
    request = asked(history, "two", replace(SETTINGS, instructions="other") if intact else SETTINGS)
    assert "previous_response_id" not in request
    assert request["input"] == [user_message("one"), ANSWER, user_message("two")]


def test_reasoning_that_only_names_what_the_server_forgot_is_not_resent() -> None:
    bare, whole = {"type": "reasoning", "id": "1"}, {"type": "reasoning", "id": "2", "encrypted_content": "x"}
    history = History([bare, whole])
    request = history.request(SETTINGS, reasoning=True)
    assert request["input"] == [whole]
    assert request["include"] == ["reasoning.encrypted_content"]
    assert history.request(replace(SETTINGS, extra={"store": True}))["input"] == [bare, whole]


def test_calls_that_nobody_answered_are_answered_as_not_run() -> None:
    history = History([call("1"), call("2"), call("3", "apply_patch_call")])
    output = {"type": "custom_tool_call_output", "call_id": "2", "output": "ok"}
    assert [item["call_id"] for item in history.open_calls()] == ["1", "2", "3"]
    history.add([output])
    assert history.open_calls() == []
    answers = {item["call_id"]: item for item in history.items if item["type"].endswith("_output")}
    assert answers["2"] == output
    assert answers["3"]["status"] == "failed"
    assert "not run" in answers["1"]["output"]


def test_after_a_stop_the_chain_goes_on_where_the_server_agrees() -> None:
    partial = {"type": "message", "role": "assistant", "content": "so f"}
    history = History()
    asked(history, "one")
    history.record_stopped("r1", [ANSWER], [partial])
    assert "previous_response_id" not in history.request(SETTINGS)
    history.confirm_stopped("r1", [ANSWER])
    assert asked(history, "two")["input"] == [partial, user_message("two")]


def test_after_a_stop_everything_is_sent_where_the_server_has_something_else() -> None:
    history = History()
    asked(history, "one")
    history.record_stopped("r1", [], [])
    history.confirm_stopped("r1", [ANSWER])
    assert "previous_response_id" not in asked(history, "two")


def test_a_history_survives_json_but_its_chain_does_not() -> None:
    history = History()
    asked(history, "one")
    history.record("r1", [ANSWER], intact=True)
    resumed = History.from_json(json.loads(json.dumps(history.to_json())))
    assert resumed.items == history.items
    assert "previous_response_id" not in resumed.request(SETTINGS)
    with pytest.raises(ValueError, match="not a conversation"):
        History.from_json({"items": ["x"]})


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=12))
def test_the_server_always_has_the_whole_conversation(turns: list[tuple[bool, bool, bool]]) -> None:
    """Whatever breaks: what the server holds, with what is sent, is what we hold."""
    history, server = History(), dict[str, list[dict[str, Any]]]()
    for number, (intact, broken, changed) in enumerate(turns):
        history.add([user_message(str(number))])
        request = history.request(replace(SETTINGS, instructions=str(changed)))
        held = server[request["previous_response_id"]] if "previous_response_id" in request else []
        assert held + request["input"] == history.items
        answer = {**ANSWER, "id": f"a{number}"}
        server[f"r{number}"] = [*history.items, answer]
        history.record(f"r{number}", [answer] if intact else [], intact=intact)
        if broken:
            history.break_chain()
