"""The pairing session: turns, steering and tools, between one lane and one change set.

It knows no screen and does no I/O of its own. A delta's way through it is ``receive`` -> ``_apply`` -> transcript or
call book; whoever draws is told by ``on_change`` that there is something new and takes it when it likes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.items import developer_note, user_message
from spark_tui.app.pairing.pacing import Pacer
from spark_tui.app.pairing.speed import SpeedMeter
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
    Usage,
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


@dataclass(frozen=True, slots=True)
class Message:
    """Something the user said; ``key`` is its entry in the transcript."""

    key: str
    text: str


@dataclass(slots=True)
class Waiting:
    """Why nothing comes: ``reason`` is one line, ``until`` is when it is tried again (monotonic seconds).

    ``limited``: it is a rate limit that ends then.
    """

    reason: str
    since: float
    until: float | None = None
    limited: bool = False


@dataclass(slots=True)
class Meters:
    """The figures of the status line that the session knows."""

    speed: SpeedMeter | None = None
    usage: Usage | None = None
    limits: dict[tuple[str, str], Limits] = field(default_factory=dict)
    waiting: Waiting | None = None


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
        self.meters = Meters()
        self.queue: deque[str] = deque(queue)
        """What is said once the turn is over, in this order."""
        self.calls = calls
        self._lane = lane
        self._transcript = transcript
        self._settings = settings
        self._decisions = decisions
        self._on_change = on_change
        self._on_returned = on_returned
        self._clock = clock
        self._pacer = Pacer(
            lane,
            calls,
            self._apply,
            on_step_done=self.pause,
            on_caught_up=self.calls_answered,
            on_change=on_change,
            clock=clock,
        )
        self._owed: list[Item] = []
        self._unsent: list[Message] = []
        self._unanswered: list[Message] = []
        self._steers: dict[str, str] = {}
        self._paused_from = TurnState.STREAMING
        self._stopping = False

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
        self._owed.append(developer_note(note))

    def take_back(self, index: int = -1) -> str:
        """Remove the queued message at ``index`` and return it. Raises :exc:`IndexError` if there is none."""
        text = self.queue[index]
        del self.queue[index]
        self._changed()
        return text

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
            self._halt(Ended("", "incomplete", "stopped", None, None))
        else:
            self._stopping = True
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
                self._answered_by_output()
                self.calls.started(update, self.turn)
            case CallDone():
                self.calls.finished(update, self.turn)
            case Started():
                self._started()
            case Queued(reason):
                self.meters.waiting = Waiting(reason or "by the server", self._clock())
            case Retrying(reason, at, _, limited):
                self.meters.waiting = Waiting(reason, self._clock(), at, limited)
            case Limits(name, _, _, owner):
                self.meters.limits[owner, name] = update
            case SteerChanged():
                self._steer_changed(update)
            case Ended():
                self._ended(update)

    def _wrote(self, text: str) -> None:
        self.meters.waiting = None
        self._answered_by_output()
        if self.meters.speed is not None:
            self.meters.speed.wrote(len(text), self._clock())

    def _answered_by_output(self) -> None:
        """The model writes: what it was sent has reached it."""
        if self._unanswered:
            self._note_unanswered("applied")
            self._unanswered = []

    def _note_unanswered(self, note: str) -> None:
        for message in self._unanswered:
            self._transcript.annotate(message.key, note)

    def _started(self) -> None:
        self.meters.waiting = None
        self._note_unanswered("accepted")
        if self.meters.speed is not None:
            self.meters.speed.response_started(self._clock())
        if self.state is TurnState.STREAMING:
            self.calls.drop_unfinished("the answer was cut here and begun anew")
        if self.state in (TurnState.QUEUED, TurnState.STREAMING):
            self._move(TurnEvent.STARTED)

    def _ended(self, ended: Ended) -> None:
        self.meters.waiting = None
        self._stopping = False
        if ended.usage is not None:
            self.meters.usage = ended.usage
            if self.meters.speed is not None:
                self.meters.speed.counted(ended.usage.output_tokens)
        if ended.status == "completed" and (ended.open_calls or self._unsent):
            self._move(TurnEvent.TOOLS_OPEN)
            self.calls_answered()
        elif ended.status == "completed":
            self._answered_by_output()
            self.calls.take_outputs()
            self._finish(TurnEvent.ENDED)
        elif ended.status == "failed":
            self._transcript.say(Speaker.ERROR, ended.reason or "the model failed without saying why")
            self._owed += self.calls.abandon("the answer failed", frozenset(ended.open_calls))
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
        self.meters.speed = SpeedMeter(self._clock())
        self._unsent.append(self._say(text))
        self._move(TurnEvent.SENT)
        self._send([])

    def _say(self, text: str) -> Message:
        return Message(self._transcript.say(Speaker.USER, text), text)

    def _send(self, answers: list[Item]) -> None:
        items = [*self._owed, *answers]
        self._owed = []
        note = self._decisions()
        if note and (self._unsent or items):
            items.append(developer_note(note))
        items.extend(user_message(message.text) for message in self._unsent)
        self._unanswered += self._unsent
        self._unsent = []
        self._note_unanswered("sent")
        self._lane.send(items, self._settings(), self.receive)
        self._changed()

    def _redirect(self, text: str) -> None:
        """Say ``text`` to the running turn. What waits behind a frozen screen is part of the answer if the model
        can be steered in the middle of it; otherwise the answer ends where the user has read to."""
        message = self._say(text)
        frozen = self.state is TurnState.PAUSED
        if (self._paused_from if frozen else self.state) is TurnState.TOOL:
            self._unsent.append(message)
            self._transcript.annotate(message.key, "waits for a tool")
        elif self._lane.steer(message.key, text):
            self._steers[message.key] = text
        else:
            self._unsent.append(message)
            if self._pacer.held.ended is None:
                self.stop()
        self.resume()
        self._changed()

    def _steer_changed(self, update: SteerChanged) -> None:
        if update.state == "failed":
            self._steers.pop(update.tag, None)
            self._transcript.annotate(update.tag, f"failed: {update.reason or 'refused'}")
            self._on_returned(update.text)
            return
        self._transcript.annotate(update.tag, update.state)
        if update.state == "applied":
            self._steers.pop(update.tag, None)
            self.turn += 1

    def _halt(self, ended: Ended) -> None:
        """The response ended early: by the user, by a limit, or by the network."""
        by_user = ended.reason in ("stopped", "interrupted")
        reason = "stopped by the user" if by_user else f"the answer ended early ({ended.reason})"
        self._owed += self.calls.abandon(reason, frozenset(ended.open_calls))
        if self._unsent:
            self.turn += 1
            self.state = TurnState.QUEUED
            self._send([])
            return
        self._transcript.say(Speaker.NOTICE, "stopped" if by_user else reason)
        self._finish(TurnEvent.STOPPED)

    def _cut_what_was_not_seen(self) -> None:
        """End the answer where the user has read to, and tell the model where that is."""
        ended, has_output = self._pacer.held.ended, self._pacer.held.has_output
        seen = self._transcript.tail(Speaker.MODEL, SEEN_TAIL)
        if self.state is TurnState.PAUSED:
            self.state = self._paused_from
        self._pacer.clear()
        if has_output:
            self._owed.append(developer_note(_unseen_note(seen)))
        if self.state is TurnState.TOOL:
            self._halt(Ended("", "incomplete", "stopped", None, None))
        elif ended is None:
            self._stopping = True
            self._lane.stop()
        else:
            self._halt(Ended(ended.response_id, "incomplete", "stopped", None, ended.usage, ended.open_calls))

    def _finish(self, event: TurnEvent) -> None:
        self._pacer.end_step()
        lost = [*(Message(*steer) for steer in self._steers.items()), *self._unanswered]
        self._steers.clear()
        self._unanswered = []
        for message in lost:
            self._transcript.annotate(message.key, "failed: not applied")
            self._on_returned(message.text)
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
