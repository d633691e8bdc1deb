"""Which hunks go into a commit: the choice without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from spark_tui.widgets.rows import CHANGED, DiffRow, RowKind, runs_of


class Chosen(Enum):
    """How much of something is chosen, or staged."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class CommitHunk:
    """One hunk since HEAD.

    ``header`` is the function or heading that it is in, empty where there is none, or what happened to the file.
    ``chosen`` is how it stands when the form opens, and ``lines`` of which lines only, by their number among the
    changed ones; ``ours`` tells that this session made it, ``staged`` how much of it the user has staged.
    """

    id: str
    path: str
    header: str
    rows: Sequence[DiffRow]
    chosen: bool = False
    ours: bool = False
    staged: Chosen = Chosen.NONE
    lines: frozenset[int] = frozenset()

    @property
    def line(self) -> int | None:
        """The first changed line, by the new file's numbers where there is one; ``None`` without changed lines."""
        for row in self.rows:
            if row.kind in (RowKind.ADDED, RowKind.REMOVED):
                return row.new if row.new is not None else row.old
        return None

    @property
    def place(self) -> str:
        """Where it is, or what it is, in a few words."""
        return self.header or ("" if self.line is None else f"line {self.line}")


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
    _lines: dict[str, frozenset[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_path = {}
        for hunk in self.hunks:
            self._by_path.setdefault(hunk.path, []).append(hunk)
        self.rows = []
        for path, hunks in self._by_path.items():
            self.rows.append(ChoiceRow(path, None))
            self.rows += [ChoiceRow(path, hunk) for hunk in hunks]
        self.counts = {hunk.id: (_count(hunk, RowKind.ADDED), _count(hunk, RowKind.REMOVED)) for hunk in self.hunks}
        self._chosen = {hunk.id for hunk in self.hunks if hunk.chosen}
        self._lines = {hunk.id: hunk.lines for hunk in self.hunks if hunk.chosen and hunk.lines}

    @property
    def ids(self) -> tuple[str, ...]:
        """The chosen hunks in order."""
        return tuple(hunk.id for hunk in self.hunks if hunk.id in self._chosen)

    @property
    def lines(self) -> dict[str, frozenset[int]]:
        """Of the hunks that are chosen in part the lines, by their number among the changed ones."""
        return dict(self._lines)

    def choose_lines(self, hunk_id: str, lines: frozenset[int]) -> None:
        """Choose of a hunk only ``lines``; all of them are the whole hunk, none of them is nothing of it."""
        self._lines.pop(hunk_id, None)
        self._chosen.discard(hunk_id)
        if lines:
            self._chosen.add(hunk_id)
            if len(lines) < sum(self.counts[hunk_id]):
                self._lines[hunk_id] = lines

    @property
    def totals(self) -> Totals:
        """What the chosen hunks come to."""
        chosen = [hunk for hunk in self.hunks if hunk.id in self._chosen]
        return Totals(
            len(chosen),
            len({hunk.path for hunk in chosen}),
            sum(self._counts_of(hunk)[0] for hunk in chosen),
            sum(self._counts_of(hunk)[1] for hunk in chosen),
        )

    def of_file(self, path: str) -> Chosen:
        """How much of ``path`` is chosen."""
        hunks = self._by_path[path]
        count = sum(hunk.id in self._chosen for hunk in hunks)
        in_part = any(hunk.id in self._lines for hunk in hunks)
        return Chosen.NONE if count == 0 else Chosen.ALL if count == len(hunks) and not in_part else Chosen.SOME

    def of_row(self, row: ChoiceRow) -> Chosen:
        """How much of what ``row`` stands for is chosen."""
        if row.hunk is None:
            return self.of_file(row.path)
        if row.hunk.id in self._lines:
            return Chosen.SOME
        return Chosen.ALL if row.hunk.id in self._chosen else Chosen.NONE

    def toggle(self, row: ChoiceRow) -> None:
        """Choose ``row``'s hunk or not; of a file's row, all its hunks, or none if all were chosen."""
        if row.hunk is None:
            self._toggle_all(self._by_path[row.path])
        else:
            self._lines.pop(row.hunk.id, None)
            self._chosen ^= {row.hunk.id}

    def toggle_file(self, path: str) -> None:
        """Choose all hunks of ``path``, or none if all were chosen."""
        self._toggle_all(self._by_path[path])

    def toggle_everything(self) -> None:
        """Choose all hunks, or none if all were chosen."""
        self._toggle_all(self.hunks)

    def _toggle_all(self, hunks: Sequence[CommitHunk]) -> None:
        ids = {hunk.id for hunk in hunks}
        is_whole = ids <= self._chosen and not ids & self._lines.keys()
        for hunk_id in ids:
            self._lines.pop(hunk_id, None)
        if is_whole:
            self._chosen -= ids
        else:
            self._chosen |= ids

    def _counts_of(self, hunk: CommitHunk) -> tuple[int, int]:
        lines = self._lines.get(hunk.id)
        if lines is None:
            return self.counts[hunk.id]
        kinds = [kind for kind, count in runs_of(hunk.rows) if kind in CHANGED for _ in range(count)]
        chosen = [kinds[index] for index in lines]
        return chosen.count(RowKind.ADDED), chosen.count(RowKind.REMOVED)


def _count(hunk: CommitHunk, wanted: RowKind) -> int:
    return sum(count for kind, count in runs_of(hunk.rows) if kind is wanted)


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
