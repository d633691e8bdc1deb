"""The choice of hunks: by hunk, by file, all; and what it comes to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.widgets.commit_choice import Choice, Chosen, CommitHunk, SubjectFit, Totals, subject_fit
from spark_tui.widgets.rows import DiffRow, RowKind

ROWS = (
    DiffRow(RowKind.CONTEXT, "same", 1, 1),
    DiffRow(RowKind.REMOVED, "old", 2, None),
    DiffRow(RowKind.ADDED, "new", None, 2),
    DiffRow(RowKind.ADDED, "newer", None, 3),
)


def choice() -> Choice:
    return Choice(
        [
            CommitHunk("1", "a.py", "def f():", ROWS, chosen=True, ours=True),
            CommitHunk("2", "b.py", "", ROWS, staged=Chosen.ALL),
            CommitHunk("3", "a.py", "def g():", ROWS),
        ]
    )


def test_hunks_are_grouped_by_file_in_order() -> None:
    rows = [(row.path, row.hunk.id if row.hunk else None) for row in choice().rows]
    assert rows == [("a.py", None), ("a.py", "1"), ("a.py", "3"), ("b.py", None), ("b.py", "2")]


def test_a_hunk_can_be_chosen_in_part_from_the_start() -> None:
    chosen = Choice([CommitHunk("1", "a.py", "", ROWS, chosen=True, staged=Chosen.SOME, lines=frozenset({0, 2}))])
    assert chosen.of_row(chosen.rows[1]) is Chosen.SOME
    assert (chosen.lines, chosen.totals) == ({"1": frozenset({0, 2})}, Totals(1, 1, 1, 1))


def test_what_was_chosen_is_chosen() -> None:
    chosen = choice()
    assert chosen.ids == ("1",)
    assert (chosen.of_file("a.py"), chosen.of_file("b.py")) == (Chosen.SOME, Chosen.NONE)
    assert chosen.totals == Totals(hunks=1, files=1, added=2, removed=1)
    assert chosen.hunks[0].line == 2
    assert CommitHunk("x", "x", "binary", ()).line is None


def test_a_file_toggles_to_all_and_then_to_none() -> None:
    chosen = choice()
    chosen.toggle(chosen.rows[0])
    assert list(chosen.ids) == ["1", "3"]
    chosen.toggle_file("a.py")
    assert list(chosen.ids) == []
    chosen.toggle_everything()
    assert list(chosen.ids) == ["1", "2", "3"]
    chosen.toggle_everything()
    assert list(chosen.ids) == []


@given(st.lists(st.integers(0, 4), max_size=12))
def test_every_toggle_taken_back_leaves_the_choice_as_it_was(indices: list[int]) -> None:
    chosen = choice()
    rows = [row for row in chosen.rows if row.hunk is not None]
    before = chosen.ids
    for index in [*indices, *reversed(indices)]:
        chosen.toggle(rows[index % len(rows)])
    assert chosen.ids == before


@pytest.mark.parametrize(
    ("message", "length", "fit"),
    [
        ("", 0, SubjectFit.EMPTY),
        ("\nbody", 0, SubjectFit.EMPTY),
        ("x" * 50 + "\nbody", 50, SubjectFit.GOOD),
        ("x" * 51, 51, SubjectFit.LONG),
        ("x" * 73, 73, SubjectFit.CUT),
    ],
)
def test_a_subject_fits_or_not(message: str, length: int, fit: SubjectFit) -> None:
    assert subject_fit(message) == (length, fit)
