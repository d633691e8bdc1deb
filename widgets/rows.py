"""What the diff pane is given to draw: plain rows in blocks, made by the program, never by a widget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import NamedTuple, overload


class Mark(Enum):
    """How a hunk stands, as drawn. Each has its own shape on the screen, so that none is told by colour alone."""

    STREAMING = "streaming"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONFLICTED = "conflicted"
    RETIRED = "retired"


class RowKind(Enum):
    """What a row is; CONTEXT, REMOVED and ADDED are lines of the file, the others are ours."""

    FILE = "file"
    HUNK = "hunk"
    CONTEXT = "context"
    REMOVED = "removed"
    ADDED = "added"
    NOTE = "note"


class DiffRow(NamedTuple):
    """One row. Numbers are 1-based lines of the old and the new file, ``None`` where there is none.

    ``text`` is raw: without its line break, not yet made safe. ``emphasis`` are ``[start, end)`` character ranges of
    ``text`` that differ from the line it replaces. ``partial`` marks the line that is still being written.
    In the text of a FILE or HUNK row, what follows a tab stands at the right edge (counts, notes). ``moved`` marks a
    line that is taken from here and put elsewhere, or the reverse; ``spacing`` one that differs from its counterpart
    by white space alone.
    """

    kind: RowKind
    text: str
    old: int | None = None
    new: int | None = None
    emphasis: tuple[tuple[int, int], ...] = ()
    partial: bool = False
    moved: bool = False
    spacing: bool = False

    @property
    def copied(self) -> str:
        """The text as it is copied: what stands at the right edge is ours."""
        return self.text if self.kind in CODE else self.text.partition("\t")[0]


CODE = frozenset({RowKind.CONTEXT, RowKind.REMOVED, RowKind.ADDED})
"""The kinds that are lines of a file."""

CHANGED = frozenset({RowKind.REMOVED, RowKind.ADDED})
"""The kinds that are lines of a change."""

Run = tuple[RowKind, int]
"""So many rows of one kind after another."""


class Rows(Sequence[DiffRow]):
    """A sequence that makes its rows one by one; negative indices and slices work as for any sequence."""

    def __len__(self) -> int:
        raise TypeError

    def row(self, index: int) -> DiffRow:
        """The row at ``index``, which is not negative."""
        raise TypeError

    def runs(self) -> Sequence[Run]:
        """The kinds of all rows in order, without making the rows."""
        raise TypeError

    def texts(self) -> Iterator[str]:
        """The texts of all rows in order, without making the rows."""
        raise TypeError

    def highest(self) -> int:
        """The highest line number, old or new; 0 without lines."""
        return highest_of(self[-2:])

    @overload
    def __getitem__(self, index: int) -> DiffRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[DiffRow]: ...
    def __getitem__(self, index: int | slice) -> DiffRow | list[DiffRow]:
        size = len(self)
        if isinstance(index, slice):
            return [self.row(i) for i in range(*index.indices(size))]
        if index < 0:
            index += size
        if not 0 <= index < size:
            raise IndexError(index)
        return self.row(index)

    def __iter__(self) -> Iterator[DiffRow]:
        return (self.row(index) for index in range(len(self)))


def runs_of(rows: Sequence[DiffRow]) -> Sequence[Run]:
    """The kinds of ``rows`` in order.

    >>> runs_of([DiffRow(RowKind.HUNK, ""), DiffRow(RowKind.ADDED, "a"), DiffRow(RowKind.ADDED, "b")])
    [(<RowKind.HUNK: 'hunk'>, 1), (<RowKind.ADDED: 'added'>, 2)]
    """
    if isinstance(rows, Rows):
        return rows.runs()
    return [(kind, len(list(group))) for kind, group in groupby(row.kind for row in rows)]


def highest_of(rows: Sequence[DiffRow]) -> int:
    """The highest line number of ``rows``, old or new; 0 without lines. Looked for in the last two."""
    if isinstance(rows, Rows):
        return rows.highest()
    return max((max(row.old or 0, row.new or 0) for row in rows[-2:]), default=0)


def texts_of(rows: Sequence[DiffRow]) -> Iterator[str]:
    """The texts of ``rows`` in order."""
    return rows.texts() if isinstance(rows, Rows) else (row.text for row in rows)


def row_like(rows: Sequence[DiffRow], wanted: DiffRow) -> int | None:
    """The index of the line of the file that has the kind and the numbers of ``wanted``; makes one row a run.

    >>> rows = [DiffRow(RowKind.CONTEXT, "a", 4, 6), DiffRow(RowKind.CONTEXT, "b", 5, 7), DiffRow(RowKind.NOTE, "n")]
    >>> row_like(rows, DiffRow(RowKind.CONTEXT, "", 5, 7)), row_like(rows, DiffRow(RowKind.CONTEXT, "", 6, 8))
    (1, None)
    """
    at = 0
    for kind, count in runs_of(rows):
        if kind is wanted.kind:
            first = rows[at]
            by = _distance(first.new, wanted.new) if first.new is not None else _distance(first.old, wanted.old)
            if by is not None and 0 <= by < count and rows[at + by].old == wanted.old:
                return at + by
        at += count
    return None


def _distance(first: int | None, wanted: int | None) -> int | None:
    return None if first is None or wanted is None else wanted - first


@dataclass(slots=True)
class DiffBlock:
    """Rows that change together: a file's header, or one hunk with the context around it.

    ``key`` names it for good (a hunk's id, or ``file:`` and the path). ``version`` changes whenever ``rows`` or
    ``mark`` do; rows may be appended to while a hunk streams, and the view then draws only the new ones.
    ``revision`` changes only with what the hunk does to its lines: a decision is about one revision.
    """

    key: str
    path: str
    rows: Sequence[DiffRow]
    version: int = 0
    hunk: str | None = None
    mark: Mark | None = None
    revision: int = 0
