"""Turning what an engine yields into the events of one response, in the order that protocol.md, section 3 sets.

Pure: text goes through unbuffered, each delta one frame. The frame of a delta is put together from a part encoded
once per item, so it costs a few microseconds.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from enum import Enum
from typing import Any

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
from spark_tui.protocol.gateway.framing import Framer
from spark_tui.protocol.gateway.items import ITEM_ID_PREFIX, OpenCall, OpenItem, OpenMessage, OpenReasoning, Status
from spark_tui.protocol.gateway.refusal import Refusal, error_type
from spark_tui.protocol.gateway.requests import CreateRequest
from spark_tui.protocol.wire.updates import Item, Usage


class Phase(Enum):
    """How far a response has come, as its client sees it."""

    UNSEEN = "unseen"
    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def ended(self) -> bool:
        """Whether nothing of the response can follow."""
        return self not in (Phase.UNSEEN, Phase.QUEUED, Phase.IN_PROGRESS)


_NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.UNSEEN: frozenset({Phase.QUEUED, Phase.IN_PROGRESS, Phase.REFUSED}),
    Phase.QUEUED: frozenset({Phase.IN_PROGRESS, Phase.INCOMPLETE, Phase.FAILED}),
    Phase.IN_PROGRESS: frozenset({Phase.COMPLETED, Phase.INCOMPLETE, Phase.FAILED}),
}


class ResponseWriter:
    """The events of one response. Each method returns the frames to send, in order."""

    def __init__(
        self,
        request: CreateRequest,
        *,
        response_id: str,
        stream_id: str | None,
        model: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.framer = Framer(stream_id)
        self.response_id = response_id
        self.stream_id = stream_id
        self.phase = Phase.UNSEEN
        self.output: list[Item] = []
        self._item: OpenItem | None = None
        self._clock = clock
        self._head = _response_head(request, response_id, model, clock())
        self._suffix = secrets.token_hex(8)
        self._writers: dict[type[Any], Callable[[Any], list[bytes]]] = {
            Text: self._text,
            CallInput: self._call_input,
            Reasoning: self._reasoning,
            CallOpened: self._call_opened,
            ItemDone: self._item_done,
            Accepted: lambda event: self.begin(),
            Waiting: lambda event: self.queue(),
            Finished: self._finished,
            Failed: self._failed,
        }

    @property
    def has_open_item(self) -> bool:
        """Whether an output item was begun and is not done."""
        return self._item is not None

    def write(self, event: EngineEvent) -> list[bytes]:
        """The frames for ``event``; none once the response has ended."""
        if self.phase.ended:
            return []
        return self._writers[type(event)](event)

    def continues_item(self, event: EngineEvent) -> bool:
        """Whether ``event`` belongs to the open item; a steer waits for the first that does not."""
        match event:
            case Text():
                kind = "message"
            case Reasoning():
                kind = "reasoning"
            case CallInput():
                return isinstance(self._item, OpenCall)
            case ItemDone() | Accepted() | Waiting():
                return True
            case _:
                return False
        return self._item is not None and self._item.type == kind

    def queue(self) -> list[bytes]:
        """Tell that the response exists and waits."""
        if self.phase is not Phase.UNSEEN:
            return []
        self._enter(Phase.QUEUED)
        waiting = self._snapshot("queued")
        return [
            self.framer.event("response.created", response=waiting),
            self.framer.event("response.queued", response=waiting),
        ]

    def begin(self) -> list[bytes]:
        """Tell that the response is in progress, once."""
        if self.phase is Phase.IN_PROGRESS:
            return []
        running = self._snapshot("in_progress")
        frames = [] if self.phase is Phase.QUEUED else [self.framer.event("response.created", response=running)]
        self._enter(Phase.IN_PROGRESS)
        return [*frames, self.framer.event("response.in_progress", response=running)]

    def close_item(self, final: Item | None = None, status: Status = "completed") -> list[bytes]:
        """End the open item, if there is one."""
        if self._item is None:
            return []
        frames, item = self._item.closing(final or {}, status)
        self._item = None
        self.output.append(item)
        return frames

    def complete(self, usage: Usage | None = None) -> list[bytes]:
        """End with ``response.completed``."""
        frames = self.begin() + self.close_item()
        return [*frames, self._terminal(Phase.COMPLETED, usage=usage)]

    def end_incomplete(
        self, reason: str, *, usage: Usage | None = None, discard_partial: bool = False
    ) -> list[bytes]:
        """End with ``response.incomplete``; the unfinished item is dropped, or done as ``incomplete``."""
        frames = self.begin() if self.phase is Phase.UNSEEN else []
        if discard_partial:
            self._item = None
        frames += self.close_item(status="incomplete")
        return [*frames, self._terminal(Phase.INCOMPLETE, usage=usage, incomplete_details={"reason": reason})]

    def _enter(self, phase: Phase) -> None:
        assert phase in _NEXT[self.phase], f"{self.phase} -> {phase}"
        self.phase = phase

    def _open(self, item: OpenItem) -> list[bytes]:
        self._item = item
        return item.opening()

    def _next_place(self, kind: str) -> tuple[str, int]:
        index = len(self.output)
        return f"{ITEM_ID_PREFIX.get(kind, 'item')}_{self._suffix}{index:04x}", index

    def _text(self, event: Text) -> list[bytes]:
        item = self._item
        if item is not None and item.type == "message":
            return item.delta(event.delta)
        if not event.delta:
            return self.begin()
        frames = self.begin() + self.close_item()
        item = OpenMessage(self.framer, *self._next_place("message"))
        return frames + self._open(item) + item.delta(event.delta)

    def _reasoning(self, event: Reasoning) -> list[bytes]:
        item = self._item
        if item is not None and item.type == "reasoning":
            return item.delta(event.delta)
        if not event.delta:
            return self.begin()
        frames = self.begin() + self.close_item()
        item = OpenReasoning(self.framer, *self._next_place("reasoning"))
        return frames + self._open(item) + item.delta(event.delta)

    def _call_opened(self, event: CallOpened) -> list[bytes]:
        frames = self.begin() + self.close_item()
        return frames + self._open(OpenCall(self.framer, *self._next_place(event.kind.value), event))

    def _call_input(self, event: CallInput) -> list[bytes]:
        return self._item.delta(event.delta) if isinstance(self._item, OpenCall) else []

    def _item_done(self, event: ItemDone) -> list[bytes]:
        kind = event.item.get("type")
        if kind is None or (self._item is not None and self._item.type == kind):
            return self.close_item(
                event.item, "incomplete" if event.item.get("status") == "incomplete" else "completed"
            )
        frames = self.begin() + self.close_item()
        item_id, index = self._next_place(str(kind))
        item = {"id": item_id, **event.item}
        self.output.append(item)
        frames.append(self.framer.event("response.output_item.added", output_index=index, item=item))
        if kind == "compaction":
            at = {"item_id": item["id"], "output_index": index}
            frames.append(self.framer.event("response.compaction.compacting", **at))
        frames.append(self.framer.event("response.output_item.done", output_index=index, item=item))
        return frames

    def _finished(self, event: Finished) -> list[bytes]:
        if event.incomplete is None:
            return self.complete(event.usage)
        return self.end_incomplete(event.incomplete, usage=event.usage)

    def _failed(self, event: Failed) -> list[bytes]:
        if self.phase is Phase.UNSEEN:
            self._enter(Phase.REFUSED)
            refusal = Refusal(event.message, code=event.code, status=event.status, headers=event.headers)
            return [refusal.frame(self.stream_id)]
        error = {"code": event.code, "message": event.message, "type": error_type(event.status), "param": None}
        return [self._terminal(Phase.FAILED, error=error)]

    def _terminal(self, phase: Phase, *, usage: Usage | None = None, **fields: Any) -> bytes:
        self._enter(phase)
        self._item = None
        if phase is Phase.COMPLETED:
            fields["completed_at"] = int(self._clock())
        response = self._snapshot(phase.value, output=self.output, usage=_usage_fields(usage), **fields)
        return self.framer.event(f"response.{phase.value}", response=response)

    def _snapshot(self, status: str, **fields: Any) -> dict[str, Any]:
        return {**self._head, "status": status, **fields}


def _response_head(request: CreateRequest, response_id: str, model: str, now: float) -> dict[str, Any]:
    """The fields of the response object that stay the same; the request's own are echoed, as over HTTP."""
    fields = request.fields
    echoed = {name: fields[name] for name in _ECHOED if fields.get(name) is not None}
    return {
        "id": response_id,
        "object": "response",
        "created_at": int(now),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": request.instructions or None,
        "model": model,
        "output": [],
        "parallel_tool_calls": fields.get("parallel_tool_calls") is not False,
        "previous_response_id": request.previous_response_id,
        "store": request.store,
        "tool_choice": fields.get("tool_choice") or "auto",
        "tools": request.tools,
        "usage": None,
        "metadata": {},
        **echoed,
    }


_ECHOED = (
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "prompt_cache_key",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "temperature",
    "text",
    "top_p",
    "truncation",
)


def _usage_fields(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
