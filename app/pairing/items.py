"""Input items as the program makes them (protocol.md, section 2.1)."""

from __future__ import annotations

from spark_tui.protocol.wire.updates import CallKind, Item

OUTPUT_TYPES = {
    CallKind.FUNCTION: "function_call_output",
    CallKind.CUSTOM: "custom_tool_call_output",
    CallKind.APPLY_PATCH: "apply_patch_call_output",
}


def user_message(text: str) -> Item:
    """What the user said."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def developer_note(text: str) -> Item:
    """What the program itself tells the model."""
    return {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": text}]}


def meanwhile(text: str) -> str:
    """What the program itself tells the model where only the user's messages can go: beside a steer."""
    return f"<meanwhile>\n{text}\n</meanwhile>"


def call_output(call_id: str, kind: CallKind, text: str, *, failed: bool = False) -> Item:
    """The answer to a tool call; only the built-in patch tool has a field for failure."""
    item: Item = {"type": OUTPUT_TYPES[kind], "call_id": call_id, "output": text}
    if kind is CallKind.APPLY_PATCH:
        item["status"] = "failed" if failed else "completed"
    return item
