"""A change that git knows, as blocks to read, and what a person has said about its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from spark_tui.app.changes.formatting import formatting_lines
from spark_tui.app.changes.moves import Moved, find_moves
from spark_tui.app.commits.comparison import Comparison
from spark_tui.app.commits.plan import CommitFile, CommitHunk
from spark_tui.app.ui.git_rows import GitRows, NotedRows, edited, place_of
from spark_tui.app.workspace.unified_diff import DiffHunk
from spark_tui.widgets.change_header import ChangeFacts
from spark_tui.widgets.rows import DiffBlock, DiffRow, RowKind

EXCERPT_MOST = 40
"""Lines of an excerpt that go to the model with a comment."""

SIGNS = {RowKind.REMOVED: "-", RowKind.ADDED: "+"}


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person said about some rows of a file."""

    path: str
    rows: tuple[DiffRow, ...]
    text: str

    @property
    def line(self) -> int | None:
        """The first line it is about, of the new file where it is there."""
        return next((row.new or row.old for row in self.rows if row.new or row.old), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """The ``files`` of a change as git listed them, with all that is made of them before anything is said.

    ``moves`` are by the unit's id, ``blocks`` by the file's path.
    """

    files: Sequence[CommitFile]
    moves: Mapping[str, Moved]
    blocks: Mapping[str, Sequence[DiffBlock]]
    facts: ChangeFacts


def show(compared: Comparison, files: Sequence[CommitFile]) -> Shown:
    """Make what is shown of ``files``. It takes 0.3 s for 5,000 hunks: call it off the event loop."""
    units = [(unit, edited(unit.hunk)) for file in files for unit in file.hunks if unit.hunk is not None]
    found = find_moves([change for _, change in units])
    moves = {unit.id: moved for (unit, _), moved in zip(units, found, strict=True)}
    facts = ChangeFacts(
        len(files),
        sum(len(change.added) for _, change in units),
        sum(len(change.removed) for _, change in units),
        sum(formatting_lines(change.removed, change.added) for _, change in units),
        title=compared.title,
    )
    return Shown(files, moves, {file.path: _blocks_of(file, moves, ()) for file in files}, facts)


@dataclass(slots=True)
class GitReview:
    """One change and the remarks on it; ``shown`` is made by :func:`show`."""

    compared: Comparison
    shown: Shown
    remarks: list[Remark] = field(default_factory=list)

    def blocks(self) -> list[DiffBlock]:
        """Every file's header and hunks, with the remarks under their lines."""
        blocks: list[DiffBlock] = []
        for file in self.shown.files:
            remarks = [remark for remark in self.remarks if remark.path == file.path]
            blocks += _blocks_of(file, self.shown.moves, remarks) if remarks else self.shown.blocks[file.path]
        return blocks

    def request(self) -> str:
        """The remarks as one message to the model."""
        parts = [f"Review of {self.compared.title}. Please do what each of these comments asks for:"]
        for remark in self.remarks:
            where = f"{remark.path}:{remark.line}" if remark.line is not None else remark.path
            quoted = [f"> {SIGNS.get(row.kind, ' ')}{row.text}" for row in remark.rows[:EXCERPT_MOST]]
            parts.append("\n".join([where, *quoted, remark.text]))
        return "\n\n".join(parts)


def _blocks_of(file: CommitFile, moves: Mapping[str, Moved], remarks: Sequence[Remark]) -> list[DiffBlock]:
    name = file.path if not file.renamed else f"{file.old_path} → {file.path}"
    hunks = [unit.hunk for unit in file.hunks if unit.hunk is not None]
    added = sum(mark == b"+" for hunk in hunks for mark, _ in hunk.lines)
    removed = sum(mark == b"-" for hunk in hunks for mark, _ in hunk.lines)
    header = DiffRow(RowKind.FILE, f"{name}\t+{added} −{removed}" if hunks else name)
    blocks = [DiffBlock(f"file:{file.path}", file.path, [header])]
    for unit in file.hunks:
        key = f"{file.path}@{_first_change(unit.hunk)}" if unit.hunk is not None else unit.id
        blocks.append(DiffBlock(key, file.path, _rows_of(unit, moves, remarks), hunk=key))
    return blocks


def _rows_of(unit: CommitHunk, moves: Mapping[str, Moved], remarks: Sequence[Remark]) -> Sequence[DiffRow]:
    hunk = unit.hunk
    if hunk is None:
        return [DiffRow(RowKind.HUNK, unit.header)]
    rows = GitRows(hunk, place_of(hunk) or f"line {hunk.new_start}", moves[unit.id])
    notes: dict[int, list[str]] = {}
    for remark in remarks:
        if (at := _row_of(rows, remark.rows[-1])) is not None:
            notes.setdefault(at, []).append(remark.text)
    return NotedRows(rows, notes) if notes else rows


def _first_change(hunk: DiffHunk) -> tuple[int, int]:
    """The old and the new line of the first change: they stay when the context grows."""
    context = next((number for number, (mark, _) in enumerate(hunk.lines) if mark != b" "), 0)
    return hunk.old_start + context, hunk.new_start + context


def _row_of(rows: GitRows, wanted: DiffRow) -> int | None:
    """Where the line ``wanted`` stands among ``rows`` by its numbers."""
    return next(
        (at for at, row in enumerate(rows) if (row.kind, row.old, row.new) == (wanted.kind, wanted.old, wanted.new)),
        None,
    )
