"""Carry line edits made on one text over to another version of it: a three-way merge, edit by edit.

The rules are those of ``git merge-file`` (xdiff's ``xdl_do_merge``): two changes are independent when at least one
unchanged line lies between them; the same change on both sides counts once; anything else is a conflict. As in
git's diffs, a pure insertion or deletion that could stand at several places is looked at in the lowest of them.

>>> merge = ThreeWay(["a\\n", "b\\n", "c\\n"], ["x\\n", "a\\n", "b\\n", "c\\n"], [LineEdit(0, 0, ("x\\n",))])
>>> merge.rebase([LineEdit(2, 3, ("C\\n",))])
[Clean(edit=LineEdit(start=3, end=4, lines=('C\\n',)))]
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from spark_tui.protocol.patch.edits import LineEdit

LineDiff = Callable[[list[str], list[str]], list[LineEdit]]
"""Edits that turn the first list of lines into the second: ascending, an unchanged line between any two."""


@dataclass(frozen=True, slots=True)
class Clean:
    """The edit can be made on theirs as it is; ``edit`` has theirs' line numbers."""

    edit: LineEdit


@dataclass(frozen=True, slots=True)
class AlreadyThere:
    """Theirs has the change; its new lines begin at ``start`` in theirs."""

    start: int


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of the base ``[low, high)`` and of theirs ``[start, end)`` that correspond."""

    low: int
    high: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Both sides changed the lines of ``region``.

    ``edit`` is ours, in the base's numbers; ``ours`` is the region with all edits of ours that share it, whose
    indices are ``members``.
    """

    edit: LineEdit
    region: Region
    ours: tuple[str, ...]
    members: tuple[int, ...]


Rebased = Clean | AlreadyThere | Clash


def slide_down(base: Sequence[str], edit: LineEdit, limit: int) -> LineEdit:
    """Move a pure insertion or deletion down to the lowest equivalent place that ends at or before ``limit``."""
    start, end, lines = edit.start, edit.end, edit.lines
    steps = 0
    if start == end:
        size = len(lines)
        while start + steps < limit and size:
            expected = lines[steps] if steps < size else base[start + steps - size]
            if base[start + steps] != expected:
                break
            steps += 1
        if steps:
            lines = (*lines, *base[start : start + steps])[steps:]
    elif not lines:
        while end + steps < limit and base[end + steps] == base[start + steps]:
            steps += 1
    return LineEdit(start + steps, end + steps, lines)


class ThreeWay:
    """One merge: ``edits`` turn ``base`` into ``theirs``. Nothing that is given is changed."""

    def __init__(self, base: Sequence[str], theirs: Sequence[str], edits: Sequence[LineEdit]) -> None:
        self.base = base
        self.theirs = theirs
        self._edits = [slide_down(base, edit, limit) for edit, limit in _with_limits(edits, len(base))]
        self._starts = [edit.start for edit in self._edits]
        self._ends = [edit.end for edit in self._edits]
        growth = (len(edit.lines) - (edit.end - edit.start) for edit in self._edits)
        self._shifts = list(accumulate(growth, initial=0))

    def _touching(self, start: int, end: int) -> tuple[int, int]:
        """The range of their edits with no unchanged line between them and ``[start, end)``."""
        return bisect_left(self._ends, start), bisect_right(self._starts, end)

    def region(self, start: int, end: int) -> Region | None:
        """The lines ``[start, end)`` of the base, grown by their edits that touch them; ``None`` if none does."""
        first, last = self._touching(start, end)
        return self._region(start, end, first, last) if first < last else None

    def _region(self, start: int, end: int, first: int, last: int) -> Region:
        low = min(start, self._starts[first])
        high = max(end, self._ends[last - 1])
        return Region(low, high, low + self._shifts[first], high + self._shifts[last])

    def shift(self, start: int) -> int:
        """The line of theirs for an untouched line of the base."""
        return start + self._shifts[bisect_left(self._ends, start)]

    def rebase(self, ours: Sequence[LineEdit]) -> list[Rebased]:
        """Carry over ``ours``, which are ascending and do not overlap; the results are in the same order."""
        results: list[Rebased | None] = [None] * len(ours)
        slid: dict[int, LineEdit] = {}
        groups: list[tuple[int, int, list[int]]] = []
        for index, (edit, limit) in enumerate(_with_limits(ours, len(self.base))):
            lowest = slide_down(self.base, edit, limit)
            first, last = self._touching(edit.start, lowest.end)
            if first == last:
                results[index] = self._moved(edit, first)
                continue
            first, last = self._touching(lowest.start, lowest.end)
            if first == last:
                results[index] = self._moved(lowest, first)
                continue
            slid[index] = lowest
            if groups and first < groups[-1][1]:
                low, high, members = groups[-1]
                groups[-1] = (low, max(high, last), [*members, index])
            else:
                groups.append((first, last, [index]))
        for first, last, members in groups:
            for index, result in self._settle(slid, first, last, members):
                results[index] = result
        return [result for result in results if result is not None]

    def _moved(self, edit: LineEdit, before: int) -> Clean:
        shift = self._shifts[before]
        return Clean(LineEdit(edit.start + shift, edit.end + shift, edit.lines))

    def _settle(
        self, ours: dict[int, LineEdit], first: int, last: int, members: list[int]
    ) -> list[tuple[int, AlreadyThere | Clash]]:
        """Decide on edits of ours that share edits of theirs: the same change, or a clash of them all."""
        region = self._region(ours[members[0]].start, ours[members[-1]].end, first, last)
        mine: list[str] = []
        starts: list[int] = []
        position = region.low
        for index in members:
            edit = ours[index]
            mine += self.base[position : edit.start]
            starts.append(region.start + len(mine))
            mine += edit.lines
            position = edit.end
        mine += self.base[position : region.high]
        if mine == self.theirs[region.start : region.end]:
            return [(index, AlreadyThere(start)) for index, start in zip(members, starts, strict=True)]
        return [(index, Clash(ours[index], region, tuple(mine), tuple(members))) for index in members]


def _with_limits(edits: Sequence[LineEdit], size: int) -> Iterator[tuple[LineEdit, int]]:
    """Each edit, and the line that it may not slide past: where the next one begins, or the text's end."""
    for index, edit in enumerate(edits):
        yield edit, edits[index + 1].start if index + 1 < len(edits) else size
