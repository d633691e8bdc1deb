"""Lanes, routing and steering on one connection, without I/O."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spark_tui.protocol.errors import WireError
from spark_tui.protocol.wire.lane import Cause, Hangup, LaneEvent, Outcome, Phase, PhaseSignal, next_phase
from spark_tui.protocol.wire.link import LinkSignal, next_link_state
from spark_tui.protocol.wire.session import MAX_ACTIVE, MAX_LANES, LaneSupport, WireSession
from spark_tui.protocol.wire.updates import Limits, LinkState, Queued, Started, SteerChanged, TextDelta

CREATE = {"type": "response.create"}
Told = list[tuple[str, LaneEvent]]


def said(session: WireSession, kind: str, **fields: Any) -> Told:
    return list(session.receive(json.dumps({"type": kind, **fields})))


def created(session: WireSession, response_id: str, lane: str | None = None, **response: Any) -> Told:
    at = {} if lane is None else {"stream_id": lane}
    return said(session, "response.created", response={"id": response_id, **response}, **at)


def ended(session: WireSession, response_id: str, lane: str | None = None, **response: Any) -> Told:
    at = {} if lane is None else {"stream_id": lane}
    status = response.setdefault("status", "completed")
    return said(session, f"response.{status}", response={"id": response_id, **response}, **at)


def sent(session: WireSession) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in session.data_to_send()]


def with_lanes(*names: str) -> WireSession:
    """A session whose server is known to keep lanes apart, with ``names`` running as responses of their name."""
    session = WireSession()
    for name in names:
        session.submit(name, CREATE)
        created(session, name, name)
    session.data_to_send()
    return session


def test_lanes_run_side_by_side_once_the_server_has_shown_that_it_knows_them() -> None:
    session = WireSession()
    session.submit("a", CREATE)
    session.submit("b", CREATE)
    assert [frame["stream_id"] for frame in sent(session)] == ["a"]
    created(session, "ra", "a")
    assert session.support is LaneSupport.YES
    session.submit("c", CREATE)
    assert [frame["stream_id"] for frame in sent(session)] == ["b", "c"]


def test_a_server_that_names_no_lane_gets_one_request_at_a_time() -> None:
    session = WireSession()
    session.submit("a", CREATE)
    session.submit("b", CREATE)
    assert created(session, "ra") == [("a", Started("ra"))]
    assert session.support is LaneSupport.NO
    assert len(sent(session)) == 1
    ended(session, "ra")
    assert sent(session) == [CREATE]
    assert created(session, "rb") == [("b", Started("rb"))]


def test_one_lane_is_first_in_first_out() -> None:
    session = with_lanes("a")
    session.submit("a", {**CREATE, "n": 1})
    session.submit("a", {**CREATE, "n": 2})
    assert sent(session) == []
    ended(session, "a", "a")
    assert [frame["n"] for frame in sent(session)] == [1]


def test_sixteen_run_and_the_next_waits() -> None:
    names = [f"lane-{number}" for number in range(MAX_ACTIVE)]
    session = with_lanes(*names)
    session.submit("late", CREATE)
    assert sent(session) == []
    ended(session, names[3], names[3])
    assert [frame["stream_id"] for frame in sent(session)] == ["late"]


def test_names_are_checked_and_counted() -> None:
    session = WireSession()
    for number in range(MAX_LANES):
        session.lane(str(number))
    session.lane("")
    with pytest.raises(WireError, match="at most 32"):
        session.lane("one more")
    for name in ("a b", "ä", "x" * 257, "a\n"):
        with pytest.raises(WireError, match="cannot name a lane"):
            WireSession().lane(name)


def test_events_go_to_their_lane_and_those_of_unknown_lanes_nowhere() -> None:
    session = with_lanes("a", "b")
    delta = {"item_id": "m", "delta": "x"}
    assert said(session, "response.output_text.delta", stream_id="b", **delta) == [("b", TextDelta("m", "x"))]
    assert said(session, "response.output_text.delta", stream_id="z", **delta) == []
    assert said(session, "response.output_text.delta", **delta) == []


def test_an_error_without_a_name_goes_to_the_request_that_waits_for_an_answer() -> None:
    session = with_lanes("a", "b")
    session.submit("c", CREATE)
    [(name, outcome)] = said(session, "error", status=400, error={"message": "no", "code": "invalid_stream_id"})
    assert name == "c"
    assert isinstance(outcome, Outcome)
    assert outcome.reason == "no"
    assert said(session, "error", status=400, error={"message": "who?"}) == []


def test_the_time_limit_of_the_connection_asks_for_a_new_one() -> None:
    session = with_lanes("a")
    error = {"code": "websocket_connection_limit_reached", "message": "60 minutes"}
    assert said(session, "error", error=error) == [("", Hangup(Cause.EXPIRED, "60 minutes"))]


def test_limits_are_told_for_the_connection() -> None:
    [(name, limits)] = said(WireSession(), "codex.rate_limits", rate_limits={"primary": {"used_percent": 10}})
    assert (name, limits) == ("", Limits("primary", 0.1, None))


def test_output_without_created_begins_the_response() -> None:
    session = WireSession()
    session.submit("a", CREATE)
    told = said(session, "response.output_text.delta", item_id="m", delta="x")
    assert [event for _, event in told] == [Started(""), TextDelta("m", "x")]
    [(_, outcome)] = [each for each in ended(session, "r") if isinstance(each[1], Outcome)]
    assert isinstance(outcome, Outcome)
    assert outcome.response_id == "r"


def test_events_of_a_response_that_is_over_begin_nothing() -> None:
    session = with_lanes("a")
    ended(session, "a", "a")
    session.submit("a", CREATE)
    for told in (ended(session, "a", "a"), created(session, "a", "a")):
        assert told == []
    assert session.lane("a").phase is Phase.SENT
    assert said(session, "response.queued", stream_id="a", response={}) == [("a", Queued())]


def test_what_was_not_sent_can_be_withdrawn() -> None:
    session = WireSession()
    session.submit("a", CREATE)
    session.submit("b", CREATE)
    assert session.withdraw("b")
    assert not session.withdraw("a")


def steered_session() -> WireSession:
    session = with_lanes("a")
    assert session.lane("a").steer("t", "left") == SteerChanged("t", "sent", "left")
    assert sent(session) == [{"type": "response.steer", "previous_response_id": "a", "input": "left"}]
    return session


def steer_event(session: WireSession, kind: str, steer_id: str | None = "s", **fields: Any) -> list[LaneEvent]:
    steer = {"previous_response_id": "a", **({"id": steer_id} if steer_id else {})}
    return [event for _, event in said(session, f"response.steer.{kind}", steer=steer, **fields)]


def test_a_completed_response_waits_for_the_answer_to_its_steer() -> None:
    session = steered_session()
    assert ended(session, "a", "a") == []
    assert session.lane("a").phase is Phase.HANDING_OVER
    failed, outcome = steer_event(session, "failed", None, error={"message": "too late"})
    assert failed == SteerChanged("t", "failed", "left", "too late")
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.handed_over) == ("completed", False)


def test_a_steer_accepted_after_the_end_still_brings_its_successor() -> None:
    session = steered_session()
    ended(session, "a", "a")
    assert steer_event(session, "accepted") == [SteerChanged("t", "accepted", "left")]
    outcome, started, applied = (event for _, event in created(session, "b", "a"))
    assert isinstance(outcome, Outcome)
    assert (outcome.response_id, outcome.handed_over) == ("a", True)
    assert (started, applied) == (Started("b"), SteerChanged("t", "applied", "left"))


def test_a_successor_that_cannot_be_made_ends_the_turn_as_steered() -> None:
    session = steered_session()
    steer_event(session, "accepted")
    details = {"reason": "steered"}
    assert ended(session, "a", "a", status="incomplete", incomplete_details=details) == []
    failed, outcome = steer_event(
        session, "failed", error={"message": "successor", "code": "successor_creation_failed"}
    )
    assert isinstance(failed, SteerChanged)
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == ("incomplete", "steered")


def test_a_server_that_never_answers_a_steer_is_given_up_on() -> None:
    session = steered_session()
    ended(session, "a", "a")
    session.submit("a", CREATE)
    failed, outcome = session.give_up_steers("a", "no answer")
    assert failed == SteerChanged("t", "failed", "left", "no answer")
    assert isinstance(outcome, Outcome)
    assert [frame["type"] for frame in sent(session)] == ["response.create"]


def test_several_steers_are_applied_in_their_order() -> None:
    session = steered_session()
    session.lane("a").steer("u", "right")
    steer_event(session, "accepted", "s1")
    steer_event(session, "accepted", "s2")
    ended(session, "a", "a")
    applied = [event.tag for _, event in created(session, "b", "a") if isinstance(event, SteerChanged)]
    assert applied == ["t", "u"]


def test_a_steer_event_without_a_lane_finds_its_response() -> None:
    session = steered_session()
    assert steer_event(session, "failed", None, error={"message": "no"}) == [
        SteerChanged("t", "failed", "left", "no")
    ]


def test_a_response_stopped_before_it_has_an_id_is_interrupted_when_it_has() -> None:
    session = WireSession()
    session.submit("a", CREATE)
    session.lane("a").interrupt()
    session.data_to_send()
    assert created(session, "r", "a") == []
    assert sent(session)[0]["response_id"] == "r"
    [(_, outcome)] = ended(session, "r", "a", status="incomplete", output=[])
    assert isinstance(outcome, Outcome)
    assert outcome.stopped
    assert outcome.intact


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("signal", PhaseSignal)
def test_every_phase_takes_every_signal(phase: Phase, signal: PhaseSignal) -> None:
    after = next_phase(phase, signal)
    assert after is Phase.IDLE if signal is PhaseSignal.END else after in (phase, *Phase)
    assert (phase, signal, after) != (Phase.STOPPING, PhaseSignal.START, Phase.RUNNING)


@pytest.mark.parametrize(
    ("before", "signal", "after"),
    [
        (LinkState.CONNECTING, LinkSignal.OPENED, LinkState.READY),
        (LinkState.READY, LinkSignal.WARMING, LinkState.WARMING),
        (LinkState.RECONNECTING, LinkSignal.WARMING, LinkState.RECONNECTING),
        (LinkState.WARMING, LinkSignal.WARMED, LinkState.READY),
        (LinkState.OFFLINE, LinkSignal.WARMED, LinkState.OFFLINE),
        (LinkState.WARMING, LinkSignal.LOST, LinkState.RECONNECTING),
        (LinkState.RECONNECTING, LinkSignal.UNREACHABLE, LinkState.OFFLINE),
        (LinkState.CONNECTING, LinkSignal.REFUSED, LinkState.OFFLINE),
        (LinkState.OFFLINE, LinkSignal.DIALLED, LinkState.CONNECTING),
        (LinkState.RECONNECTING, LinkSignal.DIALLED, LinkState.RECONNECTING),
    ],
)
def test_the_link(before: LinkState, signal: LinkSignal, after: LinkState) -> None:
    assert next_link_state(before, signal) is after
