"""Each message says what became of it; none is lost."""

from __future__ import annotations

from spark_tui.app.pairing.turn import TurnState
from spark_tui.protocol.wire.updates import Ended, Started, SteerChanged
from tests.doubles.lane import SessionOnLane, developer_texts, user_texts


async def test_a_message_is_sent_and_received_and_its_answer_says_the_rest() -> None:
    at = SessionOnLane()
    at.session.submit("go")
    assert at.notes() == {"go": "→ sent"}
    at.receive(Started("r"))
    assert at.notes() == {"go": "→ received"}
    at.say("well")
    assert at.notes() == {"go": ""}


async def test_a_message_that_failed_returns_to_the_prompt() -> None:
    at = SessionOnLane()
    at.session.submit("go")
    at.receive(Ended("r", "failed", "no such model", "404", None))
    assert at.notes() == {"go": "→ failed: it is in the prompt again"}
    assert at.returned == ["go"]


async def test_a_message_that_was_answered_does_not_return() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.receive(Ended("r", "failed", "overloaded", None, None))
    assert (at.notes(), at.returned) == ({"go": ""}, [])


async def test_a_steer_tells_its_state_also_while_frozen() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    assert at.notes()["shorter"] == "→ sent"
    key = at.lane.steered[0][0]
    at.session.pause()
    at.receive(SteerChanged(key, "accepted", "shorter"))
    assert at.notes()["shorter"] == "→ received"
    at.receive(SteerChanged(key, "applied", "shorter"))
    assert at.notes()["shorter"] == "→ received"
    at.session.resume()
    await at.until(lambda: at.notes()["shorter"] == "→ reached the model")


async def test_a_steer_that_failed_returns_once() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    at.receive(SteerChanged(at.lane.steered[0][0], "failed", "shorter", "too late"))
    at.end()
    assert at.notes()["shorter"] == "→ failed: too late; it is in the prompt again"
    assert at.returned == ["shorter"]


async def test_a_steer_that_nobody_answered_returns_when_the_turn_is_over() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.session.submit("shorter")
    at.end()
    assert at.notes()["shorter"] == "→ failed: it is in the prompt again"
    assert at.returned == ["shorter"]


async def test_a_steer_tells_what_was_decided_meanwhile() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.decisions = ["rejected: a.py:2 `b = 3`"]
    at.session.submit("shorter")
    at.session.submit("still shorter")
    assert at.lane.notes == ["<meanwhile>\nrejected: a.py:2 `b = 3`\n</meanwhile>", ""]


async def test_decisions_told_with_a_steer_that_failed_are_told_again() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.decisions = ["accepted: a.py:2"]
    at.session.submit("shorter")
    at.receive(SteerChanged(at.lane.steered[0][0], "failed", "shorter", "too late"))
    at.end()
    at.session.submit("again")
    assert developer_texts(at.lane.sent[-1]) == ["accepted: a.py:2"]


async def test_decisions_go_with_the_next_request_where_nothing_can_be_steered() -> None:
    at = SessionOnLane(steers=False)
    at.begin()
    at.say("well")
    at.decisions = ["accepted: a.py:2"]
    at.session.submit("shorter")
    assert developer_texts(at.lane.sent[-1])[0] == "accepted: a.py:2"


async def test_queued_messages_go_out_one_a_turn() -> None:
    at = SessionOnLane()
    at.begin()
    at.say("well")
    at.session.enqueue("second")
    at.session.enqueue("third")
    at.end()
    assert user_texts(at.lane.sent[-1]) == ["second"]
    assert list(at.session.queue) == ["third"]


async def test_a_queued_message_can_be_taken_back() -> None:
    at = SessionOnLane()
    at.begin()
    for text in ("one", "two", "three"):
        at.session.enqueue(text)
    assert (at.session.take_back(), at.session.take_back(0)) == ("three", "one")
    assert list(at.session.queue) == ["two"]


async def test_a_failed_turn_keeps_the_queue() -> None:
    at = SessionOnLane()
    at.begin()
    at.session.enqueue("later")
    at.receive(Ended("r", "failed", "no", None, None))
    assert (at.session.state, list(at.session.queue)) == (TurnState.FAILED, ["later"])


async def test_the_request_of_a_turn_is_what_began_it() -> None:
    at = SessionOnLane()
    at.begin("rename it")
    at.say("well")
    at.session.submit("shorter")
    at.session.enqueue("and now")
    assert at.session.request == "rename it"
    at.receive(SteerChanged(at.lane.steered[0][0], "applied", "shorter"))
    at.end()
    assert at.session.request == "and now"
