"""Which of the app's actions mean something as the session stands; the key bar shows only these."""

from __future__ import annotations

from dataclasses import dataclass

from spark_tui.app.pairing.turn import WORKING, TurnState

GUARDED = frozenset({"pause", "resume", "review", "focus_prompt", "stop", "step", "allow", "decline"})
"""Actions that depend on how the session stands."""

OF_THE_MAIN_SCREEN = frozenset({"review", "focus_prompt", "toggle_tree", "find_file"})
"""Actions that go to a widget of the main screen; they mean nothing on another."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What it depends on: the turn, a command that runs or is proposed, and where the user is."""

    state: TurnState
    command_runs: bool
    command_proposed: bool
    on_main_screen: bool
    at_prompt: bool


def is_available(action: str, standing: Standing | None) -> bool:
    """Whether ``action`` can be done now; ``None`` stands for a session that is not there yet.

    >>> is_available("resume", Standing(TurnState.PAUSED, False, False, True, True))
    True
    """
    if standing is None:
        return action not in GUARDED
    if action in OF_THE_MAIN_SCREEN and not standing.on_main_screen:
        return False
    match action:
        case "pause":
            return standing.state in WORKING and standing.state is not TurnState.PAUSED
        case "resume" | "step":
            return standing.state is TurnState.PAUSED
        case "review":
            return standing.state not in WORKING and standing.at_prompt
        case "focus_prompt":
            return not standing.at_prompt
        case "stop":
            return standing.state in WORKING or standing.command_runs
        case "allow" | "decline":
            return standing.command_proposed
    return True
