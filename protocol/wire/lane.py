"""One lane of one connection: which response runs on it, and in what phase it is.

::

    IDLE ──create──> SENT ──queued──> QUEUED
                       └──────start──────┴──> RUNNING ──end──> IDLE
                                                │ └──hand over──> HANDING_OVER ──start──> RUNNING
    (SENT, QUEUED, RUNNING, HANDING_OVER) ──stop──> STOPPING ──end──> IDLE

``HANDING_OVER`` is the time between a steered response's end and the first event of its successor.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from spark_tui.protocol.wire.assembly import ResponseAssembly
from spark_tui.protocol.wire.frames import (
    Failure,
    ServerEvent,
    failure_of,
    incomplete_reason_of,
    text_field,
    usage_of,
)
from spark_tui.protocol.wire.steering import Steer, SteerQueue
from spark_tui.protocol.wire.updates import Item, Queued, Started, SteerChanged, Update, Usage


class Phase(Enum):
    """What a lane is doing."""

    IDLE = "idle"
    SENT = "sent"
    QUEUED = "queued"
    RUNNING = "running"
    HANDING_OVER = "handing over"
    STOPPING = "stopping"


class PhaseSignal(Enum):
    """What happens to a lane."""

    CREATE = "create"
    QUEUE = "queue"
    START = "start"
    HAND_OVER = "hand over"
    STOP = "stop"
    END = "end"


_TRANSITIONS: dict[tuple[Phase, PhaseSignal], Phase] = {
    (Phase.IDLE, PhaseSignal.CREATE): Phase.SENT,
    (Phase.SENT, PhaseSignal.QUEUE): Phase.QUEUED,
    (Phase.SENT, PhaseSignal.START): Phase.RUNNING,
    (Phase.QUEUED, PhaseSignal.START): Phase.RUNNING,
    (Phase.RUNNING, PhaseSignal.HAND_OVER): Phase.HANDING_OVER,
    (Phase.HANDING_OVER, PhaseSignal.START): Phase.RUNNING,
    (Phase.SENT, PhaseSignal.STOP): Phase.STOPPING,
    (Phase.QUEUED, PhaseSignal.STOP): Phase.STOPPING,
    (Phase.RUNNING, PhaseSignal.STOP): Phase.STOPPING,
    (Phase.HANDING_OVER, PhaseSignal.STOP): Phase.STOPPING,
    **{(phase, PhaseSignal.END): Phase.IDLE for phase in Phase},
}


def next_phase(phase: Phase, signal: PhaseSignal) -> Phase:
    """Return the phase after ``signal``; a signal that does not concern ``phase`` leaves it as it is."""
    return _TRANSITIONS.get((phase, signal), phase)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A response is over, as far as the connection is concerned.

    ``items`` is what can be kept of its output. ``intact`` says that these are all the server has of it, so that
    the next request may continue ``response_id``. ``handed_over``: a steer's successor has begun. ``stopped``: the
    program had stopped it and was told so before.
    """

    response_id: str
    status: Literal["completed", "incomplete", "failed"]
    items: list[Item]
    intact: bool = False
    reason: str | None = None
    failure: Failure | None = None
    usage: Usage | None = None
    handed_over: bool = False
    stopped: bool = False


class Cause(Enum):
    """Why a connection is given up; a turn is resent by itself at most once for each."""

    LOST = "the connection was lost"
    EXPIRED = "the connection reached the server's time limit"
    PARENT_FORGOTTEN = "the server no longer has the conversation"
    STOPPED = "another answer was stopped"


@dataclass(frozen=True, slots=True)
class Hangup:
    """This connection must be replaced by a new one."""

    cause: Cause
    detail: str


LaneEvent = Update | Outcome | Hangup

_TERMINAL = ("response.completed", "response.incomplete", "response.failed")
_REMEMBERED_RESPONSES = 8


@dataclass(slots=True)
class WireLane:
    """The running response of one lane; frames to send are appended to ``outgoing``."""

    name: str
    outgoing: list[Item]
    phase: Phase = Phase.IDLE
    response_id: str = ""
    assembly: ResponseAssembly = field(default_factory=ResponseAssembly)
    steers: SteerQueue = field(default_factory=SteerQueue)
    takes_steers: bool = True
    _ended: Outcome | None = None
    _finished_ids: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_RESPONSES))

    def create(self, frame: Item) -> None:
        """Send ``frame``, a ``response.create``. The lane must be idle."""
        if self.phase is not Phase.IDLE:
            raise ValueError(f"lane {self.name!r} is {self.phase.value}")
        self._signal(PhaseSignal.CREATE)
        self.response_id = ""
        self.assembly = ResponseAssembly()
        self.outgoing.append(frame)

    def steer(self, tag: str, text: str, note: str = "") -> SteerChanged | None:
        """Ask for a redirection of the running response; ``None`` when there is none to redirect."""
        if self.phase is not Phase.RUNNING or not self.response_id or not self.takes_steers:
            return None
        steer = Steer(tag, text, self.response_id, note=note)
        self.outgoing.append(steer.as_frame())
        return self.steers.add(steer)

    @property
    def can_interrupt(self) -> bool:
        """Whether there is one known response, or soon will be, that an interrupt would end."""
        return self.phase in (Phase.SENT, Phase.QUEUED) or (self.phase is Phase.RUNNING and bool(self.response_id))

    def interrupt(self) -> None:
        """Stop the response with ``response.interrupt``; what still comes of it is dropped."""
        if self.response_id:
            self._ask_interrupt()
        self._signal(PhaseSignal.STOP)

    def give_up_steers(self, reason: str) -> list[LaneEvent]:
        """Stop waiting for the answers to steers, which may end a response that waited only for them."""
        return [*self.steers.fail_unanswered(reason), *self._end_if_settled()]

    def receive(self, event: ServerEvent) -> Sequence[LaneEvent]:
        """Take one event of this lane."""
        if self.phase is Phase.RUNNING:
            told = self.assembly.feed(event)
            if told or event.type.endswith(".delta"):
                return told
        return self._receive_lifecycle(event)

    def _receive_lifecycle(self, event: ServerEvent) -> Sequence[LaneEvent]:
        kind = event.type
        if kind in _TERMINAL:
            return self._on_terminal(event)
        if kind in ("response.created", "response.in_progress"):
            return self._on_created(event)
        if kind == "response.queued":
            return self._on_queued()
        if kind == "error":
            return self._on_error(event)
        if kind == "response.steer.accepted":
            return [*self.steers.accept(event), *self._end_if_settled()]
        if kind == "response.steer.failed":
            return self._on_steer_refused(event, failure_of(event))
        if self.phase in (Phase.SENT, Phase.QUEUED) and kind.startswith("response."):
            return self._on_unannounced(event)
        return ()

    def _on_unannounced(self, event: ServerEvent) -> Sequence[LaneEvent]:
        """Take output of a server that sends no ``response.created``."""
        told = self.assembly.feed(event)
        if not self.assembly.count:
            return ()
        return [*self._start(self.response_id), *told]

    def _on_queued(self) -> Sequence[LaneEvent]:
        if self.phase is not Phase.SENT:
            return ()
        self._signal(PhaseSignal.QUEUE)
        return (Queued(),)

    def _on_created(self, event: ServerEvent) -> Sequence[LaneEvent]:
        response_id = text_field(event.response, "id")
        if response_id in self._finished_ids:
            return ()
        if self.phase is Phase.STOPPING:
            if response_id and not self.response_id:
                self.response_id = response_id
                self._ask_interrupt()
            return ()
        if self.phase is Phase.RUNNING:
            return ()
        status = text_field(event.response, "status")
        if status == "queued" and event.type == "response.created":
            self.response_id = response_id
            return self._on_queued()
        return self._start(response_id or self.response_id) if self.phase is not Phase.IDLE else ()

    def _start(self, response_id: str) -> list[LaneEvent]:
        told: list[LaneEvent] = []
        if self._ended is not None:
            told.append(_handed_over(self._ended))
            self._ended = None
            self.assembly = ResponseAssembly()
        self.response_id = response_id
        told.append(Started(response_id))
        told.extend(steer.changed_to_applied() for steer in self.steers.take_accepted())
        self._signal(PhaseSignal.START)
        return told

    def _on_terminal(self, event: ServerEvent) -> Sequence[LaneEvent]:
        response = event.response or {}
        response_id = text_field(response, "id") or self.response_id
        if self.phase in (Phase.IDLE, Phase.HANDING_OVER) or response_id in self._finished_ids:
            return ()
        if self.phase is Phase.STOPPING:
            self._finish(response_id)
            output = response.get("output")
            kept = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
            intact = isinstance(output, list) and bool(response_id)
            return (Outcome(response_id, "incomplete", kept, intact=intact, stopped=True),)
        told: list[LaneEvent] = []
        if self.phase is not Phase.RUNNING:
            told.extend(self._start(response_id))
        status = event.type.removeprefix("response.")
        if status == "failed":
            return [*told, *self._fail(failure_of(event))]
        told.extend(self.assembly.finish(response.get("output"), completed=status == "completed"))
        items = self.assembly.items_with_partial()
        outcome = Outcome(
            response_id,
            "completed" if status == "completed" else "incomplete",
            items,
            intact=bool(response_id) and len(items) == len(self.assembly.items()) == self.assembly.count,
            reason=incomplete_reason_of(response) if status == "incomplete" else None,
            usage=usage_of(response),
        )
        if self._awaits_successor(outcome):
            self._ended = outcome
            self._finished_ids.append(response_id)
            self._signal(PhaseSignal.HAND_OVER)
            return told
        self._finish(response_id)
        return [*told, outcome]

    def _awaits_successor(self, outcome: Outcome) -> bool:
        """Whether the server goes on by itself after ``outcome``, or may still say that it does."""
        if outcome.reason == "steered" or self.steers.unanswered:
            return bool(self.steers)
        return bool(self.steers) and outcome.status == "completed" and not self.assembly.has_calls

    def _end_if_settled(self) -> Sequence[LaneEvent]:
        """End a response that waited for a successor when no steer is left to bring one."""
        outcome = self._ended
        if outcome is None or self._awaits_successor(outcome):
            return ()
        self._ended = None
        self._finish(outcome.response_id)
        return (outcome,)

    def _on_error(self, event: ServerEvent) -> Sequence[LaneEvent]:
        failure = failure_of(event)
        if self.phase is Phase.STOPPING:
            return (Hangup(Cause.STOPPED, failure.message),)
        refused_request = failure.status is not None and 400 <= failure.status < 500 and failure.status != 429
        if self.steers.unanswered and refused_request:
            self.takes_steers = False
            return self._on_steer_refused(event, failure)
        if self.phase is Phase.IDLE:
            return ()
        return self._fail(failure)

    def _on_steer_refused(self, event: ServerEvent, failure: Failure) -> Sequence[LaneEvent]:
        if failure.code == "steering_not_supported":
            self.takes_steers = False
        return [*self.steers.fail(event, failure.message), *self._end_if_settled()]

    def _fail(self, failure: Failure) -> list[LaneEvent]:
        outcome = Outcome(
            self.response_id, "failed", self.assembly.items_with_partial(), reason=failure.message, failure=failure
        )
        self._ended = None
        self._finish(self.response_id)
        return [outcome]

    def _finish(self, response_id: str) -> None:
        if response_id:
            self._finished_ids.append(response_id)
        self._signal(PhaseSignal.END)

    def _ask_interrupt(self) -> None:
        self.outgoing.append(
            {"type": "response.interrupt", "response_id": self.response_id, "mode": "discard_partial_items"}
        )

    def _signal(self, signal: PhaseSignal) -> None:
        self.phase = next_phase(self.phase, signal)


def _handed_over(outcome: Outcome) -> Outcome:
    return Outcome(
        outcome.response_id, outcome.status, outcome.items, outcome.intact, usage=outcome.usage, handed_over=True
    )
