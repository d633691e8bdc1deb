"""Which paths a few letters find, and in which order."""

from __future__ import annotations

import re
from itertools import islice
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets import fuzzy
from spark_tui.widgets.fuzzy import Finder, places_of, spans_of

PATHS = st.lists(st.text("abcA/_.", min_size=1, max_size=9), max_size=40, unique=True).map(sorted)
FEW_LETTERS = st.lists(st.text("ab/", min_size=1, max_size=5), max_size=40, unique=True).map(sorted)
QUERIES = st.text("abA ./", max_size=6)


def holds(path: str, query: str) -> bool:
    """By the letter: each word's letters in order, small ones standing for both."""
    return all(
        re.search(".*".join(map(re.escape, word)), path if word != word.lower() else path.lower(), re.DOTALL)
        for word in query.split()
    )


@settings(max_examples=300, deadline=None)
@given(PATHS, QUERIES)
def test_what_is_found_is_all_that_holds_the_letters(paths: list[str], query: str) -> None:
    with mock.patch.object(fuzzy, "PIECE", 3):
        found = Finder(paths).find(query)
    assert sorted(found) == ([path for path in paths if holds(path, query)] if query.split() else [])


@settings(max_examples=200, deadline=None)
@given(PATHS, QUERIES)
def test_a_query_that_is_typed_finds_what_one_that_is_pasted_does(paths: list[str], query: str) -> None:
    typed, pasted = Finder(paths), Finder(paths)
    for end in range(len(query)):
        typed.find(query[:end])
    assert typed.find(query) == pasted.find(query)
    assert (typed.count, typed.is_all) == (pasted.count, pasted.is_all)


@settings(max_examples=500, deadline=None)
@given(FEW_LETTERS, st.text("ab ", min_size=1, max_size=4), st.data())
def test_whatever_was_asked_given_up_or_looked_for_ahead_the_next_query_finds_the_same(
    paths: list[str], query: str, data: st.DataObject
) -> None:
    with mock.patch.multiple(fuzzy, LISTED=2, WEIGHED=2, FOUND_MOST=5, PIECE=3):
        typed, pasted = Finder(paths), Finder(paths)
        asked = st.sampled_from([*(query[:end] for end in range(len(query))), "b", "ab", " "])
        for before in data.draw(st.lists(asked, max_size=4), "asked before"):
            if data.draw(st.booleans(), "given up"):
                for _ in islice(typed.search(before), data.draw(st.integers(0, 8), "steps")):
                    pass
            else:
                typed.find(before)
                for _ in islice(typed.look_ahead(), data.draw(st.integers(0, 20), "steps ahead")):
                    pass
        assert typed.find(query) == pasted.find(query)
        assert (typed.count, typed.is_all) == (pasted.count, pasted.is_all)


def test_a_search_that_was_given_up_counts_for_nothing() -> None:
    finder = Finder(["ab", "b"])
    finder.find("ab")
    next(finder.search("b"))
    assert finder.find("b") == ["b", "ab"]


def test_what_was_looked_for_ahead_counts_only_if_it_is_all_there_is() -> None:
    with mock.patch.multiple(fuzzy, LISTED=1, FOUND_MOST=2):
        finder = Finder(["ab", "axb1", "axb2", "axb3c"])
        finder.find("ab")
        for _ in finder.look_ahead():
            pass
        assert finder.find("abc") == ["axb3c"]


def test_no_step_looks_at_more_than_a_piece_of_the_paths() -> None:
    paths = [f"folder/file{number:05}" for number in range(20 * fuzzy.PIECE)]
    for query in ("file", "fole0", "zz", "e00 f0"):
        finder = Finder(paths)
        assert sum(1 for _ in finder.prepare()) == 20
        assert sum(1 for _ in finder.search(query)) >= 20


@settings(max_examples=200, deadline=None)
@given(PATHS, QUERIES)
def test_the_places_are_the_letters_in_order(paths: list[str], query: str) -> None:
    for path in Finder(paths).find(query):
        for word in query.split():
            places = list(places_of(word, path))
            text = path if word != word.lower() else path.lower()
            assert "".join(text[at] for at in places) == word
            assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("tscar", "tests/test_cart.py"),
        ("srcart", "src/cart.py"),
        ("cart", "src/cart.py"),
        ("dv", "widgets/diff_view.py"),
        ("diffview", "widgets/diff_view.py"),
        ("FiTr", "ui/FileTree.java"),
        ("wid view", "widgets/diff_view.py"),
        ("src/c", "src/cart.py"),
    ],
)
def test_the_likeliest_comes_first(query: str, best: str) -> None:
    paths = [
        "docs/chart_of_accounts.md",
        "lib/discart.py",
        "src/cart.py",
        "src/descartes.py",
        "tests/test_cart.py",
        "ui/FileTree.java",
        "ui/fixtures_trim.java",
        "widgets/diff_view.py",
        "widgets/drive.py",
        "widgets/view_of_diffs.py",
    ]
    assert Finder(paths).find(query)[0] == best


def test_among_many_that_hold_the_letters_apart_the_one_that_has_them_together_is_first() -> None:
    paths = sorted([*(f"a{n}b{n}c{n}" for n in range(fuzzy.FOUND_MOST + 5)), "x/abc"])
    finder = Finder(paths)
    found = finder.find("abc")
    assert found[0] == "x/abc"
    assert (len(found), finder.count, finder.is_all) == (fuzzy.LISTED, fuzzy.FOUND_MOST, False)


def test_spans_join_what_stands_together() -> None:
    assert spans_of("app py", "src/App.py") == [(4, 7), (8, 10)]
    assert spans_of("srcapp", "src/App.py") == [(0, 3), (4, 7)]
    assert spans_of("App", "src/app.py") == []


def test_a_letter_that_is_longer_in_small_moves_nothing() -> None:
    path = "\u0130/cart.py"
    assert spans_of("cart", path) == [(2, 6)]
    assert Finder([path]).find("cart") == [path]


def test_there_is_nothing_among_no_paths() -> None:
    assert Finder([]).find("/") == []
