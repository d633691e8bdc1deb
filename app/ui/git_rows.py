"""The rows of one hunk of ``git diff``, made when they are looked at, and notes between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby, takewhile

from spark_tui.app.changes.moves import Edited, Moved
from spark_tui.app.ui.diff_rows import NOT_MOVED, UNLIKE, Likeness, compare
from spark_tui.app.workspace.unified_diff import ADD, KEEP, REMOVE, DiffHunk
from spark_tui.widgets.enclosing import opens_in
from spark_tui.widgets.rows import DiffRow, RowKind, Rows, Run

KINDS = {KEEP: RowKind.CONTEXT, REMOVE: RowKind.REMOVED, ADD: RowKind.ADDED}
COMPARED_MOST = 400
"""Lines of one change past which changed words are not looked for."""


def text_of(line: bytes) -> str:
    """A line of a file as text, without its break; what is no UTF-8 is replaced."""
    return line.decode("utf-8", "replace").rstrip("\r\n")


def edited(hunk: DiffHunk) -> Edited:
    """The lines that ``hunk`` takes away and puts in."""
    return Edited(
        [text_of(line) for mark, line in hunk.lines if mark == REMOVE],
        [text_of(line) for mark, line in hunk.lines if mark == ADD],
    )


def place_of(hunk: DiffHunk) -> str:
    """The function or heading that the first change is in, empty where none is told: git looks only above the hunk,
    and names the one before where another begins in the lines that it shows."""
    before = list(takewhile(lambda line: line[0] == KEEP, hunk.lines))
    shown = [text_of(line) for _, line in hunk.lines[: len(before) + 1]]
    return opens_in(shown) or text_of(hunk.section)


class GitRows(Rows):
    """The lines of ``hunk``, under a title unless that is ``None``."""

    def __init__(self, hunk: DiffHunk, title: str | None = None, moved: Moved = NOT_MOVED) -> None:
        self._lines = hunk.lines
        self._first = (hunk.old_start + (hunk.old_count == 0), hunk.new_start + (hunk.new_count == 0))
        self._title = title
        self._moved = moved
        marks = [mark for mark, _ in hunk.lines]
        self._added = [0, *accumulate(mark == ADD for mark in marks)]
        self._removed = [0, *accumulate(mark == REMOVE for mark in marks)]
        self._runs: list[Run] = [(KINDS[mark], len(list(group))) for mark, group in groupby(marks)]
        self._changes = _changes(self._runs)
        self._compared: dict[int, dict[tuple[RowKind, int], Likeness]] = {}

    def __len__(self) -> int:
        return len(self._lines) + (self._title is not None)

    def runs(self) -> Sequence[Run]:
        return [(RowKind.HUNK, 1), *self._runs] if self._title is not None else self._runs

    def highest(self) -> int:
        old, new = self._first
        old_lines, new_lines = len(self._lines) - self._added[-1], len(self._lines) - self._removed[-1]
        return max(old + old_lines - 1 if old_lines else 0, new + new_lines - 1 if new_lines else 0)

    def texts(self) -> Iterator[str]:
        if self._title is not None:
            yield self._title
        yield from (text_of(line) for _, line in self._lines)

    def row(self, index: int) -> DiffRow:
        if self._title is not None:
            if index == 0:
                return DiffRow(RowKind.HUNK, self._title)
            index -= 1
        mark, line = self._lines[index]
        old, new = self._first
        like = self._likeness(index, mark)
        return DiffRow(
            KINDS[mark],
            text_of(line),
            None if mark == ADD else old + index - self._added[index],
            None if mark == REMOVE else new + index - self._removed[index],
            like.emphasis,
            moved=(mark == REMOVE and self._removed[index] in self._moved.removed)
            or (mark == ADD and self._added[index] in self._moved.added),
            spacing=like.spacing,
        )

    def _likeness(self, index: int, mark: bytes) -> Likeness:
        if mark == KEEP:
            return UNLIKE
        start, middle, end = self._change_at(index)
        if middle in (start, end) or end - start > COMPARED_MOST:
            return UNLIKE
        if start not in self._compared:
            texts = [text_of(line) for _, line in self._lines[start:end]]
            self._compared[start] = compare(texts[: middle - start], texts[middle - start :])
        at = index - (start if mark == REMOVE else middle)
        return self._compared[start].get((KINDS[mark], at), UNLIKE)

    def _change_at(self, index: int) -> tuple[int, int, int]:
        return self._changes[bisect_right(self._changes, index, key=lambda change: change[0]) - 1]


def _changes(runs: Sequence[Run]) -> list[tuple[int, int, int]]:
    """Of each change where its removed lines begin, where its added ones do, and its end."""
    changes: list[tuple[int, int, int]] = []
    at = 0
    for kind, count in runs:
        if kind is RowKind.REMOVED:
            changes.append((at, at + count, at + count))
        elif kind is RowKind.ADDED and changes and changes[-1][2] == at:
            changes[-1] = (changes[-1][0], at, at + count)
        elif kind is RowKind.ADDED:
            changes.append((at, at, at + count))
        at += count
    return changes


class NotedRows(Rows):
    """``rows`` with lines of our own behind some of them; ``notes`` are by the row's index."""

    def __init__(self, rows: Rows, notes: Mapping[int, Sequence[str]]) -> None:
        self._rows = rows
        self._notes = [(row, text) for row in sorted(notes) for text in notes[row]]
        self._at = [row + 1 + number for number, (row, _) in enumerate(self._notes)]

    def __len__(self) -> int:
        return len(self._rows) + len(self._notes)

    def source(self, index: int) -> int:
        """The index without notes of the row at ``index``; of a note, that of its row."""
        number = bisect_left(self._at, index)
        if number < len(self._at) and self._at[number] == index:
            return self._notes[number][0]
        return index - number

    def runs(self) -> Sequence[Run]:
        return [(kind, len(list(group))) for kind, group in groupby(self._kinds())]

    def highest(self) -> int:
        return self._rows.highest()

    def texts(self) -> Iterator[str]:
        return (row.text for row in self)

    def row(self, index: int) -> DiffRow:
        number = bisect_left(self._at, index)
        if number < len(self._at) and self._at[number] == index:
            return DiffRow(RowKind.NOTE, self._notes[number][1])
        return self._rows.row(index - number)

    def _kinds(self) -> Iterator[RowKind]:
        kinds = (kind for kind, count in self._rows.runs() for _ in range(count))
        notes = iter([*self._at, -1])
        due = next(notes)
        for index in range(len(self)):
            if index == due:
                due = next(notes)
                yield RowKind.NOTE
            else:
                yield next(kinds)
