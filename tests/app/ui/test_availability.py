"""Which keys mean something, as the session stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.ui.availability import GUARDED, Standing, is_available

IDLE = Standing(TurnState.IDLE, command_runs=False, command_proposed=False, on_main_screen=True, at_prompt=True)
ESCAPE = ("pause", "resume", "review", "focus_prompt")


@pytest.mark.parametrize("state", TurnState)
@pytest.mark.parametrize("at_prompt", [True, False])
def test_escape_means_something_and_at_the_prompt_one_thing(state: TurnState, at_prompt: bool) -> None:
    standing = replace(IDLE, state=state, at_prompt=at_prompt)
    meant = [action for action in ESCAPE if is_available(action, standing)]
    assert len(meant) == 1 if at_prompt else "focus_prompt" in meant


def test_only_a_frozen_stream_goes_on_or_steps() -> None:
    for state in TurnState:
        frozen = state is TurnState.PAUSED
        standing = replace(IDLE, state=state)
        assert (is_available("resume", standing), is_available("step", standing)) == (frozen, frozen)


def test_a_command_that_runs_can_be_stopped_without_a_turn() -> None:
    assert not is_available("stop", IDLE)
    assert is_available("stop", replace(IDLE, command_runs=True))


def test_a_proposal_is_needed_to_decide_on_one() -> None:
    assert not is_available("allow", IDLE)
    assert is_available("decline", replace(IDLE, command_proposed=True))


def test_another_screen_has_no_prompt_and_no_tree() -> None:
    standing = replace(IDLE, on_main_screen=False, at_prompt=False)
    assert not is_available("focus_prompt", standing)
    assert not is_available("toggle_tree", standing)
    assert is_available("help", standing)


def test_before_the_session_is_there_only_what_needs_none() -> None:
    assert is_available("quit", None)
    assert not any(is_available(action, None) for action in GUARDED)
