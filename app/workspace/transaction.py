"""The pure part of writing several files as one: what is recorded, and what follows from what is found.

A transaction stages each file's new bytes in a *slot*, records itself in a manifest, and publishes by swapping slot
and target, so that the slot then holds what came out: the *displaced* bytes. From the bytes in target and slot alone
:func:`classify` tells how far an operation got, and :func:`decide` which way the whole set goes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

import msgspec

from spark_tui.app.workspace.errors import PathRefused
from spark_tui.app.workspace.guard import check_path

Fingerprint = str
"""What a name stands for: the SHA-256 of a regular file's bytes; a prefix tells a link or anything else apart."""


class Operation(msgspec.Struct, frozen=True):
    """One file of a transaction.

    ``directory`` and ``name`` are the real place (no link on the way). ``before`` and ``after`` are fingerprints,
    ``None`` where there is no file; they differ. The slots lie in ``slot_directory`` of the tree, or in the
    journal where that is ``None``.
    """

    directory: tuple[str, ...]
    name: str
    before: Fingerprint | None
    after: Fingerprint | None
    slot_directory: tuple[str, ...] | None
    slot: str

    @property
    def path(self) -> str:
        """The real path relative to the root."""
        return "/".join((*self.directory, self.name))

    @property
    def staged_name(self) -> str:
        """The slot of the new bytes; after a swap it holds the displaced ones."""
        return f"{self.slot}.new"

    @property
    def displaced_name(self) -> str:
        """The slot of the displaced bytes where they were not swapped: a deletion, or a system without swapping."""
        return f"{self.slot}.old"


class Manifest(msgspec.Struct, frozen=True):
    """A transaction as recorded. ``created`` are the directories to be made, parents first."""

    label: str
    operations: tuple[Operation, ...]
    created: tuple[tuple[str, ...], ...]
    version: int


VERSION = 1
"""The version of the manifest that this program writes and reads."""

_SLOT = re.compile(r"[0-9]{1,9}")
_SLOT_BESIDE = re.compile(r"\.spark-tui-[0-9a-f]{1,32}-[0-9]{1,9}")
_SLOT_SUFFIX = re.compile(r"\.(new|old)")


def slot_name(transaction: str, number: int, *, beside: bool) -> str:
    """The name of a slot: short in the journal, and one that nobody else uses in the tree."""
    return f".spark-tui-{transaction}-{number}" if beside else str(number)


def check_manifest(manifest: Manifest) -> None:
    """Raise :exc:`ValueError` for a manifest that this program cannot have written.

    A journal may come with a repository that someone unpacked, so it is trusted no more than a model is.
    """
    if manifest.version != VERSION:
        raise ValueError("another version")
    for operation in manifest.operations:
        _check_names(operation.path)
        beside = operation.slot_directory is not None
        if not (_SLOT_BESIDE if beside else _SLOT).fullmatch(operation.slot):
            raise ValueError("not the name of a slot")
        if operation.slot_directory:
            _check_names("/".join(operation.slot_directory))
        if operation.before == operation.after:
            raise ValueError("an operation that does nothing")
    for directory in manifest.created:
        _check_names("/".join(directory))


def check_slot(directory: tuple[str, ...], name: str) -> None:
    """Raise :exc:`ValueError` where ``name`` is not that of a slot in the tree's ``directory``."""
    if not (_SLOT_BESIDE.fullmatch(name[:-4]) and _SLOT_SUFFIX.fullmatch(name[-4:])):
        raise ValueError("not the name of a slot")
    if directory:
        _check_names("/".join(directory))


def _check_names(path: str) -> None:
    try:
        normalised = check_path(path)
    except PathRefused as refused:
        raise ValueError(refused.reason) from refused
    if normalised != path:
        raise ValueError("not a normalised path")


class OperationState(Enum):
    """How far an operation got.

    ::

        PENDING -> DONE                 published
        PENDING -> OVERTAKEN            an edit came between the check and the swap; it is in the slot
        PENDING -> EDITED_BEFORE        someone edited the file; it has not been published
        DONE    -> EDITED_AFTER         someone edited the file after it was published
        PENDING -> UNSTAGED             the new bytes are gone, the old ones are in place
    """

    PENDING = "pending"
    DONE = "done"
    OVERTAKEN = "overtaken"
    EDITED_BEFORE = "edited before"
    EDITED_AFTER = "edited after"
    UNSTAGED = "unstaged"


CONFLICTS = frozenset({OperationState.OVERTAKEN, OperationState.EDITED_BEFORE, OperationState.EDITED_AFTER})
"""The states in which someone's edit is involved."""


@dataclass(frozen=True, slots=True)
class Found:
    """The fingerprints found: of the target, and of the two slots."""

    target: Fingerprint | None
    staged: Fingerprint | None
    old: Fingerprint | None

    def displaced(self, operation: Operation) -> Fingerprint | None:
        """What came out of the target's place, ``None`` if nothing did; a file that is created displaces nothing."""
        if operation.before is None:
            return None
        if self.old is not None:
            return self.old
        return None if self.staged == operation.after else self.staged


class Direction(Enum):
    """Which way a whole transaction goes."""

    FORWARD = "forward"
    BACK = "back"


def classify(operation: Operation, found: Found) -> OperationState:
    """Tell how far ``operation`` got from what is there."""
    displaced = found.displaced(operation)
    overtaken = displaced is not None and displaced != operation.before
    if operation.after is None:
        published = displaced is not None
        stranded = overtaken
    else:
        published = stranded = found.staged != operation.after
    if found.target == operation.before:
        if operation.before is None and published:
            return OperationState.EDITED_AFTER
        return OperationState.UNSTAGED if stranded else OperationState.PENDING
    if overtaken:
        return OperationState.OVERTAKEN
    if found.target == operation.after:
        return OperationState.DONE
    return OperationState.EDITED_AFTER if published else OperationState.EDITED_BEFORE


def decide(states: Collection[OperationState], *, aborting: bool) -> Direction:
    """Which way to go from the recorded transaction.

    Forward, as its manifest was in place, unless it was being taken back, cannot be finished, or someone edited a
    file that was still old: then the rest goes back too, so that half a change is not left around that edit.
    """
    seen = set(states)
    if aborting or not seen.isdisjoint({OperationState.OVERTAKEN, OperationState.UNSTAGED}):
        return Direction.BACK
    if OperationState.EDITED_BEFORE in seen and OperationState.EDITED_AFTER not in seen:
        return Direction.BACK
    return Direction.FORWARD
