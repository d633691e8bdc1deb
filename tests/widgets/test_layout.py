"""Wrapping, cropping and laying styles over text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from spark_tui.widgets.layout import crop, overlay, wrap

WORDS = st.text(alphabet="ab 漢é-", max_size=60)


def rows(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


def test_wrap_breaks_after_spaces_and_cuts_long_words() -> None:
    assert rows("one two three", 8) == ["one two", "three"]
    assert rows("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert rows("", 4) == [""]
    assert rows("漢字漢字", 5) == ["漢字", "漢字"]
    assert rows("é two three", 6) == ["é two", "three"]


@settings(max_examples=200, deadline=None)
@given(WORDS, st.integers(2, 12))
def test_wrapped_rows_fit_and_lose_only_spaces(text: str, width: int) -> None:
    breaks = wrap(text, width)
    position = 0
    for start, end in breaks:
        assert position <= start <= end
        assert not text[position:start].strip(" ")
        assert cell_len(text[start:end]) <= width
        position = end
    assert not text[position:].strip(" ")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab漢é", max_size=40), st.integers(0, 20), st.integers(1, 12))
def test_cropped_text_fits_with_room_for_the_ellipsis(text: str, skip: int, width: int) -> None:
    start, end, more = crop(text, skip, width)
    assert 0 <= start <= end <= len(text)
    assert cell_len(text[start:end]) + more <= width
    if not more:
        assert end == len(text)


def test_later_layers_lie_above() -> None:
    bold, red = Style(bold=True), Style(color="red")
    segments = overlay("abcdef", Style.null(), [[(1, 4, bold)], [(3, 9, red)]])
    assert [(segment.text, segment.style) for segment in segments] == [
        ("a", Style.null()),
        ("bc", bold),
        ("d", bold + red),
        ("ef", red),
    ]
