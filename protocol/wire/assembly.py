"""A response's items, put together from its events.

What is final replaces what is provisional: a ``done`` event replaces the deltas before it, a done item replaces
that, and the terminal response's ``output``, where there is one, replaces all. Servers differ in what they leave
out (setup events, item ids, done events, the final output), so each step works without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from spark_tui.protocol.growing_text import GrowingText
from spark_tui.protocol.wire.frames import ServerEvent, text_field
from spark_tui.protocol.wire.json_stream import SurrogateJoiner
from spark_tui.protocol.wire.updates import (
    CallDelta,
    CallDone,
    CallKind,
    CallStarted,
    Item,
    MessageDone,
    ReasoningDelta,
    TextDelta,
    Update,
)

_MESSAGE = "message"
_REASONING = "reasoning"
_CALL_KINDS = {kind.value: kind for kind in CallKind}
_NOTHING: Sequence[Update] = ()


class _Slot:
    """One output item while it is being built. Of reasoning only ``told`` is kept: which parts have come."""

    __slots__ = ("call_id", "done", "id", "index", "item", "joiner", "kind", "name", "parts", "told", "whole")

    def __init__(self, id: str, index: int | None, kind: str) -> None:
        self.id = id
        self.index = index
        self.kind = kind
        self.parts: dict[int, GrowingText] = {}
        self.told: set[int] = set()
        self.joiner = SurrogateJoiner()
        self.item: Item | None = None
        self.whole: str | None = None
        self.call_id = ""
        self.name = ""
        self.done = False

    def complete(self, text: str) -> None:
        """Let ``text`` be the whole; what came before it is let go."""
        self.whole = text
        self.parts.clear()

    @property
    def text(self) -> str:
        if self.whole is not None:
            return self.whole
        return "".join(str(self.parts[part]) for part in sorted(self.parts))


class ResponseAssembly:
    """The output of one response, in the making. :meth:`feed` takes its events in the order of arrival."""

    def __init__(self) -> None:
        self._slots: list[_Slot] = []
        self._by_id: dict[str, _Slot] = {}

    def feed(self, event: ServerEvent) -> Sequence[Update]:
        """Take one event and return what it tells the program; unknown events tell nothing."""
        handler = _HANDLERS.get(event.type)
        return handler(self, event) if handler is not None else _NOTHING

    def finish(self, output: Any, *, completed: bool) -> list[Update]:
        """Take the terminal response's ``output`` and return what was not told before.

        An item that nobody declared done is taken as it stands when the response ``completed``; otherwise only
        whole items become :class:`CallDone`. Empty output does not unsay items that have been received.
        """
        told: list[Update] = []
        items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
        if items:
            taken = [self._take_final(item, position, told) for position, item in enumerate(items)]
            self._slots = [slot for slot in taken if slot is not None]
            return told
        for slot in self._slots:
            nameable = slot.text if slot.kind == _MESSAGE else slot.call_id
            if nameable and not slot.done and (completed or slot.whole is not None):
                told.extend(self._close(slot, _built_item(slot)))
        return told

    def items(self) -> list[Item]:
        """Return the items that are whole, as received, in order.

        A call that was cut is left out, since nobody may answer it, and so is reasoning that led only to it.
        """
        return self._kept(partial=False)

    def items_with_partial(self) -> list[Item]:
        """Return :meth:`items`, with the text so far of a message that was cut."""
        return self._kept(partial=True)

    def partial_items(self) -> list[Item]:
        """Return only the messages that were cut, as far as they came."""
        cut = (slot for slot in self._slots if slot.kind == _MESSAGE and not slot.done)
        return [_message_item(slot.text) for slot in cut if slot.text]

    @property
    def count(self) -> int:
        """How many items the response has, whole or not."""
        return len(self._slots)

    @property
    def has_calls(self) -> bool:
        """Whether the response made a call that the program has to answer."""
        return any(slot.kind in _CALL_KINDS for slot in self._slots)

    def _kept(self, *, partial: bool) -> list[Item]:
        kept: list[Item] = []
        reasoning: list[Item] = []
        for slot in self._slots:
            if slot.done and slot.item is not None:
                if slot.kind == _REASONING:
                    reasoning.append(slot.item)
                    continue
                kept += [*reasoning, slot.item]
            elif slot.kind == _MESSAGE and slot.text:
                kept += [*reasoning, _message_item(slot.text)] if partial else reasoning
            reasoning.clear()
        return kept + reasoning if all(slot.done for slot in self._slots) else kept

    def _slot(self, event: ServerEvent, kind: str, item_id: str | None = None) -> _Slot:
        """Return the slot that ``event`` is about, by its id, its place, or its kind; made when there is none.

        Some proxies give an item another id in each event, others leave out the place.
        """
        item_id = item_id or event.item_id
        if item_id is not None and (slot := self._by_id.get(item_id)) is not None:
            return slot
        index = event.output_index
        if index is not None or item_id is None:
            for slot in reversed(self._slots):
                if slot.kind == kind and not slot.done and (index is None or slot.index in (None, index)):
                    return slot
        slot = _Slot(item_id or f"item_{len(self._slots) if index is None else index}", index, kind)
        self._slots.append(slot)
        self._by_id[slot.id] = slot
        return slot

    def _on_added(self, event: ServerEvent) -> Sequence[Update]:
        item = event.item
        if item is None:
            return _NOTHING
        slot = self._slot(event, text_field(item, "type") or _MESSAGE, text_field(item, "id"))
        return self._announce(slot, item) if text_field(item, "call_id") else _NOTHING

    def _announce(self, slot: _Slot, item: Item) -> Sequence[Update]:
        """Tell that a call began, once it has a name to be known by, and what has come of it already."""
        if slot.call_id or slot.kind not in _CALL_KINDS:
            return _NOTHING
        slot.item = item
        slot.call_id = text_field(item, "call_id") or slot.id
        slot.name = text_field(item, "name")
        kind = _CALL_KINDS[slot.kind]
        started = CallStarted(slot.call_id, slot.name, kind, item if kind is CallKind.APPLY_PATCH else {})
        return (started, CallDelta(slot.call_id, slot.text)) if slot.text else (started,)

    def _on_text_delta(self, event: ServerEvent) -> Sequence[Update]:
        slot = self._slot(event, _MESSAGE)
        text = slot.joiner.feed(event.delta or "")
        if not text or slot.done:
            return _NOTHING
        part = event.content_index or 0
        written = slot.parts.get(part)
        if written is None:
            written = slot.parts[part] = GrowingText()
        written.append(text)
        return (TextDelta(slot.id, text),)

    def _on_text_done(self, event: ServerEvent) -> Sequence[Update]:
        text = event.text if event.text is not None else event.refusal
        slot = self._slot(event, _MESSAGE)
        if text is not None and not slot.done:
            slot.parts[event.content_index or 0] = GrowingText(text)
        return _NOTHING

    def _on_reasoning_delta(self, event: ServerEvent) -> Sequence[Update]:
        slot = self._slot(event, _REASONING)
        slot.told.add(event.summary_index or event.content_index or 0)
        text = slot.joiner.feed(event.delta or "")
        return (ReasoningDelta(slot.id, text),) if text else _NOTHING

    def _on_reasoning_done(self, event: ServerEvent) -> Sequence[Update]:
        slot = self._slot(event, _REASONING)
        part = event.summary_index or event.content_index or 0
        if part in slot.told or not event.text:
            return _NOTHING
        slot.told.add(part)
        return (ReasoningDelta(slot.id, event.text),)

    def _on_call_delta(self, event: ServerEvent) -> Sequence[Update]:
        slot = self._slot(event, _KIND_OF_CALL_EVENT[event.type])
        text = slot.joiner.feed(event.delta or "")
        if not text or slot.done:
            return _NOTHING
        written = slot.parts.get(0)
        if written is None:
            written = slot.parts[0] = GrowingText()
        written.append(text)
        return (CallDelta(slot.call_id, text),) if slot.call_id else _NOTHING

    def _on_call_done(self, event: ServerEvent) -> Sequence[Update]:
        slot = self._slot(event, _KIND_OF_CALL_EVENT[event.type])
        for value in (event.arguments, event.input, event.diff):
            if value is not None:
                slot.complete(value)
        return _NOTHING

    def _on_item_done(self, event: ServerEvent) -> Sequence[Update]:
        item = event.item
        if item is None:
            return _NOTHING
        slot = self._slot(event, text_field(item, "type") or _MESSAGE, text_field(item, "id"))
        return self._close(slot, item)

    def _close(self, slot: _Slot, item: Item) -> Sequence[Update]:
        """Make ``item`` the final form of ``slot`` and tell it; a second closing of a call tells nothing."""
        was_done = slot.done
        if was_done and slot.kind in _CALL_KINDS:
            return _NOTHING
        before = slot.text
        slot.item = item
        if slot.kind in _CALL_KINDS:
            updates = [*self._announce(slot, item)]
            slot.done = True
            slot.name = text_field(item, "name") or slot.name
            whole = call_arguments(item) or before
            slot.complete(whole)
            updates.append(CallDone(slot.call_id, slot.name, _CALL_KINDS[slot.kind], whole, item))
            return updates
        slot.done = True
        if slot.kind != _MESSAGE:
            return _NOTHING
        whole = message_text(item) or before
        slot.complete(whole)
        if was_done and whole == before:
            return _NOTHING
        return (MessageDone(slot.id, whole),)

    def _take_final(self, item: Item, position: int, told: list[Update]) -> _Slot | None:
        """Match an item of the terminal output with its slot, and close that if it is whole."""
        kind = text_field(item, "type") or _MESSAGE
        slot = self._by_id.get(text_field(item, "id"))
        if slot is None and position < len(self._slots) and self._slots[position].kind == kind:
            slot = self._slots[position]
        if slot is None:
            slot = _Slot(text_field(item, "id") or f"item_{position}", position, kind)
        if kind in _CALL_KINDS and not slot.done and text_field(item, "status") in ("incomplete", "in_progress"):
            return slot
        told.extend(self._close(slot, item))
        return slot


_Handler = Callable[[ResponseAssembly, ServerEvent], Sequence[Update]]

_KIND_OF_CALL_EVENT = {
    f"response.{field}.{end}": kind.value
    for field, kind in (
        ("function_call_arguments", CallKind.FUNCTION),
        ("custom_tool_call_input", CallKind.CUSTOM),
        ("apply_patch_call_operation_diff", CallKind.APPLY_PATCH),
    )
    for end in ("delta", "done")
}

_HANDLERS: dict[str, _Handler] = {
    "response.output_text.delta": ResponseAssembly._on_text_delta,
    "response.refusal.delta": ResponseAssembly._on_text_delta,
    "response.output_text.done": ResponseAssembly._on_text_done,
    "response.refusal.done": ResponseAssembly._on_text_done,
    "response.reasoning_summary_text.delta": ResponseAssembly._on_reasoning_delta,
    "response.reasoning_text.delta": ResponseAssembly._on_reasoning_delta,
    "response.reasoning_summary_text.done": ResponseAssembly._on_reasoning_done,
    "response.reasoning_text.done": ResponseAssembly._on_reasoning_done,
    "response.output_item.added": ResponseAssembly._on_added,
    "response.output_item.done": ResponseAssembly._on_item_done,
    **{
        name: ResponseAssembly._on_call_delta if name.endswith("delta") else ResponseAssembly._on_call_done
        for name in _KIND_OF_CALL_EVENT
    },
}


def message_text(item: Item) -> str:
    """Return the text of a message item: its text and refusal parts, joined."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part for part in content if isinstance(part, dict)]
    return "".join(text_field(part, "text") or text_field(part, "refusal") for part in parts)


def call_arguments(item: Item) -> str:
    """Return the whole input of a call item as text; empty when it has none (a built-in patch that deletes)."""
    kind = item.get("type")
    if kind == CallKind.APPLY_PATCH.value:
        operation = item.get("operation")
        return text_field(operation, "diff") if isinstance(operation, dict) else ""
    value = item.get("arguments" if kind == CallKind.FUNCTION.value else "input")
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def _message_item(text: str) -> Item:
    return {"type": _MESSAGE, "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def _built_item(slot: _Slot) -> Item:
    """Return the item that the deltas of ``slot`` describe, for a server that never sent it whole."""
    if slot.kind == _MESSAGE:
        return _message_item(slot.text)
    call = {"type": slot.kind, "call_id": slot.call_id, "name": slot.name}
    if slot.kind == CallKind.APPLY_PATCH.value:
        return {**(slot.item or call), "status": "completed"}
    return {**call, "arguments" if slot.kind == CallKind.FUNCTION.value else "input": slot.text}
