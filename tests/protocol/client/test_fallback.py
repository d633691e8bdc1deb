"""Networks on which WebSockets do not get through: the same server is used over HTTP, until one does."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.fallback import FallbackDial, is_upgrade_refused
from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.errors import ConnectionLost, HandshakeRefused
from spark_tui.protocol.profiles import Profile, Steering
from spark_tui.protocol.wire.updates import LinkState, Retrying, SteerChanged
from tests.doubles.http_responses import HttpResponses
from tests.doubles.recording_client import KEY, Recorder
from tests.doubles.scripted_server import Peer, ScriptedServer

QUICK = Timing(fall_back_after=0.1, reach=0.5, upgrade_again=0.05)


class Memory:
    """What is remembered, in a set."""

    def __init__(self) -> None:
        self.blocked: set[str] = set()

    def uses_http(self, place: str) -> bool:
        return place in self.blocked

    def set_uses_http(self, place: str, blocked: bool) -> None:
        (self.blocked.add if blocked else self.blocked.discard)(place)


@asynccontextmanager
async def falling_back(
    base_url: str, memory: Memory | None = None, timing: Timing = QUICK, **profile: Any
) -> AsyncIterator[Recorder]:
    recorder: Recorder
    dial = FallbackDial(memory or Memory())
    endpoint = Endpoint(base_url, KEY, "test-model", replace(Profile(), **profile))
    client = Client(endpoint, on_link=lambda change: recorder.on_link(change), timing=timing, dial=dial)
    recorder = Recorder(client)
    await client.start()
    try:
        yield recorder
    finally:
        await client.aclose()
        await dial.aclose()


@pytest.mark.parametrize("status", [403, 404, 405, 426, 501])
async def test_refused_upgrade_goes_on_over_http(status: int) -> None:
    memory = Memory()
    async with HttpResponses(status) as server, falling_back(server.base_url, memory, Timing()) as told:
        told.say("hi")
        ended = await told.ended()
        assert (ended.status, told.text) == ("completed", "hello")
        assert told.links[-1].state is LinkState.READY
        assert told.links[-1].detail == f"over HTTP: no WebSocket ({status})"
        assert server.authorizations == [f"Bearer {KEY}"]
        assert server.posts[0]["model"] == "test-model"
        assert memory.blocked == {f"127.0.0.1:{server.port}"}
        assert not told.of(Retrying)


async def test_black_hole_is_left_for_http_within_three_seconds() -> None:
    began = time.monotonic()
    async with HttpResponses(None) as server, falling_back(server.base_url, timing=Timing()) as told:
        told.say("hi")
        assert (await told.ended()).status == "completed"
        assert time.monotonic() - began < 3.0
        assert told.links[-1].detail == "over HTTP: the WebSocket did not open"


async def test_remembered_server_is_not_waited_for() -> None:
    memory = Memory()
    async with HttpResponses(None) as server:
        memory.set_uses_http(f"127.0.0.1:{server.port}", True)
        timing = replace(QUICK, fall_back_after=30.0)
        async with falling_back(server.base_url, memory, timing) as told:
            told.say("hi")
            assert (await told.ended()).status == "completed"


async def test_the_whole_conversation_is_sent_each_time() -> None:
    async with HttpResponses(426) as server, falling_back(server.base_url) as told:
        told.say("one")
        await told.ended()
        told.say("two")
        await told.ended(2)
        assert [item["role"] for item in server.posts[1]["input"]] == ["user", "assistant", "user"]


async def test_websocket_that_works_again_is_used_from_the_next_turn() -> None:
    memory = Memory()

    async def answering(peer: Peer) -> None:
        while True:
            await peer.create()
            await peer.answer(f"r{len(peer.received)}", "by WebSocket")

    server = HttpResponses(426)
    async with server:
        base_url = server.base_url
        async with falling_back(base_url, memory) as told:
            told.say("one")
            await told.ended()
            assert told.text == "hello"
            await server.__aexit__(None, None, None)
            async with ScriptedServer(answering, port=server.port) as scripted:
                await told.until(lambda: bool(scripted.peers) and told.client.link is LinkState.READY)
                await told.until(lambda: told.links[-1].detail == "")
                told.say("two")
                await told.ended(2)
                assert told.text == "helloby WebSocket"
                assert [item["role"] for item in scripted.peers[-1].received[-1]["input"]] == [
                    "user",
                    "assistant",
                    "user",
                ]
                assert memory.blocked == set()
                assert not told.of(Retrying)


async def test_late_websocket_is_used_though_http_was_faster() -> None:
    async def slow(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r1", "by WebSocket")

    ready = asyncio.Event()
    async with ScriptedServer(slow, before_upgrade=ready) as server, falling_back(server.base_url) as told:
        await told.until(lambda: told.links[-1].detail.startswith("over HTTP"))
        ready.set()
        await told.until(lambda: told.links[-1].detail == "" and told.client.link is LinkState.READY)
        told.say("hi")
        await told.ended()
        assert told.text == "by WebSocket"


async def test_unreachable_network_is_not_called_a_blocked_websocket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    async with falling_back(f"http://127.0.0.1:{port}/v1") as told:
        await told.until(lambda: told.client.link in (LinkState.RECONNECTING, LinkState.OFFLINE))
        assert all("HTTP" not in change.detail for change in told.links)


async def test_refused_key_is_told_and_not_sent_again_over_http() -> None:
    async with HttpResponses(401) as server, falling_back(server.base_url) as told:
        told.say("hi")
        assert (await told.ended()).code == "401"
        assert server.posts == []


async def test_answer_can_be_redirected_over_http_where_the_model_can() -> None:
    async with HttpResponses(404) as server, falling_back(server.base_url, steering=Steering.STEER) as told:
        server.held_back = asyncio.Event()
        lane = told.say("hi")
        await told.until(lambda: told.text == "hello")
        assert lane.steer("tag", "no, call it total")
        await told.until(lambda: [change.state for change in told.of(SteerChanged)] == ["sent", "accepted"])
        server.held_back.set()
        assert (await told.ended()).status == "completed"
        assert [change.state for change in told.of(SteerChanged)] == ["sent", "accepted", "applied"]
        assert server.posts[1]["input"][-1]["content"] == "no, call it total"


async def test_upgrade_that_is_cut_twice_goes_on_over_http() -> None:
    async with HttpResponses(0) as server, falling_back(server.base_url) as told:
        told.say("hi")
        assert (await told.ended()).status == "completed"
        assert server.upgrades >= 2


def test_which_refusals_are_about_the_websocket() -> None:
    assert all(is_upgrade_refused(HandshakeRefused(status, "no")) for status in (400, 403, 404, 405, 426, 501))
    assert not any(is_upgrade_refused(HandshakeRefused(status, "no")) for status in (401, 402, 429, 500, 503))
    assert not is_upgrade_refused(ConnectionLost("gone"))
