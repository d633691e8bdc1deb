"""What a revision or a range means to a reviewer."""

from __future__ import annotations

import pytest

from spark_tui.app.commits.comparison import UnknownRevision, comparison, files_of
from tests.app.conftest import MakeWorkTree
from tests.app.work_tree import WorkTree

NUMBERS = "".join(f"{number}\n" for number in range(1, 41))


def paths(tree: WorkTree, spec: str) -> list[str]:
    return [file.path for file in files_of(tree.repository, comparison(tree.repository, spec))]


@pytest.fixture
def tree(make_work_tree: MakeWorkTree) -> WorkTree:
    """``main`` and ``topic`` have parted; ``topic`` is checked out, with a file that no commit has."""
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.git("checkout", "--quiet", "-b", "topic")
    tree.write("topic.txt", "t\n")
    tree.commit_all("Topic")
    tree.git("checkout", "--quiet", "main")
    tree.write("main.txt", "m\n")
    tree.commit_all("Main")
    tree.git("branch", "ahead")
    tree.git("checkout", "--quiet", "topic")
    tree.write("loose.txt", "l\n")
    return tree


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("", ["loose.txt"]),
        ("HEAD", ["loose.txt"]),
        ("main", ["loose.txt", "topic.txt"]),
        ("main..topic", ["main.txt", "topic.txt"]),
        ("main...topic", ["topic.txt"]),
        ("topic...main", ["main.txt"]),
        ("main~", ["loose.txt", "topic.txt"]),
        ("main..", ["main.txt", "topic.txt"]),
    ],
)
def test_what_is_compared(tree: WorkTree, spec: str, expected: list[str]) -> None:
    assert paths(tree, spec) == expected


def test_a_revision_ahead_of_head_is_what_it_would_bring(tree: WorkTree) -> None:
    tree.git("checkout", "--quiet", "--detach", "main~")
    assert paths(tree, "main") == ["main.txt"]


@pytest.mark.parametrize("spec", ["nowhere", "--all", "main..nowhere", "-p..main", "HEAD:a.txt", "a b", "\x1b[2J"])
def test_what_is_no_commit_is_refused_in_one_line(tree: WorkTree, spec: str) -> None:
    with pytest.raises(UnknownRevision, match="is no commit here; give a branch"):
        comparison(tree.repository, spec)


def test_before_the_first_commit_everything_is_new(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree()
    tree.write("a.txt", "a\n")
    assert paths(tree, "") == ["a.txt"]


def test_context_and_whole_files(tree: WorkTree) -> None:
    tree.write("a.txt", NUMBERS.replace("20\n", "twenty\n"))
    compared = comparison(tree.repository, "")

    def sizes(context: int, whole: set[str]) -> list[int]:
        found = files_of(tree.repository, compared, context=context, whole=whole)
        return [len(unit.hunk.lines) for file in found for unit in file.hunks if unit.hunk is not None]

    assert sizes(0, set()) == [2, 1]
    assert sizes(3, set()) == [8, 1]
    assert sizes(3, {"a.txt"}) == [41, 1]


def test_a_whole_file_keeps_its_hunks(tree: WorkTree) -> None:
    tree.write("a.txt", NUMBERS.replace("10\n", "ten\n").replace("30\n", "thirty\n"))
    compared = comparison(tree.repository, "")
    narrow, *_ = files_of(tree.repository, compared)
    whole, *_ = files_of(tree.repository, compared, whole={"a.txt"})
    assert [unit.id for unit in whole.hunks] == [unit.id for unit in narrow.hunks]
    assert [(unit.hunk.old_start, unit.hunk.old_count) for unit in whole.hunks if unit.hunk is not None] == [
        (1, 26),
        (27, 14),
    ]
