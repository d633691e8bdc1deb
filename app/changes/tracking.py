"""Hunks follow their file: what a new version of its lines means for each hunk that stands on the old one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spark_tui.app.changes.hunk import (
    ALREADY_THERE,
    OVERWRITTEN,
    REFORMATTED,
    Conflict,
    Hunk,
    HunkEvent,
    HunkState,
)
from spark_tui.app.changes.rebase import AlreadyThere, Clash, Clean, LineDiff, Rebased, ThreeWay
from spark_tui.protocol.patch.edits import LineEdit


@dataclass(slots=True)
class RebaseOutcome:
    """What a change from outside did to the hunks of ``path``; each tuple holds ids, in file order.

    ``changed``: the file's bytes are others than before. ``conflicted``, ``retired``: these are so now. ``cleared``:
    no longer in conflict. ``reformatted``: still pending, but with another text than was on the screen.
    ``frozen``: the one line that says why nothing of this file can be accepted at present.
    """

    path: str
    changed: bool = False
    conflicted: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    reformatted: list[str] = field(default_factory=list)
    frozen: str | None = None


def follow(hunks: Iterable[Hunk], merge: ThreeWay, outcome: RebaseOutcome, diff: LineDiff | None = None) -> None:
    """Move ``hunks`` (in file order) from the merge's base to its theirs, and note in ``outcome`` what changed.

    With ``diff``, pending hunks around which only white space changed are kept, marked as reformatted.
    """
    pending: list[Hunk] = []
    for hunk in hunks:
        if not hunk.has_lines:
            continue
        if hunk.conflict is not None:
            _follow_conflict(hunk, hunk.conflict, merge, outcome)
        elif hunk.state is HunkState.PENDING:
            pending.append(hunk)
        else:
            _settle(hunk, merge.rebase([hunk.edit])[0], merge, outcome, [hunk])
    results = merge.rebase([hunk.edit for hunk in pending])
    spared = _reformatted(pending, results, merge, diff) if diff is not None else {}
    for index, (hunk, result) in enumerate(zip(pending, results, strict=True)):
        if index in spared:
            _reformat(hunk, spared[index], merge, outcome)
        else:
            _settle(hunk, result, merge, outcome, pending)


def _settle(hunk: Hunk, result: Rebased, merge: ThreeWay, outcome: RebaseOutcome, group: Sequence[Hunk]) -> None:
    match result:
        case Clean(edit):
            _stand(hunk, edit, merge.theirs)
        case AlreadyThere(start):
            hunk.start = start
            if hunk.state is HunkState.ACCEPTED:
                _retire(hunk, OVERWRITTEN, outcome)
            else:
                found = tuple(hunk.added)
                hunk.conflict = Conflict(tuple(hunk.removed), found, found)
                if hunk.state is HunkState.PENDING:
                    _retire(hunk, ALREADY_THERE, outcome)
        case Clash(edit, region, ours, members):
            _stand(hunk, edit, merge.base)
            hunk.start = region.start
            hunk.conflict = Conflict(
                base=tuple(merge.base[region.low : region.high]),
                theirs=tuple(merge.theirs[region.start : region.end]),
                ours=ours,
                offset=edit.start - region.low,
                members=tuple(group[member].id for member in members) if len(members) > 1 else (),
            )
            if hunk.state is HunkState.PENDING:
                hunk.step(HunkEvent.CONFLICT, "the file changed here")
                outcome.conflicted.append(hunk.id)


def _stand(hunk: Hunk, edit: LineEdit, lines: Sequence[str]) -> None:
    """Put ``hunk`` where ``edit`` is; a pure insertion or deletion may have slid to an equivalent place."""
    hunk.start = edit.start
    if hunk.added and hunk.removed:
        return
    old, new = list(lines[edit.start : edit.end]), list(edit.lines)
    hunk.removed, hunk.added = (new, old) if hunk.is_applied else (old, new)


def _retire(hunk: Hunk, reason: str, outcome: RebaseOutcome) -> None:
    hunk.step(HunkEvent.RETIRE, reason)
    outcome.retired.append(hunk.id)


def _follow_conflict(hunk: Hunk, conflict: Conflict, merge: ThreeWay, outcome: RebaseOutcome) -> None:
    """Grow the sides of a conflict by what changed next to it, and see whether it still is one."""
    region = merge.region(hunk.start, hunk.end)
    if region is None:
        hunk.start = merge.shift(hunk.start)
        return
    before = tuple(merge.base[region.low : hunk.start])
    after = tuple(merge.base[hunk.end : region.high])
    grown = Conflict(
        base=before + conflict.base + after,
        theirs=tuple(merge.theirs[region.start : region.end]),
        ours=before + conflict.ours + after,
        offset=conflict.offset + len(before),
        members=conflict.members,
    )
    hunk.start = region.start
    hunk.conflict = grown
    if grown.theirs == grown.base:
        hunk.start += grown.offset
        hunk.conflict = None
        if hunk.state is HunkState.CONFLICTED:
            hunk.step(HunkEvent.RESOLVE, "")
            outcome.cleared.append(hunk.id)
    elif grown.theirs == grown.ours:
        if hunk.state is HunkState.CONFLICTED:
            _retire(hunk, ALREADY_THERE, outcome)
        elif hunk.state is HunkState.ACCEPTED:
            hunk.start += grown.offset
            hunk.conflict = None
            _retire(hunk, OVERWRITTEN, outcome)


def _reformatted(
    pending: Sequence[Hunk], results: Sequence[Rebased], merge: ThreeWay, diff: LineDiff
) -> dict[int, int]:
    """The clashing hunks around which only white space changed, and where they stand in theirs.

    Hunks that share a conflict are spared together or not at all.
    """
    groups = {result.members for result in results if isinstance(result, Clash)}
    if not groups or not merge.base:
        return {}
    base, theirs = [_squeeze(line) for line in merge.base], [_squeeze(line) for line in merge.theirs]
    blind = ThreeWay(base, theirs, diff(base, theirs))
    spared: dict[int, int] = {}
    for members in groups:
        edits = [_squeezed(pending[member].edit) for member in members]
        starts = {
            member: moved.edit.start
            for member, edit, moved in zip(members, edits, blind.rebase(edits), strict=True)
            if isinstance(moved, Clean) and moved.edit.lines == edit.lines
        }
        if len(starts) == len(members):
            spared |= starts
    return spared


def _squeeze(line: str) -> str:
    return "".join(line.split()) + "\n"


def _squeezed(edit: LineEdit) -> LineEdit:
    return LineEdit(edit.start, edit.end, tuple(_squeeze(line) for line in edit.lines))


def _reformat(hunk: Hunk, start: int, merge: ThreeWay, outcome: RebaseOutcome) -> None:
    """Put ``hunk`` at ``start`` of theirs, on theirs' spelling of its lines and with theirs' indentation."""
    size = len(hunk.removed)
    around = range(-1 if hunk.start and start else 0, size + 1)
    indents = {
        _indent(merge.base[hunk.start + i]): _indent(merge.theirs[start + i])
        for i in around
        if hunk.start + i < len(merge.base) and start + i < len(merge.theirs) and merge.base[hunk.start + i].strip()
    }
    hunk.start = start
    hunk.removed = list(merge.theirs[start : start + size])
    hunk.added = [_reindent(line, indents) for line in hunk.added]
    hunk.note = REFORMATTED
    hunk.revision += 1
    outcome.reformatted.append(hunk.id)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] if line.strip() else ""


def _reindent(line: str, indents: dict[str, str]) -> str:
    """``line`` with the longest known beginning of its indentation put as the file has it now."""
    if not line.strip():
        return line
    known = max((old for old in indents if line.startswith(old)), key=len, default="")
    return indents.get(known, known) + line[len(known) :]
