"""Which change a person means by a revision or a range, and what it consists of. All functions block."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from spark_tui.app.commits.plan import CONTEXT, CommitFile, CommitPlan, empty_tree, plan_between, plan_commit
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.unified_diff import cut

WHOLE = 1_000_000
"""Lines of context that no file has."""


class UnknownRevision(GitError):
    """The user named something that is no commit; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of the files; ``title`` names them for a person. ``new`` is a commit, ``None`` for the work tree."""

    title: str
    old: str
    new: str | None


def comparison(repository: Repository, spec: str) -> Comparison:
    """What ``spec`` means.

    Nothing: the work tree since HEAD. ``A..B``: from one commit to the other. ``A...B``: what B has done since the
    two parted. One revision: what it would bring where it is ahead of HEAD, else all that was done since HEAD left
    it, the work tree included. Raises :exc:`UnknownRevision`.
    """
    for dots in ("...", ".."):
        if dots in spec:
            left, right = (side or "HEAD" for side in spec.split(dots, 1))
            old, new = _commit(repository, left), _commit(repository, right)
            return Comparison(f"{left}{dots}{right}", _fork(repository, old, new) if dots == "..." else old, new)
    head = repository.head().commit
    if not spec:
        return Comparison("work tree", head or empty_tree(repository), None)
    commit = _commit(repository, spec)
    if head is None:
        return Comparison(f"{spec} to work tree", commit, None)
    fork = _fork(repository, commit, head)
    if fork == head != commit:
        return Comparison(f"HEAD..{spec}", head, commit)
    return Comparison(f"since {spec}", fork, None)


def files_of(
    repository: Repository, compared: Comparison, *, context: int = CONTEXT, whole: Collection[str] = ()
) -> tuple[CommitFile, ...]:
    """The files that differ; of those at the paths ``whole`` the hunks are all of the file. Raises GitError."""
    files = _plan(repository, compared, context).files
    if not whole:
        return files
    paths = [path for file in files if file.path in whole for path in {file.path, file.old_path}]
    wide = {file.path: file for file in _plan(repository, compared, WHOLE, paths).files} if paths else {}
    return tuple(_widened(file, wide[file.path]) if file.path in wide else file for file in files)


def _widened(file: CommitFile, wide: CommitFile) -> CommitFile:
    """``file`` with its hunks as long as there are lines of ``wide``, which has them in one."""
    parts = [unit.hunk for unit in file.hunks if unit.hunk is not None]
    whole = next((unit.hunk for unit in wide.hunks if unit.hunk is not None), None)
    if whole is None or not parts:
        return file
    pieces = cut(whole, parts)
    if len(pieces) != len(parts):
        return wide  # it was written to between the two looks
    left = iter(pieces)
    return replace(
        file, hunks=tuple(unit if unit.hunk is None else replace(unit, hunk=next(left)) for unit in file.hunks)
    )


def _plan(repository: Repository, compared: Comparison, context: int, paths: Collection[str] = ()) -> CommitPlan:
    if compared.new is None:
        return plan_commit(repository, since=compared.old, context=context, paths=tuple(paths))
    return plan_between(repository, compared.old, compared.new, context=context, paths=tuple(paths))


def _commit(repository: Repository, name: str) -> str:
    found = repository.look(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", accept=(0, 1, 128)
    ).stdout.strip()
    if not found:
        raise UnknownRevision(f"{name!r} is no commit here; give a branch, a tag, a commit or a range A..B")
    return found.decode("ascii")


def _fork(repository: Repository, one: str, other: str) -> str:
    """The commit where the two parted; ``one`` itself where they have nothing in common."""
    base = repository.look("merge-base", one, other, accept=(0, 1)).stdout.split()
    return base[0].decode("ascii") if base else one
