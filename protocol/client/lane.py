"""A lane as the program uses it: one conversation, which outlives connections.

Each call returns at once. What becomes of a turn arrives through its ``on_update``, in order, and ends in one
:class:`Ended`. A second :class:`Started` within a turn begins another response of it (a steer was applied, or the
answer goes on after a cut): calls that were not done by then are void.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from spark_tui.protocol.client.carried import CarriedSteers
from spark_tui.protocol.client.policy import error_of, is_transient
from spark_tui.protocol.client.turn import Host, OnUpdate, Turn, TurnStage
from spark_tui.protocol.errors import HandshakeRefused, WireError
from spark_tui.protocol.profiles import Steering
from spark_tui.protocol.wire.frames import Failure
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.lane import Cause, Hangup, LaneEvent, Outcome, Phase, WireLane
from spark_tui.protocol.wire.session import WireSession
from spark_tui.protocol.wire.steering import Steer
from spark_tui.protocol.wire.updates import (
    Ended,
    Item,
    Limits,
    Queued,
    Retrying,
    Started,
    SteerChanged,
    TurnSettings,
    Update,
)


class Lane:
    """One conversation with the model. Made by ``Client.lane``."""

    def __init__(self, name: str, host: Host, history: History | None = None) -> None:
        self.name = name
        self.history = history if history is not None else History()
        self._host = host
        self._current: Turn | None = None
        self._queue: deque[Turn] = deque()
        self._carried = CarriedSteers()
        self._timer: asyncio.TimerHandle | None = None
        self._steer_timer: asyncio.TimerHandle | None = None
        self._session: WireSession | None = None
        self._warm_settings: TurnSettings | None = None
        self._takes_steers = True

    def warm(self, settings: TurnSettings, items: Sequence[Item] = ()) -> None:
        """Send ``items`` and ``settings`` ahead, so that the next turn carries only what is new.

        It is repeated by itself on each new connection. Nothing is told of it; where it fails, nothing is lost.
        """
        self._warm_settings = settings
        self._queue.append(Turn(list(items), settings, _ignore, warms=True))
        self.advance()

    def send(self, items: Sequence[Item], settings: TurnSettings, on_update: OnUpdate) -> None:
        """Ask for one response to ``items``, after what was asked before on this lane.

        Without a connection it waits for one. The results of calls are items too; calls that are left unanswered
        are answered as not run.
        """
        self._queue.append(Turn(list(items), settings, on_update))
        self.advance()

    def steer(self, tag: str, text: str, note: str = "") -> bool:
        """Redirect the running response by ``text``; what becomes of it comes as :class:`SteerChanged`.

        A ``note`` goes before it, as a message of its own.

        False when there is nothing to redirect or the peer cannot: stop, and send ``text`` as the next turn.
        """
        wire, turn = self._wire(), self._current
        able = self._takes_steers and self._host.profile.steering is Steering.STEER
        if not able or wire is None or turn is None or turn.warms:
            return False
        sent = wire.steer(tag, text, note)
        if sent is None:
            return False
        self._host.transmit()
        self._watch_steers()
        turn.on_update(sent)
        return True

    def stop(self) -> None:
        """End the running turn at once; without one, do nothing. What came of the answer stays in the history."""
        if self._current is not None and self._current.warms and self._queue:
            self._stop_queued()
            return
        turn = self._current
        if turn is None or turn.warms:
            return
        wire = self._wire()
        failed = [steer.changed_to_failed("the answer was stopped") for steer in self._take_steers(wire)]
        must_drop = self._abandon(turn, wire)
        self._current = None
        for change in failed:
            turn.on_update(change)
        turn.on_update(turn.ended("incomplete", "stopped", calls=self.history.open_call_ids))
        if must_drop:
            self._drop_stopped()
        self.advance()
        self._host.settled()

    def retry_now(self) -> None:
        """Do not wait any longer with a turn that is to be tried again later."""
        if self._current is not None and self._current.stage is TurnStage.DELAYED:
            self._resume(self._current)

    def pause_reading(self) -> None:
        """Stop taking frames: the server is slowed down. This holds up every lane of the connection."""
        self._host.pause_reading(self.name)

    def resume_reading(self) -> None:
        """Take frames again. Without a pause, nothing happens."""
        self._host.resume_reading(self.name)

    # What the connection tells.

    @property
    def is_between_turns(self) -> bool:
        """Whether a new connection would cost this lane nothing but a warm-up."""
        return self._current is None and not self._queue and not self.history.open_calls()

    @property
    def is_running(self) -> bool:
        """Whether a turn is on its way, which can be told things."""
        return self._current is not None and not self._current.warms

    def connected(self) -> None:
        """Take up sending on a new session, or warm it where there is nothing to send."""
        settings = self._warm_settings
        if self._current is None and not self._queue and settings is not None and not self.history.open_calls():
            self._queue.append(Turn([], settings, _ignore, warms=True))
        self.advance()

    def advance(self) -> None:
        """Send what is first in line, if it and the connection are ready."""
        if self._current is None and self._queue:
            self._current = self._queue.popleft()
        turn = self._current
        if turn is None or turn.stage is not TurnStage.WAITING:
            return
        if turn.warms and (self._queue or not self._host.can_warm or not self._host.profile.warmup):
            self._record(turn)
            self._current = None
            self.advance()
            return
        session = self._host.session_to_send()
        if session is not None and session.lane(self.name).phase is Phase.IDLE:
            self._submit(turn, session)

    @property
    def is_warming(self) -> bool:
        """Whether a warm-up is on its way."""
        return self._current is not None and self._current.warms and self._current.stage is TurnStage.SUBMITTED

    def deliver(self, event: LaneEvent) -> None:
        """Take an event of the session. The hot path: most are handed on as they are."""
        turn = self._current
        kind = type(event)
        if turn is not None and not turn.warms and kind not in _HANDLED:
            turn.on_update(event)  # type: ignore[arg-type]
            return
        if isinstance(event, Outcome):
            self._on_outcome(event)
        elif isinstance(event, Hangup):
            self._host.drop(event.cause, event.detail)
        elif turn is None:
            return
        elif turn.warms:
            if not isinstance(event, Started | Queued | Limits | SteerChanged):
                self._host.can_warm = False
                self._host.drop(Cause.STOPPED, "the server answers warm-ups; going on without")
        elif isinstance(event, Started):
            self._on_started(turn, event)
        elif isinstance(event, SteerChanged):
            self._on_steer_changed(turn, event)

    def lost(self, session: WireSession, cause: Cause, detail: str) -> None:
        """The connection is gone, and with it what the server held: go on from what was received."""
        wire = session.lane(self.name)
        turn = self._current
        if turn is None or turn.stage is not TurnStage.DELAYED:
            self._cancel_timer()
        unsent = session.withdraw(self.name)
        self._session = None
        stopping = wire.phase is Phase.STOPPING
        self._carried.carry(wire.steers.take_all())
        self.history.break_chain()
        if turn is None or turn.stage is not TurnStage.SUBMITTED or stopping:
            return
        turn.stage = TurnStage.WAITING
        if unsent:
            return
        if turn.warms:
            self._current = None
            self.advance()
            return
        self.history.record_cut(wire.assembly.items_with_partial())
        if self.history.open_calls():
            self._end(turn, turn.ended("completed", calls=self.history.open_call_ids))
        elif turn.budget.allow_resend(cause):
            if wire.assembly.partial_items():
                self.history.ask_to_go_on()
            turn.on_update(Retrying(detail, time.monotonic(), turn.budget.used))
        else:
            self._end(turn, turn.ended("incomplete", "cut"))

    def refused(self, error: WireError) -> None:
        """No connection can be had without the user's doing: end what waits for one."""
        status = error.status if isinstance(error, HandshakeRefused) else None
        code = str(status) if status else None
        turns = [turn for turn in (self._current, *self._queue) if turn is not None]
        self._current = None
        self._queue.clear()
        self._cancel_timer()
        for turn in turns:
            self._record(turn)
            if not turn.warms:
                self._tell_end(turn, turn.ended("failed", str(error), code))

    def postponed(self, error: WireError, at: float, attempt: int) -> None:
        """The next try to connect is at ``at``; tell a turn that waits for it."""
        turn = self._current
        if turn is not None and turn.stage is TurnStage.WAITING:
            limited = isinstance(error, HandshakeRefused) and error.status == 429
            turn.on_update(Retrying(str(error), at, attempt, limited))

    def close(self) -> None:
        """Forget the timers; the lane is not used afterwards."""
        self._cancel_timer()
        if self._steer_timer is not None:
            self._steer_timer.cancel()

    # The turn on its way.

    def _submit(self, turn: Turn, session: WireSession) -> None:
        self._record(turn)
        if not self.history.continues(turn.settings):
            self._carried.carry(session.lane(self.name).steers.take_all())
        self._carried.put_into(self.history)
        frame = self.history.request(turn.settings, reasoning=self._host.profile.reasoning, generate=not turn.warms)
        turn.stage = TurnStage.SUBMITTED
        self._session = session
        session.submit(self.name, frame)
        self._host.transmit()
        if turn.warms:
            self._host.warming()
        else:
            for limits in self._host.pending_limits():
                turn.on_update(limits)

    def _record(self, turn: Turn) -> None:
        if not turn.recorded:
            turn.recorded = True
            self.history.add(turn.items)

    def _on_started(self, turn: Turn, event: Started) -> None:
        turn.response_id = event.response_id
        turn.on_update(event)
        for change in self._carried.applied():
            turn.on_update(change)

    def _on_steer_changed(self, turn: Turn, event: SteerChanged) -> None:
        wire = self._wire()
        if wire is not None and not wire.takes_steers:
            self._takes_steers = False
        if event.state == "applied":
            self.history.items.extend(Steer(event.tag, event.text, "", note=event.note).as_items())
        turn.on_update(event)

    def _on_outcome(self, outcome: Outcome) -> None:
        turn = self._current
        if outcome.stopped:
            self._cancel_timer()
            if outcome.intact:
                self.history.confirm_stopped(outcome.response_id, outcome.items)
            self.advance()
        elif turn is None:
            return
        elif turn.warms:
            self._on_warmed(outcome)
        elif outcome.status == "failed":
            self._on_failed(turn, outcome)
        else:
            self.history.record(outcome.response_id, outcome.items, intact=outcome.intact)
            if outcome.handed_over:
                return
            turn.response_id = outcome.response_id
            calls = self.history.open_call_ids
            self._end(turn, turn.ended(outcome.status, outcome.reason, usage=outcome.usage, calls=calls))

    def _on_warmed(self, outcome: Outcome) -> None:
        if outcome.status == "completed" and not outcome.items:
            self.history.record(outcome.response_id, (), intact=outcome.intact)
        else:
            self.history.break_chain()
        self._current = None
        self.advance()
        self._host.settled()

    def _on_failed(self, turn: Turn, outcome: Outcome) -> None:
        failure, wire = outcome.failure or Failure("the answer failed"), self._wire()
        self.history.record_cut(outcome.items)
        if self.history.open_calls():
            # The calls stand, and the turn goes on with their results, unless the reason will not pass.
            calls = self.history.open_call_ids
            if is_transient(error_of(failure)):
                self._end(turn, turn.ended("completed", calls=calls))
            else:
                self._end(turn, turn.ended("failed", failure.message, failure.code, calls=calls))
            return
        delay = turn.budget.delay_after(failure, time.time())
        if delay is None:
            self._end(turn, turn.ended("failed", failure.message, failure.code))
            return
        if wire is not None and wire.assembly.partial_items():
            self.history.ask_to_go_on()
        limited = failure.status == 429 or failure.code == "rate_limit_exceeded"
        turn.on_update(Retrying(failure.message, time.monotonic() + delay, turn.budget.used, limited))
        if self._current is not turn:
            return
        turn.stage = TurnStage.DELAYED
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(delay, self._resume, turn)

    def _resume(self, turn: Turn) -> None:
        self._cancel_timer()
        turn.stage = TurnStage.WAITING
        self.advance()

    def _end(self, turn: Turn, ended: Ended) -> None:
        self._current = None
        self._tell_end(turn, ended)
        self.advance()
        self._host.settled()

    def _tell_end(self, turn: Turn, ended: Ended) -> None:
        """Tell the end, and before it that of the steers which nothing will commit any more.

        Those of a response whose calls are open are committed by the request with the results.
        """
        if not ended.open_calls:
            wire = self._wire() if ended.status == "failed" else None
            for steer in self._take_steers(wire):
                turn.on_update(steer.changed_to_failed("the answer ended before it could be applied"))
        turn.on_update(ended)

    # Stopping.

    def _stop_queued(self) -> None:
        turn = self._queue.popleft()
        self._record(turn)
        turn.on_update(turn.ended("incomplete", "stopped"))

    def _abandon(self, turn: Turn, wire: WireLane | None) -> bool:
        """Let go of ``turn`` wherever it is; returns whether only dropping the connection stops it."""
        self._cancel_timer()
        self._record(turn)
        session = self._session
        if turn.stage is not TurnStage.SUBMITTED or wire is None or session is None or session.withdraw(self.name):
            return False
        self.history.record_stopped(wire.response_id, wire.assembly.items(), wire.assembly.partial_items())
        if not (self._host.profile.interrupt and wire.can_interrupt):
            return True
        wire.interrupt()
        self._host.transmit()
        self._timer = asyncio.get_running_loop().call_later(self._host.timing.interrupt, self._drop_stopped)
        return False

    def _drop_stopped(self) -> None:
        self._host.drop(Cause.STOPPED, "an answer was stopped")

    # Steers.

    def _take_steers(self, wire: WireLane | None) -> list[Steer]:
        """Remove and return the steers that nothing has committed, wherever they are."""
        on_the_wire = wire.steers.take_all() if wire is not None else []
        return [*on_the_wire, *self._carried.withdraw_from(self.history)]

    def _check_steers(self) -> None:
        """Look after a while whether a finished response still waits for the answer to a steer."""
        self._steer_timer = None
        session, wire = self._session, self._wire()
        if session is None or wire is None or not wire.steers.unanswered:
            return
        if wire.phase is Phase.HANDING_OVER:
            for event in session.give_up_steers(self.name, "the server did not answer"):
                self.deliver(event)
            self._host.transmit()
        else:
            self._watch_steers()

    def _watch_steers(self) -> None:
        if self._steer_timer is None:
            self._steer_timer = asyncio.get_running_loop().call_later(self._host.timing.steer, self._check_steers)

    def _wire(self) -> WireLane | None:
        return self._session.lane(self.name) if self._session is not None else None

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_HANDLED = frozenset((Outcome, Hangup, Started, SteerChanged))


def _ignore(update: Update) -> None:
    """Nobody watches a warm-up."""
