"""What the model is yet to be told, and how far each message has come."""

from __future__ import annotations

import pytest

from spark_tui.app.pairing.outbox import Outbox
from spark_tui.app.pairing.transcript import Transcript
from spark_tui.protocol.wire.updates import SteerChanged
from tests.doubles.lane import user_texts


class Desk:
    """An outbox over a transcript, and what came back from it."""

    def __init__(self) -> None:
        self.transcript = Transcript()
        self.returned: list[str] = []
        self.outbox = Outbox(self.transcript, self.returned.append)

    @property
    def notes(self) -> dict[str, str]:
        return {entry.text: entry.note for entry in self.transcript.entries}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_message_is_sent_and_received_and_its_answer_says_the_rest(desk: Desk) -> None:
    outbox = desk.outbox
    outbox.post(outbox.say("go"))
    assert outbox.has_messages
    assert user_texts(outbox.collect([], "")) == ["go"]
    assert not outbox.has_messages
    assert desk.notes == {"go": "→ sent"}
    outbox.accepted()
    assert desk.notes == {"go": "→ received"}
    outbox.answered()
    outbox.return_lost()
    assert desk.notes == {"go": ""}
    assert desk.returned == []


def test_what_was_not_answered_comes_back_with_the_steers(desk: Desk) -> None:
    outbox = desk.outbox
    outbox.post(outbox.say("one"))
    outbox.collect([], "")
    outbox.steered(outbox.say("two"))
    outbox.return_lost()
    assert sorted(desk.returned) == ["one", "two"]
    assert set(desk.notes.values()) == {"→ failed: it is in the prompt again"}
    outbox.return_lost()
    assert len(desk.returned) == 2


def test_a_request_goes_in_order_and_is_said_once(desk: Desk) -> None:
    outbox = desk.outbox
    outbox.tell("a note")
    outbox.owe([{"type": "custom_tool_call_output", "output": "cut"}])
    outbox.post(outbox.say("go"))
    items = outbox.collect([{"type": "function_call_output", "output": "ran"}], "accepted: a.py")
    assert [item.get("output") or item["content"][0]["text"] for item in items] == [
        "a note",
        "cut",
        "ran",
        "accepted: a.py",
        "go",
    ]
    assert outbox.collect([], "") == []


def test_decisions_alone_are_no_request(desk: Desk) -> None:
    assert desk.outbox.collect([], "accepted: a.py") == []


def test_a_steer_that_failed_comes_back_once_and_one_that_was_applied_does_not(desk: Desk) -> None:
    outbox = desk.outbox
    refused, taken = outbox.say("refused"), outbox.say("taken")
    outbox.steered(refused)
    outbox.steered(taken)
    outbox.steer_changed(SteerChanged(refused.key, "failed", "refused", "too late"))
    outbox.steer_changed(SteerChanged(taken.key, "applied", "taken"))
    outbox.return_lost()
    assert desk.returned == ["refused"]
    assert desk.notes == {"refused": "→ failed: too late; it is in the prompt again", "taken": "→ reached the model"}
