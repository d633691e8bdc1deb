"""The ``chat`` engine in front of a foreign server with a real, very small model: llama.cpp's own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from spark_tui.protocol.engines.chat import ChatEngine
from spark_tui.protocol.wire.updates import Ended, Started, TextDelta, TurnSettings
from tests.doubles.recording_client import KEY, Recorder, recording_client
from tests.doubles.running_gateway import running_gateway
from tests.peers.programs import LLAMA, MODEL, serving

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(MODEL is None, reason="llama.cpp's server is not there: see .peers/llama.log"),
    pytest.mark.timeout(120),
]


def settings(tokens: int) -> TurnSettings:
    return TurnSettings("smollm2", "Answer briefly.", (), {"max_output_tokens": tokens, "temperature": 0})


async def ended(told: Recorder, count: int = 1) -> Ended:
    """As long as it takes: a busy machine needs many seconds for the first word."""
    while len(told.of(Ended)) < count:
        with suppress(TimeoutError):
            await told.ended(count)
    return told.of(Ended)[count - 1]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's base URL; its port is one that was free a moment ago, since it cannot choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(LLAMA), "-m", "llama_cpp.server", "--model", str(MODEL), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", "2048", "--n_threads", str(os.cpu_count() or 1)]
    log = tmp_path_factory.mktemp("llama") / "log"
    with serving(command, says=lambda line: "Uvicorn running" in line, log=log):
        yield f"http://127.0.0.1:{port}/v1"


async def test_text_streams_and_ends_with_its_reason(upstream: str) -> None:
    async with (
        running_gateway(ChatEngine(upstream), token=KEY) as url,
        recording_client(url.removesuffix("/responses")) as told,
    ):
        told.say("Count from one to ten in words.", settings=settings(40))
        end = await ended(told)
        pieces = told.of(TextDelta)
        assert (end.status, end.reason) in (("completed", None), ("incomplete", "max_output_tokens"))
        assert len(pieces) > 5
        assert told.text.strip()


async def test_a_conversation_goes_on(upstream: str) -> None:
    async with (
        running_gateway(ChatEngine(upstream), token=KEY) as url,
        recording_client(url.removesuffix("/responses")) as told,
    ):
        for number in range(1, 4):
            told.say("Say one word.", settings=settings(8))
            assert (await ended(told, number)).status != "failed"
        assert len(told.of(Started)) == 3


async def test_an_answer_is_stopped_and_the_server_answers_on(upstream: str) -> None:
    async with (
        running_gateway(ChatEngine(upstream), token=KEY) as url,
        recording_client(url.removesuffix("/responses"), interrupt=True) as told,
    ):
        lane = told.say("Write a long story.", settings=settings(1500))
        while len(told.of(TextDelta)) < 4:
            with suppress(TimeoutError):
                await told.until(lambda: len(told.of(TextDelta)) > 3)
        lane.stop()
        assert (await ended(told)).status == "incomplete"
        told.say("Say one word.", settings=settings(8))
        assert (await ended(told, 2)).status != "failed"


async def test_an_error_of_the_server_is_told(upstream: str) -> None:
    async with (
        running_gateway(ChatEngine(upstream), token=KEY) as url,
        recording_client(url.removesuffix("/responses")) as told,
    ):
        told.say("word " * 4000, settings=settings(8))
        end = await ended(told)
        assert end.status == "failed"
        assert "context" in (end.reason or "").lower()
