"""From the change set to what the diff pane draws: once a frame, and only for files that changed since the last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.changes.moves import Edited, Moved, find_moves
from spark_tui.app.pairing.comments import Comment, CommentBook
from spark_tui.app.running.desk import CommandDesk
from spark_tui.app.ui.diff_rows import NOT_MOVED, HunkRows, StreamRows
from spark_tui.widgets.enclosing import enclosing
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind

CONTEXT = 3
"""Lines of the file shown above and below each hunk."""

CONTEXTS = (0, 1, 3, 6, 12, 25, 50, 100)
"""The steps by which the context grows."""

URGENCY = (
    HunkState.RETIRED,
    HunkState.REJECTED,
    HunkState.ACCEPTED,
    HunkState.PENDING,
    HunkState.STREAMING,
    HunkState.CONFLICTED,
)
"""A file shows the state of the hunk that asks most of the user."""


@dataclass(slots=True)
class Redraw:
    """What a frame changes: all ``blocks`` where their order or number changed (else ``None``), and the ``touched``
    keys of blocks that only changed in themselves; ``paths`` are the files concerned."""

    blocks: list[DiffBlock] | None = None
    touched: list[str] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)


class _Shown:
    """One file's blocks, by key, and what each was made from."""

    def __init__(self) -> None:
        self.path = ""
        self.blocks: dict[str, DiffBlock] = {}
        self.made_from: dict[str, tuple[object, ...]] = {}


class DiffPresenter:
    """Turns ``changes`` into blocks. It keeps what it made, so that a block which did not change stays the same."""

    def __init__(
        self, changes: ChangeSet, comments: CommentBook | None = None, desk: CommandDesk | None = None
    ) -> None:
        self._changes = changes
        self._desk = desk
        self._desk_version = 0
        self._comments = CommentBook() if comments is None else comments
        self._comments_version = self._comments.version
        self._shown: dict[int, _Shown] = {}
        self._count = 0
        self._context = CONTEXT
        self._whole: set[str] = set()
        self._stale: set[str] = set()
        self._moves: dict[str, Moved] = {}
        self._moves_of: list[tuple[str, int]] = []
        self._moves_due = False

    @property
    def context(self) -> int:
        """Lines shown above and below each hunk."""
        return self._context

    def widen(self, step: int) -> None:
        """Show more lines around the hunks, or with a negative ``step`` fewer; from the next :meth:`refresh` on."""
        at = min(max(CONTEXTS.index(self._context) + step, 0), len(CONTEXTS) - 1)
        self._context = CONTEXTS[at]
        self._stale = {file.path for file in self._changes.files}

    def toggle_whole(self, path: str) -> None:
        """Show all of the file, or only its hunks again; from the next :meth:`refresh` on."""
        self._whole ^= {path}
        self._stale.add(path)

    def refresh(self, patch: LivePatch | None) -> Redraw:
        """Return what changed since the last call; ``patch`` is the one that is being written, if any."""
        redraw = Redraw(paths=self._changes.take_touched() | self._stale)
        self._stale = set()
        if self._comments.version != self._comments_version:
            self._comments_version = self._comments.version
            redraw.paths |= self._comments.paths
        if self._desk is not None and self._desk.version != self._desk_version:
            self._desk_version = self._desk.version
            redraw.paths |= {file.path for file in self._changes.files}
        self._moves_due |= bool(redraw.paths)
        if patch is None and self._moves_due:
            self._moves_due = False
            redraw.paths |= self._look_for_moves()
        live = self._changes.file(patch.path) if patch is not None and patch.path is not None else None
        restructured = len(self._changes.files) != self._count
        self._count = len(self._changes.files)
        for file in self._changes.files:
            shown = self._shown.get(id(file))
            if shown is None:
                shown = self._shown[id(file)] = _Shown()
            if file.path in redraw.paths or file is live or shown.path != file.path:
                keys = list(shown.blocks)
                redraw.touched += self._rebuild(file, shown, patch if file is live else None)
                restructured |= keys != list(shown.blocks)
        if restructured:
            redraw.blocks = [b for file in self._changes.files for b in self._shown[id(file)].blocks.values()]
            redraw.touched = []
        return redraw

    def _look_for_moves(self) -> set[str]:
        """Find the moved lines anew, which waits until nothing is being written; returns the files concerned."""
        hunks = [h for h in self._changes.hunks(HunkState.PENDING, HunkState.ACCEPTED) if h.has_lines]
        made_of = [(hunk.id, hunk.revision) for hunk in hunks]
        if made_of == self._moves_of:
            return set()
        found = find_moves([Edited(hunk.removed, hunk.added) for hunk in hunks])
        moves = {hunk.id: moved for hunk, moved in zip(hunks, found, strict=True) if moved}
        changed = {id_ for id_ in {*moves, *self._moves} if moves.get(id_) != self._moves.get(id_)}
        self._moves, self._moves_of = moves, made_of
        return {file.path for file in self._changes.files if any(hunk.id in changed for hunk in file.hunks)}

    def _rebuild(self, file: FileChange, shown: _Shown, patch: LivePatch | None) -> list[str]:
        """Make the blocks of ``file`` that are not as they were; returns the keys of those that changed."""
        made = list(self._blocks(file, shown, patch))
        changed = []
        blocks: dict[str, DiffBlock] = {}
        made_from: dict[str, tuple[object, ...]] = {}
        for key, signature, block in made:
            if signature != shown.made_from.get(key):
                changed.append(key)
            blocks[key] = block
            made_from[key] = signature
        shown.path, shown.blocks, shown.made_from = file.path, blocks, made_from
        return changed

    def _blocks(
        self, file: FileChange, shown: _Shown, patch: LivePatch | None
    ) -> Iterator[tuple[str, tuple[object, ...], DiffBlock]]:
        hunks = [hunk for hunk in file if is_shown(hunk)]
        if not hunks:
            return
        key = f"file:{id(file)}"
        header, mark = _header(file, self._changes.counts(file.path), self._tested(file)), overall(hunks)
        yield key, (header, mark), _renewed(shown, key, (header, mark), file.path, (header,), mark, None)
        base = file.base_lines
        context = len(base) if file.path in self._whole else self._context
        notes = deque(self._comments.on(file.path))
        shift = reached = 0
        for index, hunk in enumerate(hunks):
            limit = hunks[index + 1].start if index + 1 < len(hunks) else len(base)
            if hunk.state is HunkState.STREAMING:
                yield self._stream(file, shown, hunk, patch, shift)
            else:
                above = max(0, min(context, hunk.start - reached)) if hunk.kind is HunkKind.EDIT else 0
                room = min(limit, len(base)) - hunk.end
                below = max(0, room if room <= 2 * context and index + 1 < len(hunks) else min(context, room))
                moved, sides = self._moves.get(hunk.id, NOT_MOVED), id(hunk.conflict)
                looks = (hunk.state, hunk.revision, hunk.note, moved, sides)
                signature = (*looks, hunk.start, above, below, shift, id(base))
                known = shown.blocks.get(hunk.id)
                if known is not None and shown.made_from.get(hunk.id) == signature:
                    block = known
                else:
                    title = title_of(file, hunk, hunk.start)
                    rows = HunkRows(hunk, base, title, above, below, shift, moved)
                    block = _renewed(shown, hunk.id, signature, file.path, rows, Mark(hunk.state.value), hunk)
                yield hunk.id, signature, block
                reached = max(reached, hunk.end + below)
            if hunk.state is HunkState.PENDING:
                shift += hunk.growth
            while notes and (index + 1 == len(hunks) or notes[0].start < reached + shift):
                yield _note(shown, notes.popleft())

    def _tested(self, file: FileChange) -> str:
        """What the tests said of the file as the change has it now; nothing if they were not run on that."""
        verdict = self._desk.verdict if self._desk is not None else None
        if verdict is None or file.streaming is not None or file.target not in verdict.contents:
            return ""
        if not verdict.holds_for(file.target, file.proposed):
            return "untested  "
        return "tests✓  " if verdict.passed else "tests✗  "

    def _stream(
        self, file: FileChange, shown: _Shown, hunk: Hunk, patch: LivePatch | None, shift: int
    ) -> tuple[str, tuple[object, ...], DiffBlock]:
        block = shown.blocks.get(hunk.id)
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
        if shown.made_from.get(hunk.id) != signature:
            block.version += 1
        return hunk.id, signature, block


def _note(shown: _Shown, comment: Comment) -> tuple[str, tuple[object, ...], DiffBlock]:
    """The row of a comment, below the hunk that its lines are in, or next to."""
    key = f"note:{comment.id}"
    row = DiffRow(RowKind.NOTE, f"{comment.place.removeprefix(f'{comment.path}, ')}: {comment.note}")
    block = shown.blocks.get(key)
    if block is None:
        block = DiffBlock(key, comment.path, (row,))
    elif block.rows[0] != row:
        block.rows = (row,)
        block.version += 1
    return key, (row,), block


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


def _header(file: FileChange, counts: tuple[int, int], tested: str) -> DiffRow:
    added, removed = counts
    name = file.path if file.target == file.path else f"{file.path} → {file.target}"
    figures = f"+{added} −{removed}" if added or removed else ""
    frozen = f"{file.frozen}  " if file.frozen else ""
    return DiffRow(RowKind.FILE, f"{name}\t{frozen}{tested}{figures}")


def _renewed(
    shown: _Shown,
    key: str,
    signature: tuple[object, ...],
    path: str,
    rows: Sequence[DiffRow],
    mark: Mark,
    hunk: Hunk | None,
) -> DiffBlock:
    """The block of ``key``, brought up to date: the view holds on to the block it was given, so it stays the same."""
    block = shown.blocks.get(key)
    if block is None:
        block = DiffBlock(key, path, rows, hunk=None if hunk is None else hunk.id, mark=mark)
    elif shown.made_from.get(key) != signature:
        block.path, block.rows, block.mark = path, rows, mark
        block.version += 1
    block.revision = 0 if hunk is None else hunk.revision
    return block
