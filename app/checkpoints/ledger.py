"""What stands of the accepts of all sessions: the steps added up, without a look at any file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spark_tui.app.checkpoints.step import Step


@dataclass(frozen=True, slots=True)
class Accept:
    """One accept and the keys of those of its hunks that have not been taken back."""

    number: int
    step: Step
    applied: tuple[str, ...]

    @property
    def turn(self) -> int:
        """The turn in which its latest hunk was proposed."""
        return max((hunk.turn for hunk in self.step.hunks), default=0)


class Ledger:
    """The accepts, oldest first. One that only did again what had been taken back is not among them."""

    def __init__(self, steps: Mapping[int, Step]) -> None:
        applied: set[str] = set()
        owners: dict[str, int] = {}
        undone: list[tuple[str, ...]] = []
        for number, step in sorted(steps.items()):
            if step.undone:
                applied.difference_update(step.undone)
                undone.append(step.undone)
                continue
            applied.update(step.keys)
            for key in step.keys:
                owners.setdefault(key, number)
        self.accepts = [
            Accept(number, steps[number], tuple(hunk.key for hunk in steps[number].hunks if hunk.key in applied))
            for number in dict.fromkeys(owners.values())
        ]
        self._applied = applied
        self._owners = owners
        self._undone = undone

    def accept(self, number: int) -> Accept | None:
        """The accept with this number."""
        return next((accept for accept in self.accepts if accept.number == number), None)

    def standing(self) -> Sequence[Accept]:
        """The accepts of which something is left to take back, newest first."""
        return [accept for accept in reversed(self.accepts) if accept.applied]

    def of_turn(self, accept: Accept) -> tuple[str, ...]:
        """All that stands of the turn that ``accept`` is of."""
        return tuple(
            hunk.key
            for other in self.of_session(accept)
            for hunk in other.step.hunks
            if hunk.turn == accept.turn and hunk.key in other.applied
        )

    def of_session(self, accept: Accept) -> Sequence[Accept]:
        """The accepts of the session that ``accept`` is of."""
        return [other for other in self.accepts if other.step.session == accept.step.session]

    def last_undone(self) -> tuple[str, ...]:
        """What the last undo took out and nobody has accepted again; empty when there is nothing."""
        for keys in reversed(self._undone):
            left = tuple(key for key in keys if key not in self._applied and key in self._owners)
            if left:
                return left
        return ()

    def first_step(self, keys: Sequence[str]) -> int:
        """The number of the earliest step that brought one of ``keys``, which are all known."""
        return min(self._owners[key] for key in keys)

    def by_accept(self, keys: Sequence[str]) -> list[list[str]]:
        """``keys``, all known, by the accept that brought them, oldest first."""
        groups: dict[int, list[str]] = {}
        for key in sorted(keys, key=lambda key: self._owners[key]):
            groups.setdefault(self._owners[key], []).append(key)
        return list(groups.values())
