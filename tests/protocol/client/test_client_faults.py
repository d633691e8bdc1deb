"""What networks and servers do wrong, one test for each: nothing is lost, nothing runs twice, and it is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import pytest

from spark_tui.protocol.client.policy import Timing
from spark_tui.protocol.profiles import Steering
from spark_tui.protocol.wire.steering import user_message
from spark_tui.protocol.wire.updates import (
    CallDone,
    Ended,
    Limits,
    LinkState,
    MessageDone,
    Queued,
    Retrying,
    Started,
    SteerChanged,
)
from tests.doubles.recording_client import recording_client
from tests.doubles.scripted_server import Peer, Refusal, Script, ScriptedServer, custom_call, message


async def answering(peer: Peer) -> None:
    """Answer one request well."""
    await peer.create()
    await peer.answer("r2", "whole")


def cut_in_mid_delta(end: Callable[[Peer], object]) -> Script:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("half, ")
        result = end(peer)
        if asyncio.iscoroutine(result):
            await result

    return script


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda peer: peer.reset(), id="reset"),
        *(pytest.param(lambda peer, code=code: peer.close(code), id=str(code)) for code in (1000, 1001, 1011, 1013)),
    ],
)
async def test_a_cut_answer_goes_on_from_its_partial_text(end: Callable[[Peer], object]) -> None:
    async with (
        ScriptedServer(cut_in_mid_delta(end), answering) as server,
        recording_client(server.base_url) as told,
    ):
        lane = told.say("go")
        ended = await told.ended()
        assert ended == Ended("r2", "completed", None, None, None)
        assert told.text == "half, whole"
        assert len(told.of(Retrying)) == 1
        assert LinkState.RECONNECTING in [change.state for change in told.links]
        resent = server.peers[1].received[0]
        assert "previous_response_id" not in resent
        assert [item["role"] for item in resent["input"]] == ["user", "assistant", "developer"]
        assert [item["role"] for item in lane.history.items] == ["user", "assistant", "developer", "assistant"]


async def test_a_second_cut_of_the_same_turn_ends_it() -> None:
    script = cut_in_mid_delta(lambda peer: peer.reset())
    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        lane = told.say("go")
        ended = await told.ended()
        assert (ended.status, ended.reason) == ("incomplete", "cut")
        assert told.text == "half, half, "
        assert lane.history.items[-1]["content"][0]["text"] == "half, "


async def test_a_call_that_was_delivered_before_the_cut_is_not_made_again() -> None:
    call = custom_call("call_1", "apply_patch", "x")
    output = {"type": "custom_tool_call_output", "call_id": "call_1", "output": "staged"}

    async def cut(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.item(call)
        await peer.delta("and then", "msg_2", stream_id="main")
        peer.reset()

    async with ScriptedServer(cut, answering) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert (await told.ended(1)).open_calls == ("call_1",)
        told.reply([output])
        await told.ended(2)
        assert len(told.of(CallDone)) == 1
        resent = server.peers[1].received[0]["input"]
        assert [item for item in resent if item.get("call_id")] == [call, output]


async def test_a_silent_connection_is_found_and_replaced() -> None:
    async def silent(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("half, ")
        await peer.silence()

    timing = Timing(keepalive=0.05, answer=0.1)
    async with ScriptedServer(silent, answering) as server, recording_client(server.base_url, timing=timing) as told:
        told.say("go")
        assert (await told.ended()).status == "completed"
        assert told.text == "half, whole"


async def test_after_an_idle_time_a_dead_connection_is_found_before_the_turn_is_sent() -> None:
    async def silent(peer: Peer) -> None:
        await peer.silence()

    timing = Timing(probe_after=0.05, probe=0.1)
    async with ScriptedServer(silent, answering) as server, recording_client(server.base_url, timing=timing) as told:
        await told.link(LinkState.READY)
        ready_at = time.time()
        await told.until(lambda: time.time() - ready_at > 0.05)
        told.say("go")
        assert (await told.ended()).status == "completed"
        assert server.peers[0].received == []
        assert told.of(Retrying) == []


async def test_the_time_limit_of_a_connection_is_no_failure() -> None:
    async def expired(peer: Peer) -> None:
        await peer.create()
        await peer.error(400, "websocket_connection_limit_reached", "60 minutes")

    async with ScriptedServer(expired, answering) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert (await told.ended()).status == "completed"
        assert len(server.peers) == 2


async def test_the_connection_is_rotated_between_turns() -> None:
    timing = Timing(keepalive=0.02, rotate_after=0.0)
    async with ScriptedServer(answering) as server, recording_client(server.base_url, timing=timing) as told:
        await told.until(lambda: len(server.peers) >= 2)
        told.say("go")
        assert (await told.ended()).status == "completed"


async def test_a_forgotten_conversation_is_sent_again_once() -> None:
    async def forgetful(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r1", "one", stream_id="main")
        create = await peer.create()
        assert create["previous_response_id"] == "r1"
        await peer.error(400, "previous_response_not_found", "forgotten", stream_id="main")
        create = await peer.create()
        assert "previous_response_id" not in create
        assert len(create["input"]) == 3
        await peer.answer("r2", "two", stream_id="main")

    async with ScriptedServer(forgetful) as server, recording_client(server.base_url) as told:
        told.say("go")
        await told.ended(1)
        told.say("on")
        assert (await told.ended(2)).status == "completed"
        assert len(server.peers) == 1


async def test_a_server_that_always_forgets_ends_the_turn() -> None:
    async def forgetful(peer: Peer) -> None:
        while True:
            await peer.create()
            await peer.error(400, "previous_response_not_found", "forgotten")

    async with ScriptedServer(forgetful) as server, recording_client(server.base_url) as told:
        told.say("go")
        ended = await told.ended()
        assert (ended.status, ended.code) == ("failed", "previous_response_not_found")
        assert len(server.peers[0].received) == 2


async def test_a_rate_limit_waits_as_told_and_tries_again() -> None:
    async def limited(peer: Peer) -> None:
        await peer.create()
        headers = {"retry-after-ms": "20", "x-ratelimit-limit-tokens": "100", "x-ratelimit-remaining-tokens": "0"}
        await peer.error(429, "rate_limit_exceeded", "slow down", headers=headers)
        await peer.create()
        await peer.answer("r1", "whole")

    async with ScriptedServer(limited) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert (await told.ended()).status == "completed"
        retrying = told.of(Retrying)
        assert [(update.reason, update.attempt) for update in retrying] == [("slow down", 1)]
        kinds = [type(update).__name__ for update in told.updates]
        assert kinds[:2] == ["Limits", "Retrying"]


async def test_waiting_for_a_limit_can_be_cut_short_or_stopped() -> None:
    async def limited(peer: Peer) -> None:
        for _ in range(2):
            await peer.create()
            await peer.error(429, "rate_limit_exceeded", "slow down", headers={"retry-after": "3600"})

    async with ScriptedServer(limited) as server, recording_client(server.base_url) as told:
        lane = told.say("go")
        await told.until(lambda: len(told.of(Retrying)) == 1)
        lane.retry_now()
        await told.until(lambda: len(told.of(Retrying)) == 2)
        lane.stop()
        assert told.updates[-1] == Ended("", "incomplete", "stopped", None, None)
        assert lane.history.items == [user_message("go")]


async def test_a_used_up_quota_is_not_tried_again() -> None:
    async def broke(peer: Peer) -> None:
        await peer.create()
        await peer.error(429, "insufficient_quota", "pay first")

    async with ScriptedServer(broke) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert await told.ended() == Ended("", "failed", "pay first", "insufficient_quota", None)


async def test_queued_is_told_until_the_answer_starts() -> None:
    async def queueing(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1", response={"status": "queued"})
        await peer.send("response.queued", response={"id": "r1", "status": "queued"})
        await peer.send("response.in_progress", response={"id": "r1", "status": "in_progress"})
        await peer.delta("whole")
        await peer.ended("r1", None)

    async with ScriptedServer(queueing) as server, recording_client(server.base_url) as told:
        told.say("go")
        await told.ended()
        kinds = [type(update) for update in told.updates]
        assert kinds[:2] == [Queued, Started]
        assert told.of(MessageDone) == [MessageDone("msg_1", "whole")]


async def test_an_incomplete_answer_is_kept_with_its_reason() -> None:
    async def short(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("so far")
        details = {"reason": "max_output_tokens"}
        await peer.ended("r1", [message("msg_1", "so far")], status="incomplete", incomplete_details=details)
        create = await peer.create()
        assert create["previous_response_id"] == "r1"
        await peer.answer("r2", "rest")

    async with ScriptedServer(short) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert await told.ended() == Ended("r1", "incomplete", "max_output_tokens", None, None)
        told.say("on")
        await told.ended(2)
        assert len(server.peers) == 1


async def test_a_failed_answer_is_retried_when_the_reason_passes_and_told_when_not() -> None:
    async def failing(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        error = {"code": "server_error", "message": "oops"}
        await peer.ended("r1", [], status="failed", error=error)
        await peer.create()
        await peer.created("r2")
        error = {"code": "invalid_prompt", "message": "no"}
        await peer.ended("r2", [], status="failed", error=error)

    async with ScriptedServer(failing) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert await told.ended() == Ended("r2", "failed", "no", "invalid_prompt", None)
        assert [update.reason for update in told.of(Retrying)] == ["oops"]


async def test_a_flat_error_without_a_status_ends_the_turn() -> None:
    async def flat(peer: Peer) -> None:
        await peer.create()
        await peer.send("error", code="bad_thing", message="it is\nbad")

    async with ScriptedServer(flat) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert await told.ended() == Ended("", "failed", "it is bad", "bad_thing", None)


async def test_terminal_events_twice_and_shuffled_numbers_change_nothing() -> None:
    async def untidy(peer: Peer) -> None:
        for response_id in ("r1", "r2"):
            await peer.create()
            await peer.created(response_id, sequence_number=7)
            await peer.delta("one ", sequence_number=3)
            await peer.delta("two ", sequence_number=1)
            for _ in range(2):
                await peer.ended(response_id, [message("msg_1", "one two ")])

    async with ScriptedServer(untidy) as server, recording_client(server.base_url) as told:
        told.say("go")
        await told.ended(1)
        told.say("on")
        assert (await told.ended(2)).response_id == "r2"
        assert told.text == "one two one two "
        assert len(told.of(Ended)) == 2


async def test_half_surrogates_binary_frames_and_unknown_things() -> None:
    async def strange(peer: Peer) -> None:
        await peer.create()
        await peer.send("response.created", response={"id": "r1"}, novelty=[1], status="odd", headers=5)
        await peer.delta("a\ud83d")
        await peer.delta("\ude00b")
        await peer.socket.send(
            json.dumps({"type": "response.output_text.delta", "item_id": "msg_1", "delta": "c"}).encode()
        )
        await peer.send("response.output_text.delta", item_id=5, output_index="x", delta={"no": "text"})
        await peer.item({"type": "hologram_call", "id": "h1", "beam": 1}, 1)
        await peer.send("response.hologram.delta", delta="?")
        for frame in ("", "[]", "null", "{", '{"type": 5}', '{"type":"response.output_item.done"}', "\x00"):
            await peer.socket.send(frame)
        await peer.socket.send(b"\xff\xfe")
        await peer.send("response.completed", response={"id": "r1", "usage": "much", "output": None})

    async with ScriptedServer(strange) as server, recording_client(server.base_url) as told:
        lane = told.say("go")
        assert (await told.ended()).status == "completed"
        assert told.text == "a\U0001f600bc"
        assert {"type": "hologram_call", "id": "h1", "beam": 1} in lane.history.items


async def test_a_delta_of_five_megabytes() -> None:
    async def huge(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("x" * 5_000_000)
        await peer.ended("r1", None)

    async with ScriptedServer(huge) as server, recording_client(server.base_url) as told:
        told.say("go")
        await told.ended()
        assert len(told.text) == 5_000_000


@pytest.mark.parametrize("status", [401, 403, 404, 426])
async def test_a_refused_handshake_ends_the_turn_with_what_to_do(status: int) -> None:
    async with (
        ScriptedServer(Refusal(status), answering) as server,
        recording_client(server.base_url) as told,
    ):
        told.say("go")
        ended = await told.ended()
        assert (ended.status, ended.code) == ("failed", str(status))
        assert ended.reason is not None
        assert f"({status})" in ended.reason
        assert "check " in ended.reason
        assert told.links[-1].state is LinkState.OFFLINE
        told.say("again")
        assert (await told.ended(2)).status == "completed"
        assert len(server.refused) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_handshake_that_is_put_off_is_tried_again_as_told(status: int) -> None:
    refusal = Refusal(status, {"retry-after": "0"})
    async with ScriptedServer(refusal, refusal, answering) as server, recording_client(server.base_url) as told:
        told.say("go")
        assert (await told.ended()).status == "completed"
        assert server.refused == [status, status]
        assert len(told.of(Retrying)) == 2
        assert any(f"({status})" in change.detail for change in told.links)


async def test_a_close_for_a_lasting_reason_ends_the_turn() -> None:
    async def unwelcome(peer: Peer) -> None:
        await peer.create()
        await peer.socket.close(1008, "not allowed")

    async with ScriptedServer(unwelcome) as server, recording_client(server.base_url) as told:
        told.say("go")
        ended = await told.ended()
        assert (ended.status, ended.reason) == ("failed", "the server closed the connection (1008: not allowed)")
        assert len(server.peers) == 1


async def test_a_steer_that_was_lost_with_the_connection_goes_with_the_resend() -> None:
    async def cut(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("half, ")
        await peer.next()
        await peer.send("response.steer.accepted", steer={"id": "s1", "previous_response_id": "r1"})
        peer.reset()

    steering = Steering.STEER
    async with ScriptedServer(cut, answering) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: bool(told.text))
        assert lane.steer("tag", "only src")
        assert (await told.ended()).status == "completed"
        assert [change.state for change in told.of(SteerChanged)][-1] == "applied"
        assert server.peers[1].received[0]["input"][-1] == user_message("only src")
        assert lane.history.items.count(user_message("only src")) == 1


async def test_a_steer_that_was_lost_with_a_turn_that_ends_goes_back_to_the_prompt() -> None:
    async def cut(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("half, ")
        await peer.next()
        peer.reset()

    steering = Steering.STEER
    scripts = (cut, Refusal(401))
    async with ScriptedServer(*scripts) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: bool(told.text))
        assert lane.steer("tag", "only src")
        assert (await told.ended()).status == "failed"
        assert told.of(SteerChanged)[-1].state == "failed"
        assert isinstance(told.updates[-1], Ended)
        assert user_message("only src") not in lane.history.items


async def test_the_limits_of_the_handshake_are_told_to_the_next_turn() -> None:
    headers = {"x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "5"}
    async with (
        ScriptedServer(answering, headers=headers) as server,
        recording_client(server.base_url) as told,
    ):
        await told.link(LinkState.READY)
        told.say("go")
        await told.ended()
        assert told.of(Limits) == [Limits("requests", 0.5, None)]


async def test_nobody_listening_is_told_and_tried_again() -> None:
    server = ScriptedServer(answering)
    async with server:
        base_url = server.base_url
    async with recording_client(base_url) as told:
        told.say("go")
        await told.until(lambda: bool(told.of(Retrying)))
        assert "cannot reach 127.0.0.1" in told.of(Retrying)[0].reason
        told.client.lane("main").stop()
        assert told.updates[-1] == Ended("", "incomplete", "stopped", None, None)


async def test_closing_does_not_wait_for_unread_data() -> None:
    async def flood(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        while True:
            await peer.delta("x" * 100_000)

    async with ScriptedServer(flood) as server:
        async with recording_client(server.base_url) as told:
            lane = told.say("go")
            await told.until(lambda: bool(told.text))
            lane.pause_reading()
            seen = len(told.updates)
        assert len(told.updates) <= seen + 1


async def test_reading_goes_on_after_a_pause() -> None:
    async def long(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        for _ in range(500):
            await peer.delta("x")
        await peer.ended("r1", None)

    async with ScriptedServer(long) as server, recording_client(server.base_url) as told:
        lane = told.client.lane("main")
        told.say("go")
        lane.pause_reading()
        await told.until(lambda: bool(told.updates))
        assert len(told.updates) == 1
        lane.resume_reading()
        await told.ended()
        assert len(told.text) == 500
