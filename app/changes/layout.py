"""Line numbers between two texts: a file's base and its proposed text, and the proposed text then and now."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from spark_tui.app.changes.hunk import Hunk
from spark_tui.protocol.patch.edits import LineEdit


class Layout:
    """Where the pending hunks of a file stand in its proposed text (the base with all of them made).

    ``hunks`` is the caller's list, in file order; after inserting or removing at ``index`` the caller calls
    :meth:`changed`. What lies before ``index`` is then not computed again, so that appending costs O(1).
    """

    def __init__(self, hunks: list[Hunk]) -> None:
        self.hunks = hunks
        self._shifts = [0]

    def changed(self, index: int) -> None:
        """The hunks from ``index`` on are others, or stand elsewhere, than before."""
        del self._shifts[index + 1 :]

    def shift(self, index: int) -> int:
        """By how many lines the hunks before ``index`` move what follows them."""
        shifts = self._shifts
        while len(shifts) <= index:
            shifts.append(shifts[-1] + self.hunks[len(shifts) - 1].growth)
        return shifts[index]

    def start(self, index: int) -> int:
        """The line of the proposed text where the added lines of hunk ``index`` begin."""
        return self.hunks[index].start + self.shift(index)

    def end(self, index: int) -> int:
        """The line of the proposed text behind the added lines of hunk ``index``."""
        return self.start(index) + len(self.hunks[index].added)

    def touching(self, start: int, end: int) -> tuple[int, int]:
        """The range of hunks that have no unchanged line between them and ``[start, end)`` of the proposed text."""
        indices = range(len(self.hunks))
        first = bisect_left(indices, start, key=self.end)
        last = bisect_right(indices, end, lo=first, key=self.start)
        return first, last

    def reach(self, start: int, end: int) -> int:
        """The line of the base from which on an edit of ``[start, end)`` of the proposed text changes hunks."""
        first, last = self.touching(start, end)
        return (min(start, self.start(first)) if first < last else start) - self.shift(first)

    def base_line(self, line: int) -> int:
        """The line of the base for a line of the proposed text; inside a hunk, where that hunk begins."""
        index = bisect_right(range(len(self.hunks)), line, key=self.start)
        if index and line < self.end(index - 1):
            return self.hunks[index - 1].start
        return line - self.shift(index)


@dataclass(slots=True)
class _Layer:
    """Edits on one text, ascending; ``shifts[i]`` is what the first ``i`` of them move.

    ``strict``: a range next to one of them counts as changed, not only one that overlaps it.
    """

    strict: bool
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    shifts: list[int] = field(default_factory=lambda: [0])

    def append(self, edit: LineEdit) -> bool:
        """Add an edit on the text that this layer leads to; ``False`` unless it lies behind all others."""
        start, end = edit.start - self.shifts[-1], edit.end - self.shifts[-1]
        if self.ends and start < self.ends[-1]:
            return False
        self.starts.append(start)
        self.ends.append(end)
        self.shifts.append(self.shifts[-1] + len(edit.lines) - (edit.end - edit.start))
        return True

    def map(self, start: int, end: int) -> tuple[int, int] | None:
        first = bisect_left(self.ends, start) if self.strict else bisect_right(self.ends, start)
        if first < len(self.starts) and (self.starts[first] <= end if self.strict else self.starts[first] < end):
            return None
        return start + self.shifts[first], end + self.shifts[first]


class Drift:
    """How the lines of a text have moved since: from where a section of a patch was matched to the text of now."""

    def __init__(self) -> None:
        self._layers: list[_Layer] = []

    def record(self, edit: LineEdit) -> None:
        """We made ``edit`` on the text as it was until now. What is mapped to its end goes behind it."""
        if self._layers and not self._layers[-1].strict and self._layers[-1].append(edit):
            return
        layer = _Layer(strict=False)
        layer.append(edit)
        self._layers.append(layer)

    def record_outside(self, edits: Sequence[LineEdit]) -> None:
        """The text changed by ``edits``, ascending; lines next to theirs count as changed, as git has it."""
        layer = _Layer(strict=True)
        for edit in edits:
            shift = layer.shifts[-1]
            layer.append(LineEdit(edit.start + shift, edit.end + shift, edit.lines))
        self._layers.append(layer)

    def map(self, start: int, end: int) -> tuple[int, int] | None:
        """Where the lines ``[start, end)`` of the old text are now; ``None`` if some have been changed."""
        for layer in self._layers:
            mapped = layer.map(start, end)
            if mapped is None:
                return None
            start, end = mapped
        return start, end
