"""A pause is true: nothing that is shown changes, nothing that comes is lost, and going on is quick and in order."""

from __future__ import annotations

import pytest

from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing import held
from spark_tui.app.pairing.turn import TurnState
from spark_tui.protocol.wire.history import History
from tests.doubles.lane import SessionOnLane, once_round, outputs, user_texts

FILE = "".join(f"line {number}\n" for number in range(1, 41))
PATCH = """*** Begin Patch
*** Update File: a.txt
@@
 line 1
-line 2
+LINE 2
 line 3
@@
 line 19
-line 20
+LINE 20
 line 21
@@
 line 29
-line 30
+LINE 30
 line 31
*** End Patch
"""


def added(at: SessionOnLane) -> list[str]:
    return [line for hunk in at.changes.hunks(HunkState.PENDING) for line in hunk.added]


async def test_frozen_on_the_character_and_nothing_lost() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("one ", "two")
    at.session.pause()
    at.say(" three", " four")
    assert (at.words, at.session.held, at.session.state) == ("one two", 2, TurnState.PAUSED)
    at.session.resume()
    at.say(" five")
    await at.until(lambda: not at.session.held)
    assert at.words == "one two three four five"
    at.end()
    assert at.session.state is TurnState.DONE


async def test_the_first_byte_of_the_key_freezes_and_the_key_takes_over() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("one")
    at.session.brace()
    at.say(" two")
    assert (at.words, at.session.state) == ("one", TurnState.STREAMING)
    at.session.pause()
    at.say(" three")
    assert (at.words, at.session.held) == ("one", 2)
    at.session.resume()
    await at.until(lambda: at.words == "one two three")


async def test_what_was_another_key_after_all_is_caught_up_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_tui.app.pairing.pacing.BRACE", 0.001)
    at = SessionOnLane()
    at.begin()
    at.say("one")
    at.session.brace()
    at.say(" two")
    assert at.words == "one"
    await at.until(lambda: at.words == "one two")
    at.session.brace()
    at.end()
    await at.until(lambda: at.session.state is TurnState.DONE)


async def test_the_first_byte_of_a_key_changes_nothing_where_nothing_runs_or_all_is_frozen() -> None:
    at = SessionOnLane()
    at.session.brace()
    at.begin()
    at.say("one")
    assert at.words == "one"
    at.session.pause()
    at.session.brace()
    at.session.resume()
    at.say(" two")
    await at.until(lambda: at.words == "one two")


async def test_a_file_that_comes_while_frozen_changes_nothing() -> None:
    at = SessionOnLane({"a.txt": FILE})
    at.begin()
    at.patch(PATCH)
    at.session.pause()
    for _ in range(20):
        await once_round()
    assert not added(at)
    at.session.resume()
    await at.until(lambda: len(added(at)) == 3)


async def test_an_unlimited_stream_is_held_in_bounded_memory_and_then_made_to_wait() -> None:
    at = SessionOnLane()
    at.begin()
    at.session.pause()
    sent = 0
    while at.lane.reading:
        at.say("0123456789")
        sent += 1
        assert at.session.held == sent
    assert sent <= held.HELD_LIMIT // 10
    at.session.resume()
    slices = 0
    while at.session.held:
        slices += 1
        await once_round()
    assert at.lane.reading
    assert len(at.words) == 10 * sent


async def test_catching_up_leaves_room_for_others_and_can_be_frozen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_tui.app.pairing.pacing.SLICE", 0.0)
    at = SessionOnLane()
    at.begin()
    at.session.pause()
    at.say(*("0123456789" * 1000 for _ in range(3)))
    at.session.resume()
    await at.until(lambda: at.words)
    assert at.session.held
    at.session.pause()
    shown = at.words
    await once_round()
    assert at.words == shown
    at.session.resume()
    await at.until(lambda: not at.session.held)
    assert at.words == "0123456789" * 3000


async def test_a_step_goes_to_the_end_of_the_next_hunk_each_time() -> None:
    at = SessionOnLane({"a.txt": FILE})
    at.begin()
    at.session.pause()
    at.say("I change three lines.")
    at.patch(PATCH)
    at.close_patch(PATCH)
    at.end("call_1")
    for expected in (["LINE 2\n"], ["LINE 2\n", "LINE 20\n"], ["LINE 2\n", "LINE 20\n", "LINE 30\n"]):
        at.session.step()
        await at.until(lambda: at.session.state is TurnState.PAUSED)
        assert added(at) == expected
    at.session.resume()
    await at.until(lambda: len(at.lane.sent) == 2)


async def test_a_step_with_nothing_waiting_freezes_at_the_hunk_that_comes() -> None:
    at = SessionOnLane({"a.txt": FILE})
    at.begin()
    at.session.pause()
    at.session.step()
    at.patch(PATCH)
    await at.until(lambda: at.session.state is TurnState.PAUSED)
    assert added(at) == ["LINE 2\n"]


async def test_a_step_without_another_hunk_ends_with_the_turn() -> None:
    at = SessionOnLane()
    at.begin()
    at.session.pause()
    at.say("that is all")
    at.end()
    at.session.step()
    await at.until(lambda: at.session.state is TurnState.DONE)
    assert at.words == "that is all"
    at.begin("again")
    at.say("!")
    assert at.words == "that is all!"


async def test_a_cut_keeps_what_was_seen_and_tells_the_model_where() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("seen")
    at.session.pause()
    at.say(" unseen")
    at.session.stop()
    assert (at.words, at.session.state, at.lane.stops) == ("seen", TurnState.IDLE, 1)
    at.session.submit("next")
    note = at.lane.sent[-1][0]["content"][0]["text"]
    assert "…seen" in note
    assert "unseen" not in note


async def test_a_cut_behind_the_end_of_the_answer_runs_no_call() -> None:
    at = SessionOnLane({"a.txt": FILE})
    at.begin()
    at.session.pause()
    at.patch(PATCH)
    at.close_patch(PATCH)
    at.end("call_1")
    at.session.stop()
    assert (at.session.state, at.lane.stops, added(at)) == (TurnState.IDLE, 0, [])
    at.session.submit("next")
    history = History([{"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": PATCH}])
    history.add(at.lane.sent[-1])
    assert "not run" in outputs(history.items)["call_1"]


async def test_a_frozen_wait_for_a_tool_can_be_cut() -> None:
    at = SessionOnLane({"a.txt": FILE})
    at.begin()
    at.patch(PATCH)
    at.close_patch(PATCH)
    at.end("call_1")
    at.session.pause()
    at.session.stop()
    assert at.session.state is TurnState.IDLE


async def test_writing_while_frozen_redirects_and_goes_on() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("one")
    at.session.pause()
    at.say(" two")
    at.session.submit("shorter")
    await at.until(lambda: not at.session.held)
    assert (at.words, [text for _, text in at.lane.steered]) == ("one two", ["shorter"])


async def test_writing_while_frozen_cuts_where_the_model_cannot_be_steered() -> None:
    at = SessionOnLane(steers=False)
    at.begin()
    at.say("one")
    at.session.pause()
    at.say(" two")
    at.session.submit("shorter")
    assert (at.words, at.lane.stops) == ("one", 1)
    assert user_texts(at.lane.sent[-1]) == ["shorter"]


async def test_writing_while_frozen_behind_the_end_begins_with_all_of_the_answer_shown() -> None:
    at = SessionOnLane(steers=False)
    at.begin()
    at.session.pause()
    at.say("all of it")
    at.end()
    at.session.submit("and now")
    await at.until(lambda: len(at.lane.sent) == 2)
    assert (at.words, user_texts(at.lane.sent[-1])) == ("all of it", ["and now"])
