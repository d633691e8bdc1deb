"""Making room: a conversation that nears the model's limit is put aside for a summary of it, between turns.

:class:`CompactingLane` stands between the session and the lane of the connection. It holds a request back while the
model sums up, on the same lane and with its own limits, and lets it go once the summary is the conversation's start.
A turn that runs is never compacted, so neither is one that is being steered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from spark_tui.app.pairing.instructions import GUIDANCE_FILE
from spark_tui.app.pairing.items import developer_note
from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.protocol.profiles import Compaction, Profile
from spark_tui.protocol.wire.history import History
from spark_tui.protocol.wire.updates import Ended, Item, Queued, TurnSettings, Update, Usage

FULL = 0.85
"""The share of the model's context above which no turn begins without making room first."""
CHARACTERS_PER_TOKEN = 4
REQUEST = (
    "The conversation is about to be replaced by a summary, because it nears your limit. Write that summary now, "
    "for yourself, and call no tools: what the user wants and decided, what was done and why, which files matter and "
    "what you learned about them, what is still to do, and anything that must not be forgotten."
)
REPLACED = "The conversation before this point was replaced by this summary, which you wrote:\n\n"

OnUpdate = Callable[[Update], None]


class ConnectionLane(Protocol):
    """The lane of the connection (``spark_tui.protocol.client.lane``)."""

    history: History

    def send(self, items: list[Item], settings: TurnSettings, on_update: OnUpdate) -> None: ...
    def steer(self, tag: str, text: str, note: str = "") -> bool: ...
    def stop(self) -> None: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


@dataclass(slots=True)
class _Request:
    """A turn that waits until there is room."""

    items: list[Item]
    settings: TurnSettings
    on_update: OnUpdate


@dataclass(slots=True)
class _Compaction:
    """One on its way: how, the conversation before it, and the entry that tells of it."""

    way: Compaction
    before: list[Item]
    settings: TurnSettings
    entry: str


class CompactingLane:
    """A lane for :class:`~spark_tui.app.pairing.session.PairSession`.

    ``usage`` is what the last response took, ``standing`` says in words how the model's hunks stand now.
    """

    def __init__(
        self,
        lane: ConnectionLane,
        transcript: Transcript,
        *,
        profile: Callable[[], Profile],
        usage: Callable[[], Usage | None],
        standing: Callable[[], str],
        on_change: Callable[[], None],
    ) -> None:
        self._lane = lane
        self._transcript = transcript
        self._profile = profile
        self._usage = usage
        self._standing = standing
        self._on_change = on_change
        self._running: _Compaction | None = None
        self._held: _Request | None = None
        self._outdated: Usage | None = None

    @property
    def running(self) -> bool:
        """Whether the conversation is being summed up."""
        return self._running is not None

    def compact(self, settings: TurnSettings) -> None:
        """Make room now, as the user says. No turn may run; where there is nothing to sum up, that is told."""
        if self._running is not None:
            return
        if not any(item.get("role") == "assistant" for item in self._lane.history.items):
            self._transcript.say(Speaker.NOTICE, "nothing to compact yet")
        else:
            self._begin(self._profile().compaction, settings)
        self._on_change()

    # -- as the session sees a lane ----------------------------------------------------------------------------

    def send(self, items: list[Item], settings: TurnSettings, on_update: OnUpdate) -> None:
        """Send, once there is room."""
        if self._running is None and not self._is_due(items):
            self._lane.send(items, settings, on_update)
            return
        self._held = _Request(items, settings, on_update)
        if self._running is None:
            self._begin(self._profile().compaction, settings)
        on_update(Queued("until the conversation is summed up"))

    def steer(self, tag: str, text: str, note: str = "") -> bool:
        """Redirect the running response; never the summary."""
        return self._running is None and self._lane.steer(tag, text, note)

    def stop(self) -> None:
        """End the running response, or the summary and the request behind it."""
        self._lane.stop()

    def pause_reading(self) -> None:
        """Let the server wait."""
        self._lane.pause_reading()

    def resume_reading(self) -> None:
        """Take up reading again."""
        self._lane.resume_reading()

    # -- the compaction ----------------------------------------------------------------------------------------

    def _is_due(self, items: list[Item]) -> bool:
        usage, profile = self._usage(), self._profile()
        if usage is None or usage is self._outdated:
            return False
        new = sum(len(str(item.get("content", ""))) for item in items) // CHARACTERS_PER_TOKEN
        used = usage.input_tokens + usage.output_tokens + new
        return used > FULL * profile.context_tokens and not self._lane.history.open_calls()

    def _begin(self, way: Compaction, settings: TurnSettings) -> None:
        entry = self._transcript.say(Speaker.NOTICE, "making room: the conversation is being summed up …")
        self._ask(_Compaction(way, list(self._lane.history.items), settings, entry))

    def _ask(self, compaction: _Compaction) -> None:
        self._running = compaction
        trigger = compaction.way is Compaction.TRIGGER
        item = {"type": "compaction_trigger"} if trigger else developer_note(REQUEST)
        self._lane.send([item], compaction.settings, self._receive)

    def _receive(self, update: Update) -> None:
        if not isinstance(update, Ended) or self._running is None:
            return
        compaction = self._running
        start = None if update.status != "completed" or update.open_calls else self._start_after(compaction)
        if start is not None:
            self._lane.history.replace([*_guidance(compaction.before), *start])
            self._finish(
                compaction, f"the conversation was compacted{_from(update.usage)}: what was said stays shown"
            )
            return
        self._lane.history.replace(compaction.before)
        if update.reason == "stopped":
            self._give_up(compaction)
        elif compaction.way is Compaction.TRIGGER:
            compaction.way = Compaction.SUMMARY
            self._ask(compaction)
        else:
            why = update.reason or "the model gave no summary"
            self._finish(compaction, f"the conversation could not be compacted ({why}); it goes on whole")

    def _start_after(self, compaction: _Compaction) -> list[Item] | None:
        """What the conversation begins with from now on; ``None`` where nothing came that it could."""
        output = self._lane.history.items[len(compaction.before) :]
        standing = self._standing()
        notes = [developer_note(standing)] if standing else []
        if compaction.way is Compaction.TRIGGER:
            compacted = [item for item in output if item.get("type") == "compaction"]
            return [*compacted, *notes] if compacted else None
        summary = "\n\n".join(text for item in output if (text := _assistant_text(item)))
        return [developer_note(REPLACED + summary), *notes] if summary else None

    def _finish(self, compaction: _Compaction, told: str) -> None:
        self._transcript.replace(compaction.entry, told)
        self._running, held, self._held = None, self._held, None
        self._outdated = self._usage()
        if held is not None:
            self._lane.send(held.items, held.settings, held.on_update)
        self._on_change()

    def _give_up(self, compaction: _Compaction) -> None:
        """The user stopped it: what was to be said is part of the conversation, as with any stopped request."""
        self._transcript.replace(compaction.entry, "the conversation was not compacted: stopped")
        self._running, held, self._held = None, self._held, None
        if held is not None:
            self._lane.history.add(held.items)
            held.on_update(Ended("", "incomplete", "stopped", None, None))
        self._on_change()


def _guidance(items: list[Item]) -> list[Item]:
    """The repository's own guidance, with which a conversation may begin."""
    first = items[:1]
    return first if first and _text(first[0]).startswith(f"# {GUIDANCE_FILE}") else []


def _assistant_text(item: Item) -> str:
    return _text(item) if item.get("role") == "assistant" else ""


def _text(item: Item) -> str:
    content = item.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict)).strip()


def _from(usage: Usage | None) -> str:
    return f" from {usage.input_tokens:,} tokens" if usage is not None and usage.input_tokens else ""
