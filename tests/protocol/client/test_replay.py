"""A session recorded and played again: the same client, the same updates, no server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from spark_tui.protocol.client.connection import Client
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.protocol.client.recording import read_recording
from spark_tui.protocol.client.replay import Cue, GoOn, Over, Replay, Say, Stop
from spark_tui.protocol.client.tape import Tape
from spark_tui.protocol.errors import ProtocolError
from spark_tui.protocol.profiles import Profile, Steering
from spark_tui.protocol.wire.updates import CallDone, SteerChanged
from tests.doubles.recording_client import KEY, SETTINGS, Recorder, recording_client
from tests.doubles.scripted_server import Peer, ScriptedServer, custom_call

CALL = custom_call("call_1", "apply_patch", "x")
OUTPUT = {"type": "custom_tool_call_output", "call_id": "call_1", "output": "staged"}


async def working(peer: Peer) -> None:
    """Two turns: one with a call, one that is steered; the first create may be a warm-up."""
    create = await peer.create()
    if create.get("generate") is False:
        await peer.created("w", stream_id="main")
        await peer.ended("w", [], stream_id="main")
        await peer.create()
    await peer.created("r1", stream_id="main")
    await peer.item(CALL, stream_id="main")
    await peer.ended("r1", [CALL], stream_id="main")
    await peer.create()
    await peer.answer("r2", "staged it", stream_id="main")
    await peer.create()
    await peer.created("r3", stream_id="main")
    await peer.delta("working on", stream_id="main")
    await peer.next()
    steer = {"id": "s1", "previous_response_id": "r3"}
    await peer.send("response.steer.accepted", steer=steer, stream_id="main")
    await peer.ended("r3", [], status="incomplete", incomplete_details={"reason": "steered"}, stream_id="main")
    await peer.answer("r4", "total it is", stream_id="main")


async def play_the_user(told: Recorder) -> None:
    told.client.lane("main").warm(SETTINGS)
    told.say("rename a")
    await told.ended(1)
    told.reply([OUTPUT])
    await told.ended(2)
    told.say("and b")
    await told.until(lambda: "working on" in told.text)
    told.client.lane("main").steer("t", "call it total", "<meanwhile>\naccepted: a.py\n</meanwhile>")
    await told.ended(3)


@pytest.fixture
async def recording(tmp_path: Path) -> Path:
    path = tmp_path / "session.jsonl"
    async with (
        ScriptedServer(working) as server,
        recording_client(server.base_url, tape=Tape(path), steering=Steering.STEER) as told,
    ):
        await play_the_user(told)
    return path


@asynccontextmanager
async def playing(replay: Replay, on_cue: Callable[[Recorder, Cue], None]) -> AsyncIterator[Recorder]:
    recorder: Recorder
    endpoint = Endpoint("ws://replay.invalid/v1", None, replay.model, Profile(steering=Steering.STEER))
    client = Client(endpoint, on_link=lambda change: recorder.on_link(change), dial=replay.dial)
    recorder = Recorder(client)
    replay.on_cue = lambda cue: on_cue(recorder, cue)
    await client.start()
    try:
        yield recorder
    finally:
        await client.aclose()


@pytest.mark.parametrize("warms", [True, False])
async def test_a_recording_tells_the_same_again(recording: Path, warms: bool) -> None:
    cues: list[Cue] = []

    def follow(told: Recorder, cue: Cue) -> None:
        cues.append(cue)
        lane = told.client.lane("main")
        match cue:
            case Say("call it total"):
                lane.steer("t", "call it total")
            case Say(text):
                told.say(text)

    replay = Replay(read_recording(recording), speed=0)
    assert replay.model == "test-model"
    assert replay.used("response.steer")
    assert not replay.used("response.interrupt")
    async with playing(replay, follow) as told:
        if warms:
            told.client.lane("main").warm(SETTINGS)
        await told.ended(1)
        told.reply([OUTPUT])
        await told.ended(3)
        await told.until(lambda: Over() in cues)
        assert told.text == "staged itworking ontotal it is"
        assert [done.call_id for done in told.of(CallDone)] == ["call_1"]
        assert [change.state for change in told.of(SteerChanged)] == ["sent", "accepted", "applied"]
    assert [cue for cue in cues if isinstance(cue, Say)] == [Say("rename a"), Say("and b"), Say("call it total")]


async def test_a_connection_that_broke_breaks_again(tmp_path: Path) -> None:
    async def cut(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1")
        await peer.delta("half, ")
        peer.reset()

    async def whole(peer: Peer) -> None:
        await peer.create()
        await peer.answer("r2", "whole")

    path = tmp_path / "cut.jsonl"
    async with ScriptedServer(cut, whole) as server, recording_client(server.base_url, tape=Tape(path)) as told:
        told.say("go")
        await told.ended()
    async with playing(Replay(read_recording(path), speed=0), _say) as told:
        assert (await told.ended()).status == "completed"
        assert told.text == "half, whole"


async def test_an_answer_that_was_stopped_is_stopped_again(tmp_path: Path) -> None:
    path = tmp_path / "stopped.jsonl"
    tape = Tape(path)
    tape.sent('{"type":"response.create","model":"m","stream_id":"main","input":[{"role":"user","content":"go"}]}')
    tape.received('{"type":"response.created","response":{"id":"r1"},"stream_id":"main"}')
    tape.received('{"type":"response.output_text.delta","item_id":"i","delta":"half","stream_id":"main"}')
    tape.sent('{"type":"response.interrupt","response_id":"r1"}')
    tape.close()
    stopped = asyncio.Event()

    def follow(told: Recorder, cue: Cue) -> None:
        if isinstance(cue, Stop):
            stopped.set()
        else:
            _say(told, cue)

    async with playing(Replay(read_recording(path), speed=0), follow) as told:
        await told.until(stopped.is_set)
        assert told.text == "half"


def _say(told: Recorder, cue: Cue) -> None:
    match cue:
        case Say(text):
            told.say(text)
        case GoOn():
            told.client.retry_now()


def test_keys_are_not_on_the_tape(recording: Path) -> None:
    assert KEY not in recording.read_text()


@pytest.mark.parametrize("text", ["", "x\ny\n", '{"t": 1}\n{"t": 2}\n', '{"t":0,"dir":"up","frame":{}}\n{}\n'])
def test_what_is_no_recording_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tape.jsonl"
    path.write_text(text)
    with pytest.raises(ProtocolError) as caught:
        read_recording(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="cannot read"):
        read_recording(tmp_path / "none")


def test_a_last_line_that_was_cut_short_is_left_out(recording: Path) -> None:
    whole = read_recording(recording)
    recording.write_text(recording.read_text() + '{"t":9,"di')
    assert read_recording(recording) == whole
