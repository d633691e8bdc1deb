from __future__ import annotations

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
