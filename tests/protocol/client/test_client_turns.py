"""Turns over a real socket: sending, warming, continuing, stopping and steering."""

from __future__ import annotations

from spark_tui.protocol.profiles import Steering
from spark_tui.protocol.wire.lane import Phase
from spark_tui.protocol.wire.steering import user_message
from spark_tui.protocol.wire.updates import (
    CallDone,
    Ended,
    LinkState,
    MessageDone,
    Started,
    SteerChanged,
    TurnSettings,
    Usage,
)
from tests.doubles.recording_client import KEY, SETTINGS, recording_client
from tests.doubles.scripted_server import Peer, ScriptedServer, custom_call, message


async def test_a_turn_from_the_first_word_to_the_usage() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1", stream_id="main")
        await peer.delta("hel", stream_id="main")
        await peer.delta("lo", stream_id="main")
        usage = {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 2}
        await peer.ended("r1", [message("msg_1", "hello")], usage=usage, stream_id="main")

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        told.say("hi")
        ended = await told.ended()
        assert told.text == "hello"
        assert told.of(MessageDone) == [MessageDone("msg_1", "hello")]
        assert ended == Ended("r1", "completed", None, None, Usage(9, 4, 2, 0))
        assert server.authorizations == [f"Bearer {KEY}"]
        assert server.peers[0].path == "/v1/responses"
        create = server.peers[0].received[0]
        assert create["stream_id"] == "main"
        assert create["store"] is False
        assert create["instructions"] == "be brief"
        assert "stream" not in create


async def test_after_a_warm_up_only_what_is_new_is_sent() -> None:
    async def script(peer: Peer) -> None:
        warm = await peer.create()
        assert warm["generate"] is False
        await peer.created("w1", stream_id="main")
        await peer.ended("w1", [], stream_id="main")
        for number in (1, 2):
            await peer.create()
            await peer.answer(f"r{number}", "yes", stream_id="main")

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        context = user_message("the repository")
        told.client.lane("main").warm(SETTINGS, [context])
        await told.link(LinkState.READY)
        await told.until(lambda: told.client.lane("main").history.response_id == "w1")
        assert LinkState.WARMING in [change.state for change in told.links]
        told.say("one")
        await told.ended(1)
        told.say("two")
        await told.ended(2)
        warm, first, second = server.peers[0].received
        assert warm["input"] == [context]
        assert (first["previous_response_id"], first["input"]) == ("w1", [user_message("one")])
        assert (second["previous_response_id"], second["input"]) == ("r1", [user_message("two")])
        assert "generate" not in first


async def test_changed_settings_send_everything_again() -> None:
    async def script(peer: Peer) -> None:
        for number in (1, 2):
            await peer.create()
            await peer.answer(f"r{number}", "yes", stream_id="main")

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        lane = told.say("one")
        await told.ended(1)
        told.say("two", lane, TurnSettings("test-model", "be long"))
        await told.ended(2)
        second = server.peers[0].received[1]
        assert "previous_response_id" not in second
        assert second["input"] == [user_message("one"), message("msg_r1", "yes"), user_message("two")]


async def test_a_server_that_answers_warm_ups_is_not_warmed_again() -> None:
    async def warm_script(peer: Peer) -> None:
        await peer.create()
        await peer.created("w1")
        await peer.delta("Hello, how")

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r1", "yes")

    async with ScriptedServer(warm_script, script) as server, recording_client(server.base_url) as told:
        told.client.lane("main").warm(SETTINGS, [])
        await told.until(lambda: len(server.peers) == 1 and len(server.peers[0].received) == 1)
        told.say("hi")
        await told.ended()
        assert told.text == "yes"
        assert [len(peer.received) for peer in server.peers] == [1, 1]
        assert "generate" not in server.peers[-1].received[0]


async def test_lanes_of_a_server_without_lanes_take_turns() -> None:
    async def script(peer: Peer) -> None:
        for number in (1, 2):
            create = await peer.create()
            await peer.answer(f"r{number}", create["input"][0]["content"][0]["text"])

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        told.say("one", told.client.lane("main"))
        told.say("two", told.client.lane("side"))
        await told.ended(2)
        assert told.text == "onetwo"
        assert "stream_id" not in server.peers[0].received[1]


async def test_the_results_of_calls_continue_the_chain() -> None:
    call = custom_call("call_1", "apply_patch", "*** Begin Patch\n")
    output = {"type": "custom_tool_call_output", "call_id": "call_1", "output": "staged"}

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.item(call)
        await peer.ended("r1", None)
        await peer.create()
        await peer.answer("r2", "done")

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        told.say("fix it")
        ended = await told.ended(1)
        assert ended.open_calls == ("call_1",)
        told.reply([output])
        ended = await told.ended(2)
        assert ended.open_calls == ()
        assert len(told.of(CallDone)) == 1
        assert server.peers[0].received[1]["input"] == [output]


async def test_stopping_by_interrupt_keeps_the_connection_and_the_partial_text() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("so far")
        interrupt = await peer.next()
        assert interrupt == {"type": "response.interrupt", "response_id": "r1", "mode": "discard_partial_items"}
        await peer.delta(" dropped")
        await peer.ended("r1", [], status="incomplete", incomplete_details={"reason": "interrupted"})
        await peer.create()
        await peer.answer("r2", "better")

    async with ScriptedServer(script) as server, recording_client(server.base_url, interrupt=True) as told:
        lane = told.say("go")
        await told.until(lambda: told.text == "so far")
        lane.stop()
        assert told.updates[-1] == Ended("r1", "incomplete", "stopped", None, None)
        told.say("other way")
        await told.ended(2)
        assert told.text == "so farbetter"
        create = server.peers[0].received[2]
        assert create["previous_response_id"] == "r1"
        assert [item["role"] for item in create["input"]] == ["assistant", "user"]
        assert create["input"][0]["content"][0]["text"] == "so far"
        assert len(server.peers) == 1


async def test_a_refused_interrupt_falls_back_to_a_new_connection() -> None:
    async def refusing(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("so far")
        await peer.next()
        await peer.error(400, "invalid_event_type", "unknown event")

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r2", "better")

    async with ScriptedServer(refusing, script) as server, recording_client(server.base_url, interrupt=True) as told:
        lane = told.say("go")
        await told.until(lambda: told.text == "so far")
        lane.stop()
        told.say("other way")
        assert (await told.ended(2)).status == "completed"
        assert len(server.peers) == 2
        assert [item["role"] for item in server.peers[1].received[0]["input"]] == ["user", "assistant", "user"]


async def test_stopping_without_interrupt_drops_the_connection_and_rebuilds_other_lanes() -> None:
    async def first(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1", stream_id="main")
        await peer.create()
        await peer.created("r2", stream_id="side")
        await peer.delta("half", "msg_s", stream_id="side")
        await peer.until_gone()

    async def second(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r3", " whole", stream_id="side")

    async with ScriptedServer(first, second) as server, recording_client(server.base_url) as told:
        main = told.say("go")
        await told.until(lambda: len(told.of(Started)) == 1)
        told.say("and this", told.client.lane("side"))
        await told.until(lambda: told.text == "half")
        main.stop()
        ends = [await told.ended(1), await told.ended(2)]
        assert [(end.response_id, end.reason) for end in ends] == [("r1", "stopped"), ("r3", None)]
        resent = server.peers[1].received[0]
        assert [item["role"] for item in resent["input"]] == ["user", "assistant", "developer"]


async def test_a_steer_that_is_applied_joins_two_responses_into_one_turn() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("foo")
        steer = await peer.next()
        assert steer == {"type": "response.steer", "previous_response_id": "r1", "input": "call it bar"}
        at = {"steer": {"id": "s1", "previous_response_id": "r1"}}
        await peer.send("response.steer.accepted", **at)
        first = message("msg_1", "foo")
        await peer.item(first)
        await peer.ended("r1", [first], status="incomplete", incomplete_details={"reason": "steered"})
        await peer.answer("r2", "bar", response={"previous_response_id": "r1"})
        await peer.create()
        await peer.answer("r3", "ok")

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: told.text == "foo")
        assert lane.steer("tag", "call it bar")
        ended = await told.ended()
        assert ended.response_id == "r2"
        assert [change.state for change in told.of(SteerChanged)] == ["sent", "accepted", "applied"]
        assert [start.response_id for start in told.of(Started)] == ["r1", "r2"]
        texts = [item["content"][0]["text"] for item in lane.history.items]
        assert texts == ["go", "foo", "call it bar", "bar"]
        told.say("thanks")
        await told.ended(2)
        assert server.peers[0].received[2]["input"] == [user_message("thanks")]


async def test_a_note_goes_before_a_steer_as_a_message_of_its_own() -> None:
    asked = [user_message("<meanwhile>"), user_message("call it bar")]

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("foo")
        steer = await peer.next()
        assert steer["input"] == asked
        await peer.send("response.steer.accepted", steer={"id": "s1", "previous_response_id": "r1"})
        await peer.ended("r1", [], status="incomplete", incomplete_details={"reason": "steered"})
        await peer.answer("r2", "bar", response={"previous_response_id": "r1"})

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: told.text == "foo")
        assert lane.steer("tag", "call it bar", "<meanwhile>")
        await told.ended()
        assert lane.history.items[2:4] == asked


async def test_a_pending_steer_is_committed_by_the_request_with_the_results() -> None:
    call = custom_call("call_1", "apply_patch", "x")
    output = {"type": "custom_tool_call_output", "call_id": "call_1", "output": "staged"}

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.item(call)
        await peer.next()
        at = {"steer": {"id": "s1", "previous_response_id": "r1"}}
        await peer.send("response.steer.accepted", **at)
        await peer.ended("r1", [call])
        await peer.send("response.steer.pending", reason="waiting_for_required_input", required_input=[], **at)
        create = await peer.create()
        assert (create["previous_response_id"], create["input"]) == ("r1", [output])
        await peer.answer("r2", "done")

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: bool(told.of(CallDone)))
        assert lane.steer("tag", "only src")
        assert (await told.ended(1)).open_calls == ("call_1",)
        told.reply([output])
        await told.ended(2)
        assert [change.state for change in told.of(SteerChanged)] == ["sent", "accepted", "applied"]
        assert len(told.of(CallDone)) == 1


async def test_a_refused_steer_gives_the_text_back_and_the_answer_goes_on() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("foo")
        await peer.next()
        error = {"type": "invalid_request_error", "code": "steering_not_supported", "message": "cannot steer"}
        steer = {"input": "left", "previous_response_id": "r1"}
        await peer.send("response.steer.failed", error=error, steer=steer)
        await peer.ended("r1", [message("msg_1", "foo")])

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: told.text == "foo")
        assert lane.steer("tag", "left")
        assert (await told.ended()).status == "completed"
        assert told.of(SteerChanged)[-1] == SteerChanged("tag", "failed", "left", "cannot steer")
        assert not lane.steer("again", "left")


async def test_a_server_that_does_not_know_steers_does_not_end_the_turn() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("foo")
        await peer.next()
        await peer.error(400, "invalid_event_type", "unknown event type")
        await peer.ended("r1", [message("msg_1", "foo")])

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: told.text == "foo")
        assert lane.steer("tag", "left")
        assert (await told.ended()).status == "completed"
        assert told.of(SteerChanged)[-1].state == "failed"


async def test_peers_that_cannot_steer_say_so_at_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.until_gone()

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        lane = told.say("go")
        await told.until(lambda: bool(told.of(Started)))
        assert not lane.steer("tag", "left")


async def test_a_warm_up_is_not_steered() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("w1")
        await peer.until_gone()

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.client.lane("main")
        lane.warm(SETTINGS, [])
        await told.link(LinkState.WARMING)
        session = told.client.session_to_send()
        assert session is not None
        await told.until(lambda: session.lane("main").phase is Phase.RUNNING)
        assert not lane.steer("tag", "left")


async def test_a_warm_up_that_comes_too_late_is_left_out_but_not_its_items() -> None:
    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r1", "yes")

    async with ScriptedServer(script) as server, recording_client(server.base_url) as told:
        told.client.lane("main").warm(SETTINGS, [user_message("the repository")])
        told.say("hi")
        await told.ended()
        [create] = server.peers[0].received
        assert "generate" not in create
        assert create["input"] == [user_message("the repository"), user_message("hi")]


async def test_a_pending_steer_goes_along_when_the_chain_is_not_continued() -> None:
    call = custom_call("call_1", "apply_patch", "x")
    output = {"type": "custom_tool_call_output", "call_id": "call_1", "output": "staged"}

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.item(call)
        await peer.next()
        await peer.send("response.steer.accepted", steer={"id": "s1", "previous_response_id": "r1"})
        await peer.ended("r1", [call])
        await peer.create()
        await peer.answer("r2", "done")

    steering = Steering.STEER
    async with ScriptedServer(script) as server, recording_client(server.base_url, steering=steering) as told:
        lane = told.say("go")
        await told.until(lambda: bool(told.of(CallDone)))
        assert lane.steer("tag", "only src")
        await told.ended(1)
        lane.send([output], TurnSettings("test-model", "be long"), told.on_update)
        await told.ended(2)
        assert server.peers[0].received[2]["input"][-2:] == [output, user_message("only src")]
        assert [change.state for change in told.of(SteerChanged)] == ["sent", "accepted", "applied"]
        assert lane.history.items.count(user_message("only src")) == 1
