from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.ui.git_rows import GitRows, NotedRows, place_of
from spark_tui.app.workspace.unified_diff import ADD, KEEP, REMOVE, DiffHunk
from spark_tui.widgets.rows import highest_of

marks = st.lists(st.sampled_from([KEEP, REMOVE, ADD]), max_size=9)


@given(marks, st.integers(0, 98), st.integers(0, 98), st.booleans())
def test_the_highest_line_number_is_known_without_making_the_rows(
    kinds: list[bytes], old: int, new: int, titled: bool
) -> None:
    old_count, new_count = (sum(mark != other for mark in kinds) for other in (ADD, REMOVE))
    hunk = DiffHunk(
        old + (old_count > 0),
        old_count,
        new + (new_count > 0),
        new_count,
        b"",
        tuple((mark, b"x\n") for mark in kinds),
    )
    rows = GitRows(hunk, "title" if titled else None)
    numbers = [number for row in rows for number in (row.old, row.new) if number is not None]
    assert highest_of(rows) == max(numbers, default=0)
    if kinds:
        assert highest_of(NotedRows(rows, {0: ["said"]})) == max(numbers, default=0)


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([" def main():", "     cart = Cart()", "-    cart.add(1)"], "def main():"),
        (["     def add(self):", "-        pass"], "def add(self):"),
        (["     cart = Cart()", "-    cart.add(1)"], "def git_says(self):"),
        ([" def main():", "     pass", "+", "+def other():"], "def git_says(self):"),
        ([" def main():", "-x = 1"], "def git_says(self):"),
        (["-    pass"], "def git_says(self):"),
    ],
)
def test_the_place_of_a_hunk_is_the_function_that_begins_in_it(lines: list[str], place: str) -> None:
    shown = tuple((line[:1].encode(), f"{line[1:]}\n".encode()) for line in lines)
    assert place_of(DiffHunk(1, 1, 1, 1, b"def git_says(self):", shown)) == place
