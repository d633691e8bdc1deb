"""The tree's rows against the plainest way to build them, and what stays put when paths change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.fuzzy import LISTED
from spark_tui.widgets.path_tree import (
    FEW,
    ChangeMark,
    FolderMarks,
    GitDots,
    Part,
    PathTree,
    TreeRow,
)
from spark_tui.widgets.rows import Mark

names = st.text(alphabet="ab.-0 é", min_size=1, max_size=2)
some_paths = st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), max_size=20, unique=True).map(sorted)


def rows_by_nesting(paths: set[str], opened: set[str]) -> list[tuple[str, int, bool]]:
    """The same rows from nested dictionaries, built in full."""

    def below(prefix: str, depth: int) -> list[tuple[str, int, bool]]:
        inside = [path for path in paths if path.startswith(prefix)]
        folders = sorted(
            {prefix + path[len(prefix) :].split("/")[0] for path in inside if "/" in path[len(prefix) :]}
        )
        files = sorted(path for path in inside if "/" not in path[len(prefix) :])
        rows: list[tuple[str, int, bool]] = []
        for folder in folders:
            rows.append((folder, depth, True))
            if folder in opened:
                rows += below(folder + "/", depth + 1)
        return rows + [(path, depth, False) for path in files]

    return below("", 0)


def shown(tree: PathTree) -> list[tuple[str, int, bool]]:
    return [(row.path, row.depth, row.folder) for row in tree.rows]


def ask(tree: PathTree, query: str) -> None:
    """Narrow the tree to what answers the query."""
    tree.set_query(query)
    for _ in tree.follow():
        pass
    assert tree.is_found


@settings(max_examples=80)
@given(some_paths, st.lists(st.integers(0, 30), max_size=8))
def test_rows_are_those_of_nested_folders_whatever_is_opened(paths: list[str], toggles: list[int]) -> None:
    tree = PathTree()
    tree.set_paths(paths)
    opened: set[str] = set()
    for toggle in toggles:
        if tree.rows:
            row = tree.rows[toggle % len(tree.rows)]
            tree.toggle(toggle % len(tree.rows))
            if row.folder:
                opened ^= {row.path}
    assert shown(tree) == rows_by_nesting(set(paths), opened)
    spliced = list(tree.rows)
    tree.rebuild()
    assert tree.rows == spliced
    for index, row in enumerate(tree.rows):
        parent = tree.parent(index)
        folder = row.path.rpartition("/")[0]
        assert (tree.rows[parent].path if parent is not None else "") == folder


@settings(max_examples=60)
@given(some_paths, st.text(alphabet="abA. ", max_size=4))
def test_a_query_grown_letter_by_letter_finds_what_it_finds_at_once(paths: list[str], query: str) -> None:
    grown, whole = PathTree(), PathTree()
    for tree in (grown, whole):
        tree.set_paths(paths)
    for end in range(len(query) + 1):
        ask(grown, query[:end])
    ask(whole, query)
    assert grown.rows == whole.rows


def test_open_folders_stay_open_when_paths_change() -> None:
    tree = PathTree()
    tree.set_paths(["docs/x.md", "src/a.py"])
    tree.open_to("src/a.py")
    tree.set_paths(["docs/x.md", "src/a.py", "src/b.py"])
    assert shown(tree) == [("docs", 0, True), ("src", 0, True), ("src/a.py", 1, False), ("src/b.py", 1, False)]


def test_files_of_the_change_set_that_are_not_on_disk_appear_and_go() -> None:
    tree = PathTree()
    tree.set_paths(["a.py"])
    tree.set_changed(["new/b.py", "a.py"])
    assert shown(tree) == [("new", 0, True), ("a.py", 0, False)]
    tree.set_changed(["a.py"])
    assert shown(tree) == [("a.py", 0, False)]


def test_an_unchanged_change_set_leaves_the_rows_alone() -> None:
    tree = PathTree()
    paths = ["a.py"]
    tree.set_paths(paths)
    tree.set_changed(["b.py"])
    rows = tree.rows
    tree.set_changed(["b.py"])
    tree.set_paths(paths)
    assert tree.rows is rows


class Counting(Sequence[str]):
    """Paths that count how often one of them is looked at."""

    def __init__(self, paths: list[str]) -> None:
        self._paths = paths
        self.looks = 0

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        self.looks += 1
        return self._paths[index]


def test_only_what_is_shown_is_looked_at() -> None:
    paths = Counting([f"src/area{n // 1000:03}/file{n:06}.py" for n in range(200_000)])
    tree = PathTree()
    tree.set_paths(paths)
    assert [row.path for row in tree.rows] == ["src"]
    assert paths.looks < 100
    tree.toggle(0)
    assert len(tree.rows) == 201
    assert paths.looks < 200 * 40


def test_a_few_new_files_do_not_cost_a_sort() -> None:
    tree = PathTree()
    paths = [f"{n:06}" for n in range(1000)]
    tree.set_paths(paths)
    tree.set_changed(["new", "0000005", "000003"])
    assert tree.paths == sorted([*paths, "new", "0000005"])
    tree.set_changed([f"new{n}" for n in range(FEW + 1)])
    assert tree.paths == sorted([*paths, *(f"new{n}" for n in range(FEW + 1))])


def test_changed_files_can_be_listed_first() -> None:
    tree = PathTree()
    tree.set_paths(["b.py", "src/a.py"])
    tree.set_changed(["src/a.py"])
    tree.list_changes_first(True)
    assert [(row.part, row.path) for row in tree.rows] == [
        (Part.CHANGES, "src/a.py"),
        (Part.RULE, ""),
        (Part.TREE, "src"),
        (Part.TREE, "b.py"),
    ]
    assert tree.find((Part.TREE, "src", True)) == 2
    tree.set_changed([])
    assert [row.path for row in tree.rows] == ["src", "b.py"]


def test_what_the_user_changed_is_listed_apart_from_what_the_model_did() -> None:
    tree = PathTree()
    tree.set_paths(["a.py", "b.py", "c.py"])
    tree.set_changed(["a.py"])
    tree.set_edited(["b.py", "a.py"])
    tree.list_changes_first(True)
    assert [(row.part, row.path) for row in tree.rows[:4]] == [
        (Part.CHANGES, "a.py"),
        (Part.RULE, "changed by you"),
        (Part.EDITED, "b.py"),
        (Part.RULE, ""),
    ]
    tree.set_changed([])
    assert [(row.part, row.path) for row in tree.rows[:3]] == [
        (Part.EDITED, "a.py"),
        (Part.EDITED, "b.py"),
        (Part.RULE, ""),
    ]


def test_a_name_that_is_file_and_folder_has_both_rows() -> None:
    tree = PathTree()
    tree.set_paths(["a", "a/b"])
    assert shown(tree) == [("a", 0, True), ("a", 0, False)]


def test_names_that_begin_with_the_query_come_first_and_capitals_count() -> None:
    tree = PathTree()
    tree.set_paths(["app/x.py", "src/App.py", "src/app.py", "src/myapp.py"])
    ask(tree, "app")
    assert [row.path for row in tree.rows] == ["src/App.py", "src/app.py", "src/myapp.py", "app/x.py"]
    ask(tree, "App")
    assert [row.path for row in tree.rows] == ["src/App.py"]
    ask(tree, "src my")
    assert [row.path for row in tree.rows] == ["src/myapp.py"]


def test_many_hits_are_counted_but_not_all_listed() -> None:
    tree = PathTree()
    tree.set_paths([f"f{number:05}" for number in range(LISTED + 7)])
    ask(tree, "f")
    assert (len(tree.rows), tree.hits) == (LISTED, "1,007")
    ask(tree, "f00")
    assert (len(tree.rows), tree.hits) == (LISTED, "1,000+")
    ask(tree, "f006")
    assert (len(tree.rows), tree.hits) == (272, "272")
    ask(tree, "")
    assert (len(tree.rows), tree.hits) == (LISTED + 7, "")


def test_folders_inherit_the_most_urgent_of_what_they_hold() -> None:
    dots = GitDots({"a.b": "U", "a/b/x": "?", "a/y": "M", "z": "U"})
    assert [dots.get(folder) for folder in ("a/b", "a", "z", "b")] == ["?", "M", "", ""]
    assert GitDots({"a/x": "M", "a/y": "Z"}).get("a") == "M"


def test_folders_sum_the_marks_of_what_they_hold() -> None:
    marks = FolderMarks()
    ours = {
        "a/x": ChangeMark(1, 2, Mark.ACCEPTED),
        "a/b/y": ChangeMark(3, 4, Mark.CONFLICTED),
        "top": ChangeMark(9, 9, Mark.PENDING),
    }
    assert marks.update(ours) == {"a", "a/b", "a/b/y", "a/x", "top"}
    assert marks.get("a") == ChangeMark(4, 6, Mark.CONFLICTED)
    assert marks.get("a/b") == ChangeMark(3, 4, Mark.CONFLICTED)
    assert marks.get("top") is None
    decided = {**ours, "a/b/y": ChangeMark(0, 0, Mark.ACCEPTED)}
    assert marks.update(decided) == {"a", "a/b", "a/b/y"}
    assert marks.get("a") == ChangeMark(1, 2, Mark.ACCEPTED)
    assert marks.update(dict(decided)) == set()
    assert marks.update({"a/x": ours["a/x"]}) == {"a", "a/b", "a/b/y", "top"}
    assert marks.get("a/b") is None


def test_folding_a_folder_hides_all_below_it_and_only_that() -> None:
    tree = PathTree()
    tree.set_paths(["a/b/c", "a/d", "e"])
    tree.open_to("a/b/c")
    tree.toggle(0)
    assert tree.rows == [TreeRow(Part.TREE, "a", 0, True, False), TreeRow(Part.TREE, "e", 0, False, False)]
    tree.toggle(0)
    assert [row.path for row in tree.rows] == ["a", "a/b", "a/b/c", "a/d", "e"]
