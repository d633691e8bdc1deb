"""One file of the change set as blocks of the diff pane; a block that did not change stays the same object."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.changes.moves import Moved
from spark_tui.app.pairing.comments import Comment
from spark_tui.app.ui.diff_rows import NOT_MOVED, HunkRows, StreamRows
from spark_tui.widgets.enclosing import enclosing
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind

URGENCY = (
    HunkState.RETIRED,
    HunkState.REJECTED,
    HunkState.ACCEPTED,
    HunkState.PENDING,
    HunkState.STREAMING,
    HunkState.CONFLICTED,
)
"""A file shows the state of the hunk that asks most of the user."""

Made = tuple[str, tuple[object, ...], DiffBlock]
"""A block, its key, and what it was made from: while that stays equal, so does the block."""


class FileBlocks:
    """``blocks`` are what is shown of the file at ``path``, by their keys and from the top; empty to begin with."""

    def __init__(self) -> None:
        self.path = ""
        self.blocks: dict[str, DiffBlock] = {}
        self._made_from: dict[str, tuple[object, ...]] = {}

    def rebuild(
        self,
        file: FileChange,
        patch: LivePatch | None,
        *,
        header: DiffRow,
        context: int,
        moves: Mapping[str, Moved],
        comments: Iterable[Comment],
    ) -> list[str]:
        """Make the blocks of ``file`` that are not as they were; returns the keys of those that changed.

        ``patch`` is the one that is being written to it, if any; ``context`` is in lines, above and below each hunk;
        ``moves`` are the moved lines of each hunk by its id; ``comments`` are in the order of their lines.
        """
        changed = []
        blocks: dict[str, DiffBlock] = {}
        made_from: dict[str, tuple[object, ...]] = {}
        for key, signature, block in self._make(file, patch, header, context, moves, deque(comments)):
            if signature != self._made_from.get(key):
                changed.append(key)
            blocks[key] = block
            made_from[key] = signature
        self.path, self.blocks, self._made_from = file.path, blocks, made_from
        return changed

    def _make(
        self,
        file: FileChange,
        patch: LivePatch | None,
        header: DiffRow,
        context: int,
        moves: Mapping[str, Moved],
        notes: deque[Comment],
    ) -> Iterator[Made]:
        hunks = [hunk for hunk in file if is_shown(hunk)]
        if not hunks:
            return
        key = f"file:{id(file)}"
        mark = overall(hunks)
        yield self._renewed(key, (header, mark), file.path, (header,), mark, None)
        base = file.base_lines
        shift = reached = 0
        for index, hunk in enumerate(hunks):
            limit = hunks[index + 1].start if index + 1 < len(hunks) else len(base)
            if hunk.state is HunkState.STREAMING:
                yield self._stream(file, hunk, patch, shift)
            else:
                above = max(0, min(context, hunk.start - reached)) if hunk.kind is HunkKind.EDIT else 0
                room = min(limit, len(base)) - hunk.end
                below = max(0, room if room <= 2 * context and index + 1 < len(hunks) else min(context, room))
                moved, sides = moves.get(hunk.id, NOT_MOVED), id(hunk.conflict)
                looks = (hunk.state, hunk.revision, hunk.note, moved, sides)
                signature = (*looks, hunk.start, above, below, shift, id(base))
                if self._made_from.get(hunk.id) == signature:
                    yield hunk.id, signature, self.blocks[hunk.id]
                else:
                    rows = HunkRows(hunk, base, title_of(file, hunk, hunk.start), above, below, shift, moved)
                    yield self._renewed(hunk.id, signature, file.path, rows, Mark(hunk.state.value), hunk)
                reached = max(reached, hunk.end + below)
            if hunk.state is HunkState.PENDING:
                shift += hunk.growth
            while notes and (index + 1 == len(hunks) or notes[0].start < reached + shift):
                yield self._note(notes.popleft())

    def _stream(self, file: FileChange, hunk: Hunk, patch: LivePatch | None, shift: int) -> Made:
        block = self.blocks.get(hunk.id)
        rows = block.rows if block is not None else None
        if block is None or not isinstance(rows, StreamRows):
            rows = StreamRows(lambda start: title_of(file, hunk, start))
            if block is None:
                block = DiffBlock(hunk.id, file.path, rows, hunk=hunk.id)
            block.rows, block.mark = rows, Mark.STREAMING
        partial = None
        if patch is not None and patch.open_chunk is not None:
            partial = patch.partial
            rows.update(patch.open_chunk, partial, shift)
        signature = (len(rows), partial, hunk.start)
        if self._made_from.get(hunk.id) != signature:
            block.version += 1
        return hunk.id, signature, block

    def _note(self, comment: Comment) -> Made:
        """The row of a comment, below the hunk that its lines are in, or next to."""
        key = f"note:{comment.id}"
        row = DiffRow(RowKind.NOTE, f"{comment.place.removeprefix(f'{comment.path}, ')}: {comment.note}")
        block = self.blocks.get(key)
        if block is None:
            block = DiffBlock(key, comment.path, (row,))
        elif block.rows[0] != row:
            block.rows = (row,)
            block.version += 1
        return key, (row,), block

    def _renewed(
        self,
        key: str,
        signature: tuple[object, ...],
        path: str,
        rows: Sequence[DiffRow],
        mark: Mark,
        hunk: Hunk | None,
    ) -> Made:
        """The block of ``key``, brought up to date: the view holds on to the one it was given, so that one stays."""
        block = self.blocks.get(key)
        if block is None:
            block = DiffBlock(key, path, rows, hunk=None if hunk is None else hunk.id, mark=mark)
        elif self._made_from.get(key) != signature:
            block.path, block.rows, block.mark = path, rows, mark
            block.version += 1
        block.revision = 0 if hunk is None else hunk.revision
        return key, signature, block


def is_shown(hunk: Hunk) -> bool:
    """Whether the hunk has something to say: not where another took its place."""
    return hunk.superseded_by is None and not (hunk.state is HunkState.RETIRED and not hunk.note)


def overall(hunks: Iterable[Hunk]) -> Mark:
    """The state of several hunks together; there is at least one."""
    return Mark(max((hunk.state for hunk in hunks), key=URGENCY.index).value)


def title_of(file: FileChange, hunk: Hunk, start: int) -> str:
    """What stands above a hunk at line ``start``: what it does to the file, or the function it is in, or its line."""
    match hunk.kind:
        case HunkKind.CREATE:
            return "new file"
        case HunkKind.DELETE:
            return "delete the file"
        case HunkKind.RENAME:
            return f"move to {hunk.target}"
        case HunkKind.EDIT:
            return enclosing(file.base_lines, start) or f"line {start + 1}"


def header_of(file: FileChange, counts: tuple[int, int], tested: str) -> DiffRow:
    """The row above a file's hunks; ``counts`` are the lines added and removed, ``tested`` what tests said of it."""
    added, removed = counts
    name = file.path if file.target == file.path else f"{file.path} → {file.target}"
    figures = f"+{added} −{removed}" if added or removed else ""
    frozen = f"{file.frozen}  " if file.frozen else ""
    return DiffRow(RowKind.FILE, f"{name}\t{frozen}{tested}{figures}")
