"""The file tree without a screen: a sorted list of paths, folded into the rows that are open.

Paths that share a prefix stand next to each other in any sorted list, so a folder is a range of the list and is found
by bisection. Nothing is built for what is folded away: 200,000 paths cost what is shown of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from spark_tui.widgets.fuzzy import Finder
from spark_tui.widgets.rows import Mark

YOURS = "changed by you"
AFTER_SLASH = chr(ord("/") + 1)

FEW = 200
"""Up to so many files of the change set that are not on disk are put into the paths one at a time."""


class Part(Enum):
    """Where a row stands: among the files listed first, the model's and then the user's, in the tree, or between."""

    CHANGES = "changes"
    EDITED = "edited"
    RULE = "rule"
    TREE = "tree"
    HITS = "hits"


class TreeRow(NamedTuple):
    """One row. ``path`` has no slash at its end; ``depth`` is 0 at the root; ``open`` is for folders only.

    Of a rule ``path`` says what is below it, if that needs to be said.
    """

    part: Part
    path: str
    depth: int
    folder: bool
    open: bool

    @property
    def key(self) -> tuple[Part, str, bool]:
        """What stays the same while the row stands for the same thing."""
        return self.part, self.path, self.folder


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """What the change set does to one file: lines added and removed, and how its hunks stand."""

    added: int
    removed: int
    state: Mark


URGENCY = (Mark.RETIRED, Mark.REJECTED, Mark.ACCEPTED, Mark.PENDING, Mark.STREAMING, Mark.CONFLICTED)


GIT_URGENCY = "?RADMU"
"""Git's letters, the one that asks most of the user last."""


def folders_of(path: str) -> Iterator[str]:
    """Every folder that holds ``path``, the innermost first; none for a path at the root."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)


class PathTree:
    """All paths, which folders are open, and the rows that follow from both."""

    def __init__(self) -> None:
        self.rows: list[TreeRow] = []
        self.changes_first = False
        self._opened: set[str] = set()
        self._listed: Sequence[str] = ()
        self._extra: frozenset[str] = frozenset()
        self._changed: Sequence[str] = ()
        self._edited: Sequence[str] = ()
        self._paths: Sequence[str] = ()
        self._asked = ""
        self._query = ""
        self._hits = ""
        self._finder = Finder(())
        self.is_found = True
        """Whether the rows are what was asked for; where they are not, :meth:`follow` makes them so."""

    @property
    def paths(self) -> Sequence[str]:
        """Every path that is known, sorted and each once."""
        return self._paths

    @property
    def query(self) -> str:
        """What the rows are narrowed to; empty when they are not."""
        return self._query

    @property
    def hits(self) -> str:
        """How many paths match the query, those too that are not listed, with a plus where there may be more."""
        return self._hits

    @property
    def finder(self) -> Finder:
        """What finds the paths of a query; another one whenever there are other paths."""
        return self._finder

    def set_paths(self, paths: Sequence[str]) -> None:
        """Take ``paths``, in order and each once, in place of those listed before.

        They are not copied: the same object again costs nothing, and nobody may change it.
        """
        if paths is not self._listed:
            self._listed = paths
            self._merge()

    def set_changed(self, changed: Collection[str]) -> None:
        """Take the change set's files; those that are not listed are added to the tree. Cheap if nothing is new."""
        ordered = sorted(changed)
        if ordered == self._changed:
            return
        known, self._changed = self._changed, ordered
        new = set(ordered).difference(known)
        extra = self._extra.intersection(ordered) | {path for path in new if not _holds(self._listed, path)}
        if extra != self._extra:
            self._extra = extra
            self._merge()
        elif self.changes_first:
            self.rebuild()

    def set_edited(self, edited: Collection[str]) -> None:
        """Take the files that the user has changed meanwhile. Cheap if nothing is new."""
        ordered = sorted(edited)
        if ordered != self._edited:
            self._edited = ordered
            if self.changes_first:
                self.rebuild()

    def set_query(self, query: str) -> None:
        """Ask for only the files that answer ``query``, as :mod:`~spark_tui.widgets.fuzzy` has it: :meth:`follow` it.

        An empty one shows the tree at once. What is needed for finding is let go with the query.
        """
        asked = query.strip()
        if asked != self._asked:
            self._asked, self.is_found = asked, False
            if not asked:
                self._finder = Finder(self._paths)
                self.rebuild()

    def follow(self) -> Iterator[None]:
        """Find what was asked for, in steps. The rows stay as they are until the last one, and if it is given up."""
        if self.is_found:
            return
        asked, finder = self._asked, self._finder
        paths = yield from finder.search(asked)
        self.rows = [TreeRow(Part.HITS, path, 0, False, False) for path in paths]
        self._query, self._hits = asked, f"{finder.count:,}{'' if finder.is_all else '+'}"
        self.is_found = True

    def list_changes_first(self, first: bool) -> None:
        """Whether the change set's files are listed above the tree, and then others that the user has changed."""
        self.changes_first = first
        self.rebuild()

    def toggle(self, index: int) -> None:
        """Open or fold the folder at row ``index``; of other rows, nothing happens."""
        row = self.rows[index]
        if not row.folder:
            return
        self.rows[index] = row._replace(open=not row.open)
        if row.open:
            self._opened.discard(row.path)
            end = index + 1
            while end < len(self.rows) and self.rows[end].depth > row.depth:
                end += 1
            del self.rows[index + 1 : end]
        else:
            self._opened.add(row.path)
            self.rows[index + 1 : index + 1] = self._below(row.path + "/", row.depth + 1)

    def open_to(self, path: str) -> None:
        """Open every folder that holds ``path``."""
        folders = set(folders_of(path))
        if not folders <= self._opened:
            self._opened |= folders
            self.rebuild()

    def find(self, key: tuple[Part, str, bool]) -> int | None:
        """The row that ``key`` names, or ``None``. Takes time in proportion to the rows that are open."""
        for index, (part, path, _, folder, _) in enumerate(self.rows):
            if (part, path, folder) == key:
                return index
        return None

    def parent(self, index: int) -> int | None:
        """The row of the folder that holds row ``index``; ``None`` at the root and outside the tree."""
        row = self.rows[index]
        if row.part is not Part.TREE or row.depth == 0:
            return None
        return next((at for at in range(index - 1, -1, -1) if self.rows[at].depth < row.depth), None)

    def rebuild(self) -> None:
        """Build the rows again, unless they are those of a query."""
        if self._asked:
            return
        self._query, self._hits, self.is_found = "", "", True
        self.rows = []
        if self.changes_first:
            self.rows += [TreeRow(Part.CHANGES, path, 0, False, False) for path in self._changed]
            edited = [path for path in self._edited if not _holds(self._changed, path)]
            if self.rows and edited:
                self.rows.append(TreeRow(Part.RULE, YOURS, 0, False, False))
            self.rows += [TreeRow(Part.EDITED, path, 0, False, False) for path in edited]
            if self.rows:
                self.rows.append(TreeRow(Part.RULE, "", 0, False, False))
        self.rows += self._below("", 0)

    def _merge(self) -> None:
        self._extra = frozenset(path for path in self._changed if not _holds(self._listed, path))
        self._paths = _merged(self._listed, self._extra) if self._extra else self._listed
        self._finder = Finder(self._paths)
        self.is_found = not self._asked
        self.rebuild()

    def _below(self, prefix: str, depth: int) -> Iterator[TreeRow]:
        """The rows in the folder ``prefix`` (empty, or with its slash): folders first, then files."""
        paths, length = self._paths, len(prefix)
        at = bisect_left(paths, prefix) if prefix else 0
        end = bisect_left(paths, prefix[:-1] + AFTER_SLASH) if prefix else len(paths)
        folders: list[str] = []
        files: list[TreeRow] = []
        while at < end:
            path = paths[at]
            slash = path.find("/", length)
            if slash < 0:
                files.append(TreeRow(Part.TREE, path, depth, False, False))
                at += 1
            else:
                folders.append(path[:slash])
                at = bisect_left(paths, path[:slash] + AFTER_SLASH, at, end)
        folders.sort()  # "a." comes before "a" among the paths, for "." comes before "/"
        for folder in folders:
            is_open = folder in self._opened
            yield TreeRow(Part.TREE, folder, depth, True, is_open)
            if is_open:
                yield from self._below(folder + "/", depth + 1)
        yield from files


class GitDots:
    """For each folder the most urgent git letter of what it holds, found when it is asked for."""

    def __init__(self, letters: Mapping[str, str]) -> None:
        """``letters`` are those of each path that has some, in order of path."""
        self._paths = list(letters)
        self._letters = list(letters.values())
        self._known: dict[str, str] = {}

    def get(self, folder: str) -> str:
        """The letter; empty where nothing in ``folder`` has one."""
        if folder not in self._known:
            start = bisect_left(self._paths, f"{folder}/")
            end = bisect_left(self._paths, folder + AFTER_SLASH, start)
            self._known[folder] = max(set(self._letters[start:end]), key=GIT_URGENCY.find, default="")
        return self._known[folder]


class FolderMarks:
    """For each folder the sum of the marks of what it holds; only what changes is added up again."""

    def __init__(self) -> None:
        self._files: Mapping[str, ChangeMark] = {}
        self._sums: dict[str, Counter[Mark | str]] = {}

    def update(self, files: Mapping[str, ChangeMark]) -> set[str]:
        """Take the marks of all ``files``, which nobody may change; returns which files and folders have another."""
        before, self._files = self._files, files
        changed = {path for path, mark in files.items() if before.get(path) is not mark}
        changed |= before.keys() - files.keys()
        folders: set[str] = set()
        for path in changed:
            old, new = before.get(path), files.get(path)
            for folder in folders_of(path):
                folders.add(folder)
                total = self._sums.setdefault(folder, Counter())
                if old is not None:
                    total.subtract({"added": old.added, "removed": old.removed, old.state: 1})
                if new is not None:
                    total.update({"added": new.added, "removed": new.removed, new.state: 1})
        return changed | folders

    def get(self, folder: str) -> ChangeMark | None:
        """Both counts together, and the state that asks most of the user; ``None`` where nothing has a mark."""
        total = self._sums.get(folder)
        if total is None:
            return None
        state = next((state for state in reversed(URGENCY) if total[state] > 0), None)
        return None if state is None else ChangeMark(total["added"], total["removed"], state)


def _merged(ordered: Sequence[str], more: Collection[str]) -> list[str]:
    """Both in order. Where there are few more, each is put in its place, since a sort looks at everything."""
    if len(more) > FEW:
        return sorted([*ordered, *sorted(more)])
    merged = list(ordered)
    for path in more:
        insort(merged, path)
    return merged


def _holds(ordered: Sequence[str], path: str) -> bool:
    at = bisect_right(ordered, path)
    return at > 0 and ordered[at - 1] == path
