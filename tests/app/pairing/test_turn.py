"""The turn's machine: every move there is, and none other."""

from __future__ import annotations

import pytest

from spark_tui.app.pairing.turn import WORKING, IllegalMove, TurnEvent, TurnState, advance


def test_a_plain_turn() -> None:
    state = TurnState.IDLE
    for event in (TurnEvent.SENT, TurnEvent.STARTED, TurnEvent.ENDED):
        state = advance(state, event)
    assert state is TurnState.DONE


def test_a_turn_with_tools_streams_again() -> None:
    state = TurnState.STREAMING
    for event in (TurnEvent.TOOLS_OPEN, TurnEvent.ANSWERED, TurnEvent.STARTED):
        state = advance(state, event)
    assert state is TurnState.STREAMING


@pytest.mark.parametrize("state", list(TurnState))
def test_only_a_working_turn_can_be_stopped(state: TurnState) -> None:
    if state in WORKING:
        assert advance(state, TurnEvent.STOPPED) is TurnState.IDLE
    else:
        with pytest.raises(IllegalMove, match="cannot happen"):
            advance(state, TurnEvent.STOPPED)


@pytest.mark.parametrize("state", [state for state in TurnState if state in WORKING])
def test_no_second_turn_begins_while_one_runs(state: TurnState) -> None:
    with pytest.raises(IllegalMove):
        advance(state, TurnEvent.SENT)


@pytest.mark.parametrize("state", [TurnState.IDLE, TurnState.DONE, TurnState.FAILED])
def test_a_new_turn_begins_when_nothing_runs(state: TurnState) -> None:
    assert advance(state, TurnEvent.SENT) is TurnState.QUEUED
