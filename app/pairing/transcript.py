"""The conversation as it is shown: entries that only grow, and what grew since somebody last looked.

The pairing session appends at the pace of the stream; the screen takes what is new once a frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from spark_tui.protocol.growing_text import GrowingText


class Speaker(Enum):
    """Whose words an entry holds."""

    USER = "user"
    MODEL = "model"
    REASONING = "reasoning"
    TOOL = "tool"
    OUTPUT = "output"
    NOTICE = "notice"
    ERROR = "error"


@dataclass(slots=True)
class Entry:
    """One entry; ``key`` names it for good, ``note`` is a short remark on it.

    ``replaced`` counts how often another text took the place of the whole; in between it only grows.
    """

    key: str
    speaker: Speaker
    words: GrowingText = field(default_factory=GrowingText)
    note: str = ""
    replaced: int = 0

    @property
    def text(self) -> str:
        """The whole text."""
        return str(self.words)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an entry: ``text`` was appended, or, with ``whole``, replaces what was there."""

    key: str
    speaker: Speaker
    text: str
    whole: bool = False
    note: str | None = None


class Transcript:
    """Entries in order, with the changes since :meth:`take_changes` was last called."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[str, Entry] = {entry.key: entry for entry in entries}
        self._grown: dict[str, int] = dict.fromkeys(self._entries, 0)
        self._whole: set[str] = set()
        self._noted: set[str] = {key for key, entry in self._entries.items() if entry.note}
        self._counter = len(self._entries)

    @property
    def entries(self) -> list[Entry]:
        """All entries, oldest first."""
        return list(self._entries.values())

    def fresh_key(self, stem: str) -> str:
        """A key that no entry has."""
        self._counter += 1
        while (key := f"{stem}-{self._counter}") in self._entries:
            self._counter += 1
        return key

    def append(self, key: str, speaker: Speaker, text: str) -> None:
        """Add ``text`` to the entry ``key``, which begins here if there is none."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(key, speaker)
        self._grown.setdefault(key, len(entry.words))
        entry.words.append(text)

    def say(self, speaker: Speaker, text: str) -> str:
        """Add a whole new entry and return its key."""
        key = self.fresh_key(speaker.value)
        self.append(key, speaker, text)
        return key

    def replace(self, key: str, text: str) -> None:
        """Make ``text`` the whole of the entry ``key``; nothing happens where it is already, or no such entry."""
        entry = self._entries.get(key)
        if entry is None or entry.text == text:
            return
        entry.words = GrowingText(text)
        entry.replaced += 1
        self._grown[key] = 0
        self._whole.add(key)

    def annotate(self, key: str, note: str) -> None:
        """Put ``note`` beside the entry ``key``, in place of the one before."""
        entry = self._entries.get(key)
        if entry is not None and entry.note != note:
            entry.note = note
            self._noted.add(key)

    def take_changes(self) -> list[Change]:
        """Return one change for each entry that changed since the last call, in the order of the entries' changes."""
        changes = []
        for key in dict.fromkeys([*self._grown, *self._noted]):
            entry = self._entries[key]
            start = self._grown.get(key, len(entry.words))
            changes.append(
                Change(
                    key,
                    entry.speaker,
                    entry.words.since(start),
                    whole=key in self._whole,
                    note=entry.note if key in self._noted else None,
                )
            )
        self._grown.clear()
        self._whole.clear()
        self._noted.clear()
        return changes

    def tail(self, speaker: Speaker, characters: int) -> str:
        """The last ``characters`` of the newest entry of ``speaker``; empty without one."""
        for entry in reversed(self._entries.values()):
            if entry.speaker is speaker:
                return entry.words.since(max(0, len(entry.words) - characters))
        return ""
