"""A block in the pane: the function that one of its lines is in."""

from __future__ import annotations

from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind
from spark_tui.widgets.shown_block import ShownBlock


def rows(title: str, *lines: str) -> list[DiffRow]:
    return [DiffRow(RowKind.HUNK, title), *(DiffRow(RowKind.ADDED, line) for line in lines)]


def test_a_line_is_in_the_function_above_it_or_in_what_the_title_says() -> None:
    shown = ShownBlock(
        0, DiffBlock("h1", "a.py", rows("class Cart:", "    x = 1", "    def total(self):", "        y"))
    )
    assert [shown.function_at(line) for line in (1, 2, 3)] == ["class Cart:", "class Cart:", "def total(self):"]


def test_a_block_that_changes_or_gives_way_to_another_is_looked_at_anew() -> None:
    shown = ShownBlock(0, DiffBlock("h1", "a.py", rows("one", "    x")))
    assert shown.function_at(1) == "one"
    shown.block.rows = rows("two", "    x")
    shown.block.version += 1
    assert shown.function_at(1) == "two"
    shown.block = DiffBlock("h1", "a.py", rows("three", "    x"), version=1)
    assert shown.function_at(1) == "three"


def test_what_is_being_written_gets_its_title_late_and_grows_unasked() -> None:
    lines = rows("", "    x", "    y")
    shown = ShownBlock(0, DiffBlock("h1", "a.py", lines, mark=Mark.STREAMING))
    assert shown.function_at(2) == ""
    lines[0] = DiffRow(RowKind.HUNK, "def total(self):")
    shown.block.version += 1
    assert shown.function_at(2) == "def total(self):"
    lines.append(DiffRow(RowKind.ADDED, "    z"))
    assert shown.function_at(3) == "def total(self):"
