"""Making room for the conversation: when it is due, by which way, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from spark_tui.app.pairing.compacting import REPLACED, REQUEST, CompactingLane
from spark_tui.app.pairing.items import developer_note, user_message
from spark_tui.app.pairing.transcript import Transcript
from spark_tui.protocol.profiles import Compaction, Profile
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import Ended, Item, Queued, TurnSettings, Update, Usage
from tests.doubles.recording_client import recording_client
from tests.doubles.scripted_server import Peer, ScriptedServer, message

SETTINGS = TurnSettings("m", "be brief")
GUIDE = user_message("# AGENTS.md instructions for this repository\n\nUse tabs.")
FULL = Usage(input_tokens=86_000, output_tokens=500)


def assistant(text: str) -> Item:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


class FakeLane:
    """A lane that answers when told to, keeping a history as the real one does."""

    def __init__(self) -> None:
        self.history = History([GUIDE, user_message("rename a"), assistant("done")])
        self.sent: list[tuple[list[Item], Any]] = []
        self.steered: list[str] = []

    def send(self, items: list[Item], settings: TurnSettings, on_update: Any) -> None:
        self.history.add(items)
        self.sent.append((items, on_update))

    def steer(self, tag: str, text: str, note: str = "") -> bool:
        self.steered.append(text)
        return True

    def stop(self) -> None:
        self.end("incomplete", "stopped")

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def end(self, status: Any, reason: str | None = None, output: tuple[Item, ...] = ()) -> None:
        """End what was sent last, with ``output``."""
        self.history.record("r", output, intact=True)
        self.sent[-1][1](Ended("r", status, reason, None, Usage(90_000)))


class Bench:
    """A compacting lane over a fake one, and what it told."""

    def __init__(self, way: Compaction = Compaction.SUMMARY, usage: Usage | None = FULL) -> None:
        self.lane = FakeLane()
        self.usage = usage
        self.transcript = Transcript()
        self.updates: list[Update] = []
        self.compacting = CompactingLane(
            self.lane,
            self.transcript,
            profile=lambda: Profile(context_tokens=100_000, compaction=way),
            usage=lambda: self.usage,
            standing=lambda: "How your changes stand now:\npending: a.py:1",
            on_change=lambda: None,
        )

    def say(self, text: str) -> Item:
        item = user_message(text)
        self.compacting.send([item], SETTINGS, self.updates.append)
        return item

    @property
    def told(self) -> list[str]:
        return [entry.text for entry in self.transcript.entries]


def test_below_the_limit_nothing_is_held_back() -> None:
    bench = Bench(usage=Usage(84_000, 0, 500))
    item = bench.say("go on")
    assert bench.lane.sent == [([item], bench.updates.append)]
    assert bench.told == []


def test_a_summary_takes_the_place_of_the_conversation_and_the_turn_goes_on() -> None:
    bench = Bench()
    item = bench.say("go on")
    assert bench.lane.sent[0][0] == [developer_note(REQUEST)]
    assert bench.updates == [Queued("until the conversation is summed up")]
    bench.lane.end("completed", output=(assistant("a is now b"),))
    assert bench.lane.sent[1][0] == [item]
    assert bench.lane.history.items == [
        GUIDE,
        developer_note(REPLACED + "a is now b"),
        developer_note("How your changes stand now:\npending: a.py:1"),
        item,
    ]
    assert bench.lane.history.response_id is None
    assert bench.told == ["the conversation was compacted from 90,000 tokens: what was said stays shown"]
    bench.say("and on")
    assert len(bench.lane.sent) == 3, "the old count of tokens does not compact again"


def test_the_server_compacts_where_it_offers_to() -> None:
    bench = Bench(Compaction.TRIGGER)
    bench.say("go on")
    assert bench.lane.sent[0][0] == [{"type": "compaction_trigger"}]
    compacted = {"type": "compaction", "encrypted_content": "x"}
    bench.lane.end("completed", output=(compacted,))
    assert bench.lane.history.items[1] == compacted


def test_a_refused_trigger_becomes_a_summary() -> None:
    bench = Bench(Compaction.TRIGGER)
    bench.say("go on")
    bench.lane.end("failed", "unknown item")
    assert bench.lane.sent[1][0] == [developer_note(REQUEST)]
    assert {"type": "compaction_trigger"} not in bench.lane.history.items


def test_without_a_summary_the_conversation_goes_on_whole() -> None:
    bench = Bench()
    item = bench.say("go on")
    bench.lane.end("failed", "too long")
    assert bench.lane.history.items == [GUIDE, user_message("rename a"), assistant("done"), item]
    assert bench.told == ["the conversation could not be compacted (too long); it goes on whole"]


def test_stopped_it_leaves_everything_as_it_was() -> None:
    bench = Bench()
    item = bench.say("go on")
    bench.compacting.stop()
    assert bench.updates[-1] == Ended("", "incomplete", "stopped", None, None)
    assert bench.lane.history.items[-1] == item
    assert not bench.compacting.running


def test_what_is_said_meanwhile_cannot_steer_the_summary() -> None:
    bench = Bench()
    bench.say("go on")
    assert not bench.compacting.steer("tag", "no")
    assert bench.lane.steered == []


def test_results_of_calls_are_never_held_back() -> None:
    bench = Bench()
    bench.lane.history.items.append({"type": "function_call", "call_id": "c", "name": "read", "arguments": "{}"})
    output = {"type": "function_call_output", "call_id": "c", "output": "text"}
    bench.compacting.send([output], SETTINGS, bench.updates.append)
    assert bench.lane.sent[0][0] == [output]


def test_by_hand_it_is_done_at_any_size() -> None:
    bench = Bench(usage=None)
    bench.compacting.compact(SETTINGS)
    assert bench.told == ["making room: the conversation is being summed up …"]
    bench.lane.end("completed", output=(assistant("a is now b"),))
    assert bench.lane.history.items[1] == developer_note(REPLACED + "a is now b")
    assert not bench.compacting.running


def test_an_empty_conversation_has_nothing_to_compact() -> None:
    bench = Bench()
    bench.lane.history.items.clear()
    bench.compacting.compact(SETTINGS)
    assert bench.told == ["nothing to compact yet"]


@pytest.mark.parametrize("stops", [False, True])
async def test_over_a_real_connection(stops: bool) -> None:
    usage = {"input_tokens": 90_000, "output_tokens": 10}

    async def script(peer: Peer) -> None:
        await peer.create()
        await peer.created("r1", stream_id="main")
        await peer.ended("r1", [message("m1", "did it")], usage=usage, stream_id="main")
        request = await peer.create()
        assert request["previous_response_id"] == "r1"
        assert request["input"] == [developer_note(REQUEST)]
        await peer.created("r2", stream_id="main")
        if stops:
            await peer.delta("the sum", stream_id="main")
            return
        await peer.ended("r2", [message("m2", "the summary")], stream_id="main")
        request = await peer.create()
        assert "previous_response_id" not in request
        assert [item["role"] for item in request["input"]] == ["developer", "developer", "user"]
        await peer.answer("r3", "went on", stream_id="main")

    async with ScriptedServer(script) as server, recording_client(server.base_url, context_tokens=100_000) as told:
        compacting = CompactingLane(
            told.client.lane("main"),
            Transcript(),
            profile=lambda: told.client.profile,
            usage=lambda: next((ended.usage for ended in reversed(told.of(Ended)) if ended.usage), None),
            standing=lambda: "pending: a.py:1",
            on_change=lambda: None,
        )
        compacting.send([user_message("do it")], SETTINGS, told.on_update)
        await told.ended(1)
        compacting.send([user_message("go on")], SETTINGS, told.on_update)
        if stops:
            await told.until(lambda: len(server.peers[0].received) == 2)
            compacting.stop()
            assert (await told.ended(2)).reason == "stopped"
            items = told.client.lane("main").history.items
            assert [item["role"] for item in items] == ["user", "assistant", "user"]
        else:
            assert (await told.ended(2)).status == "completed"
            assert told.text == "went on"
