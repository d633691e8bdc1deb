"""A row's strip is gone with its last user, also where garbage is not looked for."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome
from textual.strip import Strip

from spark_tui.widgets.row_strip import RowStrip, as_rows

RED, BLACK = Style(color="red"), Color(0, 0, 0)


@pytest.fixture
def _all_are_gone() -> Iterator[None]:
    """Afterwards there are no more strips than before, without a look for garbage."""
    gc.collect()
    gc.disable()
    before = _count()
    yield
    after = _count()
    gc.enable()
    assert after == before


def _count() -> int:
    return sum(isinstance(each, Strip) for each in gc.get_objects())


@pytest.mark.usefixtures("_all_are_gone")
def test_a_strip_that_fills_its_place_leaves_no_garbage() -> None:
    strip = RowStrip([Segment("word", RED)], 4)
    shown = strip.apply_filter(Monochrome(), BLACK)
    assert list(strip.divide([4])) == [strip]
    assert list(shown.divide([4])) == [shown]


def test_it_is_divided_and_filtered_like_any_other() -> None:
    strip = RowStrip([Segment("two ", RED), Segment("words", RED)], 9)
    assert [part.text for part in strip.divide([3, 9])] == ["two", " words"]
    assert [part.text for part in strip.divide([9, 12])] == ["two words"]
    grey = Monochrome()
    shown = strip.apply_filter(grey, BLACK)
    assert list(shown) == grey.apply(list(strip), BLACK) != list(strip)
    assert shown.cell_length == 9
    assert strip.apply_filter(grey, BLACK) is shown
    assert strip.apply_filter(Monochrome(), BLACK) is not shown


@pytest.mark.usefixtures("_all_are_gone")
def test_rows_that_textual_drew_leave_no_garbage_either() -> None:
    drawn = [Strip([Segment("word", RED)]), Strip([])]
    rows = as_rows(drawn)
    assert rows == drawn
    assert [list(row.divide([row.cell_length])) for row in rows] == [[row] for row in rows]
