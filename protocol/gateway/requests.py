"""Reading what a client sends: each event checked once, so that the session can rely on its types.

Unknown fields are ignored (protocol.md 2.1), and so are item ids, which a client may have made itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from spark_tui.protocol.gateway import json_text
from spark_tui.protocol.gateway.refusal import Refusal
from spark_tui.protocol.wire.updates import Item

STREAM_ID = re.compile(r"[A-Za-z0-9_.\-]{1,256}\Z")
ROLES = frozenset({"user", "assistant", "system", "developer"})
STEER_FIELDS = frozenset({"type", "role", "content"})
STEER_PARTS = frozenset({"input_text", "input_image", "input_file"})


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A ``response.create`` whose fields have the right types."""

    fields: dict[str, Any]
    input: list[Item]
    instructions: str
    tools: list[Item]
    previous_response_id: str | None
    generate: bool
    store: bool


def parse_event(frame: str | bytes) -> dict[str, Any]:
    """The JSON object of one message. Raises :class:`Refusal` ``invalid_json``."""
    try:
        event = json_text.decode_clean(frame.encode() if isinstance(frame, str) else frame)
    except ValueError as error:
        raise Refusal(f"The message is not JSON: {error}", code="invalid_json") from None
    if not isinstance(event, dict):
        raise Refusal("The message must be one JSON object.", code="invalid_json")
    return event


def stream_id_of(event: dict[str, Any]) -> str | None:
    """The lane's name, ``None`` for the default lane. Raises :class:`Refusal` ``invalid_stream_id``."""
    name = event.get("stream_id")
    if name is not None and not (isinstance(name, str) and STREAM_ID.match(name)):
        raise Refusal(
            "stream_id must be 1 to 256 of the characters A-Z a-z 0-9 _ - .",
            code="invalid_stream_id",
            param="stream_id",
        )
    return name


def parse_create(event: dict[str, Any]) -> CreateRequest:
    """Check a ``response.create``. Raises :class:`Refusal` that names the field at fault."""
    for name, kind in _FIELD_TYPES.items():
        value = event.get(name)
        if value is not None and not isinstance(value, kind):
            raise invalid(f"{name} has the wrong type: {type(value).__name__}.", name)
    if event.get("background"):
        raise invalid("background responses cannot be made over a WebSocket.", "background")
    previous = event.get("previous_response_id")
    if event.get("conversation") is not None:
        if previous is not None:
            raise invalid("conversation and previous_response_id exclude each other.", "conversation")
        raise invalid("Conversations are not kept here; continue with previous_response_id.", "conversation")
    tools = event.get("tools") or []
    if not all(isinstance(tool, dict) and isinstance(tool.get("type"), str) for tool in tools):
        raise invalid("Each of tools must be an object with a type.", "tools")
    prewarm = (event.get("prompt_cache_options") or {}).get("prewarm") is True
    return CreateRequest(
        fields=event,
        input=parse_input(event.get("input")),
        instructions=event.get("instructions") or "",
        tools=tools,
        previous_response_id=previous,
        generate=event.get("generate") is not False and not prewarm,
        store=event.get("store") is not False,
    )


def parse_input(value: str | list[Any] | None) -> list[Item]:
    """The items of ``input``; a string is one user message. Raises :class:`Refusal`."""
    if value is None:
        return []
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    items = [_parse_item(item, index) for index, item in enumerate(value)]
    if any(item["type"] == "compaction_trigger" for item in items[:-1]):
        raise invalid("A compaction_trigger must be the last item.", "input")
    return items


def parse_steer_input(value: Any) -> list[Item]:
    """The user messages of a ``response.steer`` (protocol.md 2.2). Raises :class:`Refusal` ``invalid_input``."""
    if isinstance(value, str) and value:
        return [{"type": "message", "role": "user", "content": value}]
    if not isinstance(value, list) or not value:
        raise _bad_steer("input must be a string or an array of messages, and not empty.")
    for item in value:
        if not isinstance(item, dict) or item.get("type", "message") != "message" or item.get("role") != "user":
            raise _bad_steer("Only messages with the role user can steer.")
        if not item.keys() <= STEER_FIELDS:
            raise _bad_steer("A steering message holds only type, role and content.")
        content = item.get("content")
        parts = content if isinstance(content, list) else []
        if not (isinstance(content, str) or parts) or not all(
            isinstance(part, dict) and part.get("type") in STEER_PARTS for part in parts
        ):
            raise _bad_steer("content must be a string or input_text, input_image and input_file parts.")
    return [{"type": "message", **item} for item in value]


def additional_tools(items: list[Item]) -> list[Item]:
    """Tools that developer items bring along in the conversation."""
    found: list[Item] = []
    for item in items:
        if item["type"] == "additional_tools" and isinstance(item.get("tools"), list):
            found += [tool for tool in item["tools"] if isinstance(tool, dict) and isinstance(tool.get("type"), str)]
    return found


def invalid(message: str, param: str) -> Refusal:
    """A 400 for one field."""
    return Refusal(message, code="invalid_value", param=param)


def _bad_steer(message: str) -> Refusal:
    return Refusal(message, code="invalid_input", param="input")


def _parse_item(item: Any, index: int) -> Item:
    where = f"input[{index}]"
    if not isinstance(item, dict):
        raise invalid(f"{where} must be an object.", where)
    kind = item.get("type", "message")
    if not isinstance(kind, str):
        raise invalid(f"{where}.type must be a string.", f"{where}.type")
    if kind == "message":
        if item.get("role") not in ROLES:
            raise invalid(f"{where}.role must be one of {', '.join(sorted(ROLES))}.", f"{where}.role")
        content = item.get("content")
        if not isinstance(content, str) and not (
            isinstance(content, list) and all(isinstance(part, dict) for part in content)
        ):
            raise invalid(f"{where}.content must be a string or an array of parts.", f"{where}.content")
    elif kind.endswith(("_call", "_call_output")) and not isinstance(item.get("call_id", ""), str):
        raise invalid(f"{where}.call_id must be a string.", f"{where}.call_id")
    return item if "type" in item else {"type": "message", **item}


_FIELD_TYPES: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "input": (str, list),
    "instructions": str,
    "tools": list,
    "tool_choice": (str, dict),
    "parallel_tool_calls": bool,
    "previous_response_id": str,
    "generate": bool,
    "store": bool,
    "background": bool,
    "prompt_cache_options": dict,
    "reasoning": dict,
    "text": dict,
    "metadata": dict,
    "include": list,
    "temperature": (int, float),
    "top_p": (int, float),
    "max_output_tokens": int,
}
