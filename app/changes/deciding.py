"""What a person does with one hunk short of accepting it: reject, bring back, resolve, edit, split."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum

from spark_tui.app.changes.errors import IllegalStep
from spark_tui.app.changes.file_change import FileChange, trim
from spark_tui.app.changes.hunk import (
    REPLACES,
    Conflict,
    Hunk,
    HunkEvent,
    HunkKind,
    HunkState,
)
from spark_tui.app.changes.staging import supersede
from spark_tui.protocol.patch.edits import apply_edits

KEPT_THEIRS = "kept theirs"
EDITED_AWAY = "edited away"


class Side(Enum):
    """Which side of a conflict is kept as it is."""

    THEIRS = "theirs"
    OURS = "ours"


def reject(file: FileChange, hunk: Hunk, reason: str) -> None:
    """Reject a pending or conflicted hunk."""
    was_pending = hunk.state is HunkState.PENDING
    hunk.step(HunkEvent.REJECT, reason)
    if was_pending and hunk.has_lines:
        file.withdraw(hunk)
    elif was_pending:
        file.refresh()


def restore(file: FileChange, hunk: Hunk) -> None:
    """Bring back a rejected or retired hunk; what stands in its place by now is retired in its favour.

    It comes back in conflict where its lines have changed since. Raises :exc:`IllegalStep` for a hunk that never
    fitted the file, or whose change is there already.
    """
    conflict = hunk.conflict
    if hunk.places == 0:
        raise IllegalStep("it never fitted the file; ask for it again")
    if conflict is not None and conflict.theirs == conflict.ours and not conflict.deleted:
        raise IllegalStep("its change is in the file already")
    before = file.watched_text()
    hunk.step(HunkEvent.RESTORE, REPLACES if hunk.replaces else "")
    if conflict is not None:
        hunk.step(HunkEvent.CONFLICT, "the file changed here")
    elif hunk.has_lines:
        _make_room(file, hunk)
    elif (other := next((h for h in file.hunks if _is_other_rename(h, hunk)), None)) is not None:
        supersede([other], hunk)
    hunk.superseded_by = None
    file.settle(before)


def resolve(file: FileChange, hunk: Hunk, choice: Side | Sequence[str]) -> None:
    """Decide a conflict as a whole, for all hunks that share it: a side, or the lines to have instead.

    Keeping theirs retires the hunks. Otherwise ``hunk`` becomes pending with the chosen lines in place of theirs,
    and the others are retired in its favour.
    """
    conflict = hunk.conflict
    if hunk.state is not HunkState.CONFLICTED or conflict is None:
        raise IllegalStep("there is no conflict here; those are marked ‼")
    before = file.watched_text()
    shared = [h for h in file.hunks if h.state is HunkState.CONFLICTED and _shares(h, hunk, conflict)]
    if choice is Side.THEIRS:
        for member in shared:
            member.step(HunkEvent.RETIRE, KEPT_THEIRS)
    elif conflict.deleted:
        _recreate(file, hunk, shared, None if isinstance(choice, Side) else choice)
    else:
        ours = conflict.ours if isinstance(choice, Side) else choice
        start, removed, added = hunk.start, list(conflict.theirs), list(ours)
        if hunk.kind is HunkKind.EDIT:
            start, removed, added = trim(start, removed, added)
        if hunk.kind is HunkKind.EDIT and not removed and not added:
            for member in shared:
                member.step(HunkEvent.RETIRE, KEPT_THEIRS)
        else:
            hunk.start, hunk.removed, hunk.added = start, removed, added
            hunk.conflict = None
            hunk.revision += 1
            hunk.replaces = hunk.kind is HunkKind.CREATE
            hunk.step(HunkEvent.RESOLVE, REPLACES if hunk.replaces else "")
            supersede([member for member in shared if member is not hunk], hunk)
            _make_room(file, hunk)
    file.settle(before)


def set_lines(file: FileChange, hunk: Hunk, added: Sequence[str]) -> None:
    """Replace the added lines of a pending hunk by ``added``, which carry their breaks.

    A missing last break is added unless the hunk ends the file. A hunk that would change nothing any more is retired
    with the lines that it had.
    """
    if hunk.state is not HunkState.PENDING:
        raise IllegalStep(f"a hunk that is {hunk.state.value} cannot be edited; only a pending one can")
    if hunk.kind not in (HunkKind.EDIT, HunkKind.CREATE):
        raise IllegalStep(f"{hunk.path} is moved or deleted: there are no lines to edit; accept or reject the hunk")
    before = file.watched_text()
    lines = list(added)
    if lines and hunk.end < len(file.base_lines) and not lines[-1].endswith("\n"):
        lines[-1] += "\r\n" if file.base_lines[0].endswith("\r\n") else "\n"
    if hunk.kind is HunkKind.EDIT and lines == hunk.removed:
        hunk.step(HunkEvent.RETIRE, EDITED_AWAY)
    else:
        hunk.added = lines
        hunk.ambiguity = None
        hunk.is_part = False
        hunk.revision += 1
    file.settle(before)


def split(
    file: FileChange, hunk: Hunk, chosen: Collection[int], new_id: Callable[[], str]
) -> tuple[list[Hunk], list[Hunk]]:
    """Cut a pending hunk in two by its lines: ``chosen`` are indices into ``removed`` followed by ``added``.

    Returns the hunks of the chosen lines and those of the rest. There may be several of either, as a hunk is one
    run of lines; the first chosen one keeps the id. A removed line that is not chosen stays above the added ones,
    as with ``git add -p``. Choosing none or all leaves the hunk whole. Of a new file the first chosen part creates
    it; the others are lines to be put into it, in any order.
    """
    if hunk.state is not HunkState.PENDING:
        raise IllegalStep("only lines of a pending hunk can be decided alone")
    if hunk.kind not in (HunkKind.EDIT, HunkKind.CREATE):
        raise IllegalStep(f"{hunk.path} is moved or deleted as a whole; accept or reject the hunk")
    pieces = _pieces(hunk, chosen)
    if len(pieces) < 2:
        return ([hunk], []) if chosen else ([], [hunk])
    if hunk.replaces:
        hunk.kind, hunk.replaces, hunk.note = HunkKind.EDIT, False, ""
    parts: tuple[list[Hunk], list[Hunk]] = ([], [])
    made: list[Hunk] = []
    for is_chosen, start, removed, added in pieces:
        if is_chosen and not parts[0]:
            part = hunk
        else:
            part = Hunk(new_id(), hunk.path, HunkKind.EDIT, HunkState.PENDING, turn=hunk.turn, origin=hunk.origin)
        part.start, part.removed, part.added = start, removed, added
        part.note, part.places = hunk.note, hunk.places
        made.append(part)
        parts[0 if is_chosen else 1].append(part)
    hunk.ambiguity = None
    hunk.revision += 1
    index = file.hunks.index(hunk)
    file.hunks[index : index + 1] = made
    file.refresh()
    return parts


def _pieces(hunk: Hunk, chosen: Collection[int]) -> list[tuple[bool, int, list[str], list[str]]]:
    """Runs of lines that are all chosen or all not: whether, where, and the lines removed and added."""
    pieces: list[tuple[bool, int, list[str], list[str]]] = []
    size = len(hunk.removed)
    for index, text in enumerate([*hunk.removed, *hunk.added]):
        is_chosen = index in chosen
        if not pieces or pieces[-1][0] is not is_chosen:
            pieces.append((is_chosen, hunk.start + min(index, size), [], []))
        _, _, removed, added = pieces[-1]
        (removed if index < size else added).append(text)
    return pieces


def _shares(other: Hunk, hunk: Hunk, conflict: Conflict) -> bool:
    if other is hunk or other.id in conflict.members:
        return True
    return conflict.deleted and other.conflict is not None and other.conflict.deleted


def _recreate(file: FileChange, hunk: Hunk, shared: Sequence[Hunk], lines: Sequence[str] | None) -> None:
    """Make ``hunk`` create the file anew that was deleted outside, with all that was proposed, or with ``lines``."""
    if not hunk.has_lines:
        raise IllegalStep("the file to move was deleted outside; keep theirs")
    if lines is None:
        lines = apply_edits(file.base_lines, [h.edit for h in _standing(shared)])
    hunk.step(HunkEvent.RESOLVE, "")
    hunk.kind, hunk.start, hunk.removed, hunk.added = HunkKind.CREATE, 0, [], list(lines)
    hunk.conflict = None
    hunk.revision += 1
    supersede([member for member in shared if member is not hunk], hunk)
    file.lose_base()


def _standing(hunks: Sequence[Hunk]) -> list[Hunk]:
    """The hunks of a deleted file as they stood on it."""
    return [hunk for hunk in hunks if hunk.has_lines]


def _make_room(file: FileChange, hunk: Hunk) -> None:
    """Retire the pending hunks that cannot be had together with ``hunk``, which has just become pending."""
    whole = hunk.kind is not HunkKind.EDIT
    supersede(
        [
            other
            for other in file.pending
            if other is not hunk
            and not _can_share_a_new_file(file, hunk, other)
            and (
                whole
                or other.kind is not HunkKind.EDIT
                or hunk.superseded_by == other.id
                or other.superseded_by == hunk.id
                or (other.start < hunk.end and hunk.start < other.end)
            )
        ],
        hunk,
    )


def _can_share_a_new_file(file: FileChange, hunk: Hunk, other: Hunk) -> bool:
    """Whether both are parts of one new file, as :func:`split` makes them."""
    return file.base is None and hunk.origin == other.origin and not hunk.removed and not other.removed


def _is_other_rename(other: Hunk, hunk: Hunk) -> bool:
    return other is not hunk and not other.has_lines and other.state is HunkState.PENDING
