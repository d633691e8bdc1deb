"""Rows of a line that grows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.line_layout import LineLayout, cut_row


def laid_out(text: str, width: int, cuts: list[int], *, inline: bool) -> LineLayout:
    layout = LineLayout(width, inline=inline)
    for cut in sorted(cuts):
        layout.update(text[:cut], finished=False)
    layout.update(text, finished=False)
    return layout


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab 漢\t\x1b", max_size=400), st.lists(st.integers(0, 400), max_size=12), st.integers(4, 20))
def test_growing_gives_the_rows_that_the_whole_would(text: str, cuts: list[int], width: int) -> None:
    grown = laid_out(text, width, cuts, inline=False)
    whole = LineLayout(width)
    whole.update(text, finished=True)
    assert "".join(row.text for row in grown.rows).replace(" ", "") == "".join(
        row.text for row in whole.rows
    ).replace(" ", "")


def test_finished_rows_are_kept() -> None:
    layout = LineLayout(20, inline=True)
    text = "word " * 100
    layout.update(text, finished=False)
    first = layout.rows[0]
    layout.update(text + "more " * 100, finished=False)
    assert layout.rows[0] is first


def test_a_mark_stays_open_over_settled_rows() -> None:
    text = "**" + "bold " * 60 + "end** plain"
    layout = laid_out(text, 20, list(range(0, len(text), 7)), inline=True)
    assert all(row.spans and row.spans[0][2] == "markdown--strong" for row in layout.rows[:-1])
    assert layout.rows[-1].text.endswith("plain")
    assert "*" not in "".join(row.text for row in layout.rows)


def test_rows_know_their_raw_text() -> None:
    layout = LineLayout(40, inline=True)
    layout.update("a **b** \x1b c", finished=True)
    (row,) = layout.rows
    assert row.text == "a b ‹1B› c"
    assert row.drawn_range(4, 5) == (2, 3)
    assert row.unit_end(8) == 9


def test_a_cut_row_ends_in_an_ellipsis() -> None:
    assert cut_row("abcdef", 4).text == "abc…"
    assert cut_row("abcd", 4).text == "abcd"
