"""Carrying what the user has staged from one HEAD to another, as a commit or its undoing moves it.

For each path that differs between the two commits: where the user had staged nothing, the index takes the new
commit's version. Where something was staged, its change is merged with the commit's, so that ``git diff --cached``
shows the same change as before; a change that cannot be merged stays staged byte for byte.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spark_tui.app.commits.plan import ABSENT, GITLINK, LINK
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitFailed
from spark_tui.app.workspace.git_process import Purpose, run_git
from spark_tui.app.workspace.paths import from_git, split_nul, to_git

LOCK_PATIENCE = 3.0
"""Seconds to wait for another git process that holds the index."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A version of a path: ``mode`` in six octal digits, :data:`ABSENT` where there is none, and the object."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Move:
    """How one path differs between two trees."""

    before: Blob
    after: Blob


def tree_changes(repository: Repository, before: str, after: str) -> dict[str, Move]:
    """The paths that differ between two commits or trees."""
    output = repository.look("diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", before, after).stdout
    return parse_raw(output)


def staged_changes(repository: Repository, base: str) -> dict[str, Move]:
    """What the index has that ``base`` (a commit or tree) has not; names added without content are not staged."""
    output = repository.look(
        "diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none", base
    ).stdout
    return parse_raw(output)


def parse_raw(output: bytes) -> dict[str, Move]:
    """Read ``--raw -z`` output without renames: the two modes, the two ids, a status, and the path."""
    records = split_nul(output)
    moves: dict[str, Move] = {}
    for fields, path in zip(records[::2], records[1::2], strict=True):
        old_mode, new_mode, old_id, new_id, _ = fields[1:].decode("ascii").split(" ")
        moves[from_git(path)] = Move(Blob(old_mode, old_id), Blob(new_mode, new_id))
    return moves


def carry_staged(repository: Repository, staged: Mapping[str, Move], moved: Mapping[str, Move]) -> frozenset[str]:
    """Bring the index to the new HEAD; return the paths whose staged change could not be merged and stays as it is.

    ``staged`` is :func:`staged_changes` against the old HEAD and ``moved`` :func:`tree_changes` from the old to the
    new. Waits up to :data:`LOCK_PATIENCE` for another git. Raises
    :exc:`~spark_tui.app.workspace.git_errors.GitFailed`; the index is then as it was.
    """
    entries: dict[str, Blob] = {}
    kept: set[str] = set()
    for path, move in moved.items():
        own = staged.get(path)
        if own is None or own.after == move.after:
            entries[path] = move.after
        elif (merged := _merged(repository, own, move)) is not None:
            entries[path] = merged
        else:
            kept.add(path)
    _update_index(repository, entries)
    return frozenset(kept)


def index_info(entries: Mapping[str, Blob]) -> bytes:
    """Input for ``git update-index -z --index-info``: removals first, since a folder may take a file's place."""
    ordered = sorted(entries.items(), key=lambda entry: (entry[1].mode != ABSENT, entry[0]))
    return b"".join(
        f"{'0' if blob.mode == ABSENT else blob.mode} {blob.id}\t".encode("ascii") + to_git(path) + b"\0"
        for path, blob in ordered
    )


def _merged(repository: Repository, own: Move, move: Move) -> Blob | None:
    """The new HEAD's version with the staged change made on it; ``None`` where they do not go together."""
    versions = (own.after, move.before, move.after)
    if any(version.mode in (ABSENT, LINK, GITLINK) for version in versions):
        return None
    mode = own.after.mode if own.after.mode != own.before.mode else move.after.mode
    if own.after.id == move.before.id:
        return Blob(mode, move.after.id)
    if move.after.id == move.before.id:
        return Blob(mode, own.after.id)
    with tempfile.TemporaryDirectory(prefix="merge-", dir=repository.state_dir) as folder:
        names = []
        for number, version in enumerate(versions):
            file = Path(folder) / str(number)
            file.write_bytes(repository.look("cat-file", "blob", version.id).stdout)
            names.append(file.name)
        try:
            merged = run_git(Path(folder), ("merge-file", "--stdout", "--quiet", *names)).stdout
        except GitFailed:
            # The status is the number of conflicts, or 255 for files that are not text.
            return None
    return Blob(mode, write_blobs(repository, [merged])[0])


def write_blobs(repository: Repository, contents: Sequence[bytes]) -> list[str]:
    """Store ``contents`` as objects, byte for byte; their ids."""
    if not contents:
        return []
    repository.state_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="blobs-", dir=repository.state_dir) as folder:
        files = [Path(folder) / str(number) for number in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        ids = [
            repository.look("hash-object", "-w", "--no-filters", "--", *map(str, files[first : first + 500])).stdout
            for first in range(0, len(files), 500)
        ]
    return b"".join(ids).decode("ascii").split()


def _update_index(repository: Repository, entries: Mapping[str, Blob]) -> None:
    stdin = index_info(entries)
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            repository.act("update-index", "-z", "--index-info", stdin=stdin)
            break
        except GitFailed as error:
            if "index.lock" not in error.output or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    # Only spares later looks at the files; a file that is being written at this moment must not fail the commit.
    run_git(repository.root, ("update-index", "-q", "--refresh"), purpose=Purpose.ACT, accept=range(256))
