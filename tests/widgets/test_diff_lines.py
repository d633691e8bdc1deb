from __future__ import annotations

import pytest

from spark_tui.widgets.diff_lines import DiffLines
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind


def test_the_last_written_line_is_one_that_is_known_also_of_a_block_that_grew() -> None:
    rows = [DiffRow(RowKind.HUNK, "f"), DiffRow(RowKind.ADDED, "one")]
    lines = DiffLines()
    lines.replace([DiffBlock("h", "a.py", rows, hunk="h", mark=Mark.STREAMING)])
    rows.append(DiffRow(RowKind.ADDED, "two"))
    assert lines.last_written(0) == 1
    assert lines.serial(lines.last_written(0))
    lines.touch("h")
    assert lines.last_written(0) == 2


def test_blocks_put_in_at_one_place_leave_the_lines_as_if_all_were_shown_anew() -> None:
    lines, anew = DiffLines(), DiffLines()
    blocks = [block(f"{path}{number}", path, number) for path in ("a.py", "b.py") for number in range(4)]
    lines.replace(blocks)
    serials = {lines.row(line).text: lines.serial(line) for line in range(lines.count)}
    gone = lines.splice(2, 3, [blocks[4], block("new", "a.py", 2), blocks[2]])
    anew.replace([*blocks[:2], blocks[4], block("new", "a.py", 2), blocks[2], *blocks[5:]])
    assert [shown.key for shown in gone] == ["a.py3"]
    assert [lines.row(line) for line in range(lines.count)] == [anew.row(line) for line in range(anew.count)]
    assert (lines.files(), lines.hunks()) == (anew.files(), anew.hunks())
    assert [lines.place(key) for key in ("a.py2", "b.py3", "a.py3")] == [4, 7, None]
    kept = {text: serial for text, serial in serials.items() if not text.startswith("a.py3")}
    assert {lines.row(line).text for serial in kept.values() if (line := lines.line_of(serial)) is not None} == set(
        kept
    )
    assert lines.line_of(serials["a.py3 0"]) is None


def numbered(first: int, above: int, below: int) -> list[DiffRow]:
    """A hunk that replaces line ``first``, with context around it."""
    return [
        DiffRow(RowKind.HUNK, "f"),
        *(DiffRow(RowKind.CONTEXT, "", line, line) for line in range(first - above, first)),
        DiffRow(RowKind.REMOVED, "", first),
        DiffRow(RowKind.ADDED, "", None, first),
        *(DiffRow(RowKind.CONTEXT, "", line, line) for line in range(first + 1, first + 1 + below)),
    ]


@pytest.mark.parametrize("side_by_side", [False, True])
def test_a_line_keeps_its_name_when_the_context_grows_and_shrinks(side_by_side: bool) -> None:
    lines = DiffLines()
    shown = DiffBlock("h", "a.py", numbered(20, 2, 2), hunk="h", mark=Mark.PENDING)
    lines.side_by_side = side_by_side
    lines.replace([shown])
    lines.arrange()
    serials = {lines.serial(line): lines.row(line) for line in range(lines.count)}
    for above, below in ((19, 50), (5, 1), (2, 2)):
        shown.rows = numbered(20, above, below)
        lines.touch("h")
        kept = [(serial, row) for serial, row in serials.items() if row.old is None or row.old <= 20 + below]
        assert [lines.row(lines.line_of(serial) or 0) for serial, _ in kept] == [row for _, row in kept]
    shown.rows = numbered(20, 0, 0)
    lines.touch("h")
    assert {lines.line_of(serial) for serial in serials} == set(range(lines.count))


def test_a_line_is_found_by_its_numbers_in_another_block() -> None:
    lines = DiffLines()
    lines.replace([DiffBlock("h", "a.py", numbered(20, 5, 5), hunk="h", mark=Mark.PENDING)])
    assert lines.line_like("a.py", DiffRow(RowKind.CONTEXT, "", 18, 18)) == 4
    assert lines.line_like("a.py", DiffRow(RowKind.ADDED, "", None, 20)) == 7
    assert lines.line_like("a.py", DiffRow(RowKind.CONTEXT, "", 18, 17)) is None
    assert lines.line_like("b.py", DiffRow(RowKind.CONTEXT, "", 18, 18)) is None


def block(key: str, path: str, number: int) -> DiffBlock:
    if number == 0:
        return DiffBlock(key, path, [DiffRow(RowKind.FILE, f"{key} 0")])
    rows = [DiffRow(RowKind.ADDED, f"{key} {row}") for row in range(number)]
    return DiffBlock(key, path, rows, hunk=key, mark=Mark.PENDING)
