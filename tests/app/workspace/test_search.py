from __future__ import annotations

from collections.abc import Callable

import pytest

from spark_tui.app.workspace.git_errors import GitFailed
from spark_tui.app.workspace.search import Match, SearchQuery, search
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


def test_odd_names_and_contents(make_work_tree: Make) -> None:
    tree = make_work_tree({"a\nb:1:c.txt": "x\n", "bin": b"x\0", "latin.txt": b"x \xe9\r\n", "-e": "x\n", "ü/é": "x"})
    result = search(tree.repository, SearchQuery("x"), {})
    assert list(result.matches) == [
        Match("-e", 1, "x"),
        Match("a\nb:1:c.txt", 1, "x"),
        Match("latin.txt", 1, "x \ufffd"),
        Match("ü/é", 1, "x"),
    ]
    assert not result.truncated


def test_a_pattern_is_never_an_option(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "--open-files-in-pager\n"})
    result = search(tree.repository, SearchQuery("--open-files-in-pager"), {})
    assert [match.path for match in result.matches] == ["a.txt"]


def test_a_limited_search_counts_pending_texts_in_place(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "x\n" * 50, "b.txt": "x\n"})
    result = search(tree.repository, SearchQuery("x", limit=1), {"a.txt": b"y\n"})
    assert (list(result.matches), result.truncated) == ([Match("b.txt", 1, "x")], False)
    assert search(tree.repository, SearchQuery("x", limit=1), {}).truncated


def test_an_expression_that_is_none_is_an_error_of_one_line(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "x\n"})
    with pytest.raises(GitFailed) as caught:
        search(tree.repository, SearchQuery("[", regex=True), {})
    assert "\n" not in str(caught.value)


def test_a_limited_search_names_the_other_files_that_match(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "x\nx\n", "b\n.txt": "x\n", "c.txt": "y\n", "d.txt": "x\n", "e.txt": "x\n"})
    pending = {"c.txt": b"x\n", "d.txt": b"y\n", "e.txt": None}
    result = search(tree.repository, SearchQuery("x", limit=1), pending)
    assert [match.path for match in result.matches] == ["a.txt"]
    assert (list(result.others), result.others_truncated) == (["b\n.txt", "c.txt"], False)


def test_a_search_within_the_limit_names_nothing_twice(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "x\n"})
    assert search(tree.repository, SearchQuery("x"), {}).others == ()
