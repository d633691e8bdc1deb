"""Steers: user input queued for a response that is running (protocol.md, section 7).

One steer goes ``accepted`` -> [``pending`` ->] ``committed`` or ``failed``. Its events are numbered with those of
the response that it steers.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Any

from spark_tui.protocol.gateway.framing import Framer
from spark_tui.protocol.gateway.refusal import Refusal
from spark_tui.protocol.wire.updates import Item

MAX_STEERS = 8
"""Steers that may wait for one response."""


class SteerState(Enum):
    """What became of a steer."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    COMMITTED = "committed"
    FAILED = "failed"


_NEXT: dict[SteerState, frozenset[SteerState]] = {
    SteerState.ACCEPTED: frozenset({SteerState.PENDING, SteerState.COMMITTED, SteerState.FAILED}),
    SteerState.PENDING: frozenset({SteerState.COMMITTED, SteerState.FAILED}),
    SteerState.COMMITTED: frozenset(),
    SteerState.FAILED: frozenset(),
}


@dataclass(slots=True)
class Steer:
    """One accepted ``response.steer``: the input as sent, and as items."""

    id: str
    state: SteerState
    input: Any
    items: list[Item]

    def move_to(self, state: SteerState) -> None:
        """The one transition function."""
        assert state in _NEXT[self.state], f"{self.state} -> {state}"
        self.state = state


class SteerQueue:
    """The steers of one response, in the order of submission."""

    def __init__(self, response_id: str, framer: Framer) -> None:
        self._response_id = response_id
        self._framer = framer
        self._steers: list[Steer] = []

    def __bool__(self) -> bool:
        return bool(self._steers)

    @property
    def items(self) -> list[Item]:
        """The input of all of them, as it goes before the successor's own."""
        return [item for steer in self._steers for item in steer.items]

    def accept(self, original: Any, items: list[Item]) -> bytes:
        """Queue a steer. Raises :class:`Refusal` ``too_many_pending_steers``."""
        if len(self._steers) >= MAX_STEERS:
            raise Refusal(f"At most {MAX_STEERS} steers can wait for a response.", code="too_many_pending_steers")
        steer = Steer(f"steer_{secrets.token_hex(12)}", SteerState.ACCEPTED, original, items)
        self._steers.append(steer)
        return self._framer.event("response.steer.accepted", steer=self._named(steer))

    def wait_for(self, stubs: list[Item]) -> list[bytes]:
        """Tell that the steers wait until the client has answered its open calls."""
        frames = []
        for steer in self._steers:
            steer.move_to(SteerState.PENDING)
            event = {"reason": "waiting_for_required_input", "required_input": stubs}
            frames.append(self._framer.event("response.steer.pending", steer=self._named(steer), **event))
        return frames

    def commit(self) -> None:
        """The successor was created: the steers are part of the conversation."""
        for steer in self._steers:
            steer.move_to(SteerState.COMMITTED)
        self._steers.clear()

    def fail(self, code: str, message: str) -> list[bytes]:
        """The steers can no longer be committed; their input goes back."""
        refusal = Refusal(message, code=code)
        frames = []
        for steer in self._steers:
            steer.move_to(SteerState.FAILED)
            frames.append(failed_event(self._framer, self._response_id, steer.input, refusal, steer.id))
        self._steers.clear()
        return frames

    def _named(self, steer: Steer) -> dict[str, str]:
        return {"id": steer.id, "previous_response_id": self._response_id}


def failed_event(
    framer: Framer, response_id: str, original: Any, refusal: Refusal, steer_id: str | None = None
) -> bytes:
    """The ``response.steer.failed`` event; ``original`` is the input as the client sent it."""
    steer: dict[str, Any] = {} if steer_id is None else {"id": steer_id}
    steer |= {"previous_response_id": response_id, "input": original}
    error = {"type": "invalid_request_error", "code": refusal.code, "message": str(refusal)}
    return framer.event("response.steer.failed", steer=steer, error=error)
