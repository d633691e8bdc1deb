"""Lines that a change takes from one place and puts at another, in the same file or in another one. Pure.

>>> body = ["def area(r):\\n", "    side = r * r\\n", "    return PI * side\\n"]
>>> find_moves([Edited(removed=body), Edited(added=["import math\\n", *body])])
[Moved(removed=frozenset({0, 1, 2}), added=frozenset()), Moved(removed=frozenset(), added=frozenset({1, 2, 3}))]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

IN_A_ROW = 3
"""So many lines in a row make a move; fewer are alike by chance."""

CHARACTERS_MIN = 20
"""Letters and digits that these lines have together at least: closing brackets are alike everywhere."""

LINES_MOST = 20_000
"""Changed lines past which moves are not looked for."""


_Window = tuple[str, ...]
_NO_WINDOWS: frozenset[_Window] = frozenset()
"""One for all the hunks that are too short to have any: an empty set takes 216 bytes."""


@dataclass(frozen=True)
class Edited:
    """The lines that one hunk takes away and puts in. Worth keeping: what they are compared by is made once."""

    removed: Sequence[str] = ()
    added: Sequence[str] = ()

    @cached_property
    def gone(self) -> frozenset[_Window]:
        """Every few removed lines in a row."""
        return _all_windows(self.removed)

    @cached_property
    def come(self) -> frozenset[_Window]:
        """Every few added lines in a row."""
        return _all_windows(self.added)

    def prepare(self) -> None:
        """Make now what the lines will be compared by."""
        _ = self.gone, self.come


@dataclass(frozen=True, slots=True)
class Moved:
    """Indices into :attr:`Edited.removed` and :attr:`Edited.added` of the lines that were moved."""

    removed: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


_NOTHING = Moved()


def find_moves(hunks: Sequence[Edited]) -> list[Moved]:
    """For each hunk what was moved from or to it; blanks at either end of a line do not matter."""
    if sum(len(hunk.removed) + len(hunk.added) for hunk in hunks) > LINES_MOST:
        return [_NOTHING] * len(hunks)
    moved = set().union(*(hunk.gone for hunk in hunks)) & set().union(*(hunk.come for hunk in hunks))
    return [
        _NOTHING if hunk.gone.isdisjoint(moved) and hunk.come.isdisjoint(moved) else _moved(hunk, moved)
        for hunk in hunks
    ]


def _moved(hunk: Edited, moved: Set[_Window]) -> Moved:
    return Moved(_within(hunk.removed, moved), _within(hunk.added, moved))


def _all_windows(lines: Sequence[str]) -> frozenset[_Window]:
    return frozenset(window for _, window in _windows(lines)) or _NO_WINDOWS


def _windows(lines: Sequence[str]) -> Iterator[tuple[int, _Window]]:
    stripped = [line.strip() for line in lines]
    said = [sum(map(str.isalnum, line[:200])) for line in stripped] if len(stripped) >= IN_A_ROW else []
    for start in range(len(stripped) - IN_A_ROW + 1):
        if sum(said[start : start + IN_A_ROW]) >= CHARACTERS_MIN:
            yield start, tuple(stripped[start : start + IN_A_ROW])


def _within(lines: Sequence[str], moved: Set[_Window]) -> frozenset[int]:
    return frozenset(
        index for start, window in _windows(lines) if window in moved for index in range(start, start + IN_A_ROW)
    )
