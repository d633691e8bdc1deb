"""Items as chat messages, tools as functions."""

from __future__ import annotations

import json
from typing import Any

from spark_tui.protocol.engines.chat_request import PLAIN_PATCH_RULES, chat_body
from spark_tui.protocol.gateway.engine import EngineRequest

APPLY_PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edit files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"},
}
READ_FILE = {"type": "function", "name": "read_file", "parameters": {"type": "object"}, "strict": False}


def body(items: list[dict[str, Any]], *, with_tools: bool = True, tools: Any = (), **fields: Any) -> dict[str, Any]:
    items = [{"type": "message", **item} if "role" in item else item for item in items]
    request = EngineRequest("resp_1", items, fields.pop("instructions", ""), list(tools), fields)
    return chat_body(request, "m", with_tools=with_tools)


def call(call_id: str, name: str = "read_file", arguments: str = "{}") -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


def result(call_id: str, output: Any = "ok") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def test_leading_system_texts_become_one_and_later_ones_stay_in_place() -> None:
    messages = body(
        [
            {"role": "developer", "content": [{"type": "input_text", "text": "two"}]},
            {"role": "user", "content": "hi"},
            {"role": "developer", "content": "note"},
        ],
        instructions="one",
    )["messages"]
    assert messages == [{"role": "system", "content": "one\n\ntwo"}, {"role": "user", "content": "hi\n\nnote"}]


def test_parallel_calls_are_one_message_with_their_text_and_results_follow() -> None:
    steered = {"role": "user", "content": "steered"}
    messages = body(
        [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            call("c1"),
            {"type": "reasoning", "summary": []},
            {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "*** B\n"},
            steered,
            result("c1", [{"type": "input_text", "text": "file"}]),
            {"type": "custom_tool_call_output", "call_id": "c2", "output": "staged"},
        ]
    )["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "tool", "user"]
    assert messages[1]["content"] == "I look."
    assert [one["id"] for one in messages[1]["tool_calls"]] == ["c1", "c2"]
    assert json.loads(messages[1]["tool_calls"][1]["function"]["arguments"]) == {"patch": "*** B\n"}
    assert [message["content"] for message in messages[2:4]] == ["file", "staged"]


def test_calls_one_after_another_stay_apart() -> None:
    messages = body([{"role": "user", "content": "hi"}, call("c1"), result("c1"), call("c2"), result("c2")])[
        "messages"
    ]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant", "tool"]


def test_images_are_passed_on() -> None:
    content = [{"type": "input_text", "text": "see"}, {"type": "input_image", "image_url": "data:x"}]
    (message,) = body([{"role": "user", "content": content}])["messages"]
    assert message["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:x"}},
    ]


def test_tools_become_functions() -> None:
    made = body(
        [], tools=[APPLY_PATCH, READ_FILE, {"type": "web_search"}], tool_choice={"type": "custom", "name": "x"}
    )
    patch, read = [tool["function"] for tool in made["tools"]]
    assert patch["parameters"]["required"] == ["patch"]
    assert "start: x" in patch["description"]
    assert read == {"name": "read_file", "parameters": {"type": "object"}, "strict": False}
    assert made["tool_choice"] == {"type": "function", "function": {"name": "x"}}
    assert "tools" not in body([], tools=[{"type": "web_search"}])


def test_fields_are_named_as_chat_servers_do() -> None:
    made = body(
        [], max_output_tokens=5, reasoning={"effort": "low"}, temperature=0, text={"format": {"type": "text"}}
    )
    assert (made["max_tokens"], made["reasoning_effort"], made["temperature"]) == (5, "low", 0)
    assert made["stream_options"] == {"include_usage": True}
    assert "response_format" not in made


def test_model_without_tools_gets_plain_text_only() -> None:
    patch = {"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin Patch"}
    done = {"type": "custom_tool_call_output", "call_id": "c", "output": "staged"}
    made = body([{"role": "user", "content": "hi"}, patch, done], tools=[APPLY_PATCH], with_tools=False)
    assert "tools" not in made
    assert [(message["role"], message["content"]) for message in made["messages"]] == [
        ("system", PLAIN_PATCH_RULES),
        ("user", "hi"),
        ("assistant", "*** Begin Patch"),
        ("user", "Result of apply_patch:\nstaged"),
    ]
