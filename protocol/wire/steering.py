"""Redirecting a running response: the steers of one lane and their states (``response.steer``).

::

    SENT ──accepted──> ACCEPTED ──successor begins──> applied
      └────failed────────┴────────────────────────> failed

A steer belongs to the response that ran when it was sent. Servers answer steers of one response in the order in
which they were sent; only from ``accepted`` on does a steer have an id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from spark_tui.protocol.wire.frames import ServerEvent, text_field
from spark_tui.protocol.wire.updates import Item, SteerChanged


class SteerState(Enum):
    """Where a steer is before its end."""

    SENT = "sent"
    ACCEPTED = "accepted"


@dataclass(slots=True)
class Steer:
    """One redirecting message; ``tag`` is the caller's, ``id`` the server's.

    ``note`` is a message of its own before ``text``, as only messages of the user can steer; empty for none.
    """

    tag: str
    text: str
    parent_id: str
    state: SteerState = SteerState.SENT
    id: str | None = None
    note: str = ""

    def changed_to_failed(self, reason: str) -> SteerChanged:
        return SteerChanged(self.tag, "failed", self.text, reason, self.note)

    def changed_to_applied(self) -> SteerChanged:
        return SteerChanged(self.tag, "applied", self.text, note=self.note)

    def as_frame(self) -> Item:
        """Return the event that asks for it."""
        given = self.as_items() if self.note else self.text
        return {"type": "response.steer", "previous_response_id": self.parent_id, "input": given}

    def as_items(self) -> list[Item]:
        """Return the input items that it becomes."""
        return [user_message(text) for text in (self.note, self.text) if text]


class SteerQueue:
    """The steers of a lane that are neither applied nor failed, oldest first."""

    def __init__(self) -> None:
        self._steers: list[Steer] = []

    def __bool__(self) -> bool:
        return bool(self._steers)

    @property
    def unanswered(self) -> bool:
        """Whether the server still owes the answer to a steer."""
        return any(steer.state is SteerState.SENT for steer in self._steers)

    def concern(self, response_id: str) -> bool:
        """Whether one of them redirects the response ``response_id``."""
        return any(steer.parent_id == response_id for steer in self._steers)

    def add(self, steer: Steer) -> SteerChanged:
        self._steers.append(steer)
        return SteerChanged(steer.tag, "sent", steer.text, note=steer.note)

    def accept(self, event: ServerEvent) -> list[SteerChanged]:
        """Take ``response.steer.accepted``: it answers the oldest unanswered steer of its response."""
        parent_id = text_field(event.steer, "previous_response_id")
        for steer in self._steers:
            if steer.state is SteerState.SENT and parent_id in ("", steer.parent_id):
                steer.state = SteerState.ACCEPTED
                steer.id = text_field(event.steer, "id") or None
                return [SteerChanged(steer.tag, "accepted", steer.text, note=steer.note)]
        return []

    def fail(self, event: ServerEvent, reason: str) -> list[SteerChanged]:
        """Take ``response.steer.failed``: by id where it has one, else the oldest unanswered steer."""
        steer_id = text_field(event.steer, "id")
        for steer in self._steers:
            if steer.id == steer_id if steer_id else steer.state is SteerState.SENT:
                self._steers.remove(steer)
                return [steer.changed_to_failed(reason)]
        return []

    def fail_unanswered(self, reason: str) -> list[SteerChanged]:
        """Give up the steers that the server never answered."""
        failed = [steer for steer in self._steers if steer.state is SteerState.SENT]
        self._steers = [steer for steer in self._steers if steer.state is not SteerState.SENT]
        return [steer.changed_to_failed(reason) for steer in failed]

    def take_accepted(self) -> list[Steer]:
        """Remove and return those that the server owns, which a response that just began has committed."""
        taken = [steer for steer in self._steers if steer.state is SteerState.ACCEPTED]
        self._steers = [steer for steer in self._steers if steer.state is not SteerState.ACCEPTED]
        return taken

    def take_all(self) -> list[Steer]:
        """Remove and return all of them."""
        taken, self._steers = self._steers, []
        return taken


def user_message(text: str) -> Item:
    """Return a message item of the user."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
