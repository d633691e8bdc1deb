"""The chat engine against a server on loopback."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any, cast

import pytest

from spark_tui.protocol.engines.chat import ChatEngine
from spark_tui.protocol.gateway.engine import (
    Accepted,
    CallInput,
    CallOpened,
    EngineEvent,
    EngineRequest,
    Failed,
    Finished,
    ItemDone,
    Text,
)
from spark_tui.protocol.wire.updates import CallKind
from tests.doubles.fake_upstream import sse, upstream

APPLY_PATCH = {"type": "custom", "name": "apply_patch"}


def chunk(text: str, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}, "finish_reason": finish}]}


def asking(model: str = "m", tools: Any = ()) -> EngineRequest:
    item = {"type": "message", "role": "user", "content": "hi"}
    return EngineRequest("resp_1", [item], "", list(tools), {"model": model})


async def answer(engine: ChatEngine, request: EngineRequest) -> list[EngineEvent]:
    try:
        return [event async for event in engine.respond(request)]
    finally:
        await engine.aclose()


async def test_answer_in_odd_pieces() -> None:
    stream = b": hello\r\n\r\n" + sse(chunk("é"), chunk("b", "stop"), "[DONE]", end="\r\n\r\n")
    async with upstream([bytes([byte]) for byte in stream]) as server:
        events = await answer(ChatEngine(server.url, key="secret"), asking())
    assert events == [Accepted(), Text("é"), Text("b"), Finished()]
    assert "authorization: bearer secret" in server.heads[0].lower()
    assert server.heads[0].startswith("POST /v1/chat/completions ")
    assert server.requests[0]["model"] == "m"


@pytest.mark.parametrize(("asked", "sent"), [("a", "real"), ("b", "other"), ("", "other")])
async def test_models_are_mapped(asked: str, sent: str) -> None:
    async with upstream([sse(chunk("", "stop"))]) as server:
        await answer(ChatEngine(server.url, model_map={"a": "real", "*": "other"}), asking(asked))
    assert server.requests[0]["model"] == sent


async def test_no_model_says_what_to_do() -> None:
    (failed,) = await answer(ChatEngine("http://127.0.0.1:9/v1"), asking(""))
    assert isinstance(failed, Failed)
    assert failed.status == 400
    assert "--model-map" in failed.message


async def test_delta_is_given_before_the_answer_ends_and_stopping_hangs_up() -> None:
    async with upstream([sse(chunk("first"))]) as server:
        server.hold = asyncio.Event()
        engine = ChatEngine(server.url)
        async with aclosing(cast("Any", engine.respond(asking()))) as events:
            assert await anext(events) == Accepted()
            assert await anext(events) == Text("first")
        await server.hung_up.wait()
        await engine.aclose()


@pytest.mark.parametrize(
    ("status", "body", "headers", "failed"),
    [
        (
            "429 Too Many",
            b'{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}',
            "Retry-After: 3\r\nServer: x\r\n",
            Failed("slow down", "rate_limit_exceeded", 429, {"retry-after": "3"}),
        ),
        ("401 No", b'{"error": "bad key"}', "", Failed("bad key", "invalid_api_key", 401)),
        ("400 No", b'[{"error": {"message": "odd", "code": 400}}]', "", Failed("odd", "invalid_request_error", 400)),
        ("401 No", b'{"error": "secret is no key"}', "", Failed("[key] is no key", "invalid_api_key", 401)),
        (
            "302 Moved",
            b"",
            "Location: /login\r\n",
            Failed("The upstream server answered with HTTP status 302.", "server_error", 502),
        ),
        ("404 No", b'{"message": "no model"}', "", Failed("no model", "not_found", 404)),
        (
            "503 No",
            b"<html>",
            "",
            Failed("The upstream server answered with HTTP status 503.", "server_error", 503),
        ),
    ],
)
async def test_refusals_keep_status_and_retry_after(status: str, body: bytes, headers: str, failed: Failed) -> None:
    async with upstream([body], status, headers) as server:
        assert await answer(ChatEngine(server.url, key="secret"), asking()) == [failed]


async def test_server_on_this_machine_is_asked_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with upstream([sse(chunk("x", "stop"))]) as server:
        assert Text("x") in await answer(ChatEngine(server.url), asking())


async def test_server_that_is_not_there() -> None:
    async with upstream([]) as server:
        url = server.url
    (failed,) = await answer(ChatEngine(url), asking())
    assert isinstance(failed, Failed)
    assert (failed.code, failed.status) == ("upstream_unreachable", 502)
    assert "is it running?" in failed.message


async def test_server_that_breaks_off() -> None:
    async with upstream([sse(chunk("x"))]) as server:
        server.cut = True
        *events, failed = await answer(ChatEngine(server.url), asking())
    assert events == [Accepted(), Text("x")]
    assert isinstance(failed, Failed)
    assert failed.code == "upstream_unreachable"


async def test_error_in_the_midst_ends_the_answer() -> None:
    async with upstream([sse(chunk("x"), {"error": {"message": "out of memory"}}, chunk("y"))]) as server:
        events = await answer(ChatEngine(server.url), asking())
    assert events == [Accepted(), Text("x"), Failed("out of memory", "server_error", 500)]


async def test_plain_patches_only_when_asked_for_and_offered() -> None:
    stream = sse(chunk("*** Begin Patch\n*** End Patch\n", "stop"))
    for option, tools, found in ((True, [APPLY_PATCH], True), (True, [], False), (False, [APPLY_PATCH], False)):
        async with upstream([stream]) as server:
            events = await answer(ChatEngine(server.url, plain_patches=option), asking(tools=tools))
        assert any(isinstance(event, CallOpened) for event in events) == found
        assert ("tools" in server.requests[0]) == (not option)


async def test_call_of_a_custom_tool() -> None:
    call = {"index": 0, "id": "c1", "function": {"name": "apply_patch", "arguments": '{"patch":"a\\nb"}'}}
    stream = sse({"choices": [{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}, "[DONE]")
    async with upstream([stream]) as server:
        events = await answer(ChatEngine(server.url), asking(tools=[APPLY_PATCH]))
    assert events[1:] == [CallOpened("c1", "apply_patch", CallKind.CUSTOM), CallInput("a\nb"), ItemDone(), Finished()]


async def test_a_compaction_is_refused_without_asking_the_server() -> None:
    async with upstream([]) as server:
        request = asking()
        request.input.append({"type": "compaction_trigger"})
        (refused,) = await answer(ChatEngine(server.url), request)
    assert isinstance(refused, Failed)
    assert (refused.status, server.requests) == (400, [])


async def test_an_empty_answer_says_where_to_look() -> None:
    async with upstream([]) as server:
        accepted, failed = await answer(ChatEngine(server.url), asking())
    assert accepted == Accepted()
    assert isinstance(failed, Failed)
    assert "context" in failed.message
