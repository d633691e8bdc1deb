"""The turn: where the model and the user stand, as one explicit machine.

A turn is everything from a message to the answer that leaves no call open: several responses where tools are used.
"""

from __future__ import annotations

from enum import Enum


class TurnState(Enum):
    """What the status line says of the turn."""

    IDLE = "idle"
    QUEUED = "queued"
    STREAMING = "streaming"
    PAUSED = "paused"
    TOOL = "waiting for a tool"
    DONE = "done"
    FAILED = "failed"


class TurnEvent(Enum):
    """What moves a turn."""

    SENT = "sent"
    STARTED = "started"
    PAUSE = "pause"
    RESUME = "resume"
    TOOLS_OPEN = "tools open"
    ANSWERED = "answered"
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"


WORKING = frozenset({TurnState.QUEUED, TurnState.STREAMING, TurnState.PAUSED, TurnState.TOOL})
"""The states in which the model or its tools have the word."""

_NEXT: dict[TurnEvent, dict[TurnState, TurnState]] = {
    TurnEvent.SENT: dict.fromkeys((TurnState.IDLE, TurnState.DONE, TurnState.FAILED), TurnState.QUEUED),
    TurnEvent.STARTED: {TurnState.QUEUED: TurnState.STREAMING, TurnState.STREAMING: TurnState.STREAMING},
    TurnEvent.PAUSE: dict.fromkeys((TurnState.QUEUED, TurnState.STREAMING, TurnState.TOOL), TurnState.PAUSED),
    TurnEvent.RESUME: {TurnState.PAUSED: TurnState.STREAMING},
    TurnEvent.TOOLS_OPEN: {TurnState.STREAMING: TurnState.TOOL, TurnState.QUEUED: TurnState.TOOL},
    TurnEvent.ANSWERED: {TurnState.TOOL: TurnState.QUEUED},
    TurnEvent.ENDED: dict.fromkeys(WORKING, TurnState.DONE),
    TurnEvent.STOPPED: dict.fromkeys(WORKING, TurnState.IDLE),
    TurnEvent.FAILED: dict.fromkeys(WORKING, TurnState.FAILED),
}


class IllegalMove(Exception):
    """The event cannot happen in the state; a mistake in the program, never the user's."""


def advance(state: TurnState, event: TurnEvent) -> TurnState:
    """Return the state after ``event``. Raises :exc:`IllegalMove`."""
    try:
        return _NEXT[event][state]
    except KeyError:
        raise IllegalMove(f"{event.value!r} cannot happen while the turn is {state.value!r}") from None
