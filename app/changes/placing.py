"""Moving a pending chunk whose context fits several places to the next of them."""

from __future__ import annotations

from collections.abc import Sequence

from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Ambiguity, Hunk, HunkState
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.protocol.patch.events import Op, PatchLine
from spark_tui.protocol.patch.language import Dialect
from spark_tui.protocol.patch.matcher import Placement, SectionMatcher
from spark_tui.protocol.patch.sections import Chunk


def ambiguity_of(chunk: Chunk, number: int, placement: Placement) -> Ambiguity | None:
    """What is to be remembered of a chunk to move it; ``None`` where it fits one place only."""
    if placement.places < 2:
        return None
    return Ambiguity(number, tuple(line.op.value + line.text for line in chunk.lines))


def group_of(file: FileChange, hunk: Hunk) -> list[Hunk]:
    """The hunks that came of one chunk with ``hunk``; raises :exc:`ChangeError` where they cannot be moved."""
    known = hunk.ambiguity
    if known is None:
        raise ChangeError("its context fits one place only" if hunk.places < 2 else "it was changed by hand")
    group = [
        other
        for other in file.hunks
        if other.origin == hunk.origin and other.ambiguity is not None and other.ambiguity.chunk == known.chunk
    ]
    if any(other.state is not HunkState.PENDING for other in group):
        raise ChangeError("a part of it is decided already")
    return group


def next_place(file: FileChange, group: Sequence[Hunk]) -> tuple[list[LineEdit], Ambiguity, int]:
    """The edits of the next place, on the proposed text of ``file`` without ``group``, and how many places there are.

    Raises :exc:`ChangeError` where there is no other.
    """
    first = group[0]
    assert first.ambiguity is not None
    before = [hunk for hunk in file.pending if hunk not in group]
    bare = file.copy()
    bare.hunks = [hunk for hunk in bare.hunks if hunk.id not in {member.id for member in group}]
    bare.refresh()
    here = first.start + sum(hunk.growth for hunk in before if hunk.end <= first.start)
    lines = [PatchLine(Op(line[0]), line[1:], 0) for line in first.ambiguity.lines]
    chunk = Chunk(lines=lines)
    matcher = SectionMatcher(bare.proposed_lines, Dialect.LENIENT, file.path)
    placements = [matcher.place_at(chunk, start) for start in matcher.alternatives(chunk)]
    placements = [placement for placement in placements if placement.edits]
    starts = [placement.edits[0].start for placement in placements]
    if not [start for start in starts if start != here]:
        raise ChangeError("there is no other place any more")
    at = (starts.index(here) + 1) % len(starts) if here in starts else 0
    return list(placements[at].edits), Ambiguity(first.ambiguity.chunk, first.ambiguity.lines, at + 1), len(starts)
