"""Chunks of chat-completions servers, tidy and untidy."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.engines.chat_stream import ChatTranslator
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
from spark_tui.protocol.wire.updates import CallKind, Usage


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def tool(
    index: int | None = None, call_id: str | None = None, name: str | None = None, text: Any = ""
) -> dict[str, Any]:
    function = {"arguments": text} | ({"name": name} if name is not None else {})
    made: dict[str, Any] = {"function": function, "type": "function"}
    if index is not None:
        made["index"] = index
    if call_id is not None:
        made["id"] = call_id
    return delta(tool_calls=[made])


def translate(*chunks: Any, plain: bool = False, end: bool = True) -> list[EngineEvent]:
    translator = ChatTranslator({"apply_patch"}, plain_patches=plain)
    events: list[EngineEvent] = []
    for chunk in chunks:
        events += translator.feed(chunk if isinstance(chunk, bytes) else json.dumps(chunk).encode())
    return events + (list(translator.finish()) if end else [])


def calls(events: list[EngineEvent]) -> list[tuple[str, str]]:
    """Name and input of each call; fails where calls overlap."""
    found: list[tuple[str, str]] = []
    for event in events:
        match event:
            case CallOpened(_, name):
                found.append((name, ""))
            case CallInput(text):
                found[-1] = (found[-1][0], found[-1][1] + text)
    return found


STOP = delta("stop")


def test_text_reasoning_and_usage() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 3}}
    events = translate(
        delta(role="assistant", content=""),
        delta(reasoning_content="hm"),
        delta(reasoning="hm"),
        delta(content="a"),
        STOP,
        {"choices": [], "usage": usage},
        b"[DONE]",
    )
    assert events == [Reasoning("hm"), Reasoning("hm"), Text("a"), Finished(Usage(9, 3, 4))]


def test_patch_streams_as_its_json_streams() -> None:
    translator = ChatTranslator({"apply_patch"})
    opened = list(translator.feed(json.dumps(tool(0, "c1", "apply_patch")).encode()))
    assert opened == [CallOpened("c1", "apply_patch", CallKind.CUSTOM)]
    pieces = ['{"pa', 'tch": "*** Be', "gin\\", "n\\ud83d", '\\udc69x"', "}"]
    texts = [list(translator.feed(json.dumps(tool(0, text=piece)).encode())) for piece in pieces]
    assert texts[1] == [CallInput("*** Be")]
    assert "".join(event.delta for one in texts for event in one if isinstance(event, CallInput)) == "*** Begin\n👩x"


@pytest.mark.parametrize(
    "chunks",
    [
        [tool(0, "a", "f", '{"x":'), tool(0, text="1}"), tool(1, "b", "g", "{}")],
        [tool(0, "a", "f", '{"x":'), tool(1, "b", "g", "{"), tool(0, text="1}"), tool(1, text="}")],
        [tool(None, "a", "f", '{"x":1}'), tool(None, "b", "g", "{}")],
        [tool(0, "a", "f", '{"x":1}'), tool(0, "b", "g", "{}")],
        [tool(None, None, "f", '{"x":1}'), tool(None, None, "g", {})],
        [tool(0, "a", "f", '{"x":'), tool(0, "a", "f", "1}"), tool(1, "b", "g", "{}")],
        [tool(0, "a", "f"), tool(0, "", "", '{"x":1}'), tool(1, "b", "g", "{}")],
    ],
)
def test_calls_in_every_habit_of_servers(chunks: list[Any]) -> None:
    events = translate(*chunks, STOP)
    assert calls(events) == [("f", '{"x":1}'), ("g", "{}")]
    assert events.count(ItemDone()) == 2
    assert len({event.call_id for event in events if isinstance(event, CallOpened)}) == 2


@pytest.mark.parametrize("text", ['{"input": "the patch"}', '"the patch"', "the patch"])
def test_patch_under_another_name_is_found_at_the_end(text: str) -> None:
    assert calls(translate(tool(0, "a", "apply_patch", text), STOP)) == [("apply_patch", "the patch")]


@pytest.mark.parametrize(
    ("chunks", "last"),
    [
        ([delta("length", content="x")], Finished(None, "max_output_tokens")),
        ([delta("content_filter")], Finished(None, "content_filter")),
        ([delta(content="x"), b" [DONE]"], Finished()),
        ([delta("tool_calls")], Finished()),
    ],
)
def test_ends(chunks: list[Any], last: EngineEvent) -> None:
    assert translate(*chunks)[-1] == last


def test_call_cut_short_is_not_done() -> None:
    cut = tool(0, "a", "apply_patch", '{"patch": "*** Beg')
    assert ItemDone() not in translate(cut, delta("length"))
    assert ItemDone() in translate(cut, STOP)
    assert ItemDone() in translate(tool(0, "a", "f", "{}"), delta("length"))
    assert ItemDone() not in translate(delta(content="*** Begin Patch\n+a"), delta("length"), plain=True)


def test_stream_that_just_stops_has_failed() -> None:
    (failed,) = translate(delta(content="x"))[-1:]
    assert isinstance(failed, Failed)
    assert failed.code == "upstream_ended"


def test_error_in_the_stream() -> None:
    (failed,) = translate({"error": {"message": "busy", "code": 429}}, end=False)
    assert failed == Failed("busy", "rate_limit_exceeded", 429)


@pytest.mark.parametrize(
    "junk",
    [b"{", b"[]", b"null", b"\xff", {"choices": None}, {"choices": [{}]}, {"choices": [{"delta": None}]}, {"x": 1},
     delta(tool_calls=None, content=None), {"choices": [{"delta": {"content": ["odd"]}}]}, {"choices": "x"},
     {"choices": [], "usage": {"prompt_tokens": None}}],
)  # fmt: skip
def test_junk_is_passed_over(junk: Any) -> None:
    assert [event for event in translate(junk, delta(content="x"), STOP) if isinstance(event, Text)] == [Text("x")]


def test_half_a_surrogate_pair_comes_through() -> None:
    (event,) = translate(b'{"choices":[{"delta":{"content":"\\ud83d"}}]}', end=False)
    assert event == Text("\ud83d")


def test_patch_in_plain_text_becomes_a_call() -> None:
    text = "So:\n```\n*** Begin Patch\n*** Delete File: a\n*** End Patch\n```\nDone."
    events = translate(*[delta(content=char) for char in text], STOP, plain=True)
    assert calls(events) == [("apply_patch", "*** Begin Patch\n*** Delete File: a\n*** End Patch\n")]
    assert "".join(event.delta for event in events if isinstance(event, Text)) == "So:\nDone."
    kinds = [type(event) for event in events]
    assert kinds.index(ItemDone) > max(at for at, kind in enumerate(kinds) if kind is CallInput)


@given(st.text(max_size=20), st.integers(1, 5))
@settings(max_examples=60)
def test_any_cut_of_the_arguments_gives_the_patch(patch: str, size: int) -> None:
    text = json.dumps({"patch": patch})
    chunks = [tool(0, text=text[at : at + size]) for at in range(0, len(text), size)]
    ((_, found),) = calls(translate(tool(0, "a", "apply_patch"), *chunks, STOP))
    assert found == patch
