"""The lines of hunks that a person has picked, so that the next decision is about these alone. No widget here."""

from __future__ import annotations

from collections.abc import Sequence

from spark_tui.widgets.rows import CHANGED, DiffBlock, DiffRow, Mark, runs_of


def change_index(rows: Sequence[DiffRow], row: int) -> int | None:
    """The number of ``row`` among the removed and added rows of its block; ``None`` where it is neither.

    >>> from spark_tui.widgets.rows import RowKind
    >>> rows = [DiffRow(RowKind.CONTEXT, "a"), DiffRow(RowKind.REMOVED, "b"), DiffRow(RowKind.ADDED, "c")]
    >>> [change_index(rows, row) for row in range(3)]
    [None, 0, 1]
    """
    at = changed = 0
    for kind, count in runs_of(rows):
        if row < at + count:
            return changed + row - at if kind in CHANGED else None
        at += count
        changed += count if kind in CHANGED else 0
    return None


class ChosenLines:
    """For each hunk the indices (see :func:`change_index`) of its chosen lines, and the revision they are of."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[int, frozenset[int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._lines)

    def of(self, hunk: str | None) -> frozenset[int]:
        """The chosen lines of ``hunk``; empty where none is, which means the whole hunk."""
        return frozenset() if hunk is None else self._lines.get(hunk, (0, frozenset()))[1]

    def toggle(self, block: DiffBlock, lines: frozenset[int]) -> None:
        """Choose ``lines`` of the hunk, or, when all of them are chosen, no longer."""
        chosen = self.of(block.hunk)
        self._set(block, chosen - lines if lines <= chosen else chosen | lines)

    def add(self, block: DiffBlock, lines: frozenset[int]) -> None:
        """Choose ``lines`` of the hunk too."""
        self._set(block, self.of(block.hunk) | lines)

    def drop(self, hunk: str) -> None:
        """Choose nothing of ``hunk``."""
        self._lines.pop(hunk, None)

    def clear(self) -> None:
        """Choose nothing."""
        self._lines.clear()

    def keep(self, block: DiffBlock) -> None:
        """``block`` changed: what was chosen of another text, or of a hunk that is decided, is chosen no longer."""
        if block.hunk in self._lines:
            settled = block.mark not in (None, Mark.PENDING)
            if settled or self._lines[block.hunk][0] != block.revision:
                del self._lines[block.hunk]

    def _set(self, block: DiffBlock, lines: frozenset[int]) -> None:
        if block.hunk is not None:
            self._lines.pop(block.hunk, None)
            if lines:
                self._lines[block.hunk] = (block.revision, lines)
