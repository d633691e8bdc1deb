"""A request as a chat-completions server wants it: items to messages, tools to functions. Pure.

The smallest common ground of such servers is kept to: one system message at the front, plain strings where a text
is all there is, tool results right after the calls they answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from spark_tui.protocol.gateway.engine import EngineRequest
from spark_tui.protocol.wire.updates import Item

Message = dict[str, Any]

PLAIN_PATCH_RULES = (
    "To change files, write the patch in your answer, between the lines *** Begin Patch and *** End Patch:\n"
    "*** Update File: PATH (or *** Add File: PATH with + lines, or *** Delete File: PATH), then for each place "
    "a line @@, lines kept (a space first), removed (- first) and added (+ first)."
)


def custom_field(name: str) -> str:
    """The function parameter that carries a custom tool's text."""
    return "patch" if name == "apply_patch" else "input"


def chat_body(request: EngineRequest, model: str, *, with_tools: bool) -> dict[str, Any]:
    """The body of ``POST /chat/completions``; without tools, calls and results are told as plain text."""
    body: dict[str, Any] = {
        "model": model,
        "messages": messages_of(request, with_tools=with_tools),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    fields = request.fields
    for ours, theirs in _PASSED_ON.items():
        if fields.get(ours) is not None:
            body[theirs] = fields[ours]
    if effort := (fields.get("reasoning") or {}).get("effort"):
        body["reasoning_effort"] = effort
    if output_format := _response_format(fields.get("text") or {}):
        body["response_format"] = output_format
    functions = [function for tool in request.tools if (function := _function(tool))]
    if with_tools and functions:
        body["tools"] = functions
        if fields.get("tool_choice") is not None:
            body["tool_choice"] = _tool_choice(fields["tool_choice"])
        if fields.get("parallel_tool_calls") is not None:
            body["parallel_tool_calls"] = fields["parallel_tool_calls"]
    return body


def messages_of(request: EngineRequest, *, with_tools: bool) -> list[Message]:
    """The conversation. Reasoning and items that chat servers do not know are left out."""
    system = [request.instructions] if request.instructions else []
    if not with_tools and offers_apply_patch(request.tools):
        system.append(PLAIN_PATCH_RULES)
    items = list(request.input)
    while items and items[0]["type"] in ("message", "additional_tools"):
        if items[0]["type"] == "message":
            if items[0]["role"] not in ("system", "developer"):
                break
            system.append(_plain_text(items[0].get("content")))
        del items[0]
    messages: list[Message] = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    outputs = {item.get("call_id"): item for item in items if item["type"] in _OUTPUT_TYPES}
    joins = False
    for item in items:
        for message in _messages_of_item(item, outputs, with_tools):
            _append(messages, message, joins=joins)
        if item["type"] != "reasoning":
            joins = item["type"] in _CALL_TYPES or item.get("role") == "assistant"
    return messages


def offers_apply_patch(tools: Iterable[Item]) -> bool:
    """Whether the client takes calls of the custom tool ``apply_patch``."""
    return any(tool.get("type") == "custom" and tool.get("name") == "apply_patch" for tool in tools)


def _messages_of_item(item: Item, outputs: dict[Any, Item], with_tools: bool) -> list[Message]:
    kind = item["type"]
    if kind == "message":
        # Templates of local models refuse a system message in the middle; what it says must not get lost.
        role = "assistant" if item["role"] == "assistant" else "user"
        content = _content(item.get("content"))
        return [{"role": role, "content": content}] if content else []
    if kind not in _CALL_TYPES:
        return []
    name, call_id = str(item.get("name")), item.get("call_id")
    text = str(item.get("input" if kind == "custom_tool_call" else "arguments", ""))
    output = outputs.get(call_id)
    result = _plain_text(output.get("output")) if output else ""
    if not with_tools:
        said = text if name == "apply_patch" else f"{name} {text}"
        return [{"role": "assistant", "content": said}, {"role": "user", "content": f"Result of {name}:\n{result}"}]
    arguments = json.dumps({custom_field(name): text}) if kind == "custom_tool_call" else text or "{}"
    function = {"name": name, "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": result},
    ]


def _append(messages: list[Message], message: Message, *, joins: bool) -> None:
    """Add ``message``, as part of the last one where servers want turns to alternate.

    ``joins``: the model made it in one answer with what stands before it.
    """
    if "tool_calls" in message and joins and messages:
        asked = next((at for at in reversed(range(len(messages))) if messages[at]["role"] != "tool"), 0)
        messages[asked].setdefault("tool_calls", []).extend(message["tool_calls"])
        return
    last = messages[-1] if messages else None
    if (
        last is not None
        and last["role"] == message["role"] != "tool"
        and isinstance(last["content"], str)
        and isinstance(message["content"], str)
        and "tool_calls" not in last
    ):
        last["content"] += "\n\n" + message["content"]
        return
    messages.append(message)


def _content(content: Any) -> str | list[dict[str, Any]]:
    """A string where text is all there is, else chat parts."""
    if not isinstance(content, list):
        return str(content or "")
    if not any(part.get("type") == "input_image" for part in content):
        return _plain_text(content)
    parts: list[dict[str, Any]] = []
    for part in content:
        if part.get("type") == "input_image" and isinstance(part.get("image_url"), str):
            parts.append({"type": "image_url", "image_url": {"url": part["image_url"]}})
        elif text := _part_text(part):
            parts.append({"type": "text", "text": text})
    return parts


def _plain_text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(_part_text(part) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else "" if content is None else json.dumps(content)


def _part_text(part: dict[str, Any]) -> str:
    return str(part.get("text") or part.get("refusal") or "")


def _function(tool: Item) -> dict[str, Any] | None:
    """The tool as a function; ``None`` for tools that only the vendor's own servers run."""
    name = tool.get("name")
    if tool["type"] == "function":
        kept = {
            key: tool[key] for key in ("name", "description", "parameters", "strict") if tool.get(key) is not None
        }
        return {"type": "function", "function": kept}
    if tool["type"] != "custom":
        return None
    description = str(tool.get("description") or "")
    grammar = tool.get("format") or {}
    if grammar.get("type") == "grammar":
        description += f"\nThe text must follow this {grammar.get('syntax')} grammar:\n{grammar.get('definition')}"
    parameter = custom_field(str(name))
    schema = {
        "type": "object",
        "properties": {parameter: {"type": "string", "description": f"The whole {parameter} as plain text."}},
        "required": [parameter],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def _tool_choice(choice: Any) -> Any:
    if isinstance(choice, dict):
        return {"type": "function", "function": {"name": choice.get("name")}} if "name" in choice else "auto"
    return choice


def _response_format(text: dict[str, Any]) -> dict[str, Any] | None:
    wanted = text.get("format") or {}
    if wanted.get("type") == "json_schema":
        return {"type": "json_schema", "json_schema": {key: wanted[key] for key in wanted if key != "type"}}
    return {"type": "json_object"} if wanted.get("type") == "json_object" else None


_PASSED_ON = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_output_tokens": "max_tokens",
    "service_tier": "service_tier",
}
_CALL_TYPES = ("function_call", "custom_tool_call")
_OUTPUT_TYPES = ("function_call_output", "custom_tool_call_output")
