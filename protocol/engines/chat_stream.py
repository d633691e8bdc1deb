"""The chunks of a chat-completions stream as engine events. Pure.

Servers differ: tool calls come in pieces or whole, with an index or without, in parallel, with an id of their own or
none; reasoning is called ``reasoning`` or ``reasoning_content``; the usage comes in a chunk of its own. All of
that is taken; what cannot be understood in a chunk is passed over.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from spark_tui.protocol.engines.chat_request import custom_field
from spark_tui.protocol.engines.plain_patch import Piece, PlainPatchFinder
from spark_tui.protocol.engines.upstream import failure_of
from spark_tui.protocol.gateway import json_text
from spark_tui.protocol.gateway.engine import (
    CallInput,
    CallOpened,
    EngineEvent,
    Failed,
    Finished,
    ItemDone,
    Reasoning,
    Text,
)
from spark_tui.protocol.wire.json_stream import JsonStringField
from spark_tui.protocol.wire.updates import CallKind, Usage

DONE = b"[DONE]"


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: Any = None


class _Call(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_decode_chunk = msgspec.json.Decoder(_Chunk).decode


class ToolCall:
    """One tool call whose arguments arrive as pieces of JSON."""

    def __init__(self, index: int | None, call_id: str | None, name: str, custom: bool) -> None:
        self.index = index
        self.upstream_id = call_id
        kind = CallKind.CUSTOM if custom else CallKind.FUNCTION
        self.opened = CallOpened(call_id or f"call_{secrets.token_hex(12)}", name, kind)
        self._field = JsonStringField(custom_field(name)) if custom else None
        self._pieces: list[str] = []
        self._decoded = False
        self.held: list[str] = []
        """Pieces that came while another call was being written."""

    def feed(self, piece: str) -> str:
        """The input that ``piece`` of the arguments gives."""
        self._pieces.append(piece)
        text = self._field.feed(piece) if self._field else piece
        self._decoded = self._decoded or bool(text)
        return text

    def finish(self) -> str:
        """Input that can be told only at the end: a custom tool's, under another name or not as JSON at all."""
        if self._decoded or self._field is None:
            return ""
        arguments = "".join(self._pieces)
        try:
            value = json.loads(arguments)
        except ValueError:
            return arguments
        texts = [text for text in value.values() if isinstance(text, str)] if isinstance(value, dict) else []
        return texts[0] if len(texts) == 1 else value if isinstance(value, str) else ""

    @property
    def complete(self) -> bool:
        """Whether the arguments are a whole JSON value, so that nothing more of them can come."""
        try:
            json.loads("".join(self._pieces))
        except ValueError:
            return False
        return True


_TOO_EARLY = "The upstream server ended its answer too early."
_EMPTY = "The upstream server's answer was empty; its log may say why (often more input than its context holds)."


class ChatTranslator:
    """Follows one answer. ``custom_tools`` are the names of tools whose input is text, not JSON."""

    def __init__(self, custom_tools: Collection[str], *, plain_patches: bool = False) -> None:
        self._custom_tools = custom_tools
        self._finder = PlainPatchFinder() if plain_patches else None
        self._in_patch = False
        self._call: ToolCall | None = None
        self._later: list[ToolCall] = []
        self._usage: Usage | None = None
        self._finish_reason: str | None = None
        self._done = False
        self._heard = False

    def feed(self, data: bytes) -> Iterator[EngineEvent]:
        """The events of one chunk. After a :class:`Failed` nothing more is to be fed."""
        self._heard = True
        if data.strip() == DONE:
            self._done = True
            return
        try:
            chunk = _decode_chunk(data)
        except msgspec.DecodeError:
            chunk = _lenient_chunk(data)
        if chunk.error:
            yield failure_of(chunk.error, _status_of(chunk.error))
            return
        if chunk.usage:
            self._usage = _usage_of(chunk.usage)
        for choice in (chunk.choices or ())[:1]:
            if choice.delta is not None:
                yield from self._delta(choice.delta)
            if choice.finish_reason:
                self._finish_reason = choice.finish_reason

    def finish(self) -> Iterator[EngineEvent]:
        """The events at the end of the stream; the last is :class:`Finished` or :class:`Failed`."""
        if not self._done and self._finish_reason is None:
            yield Failed(_TOO_EARLY if self._heard else _EMPTY, code="upstream_ended", status=502)
            return
        incomplete = _INCOMPLETE.get(self._finish_reason or "")
        if self._finder is not None:
            yield from self._pieces([piece for piece in self._finder.finish() if piece.text or not incomplete])
        for call in (None, *self._later):
            if call is not None:
                yield from self._open_call(call)
            if incomplete and self._call is not None and not self._call.complete:
                break  # the call was cut short: it stays open, so that it ends as incomplete with the response
            yield from self._close_call()
        yield Finished(self._usage, incomplete)

    def _delta(self, delta: _Delta) -> Iterator[EngineEvent]:
        if reasoning := delta.reasoning or delta.reasoning_content:
            yield Reasoning(reasoning)
        if text := delta.content or delta.refusal:
            if self._finder is None:
                yield Text(text)
            else:
                yield from self._pieces(self._finder.feed(text))
        for call in delta.tool_calls or ():
            yield from self._call_delta(call)

    def _call_delta(self, delta: _Call) -> Iterator[EngineEvent]:
        function = delta.function or _Function()
        arguments = function.arguments
        piece = arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments)
        call = self._known_call(delta, bool(function.name))
        if call is None:
            call = ToolCall(delta.index, delta.id, function.name or "", function.name in self._custom_tools)
            if self._call is not None and not self._call.complete:
                self._later.append(call)
            else:
                yield from self._close_call()
                yield from self._open_call(call)
        if call is not self._call:
            call.held.append(piece)
        elif text := call.feed(piece):
            yield CallInput(text)

    def _known_call(self, delta: _Call, named: bool) -> ToolCall | None:
        """The call that ``delta`` goes on with: by id where it has one, else by index, else the last one."""
        calls = [call for call in (self._call, *self._later) if call is not None]
        if delta.id and named:
            return next((call for call in calls if call.upstream_id == delta.id), None)
        if delta.index is not None:
            return next((call for call in reversed(calls) if call.index == delta.index), None)
        return None if named else calls[-1] if calls else None

    def _open_call(self, call: ToolCall) -> Iterator[EngineEvent]:
        self._call = call
        yield call.opened
        for piece in call.held:
            if text := call.feed(piece):
                yield CallInput(text)

    def _close_call(self) -> Iterator[EngineEvent]:
        if self._call is not None:
            if text := self._call.finish():
                yield CallInput(text)
            self._call = None
            yield ItemDone()

    def _pieces(self, pieces: list[Piece]) -> Iterator[EngineEvent]:
        for piece in pieces:
            if not piece.patch:
                yield Text(piece.text)
                continue
            if not self._in_patch:
                self._in_patch = True
                yield CallOpened(f"call_{secrets.token_hex(12)}", "apply_patch", CallKind.CUSTOM)
            if piece.text:
                yield CallInput(piece.text)
            if piece.ends:
                self._in_patch = False
                yield ItemDone()


def _lenient_chunk(data: bytes) -> _Chunk:
    """A chunk that is not of the usual shape, or holds half a surrogate pair; empty if it is no JSON object."""
    try:
        value = json_text.decode(data)
        return msgspec.convert(value, _Chunk, strict=False)
    except (ValueError, msgspec.ValidationError):
        return _Chunk()


def _status_of(error: Any) -> int:
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code <= 599 else 500


def _usage_of(usage: dict[str, Any]) -> Usage:
    def count(fields: Any, name: str) -> int:
        value = fields.get(name) if isinstance(fields, dict) else None
        return value if isinstance(value, int) else 0

    return Usage(
        input_tokens=count(usage, "prompt_tokens"),
        cached_tokens=count(usage.get("prompt_tokens_details"), "cached_tokens"),
        output_tokens=count(usage, "completion_tokens"),
        reasoning_tokens=count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
