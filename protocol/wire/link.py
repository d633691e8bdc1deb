"""The state of the connection, and the one function that changes it."""

from __future__ import annotations

from enum import Enum

from spark_tui.protocol.wire.updates import LinkState


class LinkSignal(Enum):
    """What happens to a connection."""

    DIALLED = "dialled"
    OPENED = "opened"
    WARMING = "warming"
    WARMED = "warmed"
    LOST = "lost"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


def next_link_state(state: LinkState, signal: LinkSignal) -> LinkState:
    """Return the state after ``signal``. A signal that does not concern ``state`` leaves it as it is.

    ``OFFLINE`` is left by dialling again: after a refusal that the user has to mend, when there is something to
    send; when the server cannot be reached, from time to time.
    """
    match signal:
        case LinkSignal.DIALLED:
            return LinkState.CONNECTING if state is LinkState.OFFLINE else state
        case LinkSignal.OPENED:
            return LinkState.READY
        case LinkSignal.WARMING:
            return LinkState.WARMING if state is LinkState.READY else state
        case LinkSignal.WARMED:
            return LinkState.READY if state is LinkState.WARMING else state
        case LinkSignal.LOST:
            return LinkState.RECONNECTING
        case LinkSignal.UNREACHABLE | LinkSignal.REFUSED:
            return LinkState.OFFLINE
