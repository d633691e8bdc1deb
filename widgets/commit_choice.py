"""Which hunks go into a commit: the choice without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from spark_tui.widgets.rows import DiffRow, RowKind


@dataclass(frozen=True, slots=True)
class CommitHunk:
    """One hunk since HEAD.

    ``header`` is git's text behind the second ``@@``, or what happened to a file that has no lines to show.
    ``chosen`` is how it stands when the form opens; ``ours`` tells that this session made it, ``staged`` that the
    user had staged it.
    """

    id: str
    path: str
    header: str
    rows: Sequence[DiffRow]
    chosen: bool = False
    ours: bool = False
    staged: bool = False

    @property
    def line(self) -> int | None:
        """The first changed line, by the new file's numbers where there is one; ``None`` without changed lines."""
        for row in self.rows:
            if row.kind in (RowKind.ADDED, RowKind.REMOVED):
                return row.new if row.new is not None else row.old
        return None


class Chosen(Enum):
    """How much of a file is chosen."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


class ChoiceRow(NamedTuple):
    """A row of the list: a file's, when ``hunk`` is ``None``, or one of its hunks'."""

    path: str
    hunk: CommitHunk | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What would be committed."""

    hunks: int
    files: int
    added: int
    removed: int


@dataclass(slots=True)
class Choice:
    """The hunks grouped by file, in the order given, and which of them are chosen."""

    hunks: Sequence[CommitHunk]
    rows: list[ChoiceRow] = field(init=False)
    counts: dict[str, tuple[int, int]] = field(init=False)
    """Lines added and removed, by the hunk's id."""
    _by_path: dict[str, list[CommitHunk]] = field(init=False)
    _chosen: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._by_path = {}
        for hunk in self.hunks:
            self._by_path.setdefault(hunk.path, []).append(hunk)
        self.rows = []
        for path, hunks in self._by_path.items():
            self.rows.append(ChoiceRow(path, None))
            self.rows += [ChoiceRow(path, hunk) for hunk in hunks]
        self.counts = {
            hunk.id: (
                sum(row.kind is RowKind.ADDED for row in hunk.rows),
                sum(row.kind is RowKind.REMOVED for row in hunk.rows),
            )
            for hunk in self.hunks
        }
        self._chosen = {hunk.id for hunk in self.hunks if hunk.chosen}

    @property
    def ids(self) -> tuple[str, ...]:
        """The chosen hunks in order."""
        return tuple(hunk.id for hunk in self.hunks if hunk.id in self._chosen)

    @property
    def totals(self) -> Totals:
        """What the chosen hunks come to."""
        chosen = [hunk for hunk in self.hunks if hunk.id in self._chosen]
        return Totals(
            len(chosen),
            len({hunk.path for hunk in chosen}),
            sum(self.counts[hunk.id][0] for hunk in chosen),
            sum(self.counts[hunk.id][1] for hunk in chosen),
        )

    def of_file(self, path: str) -> Chosen:
        """How much of ``path`` is chosen."""
        hunks = self._by_path[path]
        count = sum(hunk.id in self._chosen for hunk in hunks)
        return Chosen.NONE if count == 0 else Chosen.ALL if count == len(hunks) else Chosen.SOME

    def of_row(self, row: ChoiceRow) -> Chosen:
        """How much of what ``row`` stands for is chosen."""
        if row.hunk is None:
            return self.of_file(row.path)
        return Chosen.ALL if row.hunk.id in self._chosen else Chosen.NONE

    def toggle(self, row: ChoiceRow) -> None:
        """Choose ``row``'s hunk or not; of a file's row, all its hunks, or none if all were chosen."""
        if row.hunk is None:
            self._toggle_all(self._by_path[row.path])
        else:
            self._chosen ^= {row.hunk.id}

    def toggle_file(self, path: str) -> None:
        """Choose all hunks of ``path``, or none if all were chosen."""
        self._toggle_all(self._by_path[path])

    def toggle_everything(self) -> None:
        """Choose all hunks, or none if all were chosen."""
        self._toggle_all(self.hunks)

    def _toggle_all(self, hunks: Sequence[CommitHunk]) -> None:
        ids = {hunk.id for hunk in hunks}
        if ids <= self._chosen:
            self._chosen -= ids
        else:
            self._chosen |= ids


SUBJECT_GOOD = 50
SUBJECT_MOST = 72


class SubjectFit(Enum):
    """How a subject's length fits git's customs: 50 characters read best, past 72 tools cut it off."""

    EMPTY = "empty"
    GOOD = "good"
    LONG = "long"
    CUT = "cut"


def subject_fit(message: str) -> tuple[int, SubjectFit]:
    """The length of the first line in characters, and how it fits."""
    length = len(message.partition("\n")[0].strip())
    if not length:
        return 0, SubjectFit.EMPTY
    if length <= SUBJECT_GOOD:
        return length, SubjectFit.GOOD
    return length, SubjectFit.LONG if length <= SUBJECT_MOST else SubjectFit.CUT
