"""From the change set to what the diff pane draws: once a frame, and only for files that changed since the last."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.pairing.comments import Comment, CommentBook
from spark_tui.app.ui.diff_rows import HunkRows, StreamRows
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind

CONTEXT = 3
"""Lines of the file shown above and below each hunk."""

TITLE_SEARCH = 400
"""Lines above a hunk that are searched for the function it is in."""

_DEFINITION = re.compile(
    r"\s*(?:(?:export|default|pub|public|private|protected|static|final|abstract|async|unsafe)\s+)*"
    r"(?:def|class|func|fn|function|impl|struct|interface|trait|enum|module|namespace)\b"
)

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

    def __init__(self, changes: ChangeSet, comments: CommentBook | None = None) -> None:
        self._changes = changes
        self._comments = CommentBook() if comments is None else comments
        self._comments_version = self._comments.version
        self._shown: dict[int, _Shown] = {}
        self._count = 0

    def refresh(self, patch: LivePatch | None) -> Redraw:
        """Return what changed since the last call; ``patch`` is the one that is being written, if any."""
        redraw = Redraw(paths=self._changes.take_touched())
        if self._comments.version != self._comments_version:
            self._comments_version = self._comments.version
            redraw.paths |= self._comments.paths
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
        header, mark = _header(file, self._changes.counts(file.path)), overall(hunks)
        yield key, (header, mark), _renewed(shown, key, (header, mark), file.path, (header,), mark, None)
        base = file.base_lines
        notes = deque(self._comments.on(file.path))
        shift = reached = 0
        for index, hunk in enumerate(hunks):
            limit = hunks[index + 1].start if index + 1 < len(hunks) else len(base)
            if hunk.state is HunkState.STREAMING:
                yield self._stream(file, shown, hunk, patch, shift)
            else:
                above = max(0, min(CONTEXT, hunk.start - reached)) if hunk.kind is HunkKind.EDIT else 0
                room = min(limit, len(base)) - hunk.end
                below = max(0, room if room <= 2 * CONTEXT and index + 1 < len(hunks) else min(CONTEXT, room))
                sides = id(hunk.conflict)
                signature = (hunk.state, hunk.revision, hunk.note, hunk.start, above, below, shift, id(base), sides)
                known = shown.blocks.get(hunk.id)
                if known is not None and shown.made_from.get(hunk.id) == signature:
                    block = known
                else:
                    rows = HunkRows(hunk, base, title_of(file, hunk, hunk.start), above, below, shift)
                    block = _renewed(shown, hunk.id, signature, file.path, rows, Mark(hunk.state.value), hunk.id)
                yield hunk.id, signature, block
                reached = max(reached, hunk.end + below)
            if hunk.state is HunkState.PENDING:
                shift += hunk.growth
            while notes and (index + 1 == len(hunks) or notes[0].start < reached + shift):
                yield _note(shown, notes.popleft())

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


def enclosing(lines: Sequence[str], start: int) -> str:
    """The line above ``start`` that names what it is in: a definition that is indented less, else, as git does it,
    the nearest line that begins with a letter; empty without one."""
    indent = next((_indent(line) for line in lines[start : start + 1] if line.strip()), None)
    for number in range(min(start, len(lines)) - 1, max(-1, start - TITLE_SEARCH), -1):
        line = lines[number]
        if _DEFINITION.match(line) and (indent is None or _indent(line) < indent):
            return line.strip()
        if line[:1].isalpha() or line[:1] in ("_", "$"):
            return line.rstrip()
    return ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _header(file: FileChange, counts: tuple[int, int]) -> DiffRow:
    added, removed = counts
    name = file.path if file.target == file.path else f"{file.path} → {file.target}"
    figures = f"+{added} −{removed}" if added or removed else ""
    frozen = f"{file.frozen}  " if file.frozen else ""
    return DiffRow(RowKind.FILE, f"{name}\t{frozen}{figures}")


def _renewed(
    shown: _Shown,
    key: str,
    signature: tuple[object, ...],
    path: str,
    rows: Sequence[DiffRow],
    mark: Mark,
    hunk: str | None,
) -> DiffBlock:
    """The block of ``key``, brought up to date: the view holds on to the block it was given, so it stays the same."""
    block = shown.blocks.get(key)
    if block is None:
        return DiffBlock(key, path, rows, hunk=hunk, mark=mark)
    if shown.made_from.get(key) != signature:
        block.path, block.rows, block.mark = path, rows, mark
        block.version += 1
    return block
