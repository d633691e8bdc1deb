"""Which rows of a block stand next to each other when the old file is on the left and the new one on the right. Pure.

>>> from spark_tui.widgets.rows import DiffRow, RowKind
>>> rows = [DiffRow(RowKind.REMOVED, "a"), DiffRow(RowKind.REMOVED, "b"), DiffRow(RowKind.ADDED, "A")]
>>> [SideBySide(rows).sides(line) for line in range(2)]
[(0, 2), (1, None)]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from spark_tui.widgets.emphasis import pair_lines
from spark_tui.widgets.rows import DiffRow, RowKind, runs_of

ALIGNED_MAX = 144
"""Up to so many pairs of a removed and an added line are compared to put like beside like; else they go in order."""

Sides = tuple[int | None, int | None]
"""The row on the left and the one on the right; the same twice for what is no line of a change."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows from ``left`` on beside rows from ``right`` on, so many of each.

    ``aligned`` lists the sides where they do not simply go in order. ``change`` is whether the sides differ.
    """

    left: int
    right: int
    left_count: int
    right_count: int
    change: bool
    aligned: tuple[Sides, ...] = ()

    @property
    def size(self) -> int:
        return len(self.aligned) or max(self.left_count, self.right_count)

    def sides(self, line: int) -> Sides:
        if self.aligned:
            return self.aligned[line]
        if not self.change:
            return self.left + line, self.left + line
        return (
            self.left + line if line < self.left_count else None,
            self.right + line if line < self.right_count else None,
        )

    def line_of(self, row: int) -> int:
        if self.aligned:
            return next(line for line, sides in enumerate(self.aligned) if row in sides)
        is_right = self.change and row >= self.right and self.right_count > 0
        return row - (self.right if is_right else self.left)


class SideBySide:
    """The lines of one block, each with a row of the old file and one of the new.

    Making it takes time in proportion to the runs of equal kind, not to the rows.
    """

    def __init__(self, rows: Sequence[DiffRow]) -> None:
        self._stretches = _stretches(rows)
        self._lines = [0]
        for stretch in self._stretches:
            self._lines.append(self._lines[-1] + stretch.size)
        self._rows = [stretch.left for stretch in self._stretches]

    def __len__(self) -> int:
        return self._lines[-1]

    def sides(self, line: int) -> Sides:
        """The rows at ``line``."""
        at = bisect_right(self._lines, line) - 1
        return self._stretches[at].sides(line - self._lines[at])

    def line_of(self, row: int) -> int:
        """The line on which ``row`` stands."""
        at = bisect_right(self._rows, row) - 1
        return self._lines[at] + self._stretches[at].line_of(row)


def _stretches(rows: Sequence[DiffRow]) -> list[_Stretch]:
    found: list[_Stretch] = []
    at = 0
    runs = [*runs_of(rows), (RowKind.HUNK, 0)]
    taken = False
    for (kind, count), (next_kind, next_count) in pairwise(runs):
        if taken:
            taken = False
        elif kind is RowKind.REMOVED:
            added = next_count if next_kind is RowKind.ADDED else 0
            taken = added > 0
            aligned = _align(rows, at, at + count, at + count + added)
            found.append(_Stretch(at, at + count, count, added, True, aligned))
        elif kind is RowKind.ADDED:
            found.append(_Stretch(at, at, 0, count, True))
        else:
            found.append(_Stretch(at, at, count, count, False))
        at += count
    return found


def _align(rows: Sequence[DiffRow], start: int, middle: int, end: int) -> tuple[Sides, ...]:
    """Put like beside like; nothing where the lines go in order anyhow."""
    removed, added = middle - start, end - middle
    if removed * added > ALIGNED_MAX or min(removed, added) == 0 or removed == added == 1:
        return ()
    pairs = pair_lines([row.text for row in rows[start:middle]], [row.text for row in rows[middle:end]])
    if all(one == other for one, other in pairs):
        return ()
    sides: list[Sides] = []
    left, right = start, middle
    for one, other in [*((start + one, middle + other) for one, other in pairs), (middle, end)]:
        while left < one or right < other:
            sides.append((left if left < one else None, right if right < other else None))
            left, right = min(left + 1, one), min(right + 1, other)
        if one < middle:
            sides.append((one, other))
            left, right = one + 1, other + 1
    return tuple(sides)
