"""Plans: which bytes are to be written to accept or to undo hunks. Making one changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spark_tui.app.changes.errors import PlanRefused
from spark_tui.app.changes.file_change import FileChange, would_exist
from spark_tui.app.changes.hunk import (
    ALREADY_THERE,
    OVERWRITTEN,
    Hunk,
    HunkEvent,
    HunkKind,
    HunkState,
)
from spark_tui.app.changes.staging import separate
from spark_tui.app.workspace.files import FileWrite, digest
from spark_tui.protocol.patch.edits import apply_edits

_STANDING = frozenset({HunkState.PENDING, HunkState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file's part: ``before`` is the digest of the base that it was made on, ``hunks`` map ids to revisions."""

    path: str
    before: str | None
    hunks: Mapping[str, int]
    writes: tuple[FileWrite, ...]


@dataclass(frozen=True, slots=True)
class AcceptPlan:
    """What to write, all or nothing, to accept ``hunks``."""

    files: tuple[FilePlan, ...]

    @property
    def writes(self) -> tuple[FileWrite, ...]:
        """The transaction; no path twice."""
        return tuple(write for file in self.files for write in file.writes)

    @property
    def hunks(self) -> tuple[str, ...]:
        """The ids of the hunks, by file and place."""
        return tuple(hunk_id for file in self.files for hunk_id in file.hunks)


@dataclass(frozen=True, slots=True)
class UndoPlan(AcceptPlan):
    """What to write, all or nothing, to take the accepted ``hunks`` out again."""


def plan_accept(file: FileChange, hunks: Sequence[Hunk]) -> FilePlan:
    """Plan to accept pending ``hunks`` of ``file``, in file order."""
    lines = apply_edits(file.base_lines, [hunk.edit for hunk in hunks if hunk.has_lines])
    data = file.encode(lines) if would_exist(file.base, hunks) else None
    rename = next((hunk for hunk in hunks if not hunk.has_lines), None)
    before = file.disk_digest
    writes = [FileWrite(file.path, before, data)]
    if rename is not None and rename.target is not None:
        replaced = digest("".join(rename.removed).encode()) if rename.replaces else None
        writes = [FileWrite(file.path, before, None), FileWrite(rename.target, replaced, data, file.mode)]
    return FilePlan(file.path, before, {hunk.id: hunk.revision for hunk in hunks}, tuple(writes))


def refusal_to_accept(file: FileChange, hunk: Hunk, seen: int | None) -> str | None:
    """Why ``hunk``, last looked at in revision ``seen``, cannot be accepted; ``None`` if it can."""
    if hunk.state is HunkState.CONFLICTED:
        return f"{hunk.note or 'it is in conflict'}; edit or reject it first"
    if hunk.state is not HunkState.PENDING:
        return f"it is {hunk.state.value}"
    if seen is not None and seen != hunk.revision:
        return "its text has changed since it was shown; look at it again"
    if file.absent:
        return "the file was deleted outside; resolve that first"
    if not hunk.has_lines and file.base is None:
        return "there is no file to move"
    return file.frozen


def refusal_to_undo(file: FileChange, hunk: Hunk) -> str | None:
    """Why the accepted ``hunk`` cannot be taken out; ``None`` if it can."""
    if hunk.state is not HunkState.ACCEPTED:
        return f"it is {hunk.state.value}, not accepted"
    if file.absent:
        return "the file was deleted outside"
    if hunk.conflict is not None:
        return "its lines have been changed since it was accepted"
    return file.frozen


def land(file: FileChange, plan: FilePlan) -> None:
    """The writes of ``plan`` to accept have been made: its hunks are accepted."""
    before = file.watched_text()
    hunks = [hunk for hunk in file.hunks if hunk.id in plan.hunks]
    renames = [hunk for hunk in hunks if not hunk.has_lines]
    if file.disk_digest == plan.before:
        ready = [hunk for hunk in hunks if hunk.state is HunkState.PENDING and _is_as_planned(hunk, plan)]
        data = plan.writes[-1].data
        after = apply_edits(file.base_lines, [hunk.edit for hunk in ready if hunk.has_lines])
        if file.base is None:
            _appoint(file, first_with_lines(ready))
        file.move_base(ready, after, data)
        for hunk in ready:
            hunk.step(HunkEvent.ACCEPT)
    else:
        _land_late(hunks)
    for rename in renames:
        file.absent = False
        if rename.target is not None:
            file.path = rename.target
    file.refresh()
    separate(file)
    file.settle(before)


def first_with_lines(hunks: Iterable[Hunk]) -> Hunk | None:
    """The first of ``hunks`` that has lines: where there was no file, the one that creates it."""
    return next((hunk for hunk in hunks if hunk.has_lines), None)


def _appoint(file: FileChange, creator: Hunk | None) -> None:
    """Of the hunks that stand on no file or made one, let ``creator`` be the one that creates it; if there is one."""
    if creator is None:
        return
    for hunk in file.hunks:
        if hunk.kind is HunkKind.CREATE and not hunk.replaces and hunk.state in _STANDING:
            hunk.kind = HunkKind.EDIT
    creator.kind = HunkKind.CREATE


def _is_as_planned(hunk: Hunk, plan: FilePlan) -> bool:
    return plan.hunks[hunk.id] == hunk.revision


def _land_late(hunks: Sequence[Hunk]) -> None:
    """Our own write was seen from outside before it was reported: what was found in the file is ours."""
    for hunk in hunks:
        if hunk.state is HunkState.RETIRED and hunk.note == ALREADY_THERE:
            hunk.step(HunkEvent.LAND, "")
            if hunk.conflict is not None:
                hunk.start += hunk.conflict.offset
                hunk.conflict = None
        elif not hunk.has_lines and hunk.state is HunkState.CONFLICTED:
            hunk.conflict = None
            hunk.step(HunkEvent.RESOLVE, "")
            hunk.step(HunkEvent.ACCEPT)


def plan_undo(file: FileChange, ids: Collection[str]) -> FilePlan | dict[str, str]:
    """Plan to take the accepted hunks ``ids`` out of ``file``.

    Returns reasons by hunk id where some cannot be taken out.
    """
    twin = file.copy()
    reasons = take_out(twin, ids)
    if reasons:
        return reasons
    hunks = [hunk for hunk in file.hunks if hunk.id in ids]
    before = file.disk_digest
    writes = [FileWrite(file.path, before, twin.base, file.mode if before is None else None)]
    if twin.path != file.path:
        first = next(hunk for hunk in hunks if not hunk.has_lines)
        back = "".join(first.removed).encode() if first.replaces else None
        writes = [FileWrite(file.path, before, back), FileWrite(twin.path, None, twin.base, file.mode)]
    return FilePlan(file.path, before, {hunk.id: hunk.revision for hunk in hunks}, tuple(writes))


def take_out(file: FileChange, ids: Collection[str]) -> dict[str, str]:
    """Make accepted hunks pending again, their lines out of the base; those on top of others come first.

    Returns reasons by id where some cannot be taken out; the rest has been.
    """
    left = [hunk for hunk in file.hunks if hunk.id in ids]
    while left:
        refused = {hunk.id: why for hunk in left if (why := refusal_to_undo(file, hunk)) is not None}
        if len(refused) == len(left):
            return refused
        _take_out(file, [hunk for hunk in left if hunk.id not in refused])
        left = [hunk for hunk in left if hunk.id in refused]
    return {}


def finish_undo(file: FileChange, plan: FilePlan) -> None:
    """The writes of ``plan`` to undo have been made: its hunks are pending again."""
    if file.disk_digest == plan.before:
        take_out(file, plan.hunks)
        return
    before = file.watched_text()
    for hunk in file.hunks:
        if hunk.id in plan.hunks and hunk.state is HunkState.RETIRED and hunk.note == OVERWRITTEN:
            hunk.step(HunkEvent.RESTORE, "")
    file.refresh()
    separate(file)
    file.settle(before)


def _take_out(file: FileChange, hunks: Sequence[Hunk]) -> None:
    before = file.watched_text()
    after = apply_edits(file.base_lines, [hunk.edit for hunk in hunks if hunk.has_lines])
    unmade = any(hunk.kind is HunkKind.CREATE and not hunk.replaces for hunk in hunks)
    if unmade and after:
        _appoint(file, first_with_lines(h for h in file.hunks if h.state is HunkState.ACCEPTED and h not in hunks))
        unmade = False
    exists = not unmade and (file.base is not None or any(hunk.kind is HunkKind.DELETE for hunk in hunks))
    file.move_base(hunks, after, file.encode(after) if exists else None)
    for hunk in hunks:
        hunk.step(HunkEvent.UNDO, "")
        if not hunk.has_lines and hunk.source is not None:
            file.path = hunk.source
    file.refresh()
    separate(file)
    file.settle(before)


def refuse_same_path(files: Iterable[FilePlan]) -> None:
    """Raise :exc:`PlanRefused` where two files of a plan want to write the same path."""
    writers: dict[str, FilePlan] = {}
    for file in files:
        for write in file.writes:
            if (other := writers.setdefault(write.path, file)) is not file:
                reason = f"{write.path} is also written by {next(iter(other.hunks))}; decide on one of them first"
                raise PlanRefused(dict.fromkeys(file.hunks, reason))
