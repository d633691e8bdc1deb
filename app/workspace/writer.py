"""Writing accepted changes: any number of files, all of them or none.

The way of a write: take the lock, finish what a crash left, compare each file with what the change was made for,
stage the new files and wait for the disk, record the manifest (the commit point), and let
:mod:`spark_tui.app.workspace.publishing` swap them in. A file that is replaced is a new one to the system: a hard
link elsewhere keeps the old bytes.
"""

from __future__ import annotations

import os
import secrets
import signal
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from spark_tui.app.workspace.beneath import Location, OpenTree
from spark_tui.app.workspace.errors import PathRefused, WriteConflict, WriteFailed
from spark_tui.app.workspace.files import FileWrite, digest
from spark_tui.app.workspace.guard import check_path
from spark_tui.app.workspace.journal import Journal
from spark_tui.app.workspace.publishing import Outcome, settle
from spark_tui.app.workspace.recovery import settle_recorded, writing
from spark_tui.app.workspace.staging import Metadata, fingerprint, metadata_of, stage
from spark_tui.app.workspace.transaction import VERSION, Manifest, Operation, slot_name
from spark_tui.widgets.safe_text import safe_line

_FLUSH_THREADS = 8
"""How many files wait for the disk at once: file systems then do one commit for several of them."""

_FEW = 3
"""Up to so many files are not worth a thread."""

_GIT_PARTS = ("HEAD", "objects", "refs")
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class _Planned:
    """One file that will change: where it is, and what its successor takes over."""

    write: FileWrite
    location: Location
    before: str | None
    metadata: Metadata


class Writer:
    """Writes to the work tree ``root``; journal and lock are in ``state_dir`` (the git directory's ``spark-tui``).

    Any thread may call it, and any number of programs may have one for the same tree. All calls block.
    """

    def __init__(self, root: Path, state_dir: Path) -> None:
        self._root = root
        self._state_dir = state_dir

    def commit(self, writes: Sequence[FileWrite], label: str = "") -> None:
        """Make all ``writes``, or none of them; when it returns, they are on the disk for good.

        ``label`` is recorded for a person who looks at the journal. A write whose data is what is there already
        changes nothing. Files keep their mode, owner and extended attributes as far as the system permits; links
        inside the tree are written through, and deleted themselves; missing directories are made.

        Raises :exc:`PathRefused`, :exc:`WriteConflict` (a file is not ``before`` any more, however late that was
        seen), :exc:`Locked` and :exc:`WriteFailed`. In each case nothing has changed, unless the message of the
        latter says that a recovery is needed: the next commit begins with it by itself.
        """
        if not writes:
            return
        with writing(self._root, self._state_dir) as (tree, journal), _signals_held():
            settle_recorded(tree, journal)
            planned = _plan(tree, writes)
            if planned:
                _carry_out(tree, journal, planned, label)

    def check(self, writes: Sequence[FileWrite]) -> None:
        """Raise what :meth:`commit` would raise before its first write; changes nothing and takes no lock."""
        try:
            with OpenTree(self._root) as tree:
                _plan(tree, writes)
        except OSError as error:
            raise WriteFailed(f"{error.strerror}: nothing was written") from error


class NothingIsWritten:
    """Stands in for a :class:`Writer` where the disk must stay as it is."""

    def commit(self, writes: Sequence[FileWrite], label: str = "") -> None:
        """Raises :exc:`WriteFailed`, always."""
        raise WriteFailed("a recording is played: nothing is written")


def _plan(tree: OpenTree, writes: Sequence[FileWrite]) -> list[_Planned]:
    planned: dict[str, _Planned] = {}
    conflicts: list[str] = []
    for write in writes:
        path = check_path(write.path)
        try:
            plan = _plan_one(tree, path, write)
        except PermissionError as error:
            raise PathRefused(path, "permission denied") from error
        if plan is None:
            conflicts.append(path)
            continue
        if planned.setdefault(plan.location.path, plan) is not plan:
            raise PathRefused(path, "names the same file as another path of this change")
    if conflicts:
        raise WriteConflict(conflicts)
    _check_together(tree, planned)
    return [plan for _, plan in sorted(planned.items()) if not _changes_nothing(plan)]


def _plan_one(tree: OpenTree, path: str, write: FileWrite) -> _Planned | None:
    """How to write one file; ``None`` where it is not what ``write`` was made for."""
    location = tree.locate(path)
    now = None if location.status is None else fingerprint(tree.directory(location.directory), location.name)
    if now != write.before:
        return None
    if write.data is None and now is not None:
        # A link is deleted, not what it leads to.
        location = tree.locate(path, follow=False)
    directory = tree.directory(location.existing)
    if not os.access(".", os.W_OK | os.X_OK, dir_fd=directory, effective_ids=os.access in os.supports_effective_ids):
        raise PathRefused(path, "its directory is not writable")
    if location.status is None:
        if write.data is not None and tree.has_twin(location):
            raise PathRefused(path, "a file of the same name in another Unicode form is there already")
        group = os.fstat(directory)
        inherited = group.st_gid if group.st_mode & stat.S_ISGID else None
        return _Planned(write, location, None, Metadata(write.mode, group=inherited))
    metadata = Metadata() if write.data is None else metadata_of(directory, location.name)
    return _Planned(write, location, fingerprint(directory, location.name), metadata)


def _changes_nothing(plan: _Planned) -> bool:
    data = plan.write.data
    return plan.before == (None if data is None else digest(data))


def _check_together(tree: OpenTree, planned: dict[str, _Planned]) -> None:
    """Refuse what only the set as a whole shows: a file that is a directory too, and a repository in parts."""
    for path, plan in planned.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in planned:
                raise PathRefused(path, f"{safe_line('/'.join(parts[:depth]))} is to be a file and a directory")
        for depth, name in enumerate(parts):
            if name in _GIT_PARTS and plan.write.data is not None:
                _check_no_repository(tree, path, parts[:depth], planned)


def _check_no_repository(tree: OpenTree, path: str, above: list[str], planned: dict[str, _Planned]) -> None:
    """Git runs what a bare repository configures, so none may come into being in the tree."""

    def will_be(name: str) -> bool:
        there = "/".join([*above, name])
        if any(other == there or other.startswith(there + "/") for other in planned):
            return True
        try:
            os.stat(name, dir_fd=tree.directory(above), follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    if all(will_be(name) for name in _GIT_PARTS):
        raise PathRefused(path, "would make a bare git repository")


def _carry_out(tree: OpenTree, journal: Journal, planned: list[_Planned], label: str) -> None:
    manifest = Manifest(label, tuple(_operations(tree, journal, planned)), _missing_directories(planned), VERSION)
    try:
        _stage_all(tree, journal, planned, manifest.operations)
        journal.commit(manifest)
    except OSError as error:
        _forget(tree, journal)
        raise WriteFailed(f"could not write: {error.strerror}; nothing was changed") from error
    settlement = settle(tree, journal, manifest, aborting=False, untouched=True)
    if settlement.outcome is Outcome.CONFLICT:
        asked = {plan.location.path: plan.write.path for plan in planned}
        raise WriteConflict([asked[path] for path in settlement.edited], settlement.copies)
    if settlement.failure is not None:
        raise WriteFailed(f"could not write: {settlement.failure.strerror}; nothing was changed")


def _forget(tree: OpenTree, journal: Journal) -> None:
    """Drop a transaction of which nothing has been published."""
    try:
        journal.close_transaction()
    except OSError as error:
        raise WriteFailed(
            f"could not write: {error.strerror}; nothing was changed yet, "
            "but the record of it could not be removed: run 'spark-tui apply --recover' to finish it"
        ) from error
    # What cannot be removed now is when the journal is next used.
    with suppress(OSError):
        journal.clear(tree)


def _operations(tree: OpenTree, journal: Journal, planned: list[_Planned]) -> Iterator[Operation]:
    transaction = secrets.token_hex(4)
    near: dict[tuple[str, ...], bool] = {}
    for number, plan in enumerate(planned):
        location = plan.location
        if location.existing not in near:
            near[location.existing] = _same_mount(journal.descriptor, tree.directory(location.existing))
        beside = not near[location.existing]
        yield Operation(
            directory=location.directory,
            name=location.name,
            before=plan.before,
            after=None if plan.write.data is None else digest(plan.write.data),
            slot_directory=location.existing if beside else None,
            slot=slot_name(transaction, number, beside=beside),
        )


def _missing_directories(planned: list[_Planned]) -> tuple[tuple[str, ...], ...]:
    missing = {
        plan.location.directory[:depth]
        for plan in planned
        for depth in range(len(plan.location.existing) + 1, len(plan.location.directory) + 1)
        if plan.write.data is not None
    }
    return tuple(sorted(missing))


def _stage_all(tree: OpenTree, journal: Journal, planned: list[_Planned], operations: Sequence[Operation]) -> None:
    beside = [
        (operation.slot_directory, name)
        for operation in operations
        if operation.slot_directory is not None
        for name in (operation.staged_name, operation.displaced_name)
    ]
    if beside:
        journal.note_beside(beside)
    jobs: list[tuple[str, bytes, Metadata]] = []
    for plan, operation in zip(planned, operations, strict=True):
        if plan.write.data is None:
            continue
        if operation.slot_directory is None:
            jobs.append((operation.staged_name, plan.write.data, plan.metadata))
        else:
            directory = tree.directory(operation.slot_directory)
            stage(directory, operation.staged_name, plan.write.data, plan.metadata)
    if len(jobs) <= _FEW:
        for name, data, metadata in jobs:
            stage(journal.descriptor, name, data, metadata)
        return
    with ThreadPoolExecutor(_FLUSH_THREADS, "spark-tui-stage") as pool:
        for _ in pool.map(lambda job: stage(journal.descriptor, *job), jobs):
            pass


def _same_mount(one: int, other: int) -> bool:
    """Whether a file can be renamed from one opened directory to the other.

    The device alone does not say it: the same file system may be mounted twice (``rename(2)``, ``EXDEV``).
    """
    if os.fstat(one).st_dev != os.fstat(other).st_dev:
        return False
    return _mount_id(one) == _mount_id(other)


def _mount_id(descriptor: int) -> str | None:
    """The mount as Linux counts them (``proc(5)``, ``fdinfo``); ``None`` where it does not tell."""
    try:
        text = Path(f"/proc/self/fdinfo/{descriptor}").read_text()
    except OSError:
        return None
    return next((line for line in text.splitlines() if line.startswith("mnt_id:")), None)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let a polite signal to this thread wait until the files are whole; an impolite one is a crash."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
