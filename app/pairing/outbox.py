"""What the model is yet to be told, and how far each message of the user's has come on its way to it.

A message waits for the next request, or redirects the running answer (a steer). Beside its entry in the transcript
stands where it is; see :class:`Stage`. What was not applied goes back to the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from spark_tui.app.pairing.items import developer_note, user_message
from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.protocol.wire.updates import Item, SteerChanged


class Stage(Enum):
    """How far a message has come, as it is shown. The arrow and the words are kept apart from those of hunks, which
    are what the *user* accepts: the wire's ``accepted`` means that the server has the message, and its ``applied``
    that the model has, which says nothing of what it makes of it."""

    WAITS = "→ waits for a tool"
    SENT = "→ sent"
    RECEIVED = "→ received"
    REACHED = "→ reached the model"
    FAILED = "→ failed"


RETURNED = "it is in the prompt again"

STAGES = {"sent": Stage.SENT, "accepted": Stage.RECEIVED, "applied": Stage.REACHED}
"""What the states of a steer come to."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something the user said; ``key`` is its entry in the transcript, ``decisions`` a note that went with it."""

    key: str
    text: str
    decisions: str = ""


class Outbox:
    """``on_returned`` gets the text of what was not applied."""

    def __init__(self, transcript: Transcript, on_returned: Callable[[str], None]) -> None:
        self._transcript = transcript
        self._on_returned = on_returned
        self._owed: list[Item] = []
        self._unsent: list[Message] = []
        self._unanswered: list[Message] = []
        self._steers: dict[str, Message] = {}

    @property
    def has_messages(self) -> bool:
        """Whether a message of the user's waits for the next request."""
        return bool(self._unsent)

    def say(self, text: str) -> Message:
        """Put ``text`` into the transcript as the user's words."""
        return Message(self._transcript.say(Speaker.USER, text), text)

    def post(self, message: Message, stage: Stage | None = None) -> None:
        """Let ``message`` go with the next request; ``stage`` tells the user what it waits for."""
        self._unsent.append(message)
        if stage is not None:
            self._transcript.annotate(message.key, stage.value)

    def steered(self, message: Message) -> None:
        """``message`` is on its way into the running answer, and its note of decisions with it."""
        self._steers[message.key] = message

    def tell(self, note: str) -> None:
        """Let the model know ``note`` with the next request."""
        self._owed.append(developer_note(note))

    def owe(self, items: Iterable[Item]) -> None:
        """Let ``items`` go before all else of the next request."""
        self._owed += items

    def collect(self, answers: Iterable[Item], decisions: str) -> list[Item]:
        """The next request: what is owed, the ``answers`` to calls, a note of ``decisions`` and the messages.

        Decisions alone are no reason to say anything: without anything else the request is empty.
        """
        items = [*self._owed, *answers]
        self._owed = []
        if decisions and (self._unsent or items):
            items.append(developer_note(decisions))
        items.extend(user_message(message.text) for message in self._unsent)
        self._unanswered += self._unsent
        self._unsent = []
        self._note_unanswered(Stage.SENT)
        return items

    def accepted(self) -> None:
        """The server has taken the request up."""
        self._note_unanswered(Stage.RECEIVED)

    def answered(self) -> None:
        """The model writes: what it was sent has reached it, and the answer below says all there is to say."""
        self._note_unanswered(None)
        self._unanswered = []

    def steer_changed(self, update: SteerChanged) -> None:
        """A steer has come further, or failed."""
        if update.state == "failed":
            self._forget_steer(update.tag)
            self._transcript.annotate(update.tag, f"{Stage.FAILED.value}: {update.reason or 'refused'}; {RETURNED}")
            self._on_returned(update.text)
            return
        self._transcript.annotate(update.tag, STAGES[update.state].value)
        if update.state == "applied":
            self._steers.pop(update.tag, None)

    def return_lost(self) -> None:
        """The turn is over: give back what was on its way, or waited for it."""
        lost = [*self._steers.values(), *self._unanswered, *self._unsent]
        for key in list(self._steers):
            self._forget_steer(key)
        self._unanswered = []
        self._unsent = []
        for message in lost:
            self._transcript.annotate(message.key, f"{Stage.FAILED.value}: {RETURNED}")
            self._on_returned(message.text)

    def _forget_steer(self, key: str) -> None:
        """A steer will never be applied: what was to be told with it is still to be told."""
        steer = self._steers.pop(key, None)
        if steer is not None and steer.decisions:
            self.tell(steer.decisions)

    def _note_unanswered(self, stage: Stage | None) -> None:
        for message in self._unanswered:
            self._transcript.annotate(message.key, stage.value if stage is not None else "")
