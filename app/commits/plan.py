"""What can be committed: the difference between HEAD and the work tree, hunk by hunk.

The work tree is compared through a copy of the index to which untracked files are added by name only, so new files,
deletions and renames come out of the one ``git diff``, and the user's index is not touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.paths import from_git, split_nul, to_git, unquote
from spark_tui.app.workspace.unified_diff import DiffHunk, is_hunk_header, parse_hunks, split_lines

DIFF_ARGUMENTS = (
    "--raw",
    "--patch",
    "--abbrev=64",
    "--full-index",
    "--histogram",
    "--inter-hunk-context=0",
    "--find-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--no-prefix",
    "-O/dev/null",
    "--ignore-submodules=dirty",
    "--submodule=short",
)

LINK, GITLINK, ABSENT = "120000", "160000", "000000"
"""Modes of a symbolic link, of a submodule's commit, and of no file, as git prints them."""


class ChangeKind(Enum):
    """What a unit of the commit does."""

    TEXT = "text"
    """Lines of a file that stays what it is, or of a whole new or deleted text file."""
    RENAME = "rename"
    """The file moves; chosen with any of its text hunks, since these are lines of the moved file."""
    MODE = "mode"
    """The permission to execute changes."""
    WHOLE = "whole"
    """Content that is taken whole or not at all: binary, a symbolic link, a submodule, a file behind a filter."""


@dataclass(frozen=True, slots=True)
class CommitHunk:
    """One thing that can be chosen. ``hunk`` is there for :attr:`ChangeKind.TEXT` of a file that has lines.

    ``id`` stays the same when the plan is made again, as long as the change does. ``header`` is one line to show, not
    made safe: the function or heading that it is in, as far as git tells one, or what happened to the file.
    """

    id: str
    path: str
    kind: ChangeKind
    header: str
    hunk: DiffHunk | None = None


@dataclass(frozen=True, slots=True)
class CommitFile:
    """One file that differs from HEAD.

    ``old_path`` differs from ``path`` on a rename only. Modes are six octal digits, :data:`ABSENT` where there is no
    file. ``old_id`` is HEAD's object and ``new_id`` the one that the work tree's content would have, all zeros where
    there is none. ``filtered``: the repository's own configuration names a content filter, which has not been run.
    """

    path: str
    old_path: str
    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    filtered: bool
    hunks: tuple[CommitHunk, ...]

    @property
    def added(self) -> bool:
        """HEAD has no such file."""
        return self.old_mode == ABSENT

    @property
    def deleted(self) -> bool:
        """The work tree has no such file."""
        return self.new_mode == ABSENT

    @property
    def renamed(self) -> bool:
        """The file has another path in HEAD."""
        return self.path != self.old_path


@dataclass(frozen=True, slots=True)
class CommitPlan:
    """All that differs from ``head``, the commit it was compared with; ``None`` before the first commit."""

    head: str | None
    files: tuple[CommitFile, ...]

    @property
    def hunks(self) -> Iterator[CommitHunk]:
        """All that can be chosen, in the order of the files."""
        return (hunk for file in self.files for hunk in file.hunks)

    def choose(self, wanted: Callable[[CommitHunk], bool]) -> frozenset[str]:
        """The ids of the hunks for which ``wanted`` says yes."""
        return frozenset(hunk.id for hunk in self.hunks if wanted(hunk))


CONTEXT = 3
"""Lines that git shows around a change."""


def plan_commit(
    repository: Repository, *, since: str | None = None, context: int = CONTEXT, paths: Sequence[str] = ()
) -> CommitPlan:
    """Compare the work tree with HEAD; blocks. Raises :exc:`~spark_tui.app.workspace.git_errors.GitError`.

    Files with an unresolved conflict, and what is inside submodules, are left out. To be read only, it may be
    compared with the commit ``since``, in hunks with other ``context``, and limited to some ``paths``.
    """
    head = since or repository.head().commit
    with copied_index(repository) as index:
        untracked = repository.look("ls-files", "-z", "--others", "--exclude-standard", index_file=index).stdout
        added = [path for path in split_nul(untracked) if _can_be_added(repository.root, path)]
        if added:
            repository.look(
                *("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul"),
                stdin=b"\0".join(b":(literal)" + path for path in added),
                index_file=index,
                reads_files=True,
            )
        base = head or empty_tree(repository)
        only = _literal(paths)
        arguments = (*DIFF_ARGUMENTS, f"--unified={context}", base, "--", *only)
        output = repository.look("diff", *arguments, index_file=index, reads_files=True).stdout
        conflicts = repository.look("ls-files", "-z", "--stage", "--unmerged", index_file=index).stdout
    unmerged = {from_git(record.partition(b"\t")[2]) for record in split_nul(conflicts)}
    return _plan(repository, head, [c for c in _parse_changes(split_lines(output)) if c.path not in unmerged])


def plan_staged(repository: Repository) -> CommitPlan:
    """What the index has that HEAD has not, line by line; blocks. Raises as :func:`plan_commit`."""
    head = repository.head().commit
    base = head or empty_tree(repository)
    output = repository.look("diff", "--cached", *DIFF_ARGUMENTS, "--unified=0", base, "--").stdout
    return _plan(repository, head, _parse_changes(split_lines(output)))


def plan_between(
    repository: Repository, old: str, new: str, *, context: int = CONTEXT, paths: Sequence[str] = ()
) -> CommitPlan:
    """Compare two commits, to be read only; blocks. Raises :exc:`~spark_tui.app.workspace.git_errors.GitError`."""
    arguments = (*DIFF_ARGUMENTS, f"--unified={context}", old, new, "--", *_literal(paths))
    return _plan(repository, old, _parse_changes(split_lines(repository.look("diff", *arguments).stdout)))


def _literal(paths: Sequence[str]) -> list[str]:
    return [f":(literal,top){path}" for path in paths]


def _plan(repository: Repository, head: str | None, changes: Sequence[_Change]) -> CommitPlan:
    behind_filters = _behind_filters(repository, [change.path for change in changes])
    occurrences: Counter[str] = Counter()
    return CommitPlan(
        head=head,
        files=tuple(_commit_file(change, change.path in behind_filters, occurrences) for change in changes),
    )


@contextmanager
def copied_index(repository: Repository) -> Iterator[Path]:
    """A copy of the user's index, for ``index_file``; it and its lock are gone afterwards."""
    repository.state_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="index-", dir=repository.state_dir) as folder:
        copy = Path(folder) / "index"
        if (repository.git_dir / "index").exists():
            # With its time: git trusts what it noted of a file only if the index is newer ("racy git").
            shutil.copy2(repository.git_dir / "index", copy)
        yield copy


def empty_tree(repository: Repository) -> str:
    """The id of the tree without entries, in the repository's hash."""
    return repository.look("hash-object", "-t", "tree", "--stdin").stdout.strip().decode("ascii")


@dataclass(slots=True)
class _Change:
    """One entry of ``git diff --raw --patch``: the raw line, and then its patch."""

    status: str
    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    old_path: str
    path: str
    hunks: Sequence[DiffHunk] = ()
    binary: bool = False


def _parse_changes(lines: Sequence[bytes]) -> list[_Change]:
    """Read the raw lines and then the patches, which come in the same order.

    A change of type (``T``) has two patches, a deletion and an addition. An unmerged path that is not there (``U``)
    has none, and is left out.
    """
    position = 0
    changes: list[_Change] = []
    while position < len(lines) and lines[position].startswith(b":"):
        fields, *paths = lines[position].rstrip(b"\n").split(b"\t")
        old_mode, new_mode, old_id, new_id, status = fields[1:].decode("ascii").split(" ")
        names = [unquote(path) for path in paths]
        changes.append(_Change(status[:1], old_mode, new_mode, old_id, new_id, names[0], names[-1]))
        position += 1
    patches = _parse_patches(lines, position)
    result = [change for change in changes if change.status != "U"]
    for change in result:
        for _ in range(2 if change.status == "T" else 1):
            ids, hunks, binary = next(patches, (None, (), False))
            change.hunks, change.binary = hunks, change.binary or binary
            if ids is not None:
                change.new_id = ids[1]
    return result


_Patch = tuple[tuple[str, str] | None, Sequence[DiffHunk], bool]


def _parse_patches(lines: Sequence[bytes], position: int) -> Iterator[_Patch]:
    """Yield the ids, the hunks, and whether it is binary, of each patch."""
    while position < len(lines):
        if not lines[position].startswith(b"diff --git "):
            position += 1
            continue
        position += 1
        ids: tuple[str, str] | None = None
        hunks: Sequence[DiffHunk] = ()
        binary = False
        while position < len(lines) and not lines[position].startswith((b"diff --git ", b"* Unmerged path ")):
            line = lines[position]
            if is_hunk_header(line):
                hunks, position = parse_hunks(lines, position)
                continue
            if line.startswith(b"index "):
                old, _, new = line.split()[1].decode("ascii").partition("..")
                ids = (old, new)
            binary = binary or line.startswith(b"Binary files ")
            position += 1
        yield ids, hunks, binary


def _commit_file(change: _Change, filtered: bool, occurrences: Counter[str]) -> CommitFile:
    units: list[tuple[ChangeKind, str, DiffHunk | None]] = []
    special = {change.old_mode, change.new_mode} & {LINK, GITLINK}
    absent = ABSENT in (change.old_mode, change.new_mode)
    if change.path != change.old_path:
        units.append((ChangeKind.RENAME, f"renamed from {change.old_path}", None))
    elif change.old_mode != change.new_mode and not absent and not special:
        units.append((ChangeKind.MODE, f"mode {change.old_mode} to {change.new_mode}", None))
    same_content = change.old_id == change.new_id and not absent
    if special or change.binary or change.status == "T" or (filtered and not same_content):
        units.append((ChangeKind.WHOLE, _whole_header(change, filtered), None))
    elif change.hunks:
        units += [(ChangeKind.TEXT, _text_header(change, hunk), hunk) for hunk in change.hunks]
    elif absent:
        units.append((ChangeKind.TEXT, "new empty file" if change.old_mode == ABSENT else "empty file deleted", None))
    hunks = tuple(
        CommitHunk(_identify(change, kind, hunk, occurrences), change.path, kind, header, hunk)
        for kind, header, hunk in units
    )
    return CommitFile(
        path=change.path,
        old_path=change.old_path,
        old_mode=change.old_mode,
        new_mode=change.new_mode,
        old_id=change.old_id,
        new_id=change.new_id,
        filtered=filtered,
        hunks=hunks,
    )


def _whole_header(change: _Change, filtered: bool) -> str:
    if GITLINK in (change.old_mode, change.new_mode):
        what = "submodule"
    elif LINK in (change.old_mode, change.new_mode):
        what = "symbolic link"
    else:
        what = "file behind a content filter" if filtered else "binary file"
    if change.old_mode == ABSENT:
        return f"new {what}"
    return f"{what} deleted" if change.new_mode == ABSENT else f"{what} changed"


def _text_header(change: _Change, hunk: DiffHunk) -> str:
    if hunk.section:
        return hunk.section.decode("utf-8", "replace")
    if change.old_mode == ABSENT:
        return "new file"
    return "file deleted" if change.new_mode == ABSENT else ""


def _identify(change: _Change, kind: ChangeKind, hunk: DiffHunk | None, occurrences: Counter[str]) -> str:
    """A name made from what the change does, not from where it is; equal ones of a file are numbered."""
    parts = [kind.value.encode(), to_git(change.old_path), to_git(change.path)]
    if hunk is not None:
        parts += [mark + line for mark, line in hunk.lines]
    else:
        parts += [field.encode() for field in (change.old_mode, change.new_mode, change.new_id)]
    name = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    occurrences[name] += 1
    return name if occurrences[name] == 1 else f"{name}-{occurrences[name]}"


def _can_be_added(root: Path, raw: bytes) -> bool:
    """Whether git could read the untracked path: no other repository, and not closed to the user."""
    if raw.endswith(b"/"):
        return False
    path = root / from_git(raw)
    return path.is_symlink() or (path.is_file() and os.access(path, os.R_OK))


def _behind_filters(repository: Repository, paths: Sequence[str]) -> frozenset[str]:
    """Those of ``paths`` whose ``filter`` attribute names a filter of the repository's own configuration."""
    local = repository.local_filters()
    if not local or not paths:
        return frozenset()
    filters = read_attribute(repository, "filter", paths)
    return frozenset(path for path, name in filters.items() if name in local)


def read_attribute(repository: Repository, attribute: str, paths: Sequence[str]) -> Mapping[str, str]:
    """The value of a git attribute for each of ``paths``."""
    stdin = b"\0".join(to_git(path) for path in paths)
    records = split_nul(repository.look("check-attr", "-z", "--stdin", attribute, stdin=stdin).stdout)
    return {from_git(path): from_git(value) for path, value in zip(records[::3], records[2::3], strict=True)}
