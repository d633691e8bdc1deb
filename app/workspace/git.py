"""A git repository and its work tree, as the rest of the program asks about it.

All functions block on a git process: call them with ``asyncio.to_thread``. GitPython is not imported here, since
that takes longer (0.1 s) than finding the repository takes (0.01 s), and the first paint waits for this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from spark_tui.app.workspace.git_errors import GitFailed, GitUnavailable, NotARepository
from spark_tui.app.workspace.git_process import GitOutput, Purpose, run_git
from spark_tui.app.workspace.listing import IndexListing, with_changes
from spark_tui.app.workspace.paths import from_git, split_nul

OLDEST_GIT = (2, 31)
"""The first git with ``GIT_CONFIG_COUNT``, on which the safety of looking depends."""


class Operation(Enum):
    """What git is in the middle of; the value is how a person calls it."""

    MERGE = "merge"
    REBASE = "rebase"
    CHERRY_PICK = "cherry-pick"
    REVERT = "revert"
    MAILBOX = "am"


_OPERATION_MARKS = (
    ("rebase-merge", Operation.REBASE),
    ("rebase-apply/applying", Operation.MAILBOX),
    ("rebase-apply", Operation.REBASE),
    ("MERGE_HEAD", Operation.MERGE),
    ("CHERRY_PICK_HEAD", Operation.CHERRY_PICK),
    ("REVERT_HEAD", Operation.REVERT),
)
"""Files of the git directory, by git's ``wt-status.c``; the first that is there decides."""


@dataclass(frozen=True, slots=True)
class Head:
    """``branch`` is ``None`` on a detached HEAD; ``commit`` is ``None`` before the first commit."""

    branch: str | None
    commit: str | None

    @property
    def detached(self) -> bool:
        """No branch is checked out."""
        return self.branch is None

    @property
    def unborn(self) -> bool:
        """The branch has no commit yet."""
        return self.commit is None


@dataclass(frozen=True, slots=True)
class Repository:
    """A work tree and its git directory, both absolute; made by :meth:`discover`.

    ``common_dir`` differs from ``git_dir`` in a linked work tree, and holds the branches.
    """

    root: Path
    git_dir: Path
    common_dir: Path

    @property
    def state_dir(self) -> Path:
        """Where the program keeps its own state for this work tree; not made yet."""
        return self.git_dir / "spark-tui"

    @classmethod
    def discover(cls, path: Path) -> Repository:
        """Find the repository whose work tree holds the folder ``path``.

        Raises :exc:`NotARepository` or :exc:`GitUnavailable`, with a line for the user.
        """
        if not path.is_dir():
            what = "is not a folder" if path.exists() else "does not exist"
            raise NotARepository(f"{path} {what}; give the path of a git repository")
        _require_git(path)
        where = ("--is-inside-work-tree", "--show-toplevel", "--absolute-git-dir", "--git-common-dir")
        try:
            answer = run_git(path, ("rev-parse", *where)).stdout
        except GitFailed as error:
            raise _not_a_repository(path, error) from error
        # A folder's name may hold line breaks, so only what must be one line is cut off.
        inside, _, rest = answer.partition(b"\n")
        lines = rest.removesuffix(b"\n").split(b"\n")
        if inside != b"true" or len(lines) != 3:
            raise NotARepository(f"{path} is not in a work tree that can be edited")
        root, git_dir, common_dir = (Path(from_git(line)) for line in lines)
        found = cls(root=root, git_dir=git_dir, common_dir=(path / common_dir).resolve())
        found._require_own_root()
        return found

    def look(
        self,
        *arguments: str,
        reads_files: bool = False,
        stdin: bytes | None = None,
        accept: Sequence[int] = (0,),
        index_file: Path | None = None,
        timeout: float = 60.0,
        limit: int | None = None,
        on_output: Callable[[bytes], object] | None = None,
    ) -> GitOutput:
        """Run git so that nothing the repository configures is run; see :mod:`~spark_tui.app.workspace.git_process`.

        ``reads_files`` is to be set where git may read files of the work tree to compare them, since that runs
        the content filters: those of the repository's own configuration are then replaced by nothing.
        """
        return run_git(
            self.root,
            arguments,
            config=_neutral_filters(self.local_filters()) if reads_files else (),
            stdin=stdin,
            accept=accept,
            index_file=index_file,
            timeout=timeout,
            limit=limit,
            on_output=on_output,
        )

    def act(self, *arguments: str, stdin: bytes | None = None, index_file: Path | None = None) -> bytes:
        """Run git as the user would, because the user asked for it; return its stdout."""
        return run_git(
            self.root, arguments, purpose=Purpose.ACT, stdin=stdin, index_file=index_file, timeout=600.0
        ).stdout

    def local_filters(self) -> frozenset[str]:
        """The content filters (``filter.<name>``) that the repository's own configuration defines.

        Filters of the user's or the system's configuration, as ``git lfs install`` makes them, are the user's choice
        and are not among them.
        """
        listing = run_git(
            self.root,
            ("config", "--null", "--show-scope", "--name-only", "--get-regexp", r"^filter\."),
            accept=(0, 1),
        ).stdout
        records = split_nul(listing)
        return frozenset(
            from_git(key)[len("filter.") :].rpartition(".")[0]
            for scope, key in zip(records[::2], records[1::2], strict=True)
            if scope in (b"local", b"worktree")
        )

    def head(self) -> Head:
        """The branch and the commit that are checked out."""
        name = self.look("symbolic-ref", "--quiet", "HEAD", accept=(0, 1)).stdout.strip()
        commit = self.look("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1)).stdout.strip()
        branch = from_git(name).removeprefix("refs/heads/") if name else None
        return Head(branch=branch, commit=commit.decode("ascii") or None)

    def operation(self) -> Operation | None:
        """The merge, rebase or the like that waits to be finished; ``None`` without. Only looks at files."""
        return next((what for mark, what in _OPERATION_MARKS if (self.git_dir / mark).exists()), None)

    def list_files(self, untracked_limit: int | None = None) -> Sequence[str]:
        """The files of the work tree in order: tracked ones that are there, and untracked ones that are not ignored.

        Symbolic links are among them; submodules, other repositories inside and sparse paths are not. Untracked files
        of more than ``untracked_limit`` bytes are left out; ``None`` lists all.
        """
        new: list[str] = []
        gone: list[str] = []
        others = self.look("ls-files", "-z", "-t", "--others", "--deleted", "--exclude-standard").stdout
        for record in split_nul(others):
            path = from_git(record[2:])
            if record.startswith(b"R "):
                gone.append(path)
            elif not path.endswith("/") and self._is_within(path, untracked_limit):
                new.append(path)
        return with_changes(self.tracked_files(), new, gone)

    def tracked_files(self) -> list[str]:
        """The files that the index names, in order; they need not be there. Else as :meth:`list_files`."""
        return self.index().files

    def _is_within(self, path: str, limit: int | None) -> bool:
        try:
            return limit is None or Path(self.root, path).lstat().st_size <= limit
        except OSError:
            return False

    def submodules(self) -> frozenset[str]:
        """The paths at which the index has another repository's commit."""
        return self.index().submodules

    def index(self) -> IndexListing:
        """What the index names: files and submodules."""
        listing = IndexListing()
        self.look("ls-files", "-z", "-t", "--stage", on_output=listing.feed)
        return listing

    def _require_own_root(self) -> None:
        """Refuse a ``core.worktree`` that makes a foreign folder, say the home, the work tree."""
        marker = self.root / ".git"
        if marker.is_dir():
            if marker.samefile(self.git_dir):
                return
        elif marker.is_file():
            own = run_git(self.root, ("rev-parse", "--absolute-git-dir")).stdout.removesuffix(b"\n")
            if Path(from_git(own)) == self.git_dir:
                return
        raise NotARepository(
            f"the repository in {self.git_dir} names {self.root} as its work tree, which has no .git of its own; "
            "unset core.worktree or open the folder that holds .git"
        )


def _require_git(folder: Path) -> None:
    said = run_git(folder, ("version",)).stdout.decode("utf-8", "replace")
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GIT:
        raise GitUnavailable(f"spark-tui needs git 2.31 or later; this is {said.strip() or 'unknown'}")


def _not_a_repository(path: Path, error: GitFailed) -> NotARepository:
    if ".git" in path.resolve().parts:
        return NotARepository(f"{path} is inside a git directory; open the work tree that it belongs to")
    if "bare repository" in error.output or "must be run in a work tree" in error.output:
        return NotARepository(
            f"{path} is a bare repository, without files to edit; open a clone or a work tree of it"
        )
    if "dubious ownership" in error.output:
        return NotARepository(
            f"{path} belongs to another user, so git does not trust it; "
            f"if you do, run: git config --global --add safe.directory {path.resolve()}"
        )
    if "not a git repository" in error.output:
        return NotARepository(f"{path} is not in a git repository; run `git init` there, or give another path")
    return NotARepository(f"{path} cannot be opened: {error}")


def _neutral_filters(names: Iterable[str]) -> list[tuple[str, str]]:
    """Settings by which the filters ``names`` leave content as it is (an empty command is no filter)."""
    return [
        (f"filter.{name}.{key}", value)
        for name in sorted(names)
        for key, value in (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    ]
