"""Steps as git objects: what an accept replaced outlives the program, with the user's index and HEAD untouched.

Each step is a *tree* (its record, and a blob for each content) under a ref of its own::

    refs/spark-tui/main/12              of the main work tree
    refs/spark-tui/worktrees/NAME/12    of a linked one

The ref keeps the objects from ``git gc``. A ref to a tree, unlike one to a commit, shows in no ``git log --all``, is
no branch and no tag, and is neither pushed nor fetched unless someone asks for all refs (``--mirror``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec

from spark_tui.app.checkpoints.step import VERSION, Step
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitFailed

NAMESPACE = "refs/spark-tui"
KEPT_SECONDS = 30 * 24 * 3600
"""Steps older than this are dropped."""

KEPT_BYTES = 256 * 1024 * 1024
"""Of what is left, the oldest are dropped until the contents are no larger than this (git compresses them)."""

_RECORD = "step"
_TRIES = 100


class CheckpointStore:
    """The steps of one work tree, numbered from 1 in the order in which they were made.

    Every method blocks on git and raises :exc:`GitError`; any number of programs may use the same work tree.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        linked = repository.git_dir != repository.common_dir
        self._refs = f"{NAMESPACE}/worktrees/{repository.git_dir.name}" if linked else f"{NAMESPACE}/main"
        self._last: int | None = None

    def append(self, step: Step, contents: Sequence[bytes]) -> int:
        """Keep a step; returns its number."""
        record = msgspec.json.encode({"size": sum(map(len, contents)), "step": step})
        oids = self._write_blobs([record, *contents])
        names = [_RECORD, *map(str, range(len(contents)))]
        listing = b"".join(
            b"100644 blob %s\t%s\0" % (oid, name.encode()) for oid, name in zip(oids, names, strict=True)
        )
        tree = self._repository.look("mktree", "-z", stdin=listing).stdout.decode("ascii").strip()
        if self._last is None:
            self._last = max(self._numbers(), default=0)
        for number in range(self._last + 1, self._last + _TRIES):
            try:
                # The empty old value makes it fail where another program took the number.
                self._repository.look("update-ref", f"{self._refs}/{number}", tree, "")
            except GitFailed:
                if number not in self._numbers():
                    raise
            else:
                self._last = number
                return number
        raise GitFailed("other programs keep writing here; try again", status=1, output="")

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget steps; ``git gc`` frees what they held."""
        if numbers:
            lines = "".join(f"delete {self._refs}/{number}\n" for number in numbers)
            self._repository.look("update-ref", "--stdin", stdin=lines.encode())

    def steps(self) -> dict[int, Step]:
        """All steps by number, oldest first; what cannot be read is left out."""
        return {number: step for number, (step, _) in self._records().items()}

    def contents(self, number: int, step: Step) -> list[bytes]:
        """The contents that a step replaced."""
        count = sum(file.content is not None for file in step.files)
        found = self._read([f"{self._refs}/{number}:{index}" for index in range(count)])
        if None in found:
            raise GitFailed(f"a part of what step {number} replaced is gone from git", status=1, output="")
        return [data for data in found if data is not None]

    def prune(self, now: float) -> None:
        """Drop the steps that are too old or, together, too large."""
        stale = []
        total = 0
        for number, (step, size) in sorted(self._records().items(), reverse=True):
            total += size
            if total > KEPT_BYTES or step.time < now - KEPT_SECONDS:
                stale.append(number)
        self.drop(stale)

    def _numbers(self) -> list[int]:
        listing = self._repository.look("for-each-ref", "--format=%(refname)", f"{self._refs}/").stdout
        names = [line.rpartition(b"/")[2] for line in listing.splitlines()]
        return sorted(int(name) for name in names if name.isdigit())

    def _records(self) -> dict[int, tuple[Step, int]]:
        numbers = self._numbers()
        records: dict[int, tuple[Step, int]] = {}
        for number, data in zip(numbers, self._read([f"{self._refs}/{n}:{_RECORD}" for n in numbers]), strict=True):
            with suppress(msgspec.MsgspecError):
                record = msgspec.json.decode(data or b"", type=_Record)
                if record.step.version == VERSION:
                    records[number] = record.step, record.size
        return records

    def _write_blobs(self, contents: Sequence[bytes]) -> list[bytes]:
        stream: list[bytes] = []
        for mark, data in enumerate(contents, 1):
            stream += [b"blob\nmark :%d\ndata %d\n" % (mark, len(data)), data, b"\n"]
        stream += [b"get-mark :%d\n" % mark for mark in range(1, len(contents) + 1)]
        stream.append(b"done\n")
        return self._repository.look("fast-import", "--quiet", "--done", stdin=b"".join(stream)).stdout.split()

    def _read(self, names: Sequence[str]) -> list[bytes | None]:
        """The blobs that ``names`` stand for, ``None`` where there is none."""
        if not names:
            return []
        output = self._repository.look("cat-file", "--batch", stdin="".join(f"{n}\n" for n in names).encode()).stdout
        found: list[bytes | None] = []
        position = 0
        for _ in names:
            head, _, _ = output[position : position + 4096].partition(b"\n")
            position += len(head) + 1
            fields = head.split(b" ")
            if len(fields) != 3 or not fields[2].isdigit():
                found.append(None)
                continue
            size = int(fields[2])
            found.append(output[position : position + size] if fields[1] == b"blob" else None)
            position += size + 1
        return found


class _Record(msgspec.Struct, frozen=True):
    size: int
    step: Step
