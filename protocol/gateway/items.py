"""The output items of a response while they are written: the events that open, fill and close each kind.

The order and the fields of the events are those of protocol.md, section 3.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

from spark_tui.protocol.gateway.engine import CallOpened
from spark_tui.protocol.gateway.framing import Framer
from spark_tui.protocol.wire.json_stream import SurrogateJoiner
from spark_tui.protocol.wire.updates import CallKind, Item

Status = Literal["completed", "incomplete"]


class OpenItem(Protocol):
    """An output item that is being written."""

    type: str

    def opening(self) -> list[bytes]:
        """The frames before the first delta."""
        ...

    def delta(self, text: str) -> list[bytes]:
        """The frames for more text: one, or none while half a surrogate pair is held back."""
        ...

    def closing(self, final: Item, status: Status) -> tuple[list[bytes], Item]:
        """The frames after the last delta, and the finished item; ``final`` replaces what the deltas built."""
        ...


class DeltaText:
    """The text of one item: its deltas as frames, and the whole at the end."""

    def __init__(self, framer: Framer, head: bytes) -> None:
        self._framer = framer
        self._head = head
        self._parts: list[str] = []
        self._joiner: SurrogateJoiner | None = None

    def delta(self, text: str) -> list[bytes]:
        """The frame for ``text``; halves of surrogate pairs are joined over deltas."""
        if self._joiner is None:
            try:
                frame = self._framer.delta(self._head, text)
            except UnicodeEncodeError:
                self._joiner = SurrogateJoiner()
            else:
                self._parts.append(text)
                return [frame]
        whole = self._joiner.feed(text)
        return self._plain(whole)

    def finish(self) -> list[bytes]:
        """The frame for what was held back, if anything."""
        return self._plain(self._joiner.finish()) if self._joiner else []

    def _plain(self, text: str) -> list[bytes]:
        if not text:
            return []
        self._parts.append(text)
        return [self._framer.delta(self._head, text)]

    @property
    def text(self) -> str:
        """All of it so far."""
        return "".join(self._parts)


class OpenMessage:
    """A ``message`` with one text part."""

    type = "message"

    def __init__(self, framer: Framer, item_id: str, index: int) -> None:
        self._framer = framer
        self._index = index
        self._at = {"item_id": item_id, "output_index": index, "content_index": 0}
        self._item: Item = {"id": item_id, "type": "message", "role": "assistant"}
        self._text = DeltaText(framer, framer.delta_head("response.output_text.delta", **self._at, logprobs=[]))
        self.delta = self._text.delta

    def opening(self) -> list[bytes]:
        item = {**self._item, "status": "in_progress", "content": []}
        event = self._framer.event
        return [
            event("response.output_item.added", output_index=self._index, item=item),
            event("response.content_part.added", **self._at, part=_text_part("")),
        ]

    def closing(self, final: Item, status: Status) -> tuple[list[bytes], Item]:
        frames = self._text.finish()
        part, text = _text_part(self._text.text), self._text.text
        content = final.get("content") or [part]
        if final.get("content"):
            part = next((one for one in content if one.get("type") == "output_text"), part)
            text = str(part.get("text", text))
        item = {**final, **self._item, "status": status, "content": content}
        event = self._framer.event
        frames.append(event("response.output_text.done", **self._at, text=text, logprobs=[]))
        frames.append(event("response.content_part.done", **self._at, part=part))
        frames.append(event("response.output_item.done", output_index=self._index, item=item))
        return frames, item


class OpenReasoning:
    """A ``reasoning`` item with one summary part."""

    type = "reasoning"

    def __init__(self, framer: Framer, item_id: str, index: int) -> None:
        self._framer = framer
        self._index = index
        self._at = {"item_id": item_id, "output_index": index, "summary_index": 0}
        self._item: Item = {"id": item_id, "type": "reasoning"}
        self._text = DeltaText(framer, framer.delta_head("response.reasoning_summary_text.delta", **self._at))
        self.delta = self._text.delta

    def opening(self) -> list[bytes]:
        item = {**self._item, "status": "in_progress", "summary": []}
        part = {"type": "summary_text", "text": ""}
        event = self._framer.event
        return [
            event("response.output_item.added", output_index=self._index, item=item),
            event("response.reasoning_summary_part.added", **self._at, part=part),
        ]

    def closing(self, final: Item, status: Status) -> tuple[list[bytes], Item]:
        frames = self._text.finish()
        part = {"type": "summary_text", "text": self._text.text}
        item = {"summary": [part], **final, **self._item, "status": status}
        event = self._framer.event
        frames.append(event("response.reasoning_summary_text.done", **self._at, text=part["text"]))
        frames.append(event("response.reasoning_summary_part.done", **self._at, part=part))
        frames.append(event("response.output_item.done", output_index=self._index, item=item))
        return frames, item


class OpenCall:
    """A tool call whose input streams."""

    def __init__(self, framer: Framer, item_id: str, index: int, call: CallOpened) -> None:
        self._framer = framer
        self._index = index
        self._kind = call.kind
        self._at = {"item_id": item_id, "output_index": index}
        self.type = call.kind.value
        self._item: Item = {**call.extra, "id": item_id, "type": self.type, "call_id": call.call_id}
        if call.kind is not CallKind.APPLY_PATCH:
            self._item["name"] = call.name
        self._event_name, self._done_field = _CALL_EVENTS[call.kind]
        self._text = DeltaText(framer, framer.delta_head(f"response.{self._event_name}.delta", **self._at))
        self.delta = self._text.delta

    def opening(self) -> list[bytes]:
        item = {**self._item, **self._input_fields(""), "status": "in_progress"}
        return [self._framer.event("response.output_item.added", output_index=self._index, item=item)]

    def closing(self, final: Item, status: Status) -> tuple[list[bytes], Item]:
        frames = self._text.finish()
        item = {**self._input_fields(self._text.text), **final, **self._item, "status": status}
        if self._kind is CallKind.APPLY_PATCH:
            item["operation"] = final.get("operation") or self._input_fields(self._text.text)["operation"]
        text = item["operation"].get("diff", "") if self._kind is CallKind.APPLY_PATCH else item[self._done_field]
        if not (self._kind is CallKind.APPLY_PATCH and item["operation"].get("type") == "delete_file"):
            done = {self._done_field: text}
            frames.append(self._framer.event(f"response.{self._event_name}.done", **self._at, **done))
        frames.append(self._framer.event("response.output_item.done", output_index=self._index, item=item))
        return frames, item

    def _input_fields(self, text: str) -> dict[str, Any]:
        if self._kind is not CallKind.APPLY_PATCH:
            return {self._done_field: text}
        operation = dict(self._item.get("operation") or {})
        return {"operation": operation if operation.get("type") == "delete_file" else {**operation, "diff": text}}


_CALL_EVENTS = {
    CallKind.FUNCTION: ("function_call_arguments", "arguments"),
    CallKind.CUSTOM: ("custom_tool_call_input", "input"),
    CallKind.APPLY_PATCH: ("apply_patch_call_operation_diff", "diff"),
}

ITEM_ID_PREFIX = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "apply_patch_call": "apc",
}


def _text_part(text: str) -> Item:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
