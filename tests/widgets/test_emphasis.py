"""Word-level differences between lines."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.emphasis import Ranges, emphasise, pair_lines

LINES = st.text(alphabet="abc _(),. ", max_size=40)


def kept(text: str, ranges: Ranges) -> str:
    position, parts = 0, []
    for start, end in ranges:
        parts.append(text[position:start])
        position = end
    return "".join([*parts, text[position:]])


def test_only_the_words_that_differ() -> None:
    old, new = "    count = total(lines)", "    count = total(lines, strict)"
    before, after = emphasise(old, new)
    assert before == ()
    assert [new[start:end] for start, end in after] == [", strict"]
    assert emphasise("same", "same") == ((), ())


def test_lines_with_little_in_common_are_not_marked() -> None:
    assert emphasise("import os", "class Parser(Base):") == ((), ())


def test_huge_lines_are_left_alone() -> None:
    assert emphasise("a " * 5000, "b " * 5000) == ((), ())


@settings(max_examples=200, deadline=None)
@given(LINES, LINES)
def test_what_is_not_marked_is_common(old: str, new: str) -> None:
    before, after = emphasise(old, new)
    for text, ranges in ((old, before), (new, after)):
        assert all(0 <= start < end <= len(text) for start, end in ranges)
        assert all(left[1] < right[0] for left, right in itertools.pairwise(ranges))
    if before or after:
        assert kept(old, before).replace(" ", "") == kept(new, after).replace(" ", "")


def test_lines_are_paired_with_their_like() -> None:
    removed = ["def f(x):", "    return x"]
    added = ["# a new comment", "def f(x, y):", "    return x + y"]
    assert pair_lines(removed, added) == [(0, 1), (1, 2)]
    assert pair_lines(["import os"], ["class Parser(Base):"]) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=6), st.lists(LINES, max_size=6))
def test_pairs_never_cross(removed: list[str], added: list[str]) -> None:
    pairs = pair_lines(removed, added)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(pairs))
