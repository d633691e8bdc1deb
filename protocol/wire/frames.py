"""Frames to typed events, and back.

A fast model sends 20,000 frames a second, so the usual frame is decoded once, straight into one small struct.
Nothing but ``type`` is needed for an event to survive: what has an unexpected type is treated as missing, and a
frame that is no JSON object at all becomes ``None``. Field names are those of the protocol.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from spark_tui.protocol.wire.updates import Item, Usage


class ServerEvent(msgspec.Struct, frozen=True, gc=False):
    """One event of the server; a field that the server did not send is ``None``."""

    type: str = ""
    stream_id: str | None = None
    item_id: str | None = None
    output_index: int | None = None
    content_index: int | None = None
    summary_index: int | None = None
    delta: str | None = None
    text: str | None = None
    refusal: str | None = None
    arguments: str | None = None
    input: str | None = None
    diff: str | None = None
    item: Item | None = None
    response: Item | None = None
    steer: Item | None = None
    error: Item | None = None
    status: int | None = None
    status_code: int | None = None
    code: str | None = None
    message: str | None = None
    headers: Item | None = None
    rate_limits: Item | None = None
    limit_name: str | None = None


_decode = msgspec.json.Decoder(ServerEvent).decode
_FIELD_TYPES: dict[str, type] = {
    name: dict if kind.startswith("Item") else int if kind.startswith("int") else str
    for name, kind in ServerEvent.__annotations__.items()
}


def decode_event(frame: str | bytes) -> ServerEvent | None:
    """Return the event in ``frame``, or ``None`` when it holds no JSON object. Never raises.

    Deltas may hold halves of surrogate pairs (``"\\ud83d"``): these stay in ``delta``, to be joined by the reader,
    and become U+FFFD everywhere else.
    """
    try:
        return _decode(frame)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _decode_leniently(frame)


def _decode_leniently(frame: str | bytes) -> ServerEvent | None:
    try:
        if isinstance(frame, bytes):
            frame = frame.decode("utf-8", "replace")
        fields = json.loads(frame)
        if not isinstance(fields, dict):
            return None
        delta = fields.get("delta")
        fields = json.loads(_mend_surrogates(json.dumps(fields, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    if isinstance(delta, str):
        fields["delta"] = delta
    known: dict[str, Any] = {
        name: value
        for name, kind in _FIELD_TYPES.items()
        if isinstance(value := fields.get(name), kind) and not isinstance(value, bool)
    }
    return ServerEvent(**known)


def _mend_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode_frame(event: Mapping[str, Any]) -> str:
    """Return ``event`` as the text of one frame. Lone surrogates from the program's side become U+FFFD."""
    try:
        return msgspec.json.encode(event).decode()
    except UnicodeEncodeError:
        return _mend_surrogates(json.dumps(event, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request failed, from an ``error`` event or a ``response.failed``; ``message`` is one line."""

    message: str
    code: str | None = None
    status: int | None = None
    headers: Mapping[str, str] | None = None


def failure_of(event: ServerEvent) -> Failure:
    """Read either shape of an error event, or the ``error`` of a failed response."""
    error: Item = event.error or {}
    if event.response is not None:
        error = _as_item(event.response.get("error"))
    code = _as_text(error.get("code")) or event.code
    kind = _as_text(error.get("type"))
    message = _as_text(error.get("message")) or event.message or code or kind or "the server gave no reason"
    headers = {**(event.headers or {}), **_as_item(error.get("headers"))}
    return Failure(
        " ".join(message.split()),
        code or kind,
        event.status if event.status is not None else event.status_code,
        {name.lower(): str(value) for name, value in headers.items()} or None,
    )


def usage_of(response: Item) -> Usage | None:
    """Read the usage of a terminal response; ``None`` when it has none. Missing counts are 0."""
    usage = response.get("usage")
    if not isinstance(usage, dict):
        return None
    return Usage(
        input_tokens=_as_count(usage.get("input_tokens")),
        cached_tokens=_as_count(_as_item(usage.get("input_tokens_details")).get("cached_tokens")),
        output_tokens=_as_count(usage.get("output_tokens")),
        reasoning_tokens=_as_count(_as_item(usage.get("output_tokens_details")).get("reasoning_tokens")),
    )


def incomplete_reason_of(response: Item) -> str | None:
    """Return ``incomplete_details.reason``, or ``None``."""
    return _as_text(_as_item(response.get("incomplete_details")).get("reason"))


def text_field(item: Item | None, name: str) -> str:
    """Return the string in ``item[name]``; empty when it is missing or no string."""
    value = item.get(name) if item else None
    return value if isinstance(value, str) else ""


def _as_item(value: Any) -> Item:
    return value if isinstance(value, dict) else {}


def _as_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _as_count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
