"""What was accepted in which order, and what can be undone or done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AcceptRecord:
    """Hunks that were accepted in one go; ``number`` counts accepts from 1."""

    number: int
    hunks: tuple[str, ...]


class History:
    """The accepts of a change set, and the undos since the last of them."""

    def __init__(self) -> None:
        self._records: list[AcceptRecord] = []
        self._undone: list[tuple[str, ...]] = []

    @property
    def records(self) -> Sequence[AcceptRecord]:
        """The accepts, oldest first."""
        return self._records

    def accepted(self, hunks: tuple[str, ...]) -> AcceptRecord:
        """``hunks`` were accepted together; earlier undos cannot be taken back by a redo any more."""
        record = AcceptRecord(len(self._records) + 1, hunks)
        self._records.append(record)
        if self._undone and set(hunks) >= set(self._undone[-1]):
            self._undone.pop()
        else:
            self._undone.clear()
        return record

    def undone(self, hunks: tuple[str, ...]) -> None:
        """``hunks`` were taken out together."""
        self._undone.append(hunks)

    def last_accepted(self, is_accepted: Callable[[str], bool]) -> AcceptRecord | None:
        """The last accept of which some hunks still are, and those hunks."""
        for record in reversed(self._records):
            left = tuple(filter(is_accepted, record.hunks))
            if left:
                return AcceptRecord(record.number, left)
        return None

    def last_undone(self, is_pending: Callable[[str], bool]) -> tuple[str, ...]:
        """What is still pending of the last undo."""
        return tuple(filter(is_pending, self._undone[-1])) if self._undone else ()

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON values, for :meth:`from_json`."""
        return {
            "accepts": [list(record.hunks) for record in self._records],
            "undone": [list(i) for i in self._undone],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> History:
        """What :meth:`to_json` saved."""
        history = cls()
        history._records = [AcceptRecord(number, tuple(ids)) for number, ids in enumerate(saved["accepts"], 1)]
        history._undone = [tuple(ids) for ids in saved["undone"]]
        return history
