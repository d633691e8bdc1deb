"""Which rows stand beside one another."""

from __future__ import annotations

import pytest

from spark_tui.widgets.rows import DiffRow, RowKind
from spark_tui.widgets.side_by_side import SideBySide

KINDS = {" ": RowKind.CONTEXT, "-": RowKind.REMOVED, "+": RowKind.ADDED, "@": RowKind.HUNK}


def rows(*lines: str) -> list[DiffRow]:
    return [DiffRow(KINDS[line[0]], line[1:]) for line in lines]


def sides(*lines: str) -> list[tuple[int | None, int | None]]:
    beside = SideBySide(rows(*lines))
    return [beside.sides(line) for line in range(len(beside))]


def test_context_and_titles_stand_on_both_sides() -> None:
    assert sides("@f", " a", " b") == [(0, 0), (1, 1), (2, 2)]


def test_a_change_stands_beside_what_it_replaces() -> None:
    assert sides("-a", "-b", "+A") == [(0, 2), (1, None)]
    assert sides("-a", "+A", "+B") == [(0, 1), (None, 2)]


def test_what_has_no_counterpart_leaves_the_other_side_empty() -> None:
    assert sides(" a", "-b", " c") == [(0, 0), (1, None), (2, 2)]
    assert sides("+b", " c") == [(None, 0), (1, 1)]


def test_like_stands_beside_like() -> None:
    assert sides("-def area(r):", "+import math", "+def area(radius):") == [(None, 1), (0, 2)]


def test_changes_after_one_another_do_not_mix() -> None:
    assert sides("-a", "+A", " x", "-b", "+B") == [(0, 1), (2, 2), (3, 4)]


@pytest.mark.parametrize(
    "lines",
    [
        ("@f", " a", "-b", "+B", "+C", " d"),
        ("-def area(r):", "+import math", "+def area(radius):"),
        ("+a", "-b", " c", "-d", "-e", "+D"),
    ],
)
def test_every_row_is_found_on_the_line_it_stands_on(lines: tuple[str, ...]) -> None:
    beside = SideBySide(rows(*lines))
    for row in range(len(lines)):
        assert row in beside.sides(beside.line_of(row))


def test_a_long_change_is_laid_out_without_looking_at_its_lines() -> None:
    lines = [*(f"-{n}" for n in range(5000)), *(f"+{n}" for n in range(7000))]
    beside = SideBySide(rows(*lines))
    assert len(beside) == 7000
    assert beside.sides(4999) == (4999, 9999)
    assert beside.sides(6999) == (None, 11999)
    assert beside.line_of(11999) == 6999
