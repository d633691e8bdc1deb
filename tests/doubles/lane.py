"""A lane that only takes notes, and a pairing session on it over a change set in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.pairing.calls import CallBook
from spark_tui.app.pairing.session import PairSession
from spark_tui.app.pairing.transcript import Speaker, Transcript
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.wire.updates import (
    CallDelta,
    CallDone,
    CallKind,
    CallStarted,
    Ended,
    Item,
    Started,
    SteerChanged,
    TextDelta,
    TurnSettings,
    Update,
)


@dataclass
class RecordingLane:
    """``steers`` says whether it can be redirected while it answers."""

    steers: bool = True
    sent: list[list[Item]] = field(default_factory=list)
    steered: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What went before each steer."""
    stops: int = 0
    reading: bool = True
    on_update: Callable[[Update], None] = field(default=lambda update: None)

    def send(self, items: list[Item], settings: TurnSettings, on_update: Callable[[Update], None]) -> None:
        self.sent.append(items)
        self.on_update = on_update

    def steer(self, tag: str, text: str, note: str = "") -> bool:
        if not self.steers:
            return False
        self.steered.append((tag, text))
        self.notes.append(note)
        self.on_update(SteerChanged(tag, "sent", text))
        return True

    def stop(self) -> None:
        self.stops += 1
        self.on_update(Ended("r", "incomplete", "stopped", None, None))

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class SessionOnLane:
    """``files`` are what is on the disk that there is not."""

    def __init__(self, files: dict[str, str] | None = None, *, steers: bool = True) -> None:
        self.lane = RecordingLane(steers)
        self.changes = ChangeSet()
        self.transcript = Transcript()
        self.returned: list[str] = []
        self.files = files or {}
        self.ran: list[tuple[str, str]] = []
        self.tools_may_answer = asyncio.Event()
        self.tools_may_answer.set()
        self.decisions: list[str] = []
        """What the user did, a note an input."""
        calls = CallBook(
            self.changes,
            self,
            self.read,
            self.transcript,
            on_answered=lambda: self.session.calls_answered(),
            on_placed=lambda: self.session.hunks_placed(),
            on_staged=lambda: None,
            on_change=lambda: None,
        )
        self.session = PairSession(
            self.lane,
            calls,
            self.transcript,
            lambda: TurnSettings("model", ""),
            lambda: self.decisions.pop(0) if self.decisions else "",
            on_change=lambda: None,
            on_returned=self.returned.append,
        )

    async def run(self, name: str, arguments: str) -> str:
        self.ran.append((name, arguments))
        await self.tools_may_answer.wait()
        return "ran"

    async def read(self, path: str) -> FileSnapshot:
        text = self.files.get(path)
        return FileSnapshot(path, None if text is None else text.encode(), 0o644)

    def receive(self, *updates: Update) -> None:
        for update in updates:
            self.session.receive(update)

    def begin(self, text: str = "go") -> None:
        """A message of the user's, and the begin of the answer."""
        self.session.submit(text)
        self.receive(Started("r"))

    def say(self, *words: str) -> None:
        self.receive(*(TextDelta("m", word) for word in words))

    def patch(self, text: str, call_id: str = "call_1") -> None:
        """A patch, character by character, not closed."""
        self.receive(CallStarted(call_id, "apply_patch", CallKind.CUSTOM))
        self.receive(*(CallDelta(call_id, character) for character in text))

    def close_patch(self, text: str, call_id: str = "call_1") -> None:
        self.receive(CallDone(call_id, "apply_patch", CallKind.CUSTOM, text, {}))

    def call(self, name: str, arguments: str = "{}", call_id: str = "call_f") -> None:
        """A whole function call."""
        self.receive(CallStarted(call_id, name, CallKind.FUNCTION))
        self.receive(CallDone(call_id, name, CallKind.FUNCTION, arguments, {}))

    def end(self, *open_calls: str) -> None:
        self.receive(Ended("r", "completed", None, None, None, open_calls))

    @property
    def words(self) -> str:
        """What the model said, as shown."""
        return "".join(entry.text for entry in self.transcript.entries if entry.speaker is Speaker.MODEL)

    def notes(self) -> dict[str, str]:
        """What stands beside each message of the user's."""
        return {e.text: e.note for e in self.transcript.entries if e.speaker is Speaker.USER}

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the event loop run until ``condition`` holds."""
        while not condition():
            await once_round()


async def once_round() -> None:
    """Let everything that is ready run once."""
    await asyncio.sleep(0)


def outputs(items: Iterable[Item]) -> dict[str, str]:
    """What ``items`` answer to calls, by their ids."""
    return {item["call_id"]: item["output"] for item in items if item["type"].endswith("_output")}


def developer_texts(items: Iterable[Item]) -> list[str]:
    """What ``items`` say in the program's own name."""
    return [item["content"][0]["text"] for item in items if item.get("role") == "developer"]


def user_texts(items: Iterable[Item]) -> list[str]:
    """What ``items`` say in the user's name."""
    return [item["content"][0]["text"] for item in items if item.get("role") == "user"]
