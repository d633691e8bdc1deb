"""A turn from a message to its end, by every way there is: tools, redirections, stops and failures."""

from __future__ import annotations

import pytest

from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.turn import TurnState
from spark_tui.protocol.wire.updates import (
    CallDelta,
    CallKind,
    CallStarted,
    Ended,
    Limits,
    MessageDone,
    Queued,
    ReasoningDelta,
    Retrying,
    Started,
    SteerChanged,
    TextDelta,
    Usage,
)
from tests.doubles.lane import SessionOnLane, developer_texts, once_round, outputs, user_texts

FILE = "one\ntwo\nthree\n"
PATCH = "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+TWO\n*** End Patch\n"
OTHER = "*** Begin Patch\n*** Update File: b.txt\n@@\n-two\n+TOO\n*** End Patch\n"


@pytest.fixture
def at() -> SessionOnLane:
    return SessionOnLane({"a.txt": FILE, "b.txt": FILE})


def staged(at: SessionOnLane) -> list[str]:
    return [hunk.path for hunk in at.changes.hunks(HunkState.PENDING)]


def entries(at: SessionOnLane) -> list[tuple[str, str]]:
    return [(entry.speaker.value, entry.text) for entry in at.transcript.entries]


def cut_off(*open_calls: str) -> Ended:
    return Ended("r", "incomplete", "max_output_tokens", None, None, open_calls)


def failed(*open_calls: str) -> Ended:
    return Ended("r", "failed", "no such model", "404", None, open_calls)


async def wait_for_a_tool(at: SessionOnLane) -> None:
    """A patch that is staged, and a command that runs until it is let go; the turn waits for it."""
    at.tools_may_answer.clear()
    at.begin()
    at.patch(PATCH)
    at.close_patch(PATCH)
    at.call("read_file")
    at.end("call_1", "call_f")
    await at.until(lambda: staged(at))


# -- the way of a turn ---------------------------------------------------------------------------------------


async def test_a_turn_without_calls(at: SessionOnLane) -> None:
    at.session.submit("go")
    assert (at.session.state, at.session.turn, at.session.working) == (TurnState.QUEUED, 1, True)
    at.receive(Started("r"))
    assert at.session.state is TurnState.STREAMING
    at.receive(ReasoningDelta("t", "hm"), TextDelta("m", "wel"), MessageDone("m", "well"))
    at.end()
    assert (at.session.state, at.session.working) == (TurnState.DONE, False)
    assert entries(at) == [("user", "go"), ("reasoning", "hm"), ("model", "well")]


async def test_the_answers_of_all_calls_go_out_together_in_their_order(at: SessionOnLane) -> None:
    await wait_for_a_tool(at)
    assert (at.session.state, len(at.lane.sent)) == (TurnState.TOOL, 1)
    at.tools_may_answer.set()
    await at.until(lambda: len(at.lane.sent) == 2)
    assert list(outputs(at.lane.sent[1])) == ["call_1", "call_f"]
    assert outputs(at.lane.sent[1])["call_f"] == "ran"
    assert (at.session.state, at.session.turn) == (TurnState.QUEUED, 1)


async def test_a_call_that_is_answered_before_the_answer_ends(at: SessionOnLane) -> None:
    at.begin()
    at.call("read_file")
    await at.until(lambda: not at.session.calls.unanswered)
    assert len(at.lane.sent) == 1
    at.end("call_f")
    assert outputs(at.lane.sent[1]) == {"call_f": "ran"}


async def test_decisions_travel_with_the_next_input(at: SessionOnLane) -> None:
    at.decisions = ["accepted h1", "rejected h2"]
    at.begin()
    at.call("read_file")
    at.end("call_f")
    await at.until(lambda: len(at.lane.sent) == 2)
    assert [developer_texts(items) for items in at.lane.sent] == [["accepted h1"], ["rejected h2"]]


async def test_a_note_of_the_program_goes_before_what_the_user_says(at: SessionOnLane) -> None:
    at.session.tell("the tests pass")
    assert at.lane.sent == []
    at.begin("next")
    assert [item["role"] for item in at.lane.sent[0]] == ["developer", "user"]
    at.say("well")
    at.end()
    at.begin("again")
    assert developer_texts(at.lane.sent[1]) == []


async def test_a_queued_message_is_said_at_once_when_nothing_runs(at: SessionOnLane) -> None:
    at.session.enqueue("go")
    assert user_texts(at.lane.sent[0]) == ["go"]
    assert not at.session.queue


async def test_a_message_that_is_not_there_cannot_be_taken_back(at: SessionOnLane) -> None:
    with pytest.raises(IndexError):
        at.session.take_back()


async def test_nothing_happens_where_nothing_can(at: SessionOnLane) -> None:
    for act in (at.session.stop, at.session.pause, at.session.resume, at.session.step):
        act()
        assert (at.session.state, at.lane.stops, at.lane.sent) == (TurnState.IDLE, 0, [])


# -- what is measured ----------------------------------------------------------------------------------------


async def test_waits_are_told_until_the_model_writes(at: SessionOnLane) -> None:
    at.session.submit("go")
    at.receive(Queued())
    assert at.session.meters.waiting is not None
    assert at.session.meters.waiting.reason == "by the server"
    at.receive(Retrying("overloaded", 99.0, 1, limited=True))
    assert at.session.meters.waiting is not None
    assert (at.session.meters.waiting.until, at.session.meters.waiting.limited) == (99.0, True)
    at.receive(Started("r"))
    assert at.session.meters.waiting is None


async def test_usage_and_limits_are_kept(at: SessionOnLane) -> None:
    at.begin()
    at.receive(Limits("5 h", 0.5, None), Limits("5 h", 0.6, None), Limits("5 h", 0.1, None, "spark"))
    at.receive(Ended("r", "completed", None, None, Usage(10, 0, 5)))
    assert at.session.meters.usage == Usage(10, 0, 5)
    assert {key: limit.used for key, limit in at.session.meters.limits.items()} == {
        ("", "5 h"): 0.6,
        ("spark", "5 h"): 0.1,
    }


# -- redirecting ---------------------------------------------------------------------------------------------


async def test_a_steer_goes_to_the_running_answer(at: SessionOnLane) -> None:
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    assert [text for _, text in at.lane.steered] == ["shorter"]
    assert (len(at.lane.sent), at.lane.stops, at.session.turn) == (1, 0, 1)
    at.receive(SteerChanged(at.lane.steered[0][0], "applied", "shorter"), Started("r2"))
    assert at.session.turn == 2
    at.end()
    assert (at.returned, at.session.state) == ([], TurnState.DONE)


async def test_where_the_model_cannot_be_steered_the_answer_is_stopped_and_the_message_sent() -> None:
    at = SessionOnLane(steers=False)
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    assert at.lane.stops == 1
    assert [user_texts(items) for items in at.lane.sent] == [["go"], ["shorter"]]
    assert (at.session.state, at.session.turn) == (TurnState.QUEUED, 2)


async def test_a_redirection_before_the_answer_begins_keeps_both_messages() -> None:
    at = SessionOnLane(steers=False)
    at.session.submit("go")
    at.session.submit("no, this")
    assert user_texts(at.lane.sent[1]) == ["no, this"]
    assert at.notes() == {"go": "→ sent", "no, this": "→ sent"}
    at.receive(Started("r2"), TextDelta("m", "yes"))
    assert at.notes() == {"go": "", "no, this": ""}


async def test_a_call_that_a_steer_voided_holds_nothing_up(at: SessionOnLane) -> None:
    """Calls that were not done when another response of the turn begins are void."""
    at.begin()
    at.receive(CallStarted("call_0", "read_file", CallKind.FUNCTION), CallDelta("call_0", '{"pa'))
    at.patch(OTHER[:-20], "call_1")
    at.session.submit("the other file")
    at.receive(SteerChanged(at.lane.steered[0][0], "applied", "the other file"), Started("r2"))
    assert at.session.calls.streaming_patch is None
    at.patch(PATCH, "call_2")
    at.close_patch(PATCH, "call_2")
    at.end("call_2")
    for _ in range(50):
        await once_round()
    assert len(at.lane.sent) == 2
    assert list(outputs(at.lane.sent[1])) == ["call_2"]
    assert staged(at) == ["a.txt"]


async def test_a_call_that_was_done_when_a_steer_was_applied_is_answered(at: SessionOnLane) -> None:
    at.begin()
    at.call("read_file")
    at.session.submit("shorter")
    at.receive(SteerChanged(at.lane.steered[0][0], "applied", "shorter"), Started("r2"))
    at.end("call_f")
    await at.until(lambda: len(at.lane.sent) == 2)
    assert outputs(at.lane.sent[1]) == {"call_f": "ran"}


async def test_what_a_voided_patch_had_staged_is_told(at: SessionOnLane) -> None:
    at.begin()
    at.patch(PATCH.replace("*** End Patch\n", "@@\n thr"))
    await at.until(lambda: staged(at))
    at.session.submit("shorter")
    at.receive(SteerChanged(at.lane.steered[0][0], "applied", "shorter"), Started("r2"), TextDelta("m", "yes"))
    at.end()
    at.session.submit("next")
    assert staged(at) == ["a.txt"]
    (note,) = developer_texts(at.lane.sent[1])
    assert "staged for review: 1 hunk in 1 file" in note


async def test_a_message_waits_for_a_tool_and_goes_out_behind_its_answer(at: SessionOnLane) -> None:
    await wait_for_a_tool(at)
    at.session.submit("and b.txt")
    assert at.notes()["and b.txt"] == "→ waits for a tool"
    assert (at.lane.steered, at.lane.stops) == ([], 0)
    at.tools_may_answer.set()
    await at.until(lambda: len(at.lane.sent) == 2)
    assert list(outputs(at.lane.sent[1])) == ["call_1", "call_f"]
    assert user_texts(at.lane.sent[1]) == ["and b.txt"]
    assert at.notes()["and b.txt"] == "→ sent"


async def test_a_message_behind_an_answer_that_failed_unseen_returns(at: SessionOnLane) -> None:
    at.lane.steers = False
    at.begin()
    at.say("well")
    at.session.pause()
    at.receive(failed())
    at.session.submit("and then")
    await at.until(lambda: at.session.state is TurnState.FAILED)
    assert at.returned == ["and then"]
    assert at.notes()["and then"] == "→ failed: it is in the prompt again"
    at.session.submit("again")
    assert user_texts(at.lane.sent[-1]) == ["again"]


# -- ends that are not the model's own -----------------------------------------------------------------------


async def test_a_failure_is_told_and_its_calls_are_owed(at: SessionOnLane) -> None:
    at.begin()
    at.patch(PATCH)
    at.close_patch(PATCH)
    await at.until(lambda: not at.session.calls.unanswered)
    at.receive(failed("call_1"))
    assert entries(at)[-1] == ("error", "no such model")
    assert (at.session.state, staged(at)) == (TurnState.FAILED, ["a.txt"])
    at.session.submit("again")
    assert "staged for review" in outputs(at.lane.sent[1])["call_1"]


async def test_a_failure_without_a_reason_says_so(at: SessionOnLane) -> None:
    at.begin()
    at.receive(Ended("r", "failed", None, None, None))
    assert entries(at)[-1] == ("error", "the model failed without saying why")


async def test_an_answer_that_ended_early_says_why_and_keeps_whole_hunks(at: SessionOnLane) -> None:
    at.begin()
    at.patch(PATCH.replace("*** End Patch\n", "") + "@@\n-thr")
    await at.until(lambda: list(at.changes.hunks()))
    at.receive(cut_off())
    assert entries(at)[-1] == ("notice", "the answer ended early (max_output_tokens)")
    assert (at.session.state, staged(at)) == (TurnState.IDLE, ["a.txt"])


async def test_the_queue_waits_for_the_user_after_a_stop(at: SessionOnLane) -> None:
    at.begin()
    at.session.enqueue("later")
    at.session.stop()
    assert (at.session.state, list(at.session.queue), len(at.lane.sent)) == (TurnState.IDLE, ["later"], 1)


@pytest.mark.parametrize("begun", [False, True])
async def test_a_stop_before_the_first_word_returns_the_message(at: SessionOnLane, begun: bool) -> None:
    at.session.submit("go")
    if begun:
        at.receive(Started("r"))
    at.session.stop()
    assert (at.session.state, at.lane.stops, at.returned) == (TurnState.IDLE, 1, ["go"])
    assert entries(at)[-1] == ("notice", "stopped")


async def test_a_stop_returns_a_steer_that_nobody_applied(at: SessionOnLane) -> None:
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    at.session.stop()
    assert at.returned == ["shorter"]


async def test_a_stop_while_a_tool_runs_tells_the_truth_of_each_call(at: SessionOnLane) -> None:
    await wait_for_a_tool(at)
    at.session.stop()
    assert (at.session.state, at.lane.stops, staged(at)) == (TurnState.IDLE, 0, ["a.txt"])
    at.session.submit("next")
    told = outputs(at.lane.sent[1])
    assert "staged for review" in told["call_1"]
    assert told["call_f"] == "not run: stopped by the user"
    at.tools_may_answer.set()
    await once_round()
    assert len(at.lane.sent) == 2


async def test_a_frozen_stop_while_a_tool_runs_tells_the_truth_of_each_call(at: SessionOnLane) -> None:
    await wait_for_a_tool(at)
    at.session.pause()
    at.session.stop()
    at.session.submit("next")
    assert "staged for review" in outputs(at.lane.sent[1])["call_1"]


async def test_a_stop_while_a_message_waits_for_a_tool_sends_it(at: SessionOnLane) -> None:
    await wait_for_a_tool(at)
    at.session.submit("leave that")
    at.session.stop()
    assert user_texts(at.lane.sent[1]) == ["leave that"]
    assert set(outputs(at.lane.sent[1])) == {"call_1", "call_f"}
    assert at.session.state is TurnState.QUEUED


async def test_a_cut_before_anything_was_seen_says_so(at: SessionOnLane) -> None:
    at.begin()
    at.session.pause()
    at.say("unseen")
    at.session.stop()
    at.session.submit("next")
    assert "before its first word" in developer_texts(at.lane.sent[1])[0]


async def test_a_cut_without_anything_unseen_leaves_no_note(at: SessionOnLane) -> None:
    at.begin()
    at.say("seen")
    at.session.pause()
    at.session.stop()
    at.session.submit("next")
    assert developer_texts(at.lane.sent[1]) == []


async def test_a_steer_that_was_applied_unseen_does_not_return(at: SessionOnLane) -> None:
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    at.session.pause()
    at.receive(SteerChanged(at.lane.steered[0][0], "applied", "shorter"), Started("r2"))
    at.say("unseen")
    at.session.stop()
    assert (at.returned, at.notes()["shorter"]) == ([], "→ reached the model")


async def test_a_failure_that_was_not_seen_is_told_when_it_is_cut(at: SessionOnLane) -> None:
    at.begin()
    at.say("well")
    at.session.pause()
    at.receive(failed())
    at.session.stop()
    assert (at.session.state, at.lane.stops) == (TurnState.IDLE, 0)


async def test_going_on_after_a_pause_while_queued_or_waiting(at: SessionOnLane) -> None:
    at.session.submit("go")
    at.session.pause()
    at.receive(Started("r"))
    assert at.session.state is TurnState.PAUSED
    at.session.resume()
    await at.until(lambda: at.session.state is TurnState.STREAMING)
    at.tools_may_answer.clear()
    at.call("read_file")
    at.end("call_f")
    at.session.pause()
    at.tools_may_answer.set()
    await at.until(lambda: not at.session.calls.unanswered)
    assert len(at.lane.sent) == 1
    at.session.resume()
    assert len(at.lane.sent) == 2
