"""Carrying out a recorded transaction, forward or back, from wherever it stands.

A commit and a recovery are the same from here on: :func:`settle` looks at what is there, decides, and goes on. Each
step is one rename, so a crash between any two leaves every file wholly old or wholly new, and settling again is
always right.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from spark_tui.app.workspace.beneath import OpenTree
from spark_tui.app.workspace.errors import WriteFailed
from spark_tui.app.workspace.journal import Journal
from spark_tui.app.workspace.renames import Unsupported, exchange, rename_new
from spark_tui.app.workspace.staging import fingerprint, flush_directory
from spark_tui.app.workspace.transaction import (
    CONFLICTS,
    Direction,
    Found,
    Manifest,
    Operation,
    OperationState,
    classify,
    decide,
)
from spark_tui.widgets.safe_text import safe_line


class Outcome(Enum):
    """What became of an interrupted transaction."""

    CLEAN = "clean"
    """There was none."""
    ROLLED_FORWARD = "rolled_forward"
    ROLLED_BACK = "rolled_back"
    CONFLICT = "conflict"
    """Someone had edited a file of the set: it is left as it is, and the rest was settled."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a transaction ended.

    ``edited`` are the paths whose content is someone else's edit; ``copies`` are files below the state directory
    with edits that could not be left in place; ``failure`` is why it went back, where the system was the reason.
    """

    outcome: Outcome
    edited: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    failure: OSError | None = None


def settle(tree: OpenTree, journal: Journal, manifest: Manifest, *, aborting: bool, untouched: bool) -> Settlement:
    """Bring a recorded transaction to its end and forget it.

    ``untouched`` says that nothing of it has been published, which spares looking. Raises :exc:`WriteFailed` when
    the system lets it go neither forward nor back; it then stays recorded.
    """
    try:
        return _Settling(tree, journal, manifest).run(aborting=aborting, untouched=untouched)
    except OSError as error:
        paths = ", ".join(safe_line(operation.path) for operation in manifest.operations[:3])
        raise WriteFailed(
            f"a write of {paths} was interrupted and could not be finished ({error.strerror}): "
            "make room or access, then run 'spark-tui apply --recover'"
        ) from error


@contextlib.contextmanager
def _absence_allowed() -> Iterator[None]:
    """Go on where a name is gone, or where a directory on the way is one no longer: there is nothing then."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise


class _Settling:
    def __init__(self, tree: OpenTree, journal: Journal, manifest: Manifest) -> None:
        self._tree = tree
        self._journal = journal
        self._manifest = manifest

    def run(self, *, aborting: bool, untouched: bool) -> Settlement:
        operations = self._manifest.operations
        states = [OperationState.PENDING] * len(operations) if untouched else self._states()
        direction = decide(states, aborting=aborting)
        failure: OSError | None = None
        if direction is Direction.FORWARD:
            try:
                self._forward(states)
            except OSError as error:
                failure = error
            known, states = states, _settled(states, self._states())
            arrived = all(new is OperationState.DONE or new is old for old, new in zip(known, states, strict=True))
            if failure is not None or not arrived:
                direction = Direction.BACK
        if direction is Direction.BACK:
            self._journal.abort()
            self._back(states)
        edited = tuple(
            operation.path for operation, state in zip(operations, states, strict=True) if state in CONFLICTS
        )
        copies: tuple[str, ...] = ()
        if edited or not untouched:
            copies = tuple(self._rescue())
        self._journal.close_transaction()
        # It is over: slots that cannot be removed now are when the journal is next used.
        with contextlib.suppress(OSError):
            self._journal.clear(self._tree)
        if edited:
            return Settlement(Outcome.CONFLICT, edited, copies, failure)
        forward = direction is Direction.FORWARD
        return Settlement(Outcome.ROLLED_FORWARD if forward else Outcome.ROLLED_BACK, (), copies, failure)

    def _states(self) -> list[OperationState]:
        self._tree.forget()
        return [classify(operation, self._found(operation)) for operation in self._manifest.operations]

    def _found(self, operation: Operation) -> Found:
        staged = old = target = None
        with _absence_allowed():
            slots = self._journal.slot_directory(operation, self._tree)
            staged = fingerprint(slots, operation.staged_name)
            old = fingerprint(slots, operation.displaced_name)
        with _absence_allowed():
            target = fingerprint(self._tree.directory(operation.directory), operation.name)
        return Found(target, staged, old)

    def _forward(self, states: Sequence[OperationState]) -> None:
        self._tree.forget()
        for directory in self._manifest.created:
            with contextlib.suppress(FileExistsError):
                os.mkdir(directory[-1], dir_fd=self._tree.directory(directory[:-1]))
        for operation, state in zip(self._manifest.operations, states, strict=True):
            if state is OperationState.PENDING:
                # An edit in this very moment shows in the states that are taken afterwards.
                with contextlib.suppress(FileNotFoundError, FileExistsError):
                    self._publish(operation)
        self._flush()

    def _publish(self, operation: Operation) -> None:
        with self._opened(operation) as (slots, target):
            if operation.after is None:
                os.rename(operation.name, operation.displaced_name, src_dir_fd=target, dst_dir_fd=slots)
            elif operation.before is None:
                rename_new(operation.staged_name, slots, operation.name, target)
            else:
                _replace(operation, slots, target)

    @contextlib.contextmanager
    def _opened(self, operation: Operation) -> Iterator[tuple[int, int]]:
        """The directories of the slots and of the target."""
        slots = os.dup(self._journal.slot_directory(operation, self._tree))
        try:
            yield slots, self._tree.directory(operation.directory)
        finally:
            os.close(slots)

    def _back(self, states: Sequence[OperationState]) -> None:
        self._tree.forget()
        operations = list(zip(self._manifest.operations, states, strict=True))
        # Edits go home first: after them, a crash finds the way back by the edit itself.
        operations.sort(key=lambda pair: pair[1] is not OperationState.OVERTAKEN)
        for operation, state in operations:
            if state in (OperationState.OVERTAKEN, OperationState.DONE):
                with _absence_allowed(), contextlib.suppress(FileExistsError):
                    self._take_back(operation)
        for directory in reversed(self._manifest.created):
            with contextlib.suppress(OSError):
                os.rmdir(directory[-1], dir_fd=self._tree.directory(directory[:-1]))
        self._flush()

    def _take_back(self, operation: Operation) -> None:
        with self._opened(operation) as (slots, target):
            staged = fingerprint(slots, operation.staged_name)
            if operation.after is None:
                rename_new(operation.displaced_name, slots, operation.name, target)
            elif operation.before is None:
                if staged is None:
                    rename_new(operation.name, target, operation.staged_name, slots)
                    _undo_if_edited(operation, slots, target)
                elif staged == operation.after and _same_file(operation.staged_name, slots, operation.name, target):
                    os.unlink(operation.name, dir_fd=target)
            elif fingerprint(slots, operation.displaced_name) is not None:
                if fingerprint(target, operation.name) == operation.after:
                    os.rename(operation.displaced_name, operation.name, src_dir_fd=slots, dst_dir_fd=target)
            elif staged is not None and staged != operation.after:
                exchange(operation.staged_name, slots, operation.name, target)
                _undo_if_edited(operation, slots, target)

    def _rescue(self) -> Iterable[str]:
        """Keep what lies in a slot and is neither old nor new: an edit that has no other place."""
        for operation in self._manifest.operations:
            for slot in (operation.staged_name, operation.displaced_name):
                with _absence_allowed():
                    slots = self._journal.slot_directory(operation, self._tree)
                    if fingerprint(slots, slot) not in (None, operation.before, operation.after):
                        yield self._journal.keep(operation, self._tree, slot)

    def _flush(self) -> None:
        touched = {operation.directory for operation in self._manifest.operations}
        touched.update(
            operation.slot_directory for operation in self._manifest.operations if operation.slot_directory
        )
        touched.update(directory[:-1] for directory in self._manifest.created)
        for directory in sorted(touched):
            with _absence_allowed():
                flush_directory(self._tree.directory(directory))


def _replace(operation: Operation, slots: int, target: int) -> None:
    try:
        exchange(operation.staged_name, slots, operation.name, target)
    except Unsupported:
        # The displaced file keeps a second name until it has been looked at.
        with contextlib.suppress(FileExistsError):
            os.link(
                operation.name,
                operation.displaced_name,
                src_dir_fd=target,
                dst_dir_fd=slots,
                follow_symlinks=False,
            )
        os.rename(operation.staged_name, operation.name, src_dir_fd=slots, dst_dir_fd=target)


def _same_file(one: str, one_fd: int, other: str, other_fd: int) -> bool:
    """Whether a rename without the one-step call stopped between its two names."""
    return os.path.samestat(
        os.stat(one, dir_fd=one_fd, follow_symlinks=False), os.stat(other, dir_fd=other_fd, follow_symlinks=False)
    )


def _undo_if_edited(operation: Operation, slots: int, target: int) -> None:
    """What was taken back has been edited since it was looked at: the newest edit stays in the tree."""
    if fingerprint(slots, operation.staged_name) == operation.after:
        return
    if operation.before is None:
        rename_new(operation.staged_name, slots, operation.name, target)
    else:
        exchange(operation.staged_name, slots, operation.name, target)


def _settled(before: Sequence[OperationState], after: Sequence[OperationState]) -> list[OperationState]:
    """The states after going forward: a conflict known before stays one, an edit after our own write is none."""
    return [
        old if old in CONFLICTS else OperationState.DONE if new is OperationState.EDITED_AFTER else new
        for old, new in zip(before, after, strict=True)
    ]
