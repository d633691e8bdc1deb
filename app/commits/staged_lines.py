"""Which of the lines that can be committed the user has staged already."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from spark_tui.app.commits.plan import CommitFile, CommitHunk, CommitPlan
from spark_tui.app.workspace.unified_diff import ADD, KEEP, REMOVE, DiffHunk


def staged_lines(plan: CommitPlan, staged: CommitPlan) -> dict[str, frozenset[int]]:
    """For each hunk of ``plan`` of which something is in the index: which of its changed lines, by their number.

    ``staged`` is what the index has that HEAD has not. What has no lines is there with none, if it is staged.
    """
    files = {file.path: file for file in staged.files}
    whole = {unit.id for unit in staged.hunks}
    found: dict[str, frozenset[int]] = {}
    for unit in plan.hunks:
        lines = _lines_of(unit, files)
        if lines or (unit.hunk is None and unit.id in whole):
            found[unit.id] = lines
    return found


def _lines_of(unit: CommitHunk, files: Mapping[str, CommitFile]) -> frozenset[int]:
    file = files.get(unit.path)
    if unit.hunk is None or file is None:
        return frozenset()
    hunks = [other.hunk for other in file.hunks if other.hunk is not None]
    removed = {old for hunk in hunks for mark, old, _ in _walk(hunk) if mark == REMOVE}
    added = [(old, line) for hunk in hunks for mark, old, line in _walk(hunk) if mark == ADD]
    found: set[int] = set()
    number = 0
    for start, end, changes in _runs(unit.hunk):
        here = {line for mark, _, line in changes if mark == ADD}
        waiting = deque(line for old, line in added if start <= old <= end and line in here)
        for mark, old, line in changes:
            if mark == REMOVE and old in removed:
                found.add(number)
            elif mark == ADD and waiting and waiting[0] == line:
                waiting.popleft()
                found.add(number)
            number += 1
    return frozenset(found)


def _walk(hunk: DiffHunk) -> Iterator[tuple[bytes, int, bytes]]:
    """Each line with its mark and the old line (from 0) that it is, or that it is put before."""
    old = hunk.old_start - (hunk.old_count > 0)
    for mark, line in hunk.lines:
        yield mark, old, line
        old += mark != ADD


def _runs(hunk: DiffHunk) -> Iterator[tuple[int, int, list[tuple[bytes, int, bytes]]]]:
    """The changes without an unchanged line between, with the old lines where they begin and end."""
    run: list[tuple[bytes, int, bytes]] = []
    for entry in _walk(hunk):
        if entry[0] != KEEP:
            run.append(entry)
        elif run:
            yield _bounds(run)
            run = []
    if run:
        yield _bounds(run)


def _bounds(run: list[tuple[bytes, int, bytes]]) -> tuple[int, int, list[tuple[bytes, int, bytes]]]:
    removed = sum(mark == REMOVE for mark, _, _ in run)
    return run[0][1], run[0][1] + removed, run
