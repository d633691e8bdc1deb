"""Which rows are in view, over made-up lines."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.layout import Row
from spark_tui.widgets.viewport import Viewport


class Heights:
    """Lines of which only the number of rows matters; a line's serial is the object it stands for."""

    def __init__(self, heights: list[int]) -> None:
        self.serials = list(range(len(heights)))
        self.heights = dict(enumerate(heights))

    def insert(self, at: int, height: int) -> None:
        serial = len(self.heights)
        self.heights[serial] = height
        self.serials.insert(at, serial)

    def line_count(self) -> int:
        return len(self.serials)

    def line_serial(self, line: int) -> int:
        return self.serials[line]

    def line_of(self, serial: int) -> int | None:
        return self.serials.index(serial) if serial in self.serials else None

    def rows_of(self, line: int) -> Sequence[Row]:
        return [Row("", 10 * row, 10 * row + 10) for row in range(self.heights[self.serials[line]])]


HEIGHTS = st.lists(st.integers(1, 5), min_size=1, max_size=12)


def all_rows(lines: Heights) -> list[tuple[int, int]]:
    return [(line, row) for line in range(lines.line_count()) for row in range(len(lines.rows_of(line)))]


def at(lines: Heights, height: int) -> Viewport:
    viewport = Viewport(lines)
    viewport.height = height
    viewport.settle(None)
    return viewport


@settings(max_examples=150, deadline=None)
@given(HEIGHTS, st.integers(1, 8), st.lists(st.integers(-9, 9), max_size=5))
def test_the_view_is_a_full_window_of_the_rows(heights: list[int], height: int, moves: list[int]) -> None:
    lines = Heights(heights)
    rows = all_rows(lines)
    viewport = at(lines, height)
    for move in moves:
        viewport.set_top(min(viewport.moved(viewport.top(), move), viewport.last_top()))
        viewport.settle(None)
        start = rows.index(viewport.rows[0])
        assert viewport.rows == rows[start : start + height]
        assert len(viewport.rows) == min(height, len(rows))


@settings(max_examples=150, deadline=None)
@given(HEIGHTS, st.integers(1, 8), st.integers(0, 11))
def test_a_target_is_brought_into_view(heights: list[int], height: int, target: int) -> None:
    lines = Heights(heights)
    viewport = at(lines, height)
    target %= lines.line_count()
    viewport.settle(target)
    assert (target, len(lines.rows_of(target)) - 1) in viewport.rows
    rows = list(viewport.rows)
    viewport.settle(target)
    assert viewport.rows == rows


@settings(max_examples=100, deadline=None)
@given(HEIGHTS, st.integers(1, 8), st.integers(0, 30), st.integers(1, 5))
def test_lines_inserted_above_move_nothing(heights: list[int], height: int, down: int, added: int) -> None:
    lines = Heights(heights)
    viewport = at(lines, height)
    viewport.set_top(min(viewport.moved((0, 0), down), viewport.last_top()))
    viewport.settle(None)
    before = [(lines.line_serial(line), row) for line, row in viewport.rows]
    line, row = viewport.rows[0]
    if (line, row) == (0, 0):
        return
    lines.insert(0, added)
    viewport.settle(None)
    assert [(lines.line_serial(line), row) for line, row in viewport.rows] == before


@settings(max_examples=100, deadline=None)
@given(HEIGHTS, st.integers(2, 8), st.integers(0, 30), st.integers(0, 7), st.lists(st.integers(1, 5), max_size=6))
def test_a_line_that_is_held_keeps_its_height_until_the_view_is_moved(
    heights: list[int], height: int, down: int, y: int, added: list[int]
) -> None:
    lines = Heights(heights)
    viewport = at(lines, height)
    viewport.set_top(min(viewport.moved((0, 0), down), viewport.last_top()))
    viewport.settle(None)
    if len(viewport.rows) < height:
        return
    line = viewport.rows[y % height][0]
    y = next(y for y, (shown, _) in enumerate(viewport.rows) if shown == line)
    serial, row = lines.line_serial(line), viewport.rows[y][1]
    viewport.hold(line)
    for size in added:
        lines.insert(lines.serials.index(serial), size)
        viewport.settle(None)
        assert viewport.rows[y] == (lines.serials.index(serial), row)
    viewport.set_top(viewport.rows[0])
    top = lines.line_serial(viewport.rows[0][0])
    lines.insert(lines.serials.index(serial), 1)
    viewport.settle(None)
    assert lines.line_serial(viewport.rows[0][0]) == top


@settings(max_examples=100, deadline=None)
@given(HEIGHTS, st.integers(2, 8), st.integers(0, 7))
def test_the_thumb_stays_in_its_column(heights: list[int], height: int, y: int) -> None:
    viewport = at(Heights(heights), height)
    viewport.put_thumb(y)
    viewport.settle(None)
    start, end = viewport.thumb()
    assert 0 <= start <= end <= height


@settings(max_examples=150, deadline=None)
@given(HEIGHTS, st.integers(2, 8), st.integers(0, 4), st.lists(st.integers(1, 3), max_size=20))
def test_a_view_that_leads_moves_seldom_and_keeps_the_end_in_view(
    heights: list[int], height: int, lead: int, added: list[int]
) -> None:
    lines = Heights(heights)
    viewport = at(lines, height)
    for rows in added:
        before, was = viewport.top(), all_rows(lines)[-1]
        lines.insert(lines.line_count(), min(rows, height))
        end = all_rows(lines)[-1]
        viewport.settle(end[0], lead=lead)
        assert end in viewport.rows
        stood_still = viewport.top() == before
        free = height - len(viewport.rows)
        assert free <= max(lead, height - len(all_rows(lines)))
        if not stood_still and lead and len(all_rows(lines)) > height:
            assert free == min(lead, height - 1) or viewport.top() == end, (was, end)


def test_free_rows_stay_until_they_are_filled() -> None:
    lines = Heights([1] * 10)
    viewport = at(lines, 4)
    viewport.settle(9, lead=2)
    assert viewport.rows == [(8, 0), (9, 0)]
    viewport.settle(9)
    assert viewport.rows == [(8, 0), (9, 0)], "nothing came: nothing moves"
    lines.insert(10, 1)
    viewport.settle(10)
    assert viewport.rows == [(8, 0), (9, 0), (10, 0)]
    viewport.fill()
    viewport.settle(10)
    assert viewport.rows == [(7, 0), (8, 0), (9, 0), (10, 0)]
