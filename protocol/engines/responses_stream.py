"""The events of a Responses stream as engine events. Pure; reads SSE data and recorded frames alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from spark_tui.protocol.engines.upstream import failure_of
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
from spark_tui.protocol.wire.updates import CallKind, Item, Usage

CALL_KINDS = {kind.value: kind for kind in CallKind}


class ResponsesTranslator:
    """Follows one response. Deltas pass straight; what came without deltas is taken from the done items."""

    def __init__(self) -> None:
        self.ended = False
        self._call_open = False
        self._streamed = False
        self._items_done = 0

    def feed(self, event: dict[str, Any]) -> Iterator[EngineEvent]:
        """The engine events of one event; ``ended`` is set with the last."""
        kind = event.get("type")
        if isinstance(kind, str) and kind.endswith(".delta"):
            yield from self._delta(kind, event)
            return
        match kind:
            case "response.created":
                if (event.get("response") or {}).get("status") != "queued":
                    yield Accepted()
            case "response.queued":
                yield Waiting()
            case "response.in_progress":
                yield Accepted()
            case "response.output_item.added":
                yield from self._open_call(event.get("item") or {})
            case "response.reasoning_summary_part.added":
                if event.get("summary_index") and self._streamed:
                    yield Reasoning("\n\n")
            case "response.output_item.done":
                yield from self._item_done(event.get("item") or {})
            case "response.completed" | "response.incomplete" | "response.failed":
                self.ended = True
                yield from self._terminal(event.get("response") or {}, str(kind))
            case "error":
                self.ended = True
                status = event.get("status") or event.get("status_code")
                error = event.get("error") or event
                yield failure_of(error, status if isinstance(status, int) else 500, _headers_of(event))

    def cut(self) -> EngineEvent:
        """The event for a stream that ends without a terminal."""
        self.ended = True
        return Failed("The upstream server ended its answer too early.", code="upstream_ended", status=502)

    def _delta(self, kind: str, event: dict[str, Any]) -> Iterator[EngineEvent]:
        make, delta = _DELTAS.get(kind), event.get("delta")
        if make is not None and isinstance(delta, str) and delta:
            self._streamed = True
            yield make(delta)

    def _open_call(self, item: Item) -> Iterator[EngineEvent]:
        kind = CALL_KINDS.get(str(item.get("type")))
        if kind is not None:
            self._call_open, self._streamed = True, False
            extra = {name: value for name, value in item.items() if name not in _TOLD_APART}
            yield CallOpened(str(item.get("call_id") or item.get("id")), str(item.get("name") or ""), kind, extra)

    def _item_done(self, item: Item) -> Iterator[EngineEvent]:
        self._items_done += 1
        kind = item.get("type")
        if kind in CALL_KINDS and not self._call_open:
            yield from self._open_call(item)
        if not self._streamed and (text := _text_of(item)):
            yield _MAKE_TEXT[str(kind)](text)
        self._call_open = self._streamed = False
        yield ItemDone({name: value for name, value in item.items() if name not in ("id", "call_id", "name")})

    def _terminal(self, response: dict[str, Any], kind: str) -> Iterator[EngineEvent]:
        output = response.get("output")
        if not self._items_done and not self._streamed and isinstance(output, list):
            for item in output:
                yield from self._item_done(item)
        if kind == "response.failed":
            error = response.get("error") or {}
            yield failure_of(error, _FAILED_STATUS.get(str(error.get("code")), 500))
            return
        reason = None
        if kind == "response.incomplete":
            reason = str((response.get("incomplete_details") or {}).get("reason") or "incomplete")
        yield Finished(_usage_of(response.get("usage")), reason)


def _text_of(item: Item) -> str:
    """The text that deltas would have brought."""
    match item.get("type"):
        case "message":
            return "".join(str(part.get("text") or part.get("refusal") or "") for part in item.get("content") or ())
        case "reasoning":
            return "\n\n".join(str(part.get("text") or "") for part in item.get("summary") or ())
        case "function_call":
            return str(item.get("arguments") or "")
        case "custom_tool_call":
            return str(item.get("input") or "")
        case "apply_patch_call":
            return str((item.get("operation") or {}).get("diff") or "")
    return ""


def _usage_of(usage: Any) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    return Usage(
        input_tokens=int(usage.get("input_tokens") or 0),
        cached_tokens=int((usage.get("input_tokens_details") or {}).get("cached_tokens") or 0),
        output_tokens=int(usage.get("output_tokens") or 0),
        reasoning_tokens=int((usage.get("output_tokens_details") or {}).get("reasoning_tokens") or 0),
    )


def _headers_of(event: dict[str, Any]) -> dict[str, str]:
    """Headers of an error, which stand within it or beside it (protocol.md 9)."""
    headers = event.get("headers") or (event.get("error") or {}).get("headers")
    return {str(name): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}


_DELTAS: dict[str, Callable[[str], EngineEvent]] = {
    "response.output_text.delta": Text,
    "response.refusal.delta": Text,
    "response.reasoning_summary_text.delta": Reasoning,
    "response.reasoning_text.delta": Reasoning,
    "response.function_call_arguments.delta": CallInput,
    "response.custom_tool_call_input.delta": CallInput,
    "response.apply_patch_call_operation_diff.delta": CallInput,
}
_MAKE_TEXT: dict[str, Callable[[str], EngineEvent]] = {
    "message": Text,
    "reasoning": Reasoning,
    **dict.fromkeys(CALL_KINDS, CallInput),
}
_TOLD_APART = frozenset({"id", "type", "status", "call_id", "name", "arguments", "input"})
_FAILED_STATUS = {"rate_limit_exceeded": 429, "invalid_prompt": 400}
