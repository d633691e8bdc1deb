"""A change that git knows, as blocks to read, and what a person has said about its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from spark_tui.app.changes.formatting import formatting_lines
from spark_tui.app.changes.moves import Moved, find_moves
from spark_tui.app.commits.comparison import Comparison
from spark_tui.app.commits.plan import CommitFile, CommitHunk
from spark_tui.app.ui.git_rows import GitRows, NotedRows, edited, text_of
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


@dataclass(slots=True)
class GitReview:
    """One change and the remarks on it. ``files`` are as git last listed them."""

    compared: Comparison
    files: Sequence[CommitFile] = ()
    remarks: list[Remark] = field(default_factory=list)

    def blocks(self) -> list[DiffBlock]:
        """Every file's header and hunks, with the remarks under their lines."""
        return [block for file, moves in self._moved() for block in self._blocks_of(file, moves)]

    def facts(self) -> ChangeFacts:
        """What the change comes to."""
        added = removed = formatting = 0
        for hunk in (unit.hunk for file in self.files for unit in file.hunks):
            if hunk is not None:
                change = edited(hunk)
                added += len(change.added)
                removed += len(change.removed)
                formatting += formatting_lines(change.removed, change.added)
        return ChangeFacts(len(self.files), added, removed, formatting, title=self.compared.title)

    def request(self) -> str:
        """The remarks as one message to the model."""
        parts = [f"Review of {self.compared.title}. Please do what each of these comments asks for:"]
        for remark in self.remarks:
            where = f"{remark.path}:{remark.line}" if remark.line is not None else remark.path
            quoted = [f"> {SIGNS.get(row.kind, ' ')}{row.text}" for row in remark.rows[:EXCERPT_MOST]]
            parts.append("\n".join([where, *quoted, remark.text]))
        return "\n\n".join(parts)

    def _moved(self) -> list[tuple[CommitFile, dict[str, Moved]]]:
        units = [unit for file in self.files for unit in file.hunks if unit.hunk is not None]
        found = find_moves([edited(unit.hunk) for unit in units if unit.hunk is not None])
        moves = {unit.id: moved for unit, moved in zip(units, found, strict=True)}
        return [(file, moves) for file in self.files]

    def _blocks_of(self, file: CommitFile, moves: dict[str, Moved]) -> list[DiffBlock]:
        name = file.path if not file.renamed else f"{file.old_path} → {file.path}"
        hunks = [unit.hunk for unit in file.hunks if unit.hunk is not None]
        added = sum(mark == b"+" for hunk in hunks for mark, _ in hunk.lines)
        removed = sum(mark == b"-" for hunk in hunks for mark, _ in hunk.lines)
        header = DiffRow(RowKind.FILE, f"{name}\t+{added} −{removed}" if hunks else name)
        blocks = [DiffBlock(f"file:{file.path}", file.path, [header])]
        for unit in file.hunks:
            key = f"{file.path}@{_first_change(unit.hunk)}" if unit.hunk is not None else unit.id
            blocks.append(DiffBlock(key, file.path, self._rows_of(unit, moves), hunk=key))
        return blocks

    def _rows_of(self, unit: CommitHunk, moves: dict[str, Moved]) -> Sequence[DiffRow]:
        hunk = unit.hunk
        if hunk is None:
            return [DiffRow(RowKind.HUNK, unit.header)]
        rows = GitRows(hunk, text_of(hunk.section) or f"line {hunk.new_start}", moves[unit.id])
        notes: dict[int, list[str]] = {}
        for remark in self.remarks:
            if remark.path == unit.path and (at := _row_of(rows, remark.rows[-1])) is not None:
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
