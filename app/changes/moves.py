"""Lines that a change takes from one place and puts at another, in the same file or in another one. Pure.

>>> body = ["def area(r):\\n", "    side = r * r\\n", "    return PI * side\\n"]
>>> find_moves([Edited(removed=body), Edited(added=["import math\\n", *body])])
[Moved(removed=frozenset({0, 1, 2}), added=frozenset()), Moved(removed=frozenset(), added=frozenset({1, 2, 3}))]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

IN_A_ROW = 3
"""So many lines in a row make a move; fewer are alike by chance."""

CHARACTERS_MIN = 20
"""Letters and digits that these lines have together at least: closing brackets are alike everywhere."""

LINES_MOST = 20_000
"""Changed lines past which moves are not looked for."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The lines that one hunk takes away and puts in."""

    removed: Sequence[str] = ()
    added: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """Indices into :attr:`Edited.removed` and :attr:`Edited.added` of the lines that were moved."""

    removed: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


def find_moves(hunks: Sequence[Edited]) -> list[Moved]:
    """For each hunk what was moved from or to it; blanks at either end of a line do not matter."""
    if sum(len(hunk.removed) + len(hunk.added) for hunk in hunks) > LINES_MOST:
        return [Moved()] * len(hunks)
    gone = {window for hunk in hunks for _, window in _windows(hunk.removed)}
    moved = {window for hunk in hunks for _, window in _windows(hunk.added)} & gone
    return [Moved(_within(hunk.removed, moved), _within(hunk.added, moved)) for hunk in hunks]


_Window = tuple[str, ...]


def _windows(lines: Sequence[str]) -> Iterator[tuple[int, _Window]]:
    stripped = [line.strip() for line in lines]
    for start in range(len(stripped) - IN_A_ROW + 1):
        window = tuple(stripped[start : start + IN_A_ROW])
        if sum(character.isalnum() for line in window for character in line[:200]) >= CHARACTERS_MIN:
            yield start, window


def _within(lines: Sequence[str], moved: set[_Window]) -> frozenset[int]:
    return frozenset(
        index for start, window in _windows(lines) if window in moved for index in range(start, start + IN_A_ROW)
    )
