from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.commits.history import recent_subjects
from spark_tui.app.commits.message import SUBJECT_LIMIT, suggest_message
from spark_tui.app.commits.plan import ChangeKind, CommitFile, CommitHunk
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]

CONVENTIONAL = ["feat: a", "fix(core): b", "docs!: c", "Merge d"]


def changed(path: str, old_path: str | None = None, old: str = "100644", new: str = "100644") -> CommitFile:
    kind = (
        ChangeKind.RENAME
        if old_path
        else ChangeKind.TEXT
        if old == new or "000000" in (old, new)
        else ChangeKind.MODE
    )
    hunk = CommitHunk(f"{path}-1", path, kind, "")
    return CommitFile(path, old_path or path, old, new, "0", "1", False, (hunk,))


@pytest.mark.parametrize(
    ("request_text", "subject"),
    [
        ("rename total to sum everywhere", "Rename total to sum everywhere"),
        ("Please, could you fix the off-by-one in paging?", "Fix the off-by-one in paging"),
        ("fix it in parser.py. And then the tests.", "Fix it in parser.py"),
        ("\n  add   docstrings\x1b[31m\nto all", "Add docstrings [31m"),
        ("why does this fail?", "Update a.py"),
        ("please", "Update a.py"),
        ("", "Update a.py"),
    ],
)
def test_the_request_is_the_subject_where_it_reads_as_one(request_text: str, subject: str) -> None:
    assert suggest_message([changed("src/a.py")], {"src/a.py-1"}, request_text) == subject


@pytest.mark.parametrize(
    ("files", "subject"),
    [
        ([changed("a.py", old="000000")], "Add a.py"),
        ([changed("a.py", new="000000")], "Remove a.py"),
        ([changed("b.py", old_path="a.py")], "Rename a.py to b.py"),
        ([changed("x/a.py", old_path="a.py")], "Move a.py"),
        ([changed("run", new="100755")], "Make run executable"),
        ([changed("s/a.py"), changed("s/b.py")], "Update a.py and b.py"),
        ([changed("s/a.py"), changed("s/b.py"), changed("s/t/c.py")], "Update 3 files in s"),
        ([changed("a.py"), changed("s/b.py"), changed("c.py", old="000000")], "Update 3 files"),
    ],
)
def test_the_files_are_named_otherwise(files: list[CommitFile], subject: str) -> None:
    assert suggest_message(files, {hunk.id for file in files for hunk in file.hunks}, "") == subject


@pytest.mark.parametrize(
    ("path", "request_text", "subject"),
    [
        ("src/a.py", "Fix the paging", "fix: fix the paging"),
        ("src/a.py", "add a cache", "feat: add a cache"),
        ("src/a.py", "URL parsing is too slow", "chore: URL parsing is too slow"),
        ("docs/a.html", "fix a typo", "docs: fix a typo"),
        ("tests/test_a.py", "fix a typo", "test: fix a typo"),
        ("src/a.py", "perf: cache it", "perf: cache it"),
    ],
)
def test_the_style_of_the_history_is_taken_up(path: str, request_text: str, subject: str) -> None:
    assert suggest_message([changed(path)], {f"{path}-1"}, request_text, CONVENTIONAL) == subject


def test_only_what_is_chosen_counts() -> None:
    files = [changed("a.py"), changed("b.py")]
    assert suggest_message(files, {"b.py-1"}, "") == "Update b.py"
    assert suggest_message(files, set(), "rename it all") == ""


@given(st.text(max_size=200))
def test_any_request_makes_one_short_printable_line(request_text: str) -> None:
    subject = suggest_message([changed("a.py")], {"a.py-1"}, request_text)
    assert subject.isprintable()
    assert 0 < len(subject) <= SUBJECT_LIMIT


def test_recent_subjects_newest_first(make_work_tree: Make) -> None:
    tree = make_work_tree()
    assert recent_subjects(tree.repository) == []
    for subject in ("First", "Zweites ü\n\nwith a body", "Third"):
        tree.git("commit", "--quiet", "--allow-empty", "-m", subject)
    assert recent_subjects(tree.repository, 2) == ["Third", "Zweites ü"]
