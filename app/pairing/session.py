"""The pairing session: turns, steering and tools, between one lane and one change set.

It knows no screen and does no I/O of its own. A delta's way through it is ``receive`` -> ``_apply`` -> transcript or
call book; whoever draws is told by ``on_change`` that there is something new and takes it when it likes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.meters import Meters
from spark_tui.app.pairing.outbox import Outbox
from spark_tui.app.pairing.pacing import Pacer
from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.app.pairing.turn import WORKING, TurnEvent, TurnState, advance
from spark_tui.protocol.wire.updates import (
    CallDelta,
    CallDone,
    CallStarted,
    Ended,
    Item,
    Limits,
    MessageDone,
    Queued,
    ReasoningDelta,
    Retrying,
    Started,
    SteerChanged,
    TextDelta,
    TurnSettings,
    Update,
)

SEEN_TAIL = 120
"""Characters that tell the model where the user stopped reading."""


class Lane(Protocol):
    """What the session needs of a lane of the connection (``spark_tui.protocol.client``)."""

    def send(self, items: list[Item], settings: TurnSettings, on_update: Callable[[Update], None]) -> None:
        """Ask for one response; its updates arrive in order and end in :class:`Ended`."""

    def steer(self, tag: str, text: str) -> bool:
        """Redirect the running response; ``False`` where the peer cannot."""

    def stop(self) -> None:
        """End the running response now."""

    def pause_reading(self) -> None:
        """Let the server wait."""

    def resume_reading(self) -> None:
        """Take up reading again."""


class PairSession:
    """One conversation.

    ``settings`` gives the fields of each request, ``decisions`` a note on what the user did since the last input
    (empty when nothing), ``on_returned`` gets text that was not applied, for the prompt.
    """

    def __init__(
        self,
        lane: Lane,
        calls: CallBook,
        transcript: Transcript,
        settings: Callable[[], TurnSettings],
        decisions: Callable[[], str],
        *,
        on_change: Callable[[], None],
        on_returned: Callable[[str], None],
        turn: int = 0,
        request: str = "",
        queue: Iterable[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = TurnState.IDLE
        self.turn = turn
        self.request = request
        """What the last turn was begun with; what redirected it since is not part of it. Empty before the first."""
        self.meters = Meters(clock=clock)
        self.queue: deque[str] = deque(queue)
        """What is said once the turn is over, in this order."""
        self.calls = calls
        self._lane = lane
        self._transcript = transcript
        self._settings = settings
        self._decisions = decisions
        self._on_change = on_change
        self._outbox = Outbox(transcript, on_returned)
        self._pacer = Pacer(
            lane,
            calls,
            self._apply,
            on_step_done=self.pause,
            on_caught_up=self.calls_answered,
            on_change=on_change,
            clock=clock,
        )
        self._paused_from = TurnState.STREAMING
        self._open_calls: tuple[str, ...] = ()
        """The calls that the turn waits for while a tool runs."""

    @property
    def working(self) -> bool:
        """Whether the model or its tools have the word."""
        return self.state in WORKING

    @property
    def held(self) -> int:
        """How many updates wait to be shown: behind a frozen screen, or while it catches up."""
        return self._pacer.held.count

    # -- what the user does ------------------------------------------------------------------------------------

    def submit(self, text: str) -> None:
        """Say ``text``: a new turn when idle, a redirection of the running one otherwise."""
        if self.working:
            self._redirect(text)
        else:
            self._begin(text)

    def enqueue(self, text: str) -> None:
        """Say ``text`` once the running turn is over; at once when none is."""
        if self.working:
            self.queue.append(text)
            self._changed()
        else:
            self._begin(text)

    def tell(self, note: str) -> None:
        """Let the model know ``note`` with the next input."""
        self._outbox.tell(note)

    def take_back(self, index: int = -1) -> str:
        """Remove the queued message at ``index`` and return it. Raises :exc:`IndexError` if there is none."""
        text = self.queue[index]
        del self.queue[index]
        self._changed()
        return text

    def brace(self) -> None:
        """Show nothing more for a moment: the first byte of what may be the key for :meth:`pause` has come."""
        if self.working and self.state is not TurnState.PAUSED:
            self._pacer.brace()

    def pause(self) -> None:
        """Freeze the stream on the spot; nothing that comes is lost. Nothing happens when nothing streams."""
        if self.working and self.state is not TurnState.PAUSED:
            self._paused_from = self.state
            self._pacer.freeze()
            self._move(TurnEvent.PAUSE)

    def resume(self) -> None:
        """Go on from where it froze: what waits is shown in slices, in order, and then what comes."""
        if self.state is TurnState.PAUSED:
            self.state = self._paused_from
            self._pacer.thaw()
            self.calls_answered()
            self._changed()

    def step(self) -> None:
        """While frozen: go on to the end of the next hunk, and freeze there again."""
        if self.state is TurnState.PAUSED:
            self.state = self._paused_from
            self._pacer.thaw(one_hunk=True)
            self.calls_answered()
            self._changed()

    def stop(self) -> None:
        """End the turn and keep what has been seen so far."""
        if not self.working:
            return
        if self.state is TurnState.PAUSED or self._pacer.held:
            self._cut_what_was_not_seen()
        elif self.state is TurnState.TOOL:
            self._halt_tools()
        else:
            self._lane.stop()

    # -- what the lane says ------------------------------------------------------------------------------------

    def receive(self, update: Update) -> None:
        """Take one update of the running response; it waits while the screen is frozen or catching up."""
        if isinstance(update, SteerChanged) and update.state != "applied":
            self._steer_changed(update)
        else:
            self._pacer.take(update)
        self._on_change()

    def hunks_placed(self) -> None:
        """Hunks have gone into the change set, or a file that they waited for has come."""
        self._pacer.hunks_placed()

    def _apply(self, update: Update) -> None:
        match update:
            case TextDelta(item_id, text):
                self._wrote(text)
                self._transcript.append(item_id, Speaker.MODEL, text)
            case CallDelta(_, text):
                self._wrote(text)
                self.calls.fed(update)
            case ReasoningDelta(item_id, text):
                self._wrote(text)
                self._transcript.append(item_id, Speaker.REASONING, text)
            case MessageDone(item_id, text):
                self._transcript.replace(item_id, text)
            case CallStarted():
                self._outbox.answered()
                self.calls.started(update, self.turn)
            case CallDone():
                self.calls.finished(update, self.turn)
            case Started():
                self._started()
            case Queued(reason):
                self.meters.held_up(reason or "by the server")
            case Retrying(reason, at, _, limited):
                self.meters.held_up(reason, at, limited=limited)
            case Limits():
                self.meters.limits_told(update)
            case SteerChanged():
                self._steer_changed(update)
            case Ended():
                self._ended(update)

    def _wrote(self, text: str) -> None:
        self.meters.wrote(len(text))
        self._outbox.answered()

    def _started(self) -> None:
        self.meters.response_started()
        self._outbox.accepted()
        if self.state is TurnState.STREAMING:
            self._outbox.owe(self.calls.drop_unfinished("the answer was cut here and begun anew"))
        if self.state in (TurnState.QUEUED, TurnState.STREAMING):
            self._move(TurnEvent.STARTED)

    def _ended(self, ended: Ended) -> None:
        self.meters.response_ended(ended.usage)
        if ended.status == "completed" and (ended.open_calls or self._outbox.has_messages):
            self._open_calls = ended.open_calls
            self._move(TurnEvent.TOOLS_OPEN)
            self.calls_answered()
        elif ended.status == "completed":
            self._outbox.answered()
            self.calls.take_outputs()
            self._finish(TurnEvent.ENDED)
        elif ended.status == "failed":
            self._transcript.say(Speaker.ERROR, ended.reason or "the model failed without saying why")
            self._outbox.owe(self.calls.abandon("the answer failed", frozenset(ended.open_calls)))
            self._finish(TurnEvent.FAILED)
        else:
            self._halt(ended)

    def calls_answered(self) -> None:
        """A call got its answer: when it was the last one, the answers go to the model."""
        if self.state is TurnState.TOOL and not self._pacer.held and not self.calls.unanswered:
            items = self.calls.take_outputs()
            self._move(TurnEvent.ANSWERED)
            self._send(items)

    # -- the turn ----------------------------------------------------------------------------------------------

    def _begin(self, text: str) -> None:
        self.turn += 1
        self.request = text
        self.meters.turn_began()
        self._outbox.post(self._outbox.say(text))
        self._move(TurnEvent.SENT)
        self._send([])

    def _send(self, answers: list[Item]) -> None:
        self._lane.send(self._outbox.collect(answers, self._decisions()), self._settings(), self.receive)
        self._changed()

    def _redirect(self, text: str) -> None:
        """Say ``text`` to the running turn. What waits behind a frozen screen is part of the answer if the model
        can be steered in the middle of it; otherwise the answer ends where the user has read to."""
        message = self._outbox.say(text)
        frozen = self.state is TurnState.PAUSED
        if (self._paused_from if frozen else self.state) is TurnState.TOOL:
            self._outbox.post(message, "waits for a tool")
        elif self._lane.steer(message.key, text):
            self._outbox.steered(message)
        else:
            self._outbox.post(message)
            if self._pacer.held.ended is None:
                self.stop()
        self.resume()
        self._changed()

    def _steer_changed(self, update: SteerChanged) -> None:
        self._outbox.steer_changed(update)
        if update.state == "applied":
            self.turn += 1

    def _halt(self, ended: Ended) -> None:
        """The response ended early: by the user, by a limit, or by the network."""
        by_user = ended.reason in ("stopped", "interrupted")
        reason = "stopped by the user" if by_user else f"the answer ended early ({ended.reason})"
        self._outbox.owe(self.calls.abandon(reason, frozenset(ended.open_calls)))
        if self._outbox.has_messages:
            self.turn += 1
            self.state = TurnState.QUEUED
            self._send([])
            return
        self._transcript.say(Speaker.NOTICE, "stopped" if by_user else reason)
        self._finish(TurnEvent.STOPPED)

    def _halt_tools(self) -> None:
        """The user ends the turn while a tool has the word."""
        self._halt(Ended("", "incomplete", "stopped", None, None, self._open_calls))

    def _cut_what_was_not_seen(self) -> None:
        """End the answer where the user has read to, and tell the model where that is."""
        ended, has_output = self._pacer.held.ended, self._pacer.held.has_output
        seen = self._transcript.tail(Speaker.MODEL, SEEN_TAIL)
        if self.state is TurnState.PAUSED:
            self.state = self._paused_from
        for steer in self._pacer.held.steers:
            self._steer_changed(steer)
        self._pacer.clear()
        if has_output:
            self._outbox.tell(_unseen_note(seen))
        if self.state is TurnState.TOOL:
            self._halt_tools()
        elif ended is None:
            self._lane.stop()
        else:
            self._halt(Ended(ended.response_id, "incomplete", "stopped", None, ended.usage, ended.open_calls))

    def _finish(self, event: TurnEvent) -> None:
        self._pacer.end_step()
        self._outbox.return_lost()
        self._move(event)
        if self.queue and event is TurnEvent.ENDED:
            self._begin(self.queue.popleft())

    def _move(self, event: TurnEvent) -> None:
        self.state = advance(self.state, event)
        self._changed()

    def _changed(self) -> None:
        self._on_change()


def _unseen_note(seen: str) -> str:
    where = f"after: …{seen}" if seen else "before its first word"
    return (
        f"The user stopped reading your last answer {where}\n"
        "What you wrote behind that was not shown, and no patch behind it was staged."
    )
