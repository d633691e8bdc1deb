"""Rows are drawn when they are new, and handed over as they were where nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual.strip import Strip

from spark_tui.widgets.drawn_rows import DrawnRows

KEYS = st.lists(st.integers(0, 3), max_size=8)


class Painter:
    """Draws a row as its key, and notes which rows it drew."""

    def __init__(self) -> None:
        self.rows = DrawnRows()
        self.drawn: list[int] = []

    def show(self, keys: Sequence[int], look: object = "", width: int = 10) -> list[str]:
        self.drawn.clear()
        self.rows.change(keys)

        def draw(y: int) -> Strip:
            self.drawn.append(y)
            return Strip.blank(keys[y])

        def finish(y: int) -> Strip:
            return self.rows.drawn(y, width, draw)

        return [self.rows.ready(y, (look, width), finish).text for y in range(len(keys))]


@given(st.lists(st.tuples(KEYS, st.sampled_from("ab")), max_size=8))
def test_what_is_handed_over_is_what_the_keys_say(frames: list[tuple[list[int], str]]) -> None:
    painter = Painter()
    for keys, look in frames:
        assert painter.show(keys, look) == [" " * key for key in keys]


@given(KEYS, KEYS)
def test_the_runs_are_the_rows_that_differ(before: list[int], after: list[int]) -> None:
    rows = DrawnRows()
    assert rows.change(before) == ([(0, len(before))] if before else [])
    found = rows.change(after)
    if len(before) != len(after):
        assert found == [(0, len(after))]
        return
    assert [y for start, end in found for y in range(start, end)] == [
        y for y, key in enumerate(after) if key != before[y]
    ]
    assert all(end < start for (_, end), (start, _) in pairwise(found))


def test_a_row_is_drawn_once_for_each_width() -> None:
    painter = Painter()
    painter.show([1, 2, 3])
    assert painter.drawn == [0, 1, 2]
    painter.show([2, 3, 4])
    assert painter.drawn == [2]
    painter.show([1, 2, 3], look="other")
    assert painter.drawn == []
    painter.show([1, 2, 3], look="other", width=20)
    assert painter.drawn == [0, 1, 2]
    painter.rows.clear()
    painter.show([1, 2, 3])
    assert painter.drawn == [0, 1, 2]
