from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.workspace import line_diff
from spark_tui.app.workspace.git_errors import GitTimeout
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.protocol.patch.edits import LineEdit, apply_edits, split_lines

LINES = st.lists(st.sampled_from(["a", "a\r", "b", "  b", "", "\r", "}", "\0", "\ud800", "é\x85\u2028"]), max_size=8)


@st.composite
def texts(draw: st.DrawFn) -> list[str]:
    return split_lines("\n".join(draw(LINES)))


@given(texts(), texts())
@settings(max_examples=60, deadline=None)
def test_the_edits_make_the_new_text_of_the_old(old: list[str], new: list[str]) -> None:
    edits = git_line_diff(old, new)
    assert apply_edits(old, edits) == new
    assert all(before.end < after.start for before, after in pairwise(edits))


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("", "", []),
        ("a\nb\n", "a\nb\n", []),
        ("", "a\n", [LineEdit(0, 0, ("a\n",))]),
        ("a\n", "", [LineEdit(0, 1, ())]),
        ("a\n", "a", [LineEdit(0, 1, ("a",))]),
        ("a\r\nb\r\n", "a\nb\r\n", [LineEdit(0, 1, ("a\n",))]),
        ("a\nb\nc\n", "a\nx\nb\nc\n", [LineEdit(1, 1, ("x\n",))]),
        ("a\na\n", "a\na\na\n", [LineEdit(2, 2, ("a\n",))]),
    ],
)
def test_what_needs_no_process(old: str, new: str, edits: list[LineEdit], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(line_diff, "run_git", None)
    assert git_line_diff(split_lines(old), split_lines(new)) == edits


def test_two_changes_are_two_edits() -> None:
    old = ["a\n", "b\n", "c\n", "d\n", "e\n"]
    new = ["a\n", "B\n", "c\n", "D\n", "e"]
    assert git_line_diff(old, new) == [LineEdit(1, 2, ("B\n",)), LineEdit(3, 5, ("D\n", "e"))]


def test_an_inserted_function_is_not_cut_across_its_neighbour() -> None:
    function = "def {}():\n    if x:\n        pass\n    return 1\n\n"
    old = split_lines("x = 1\n" + function.format("a") + function.format("c") + "y = 1\n")
    new = split_lines("x = 2\n" + function.format("a") + function.format("b") + function.format("c") + "y = 2\n")
    middle = [edit for edit in git_line_diff(old, new) if edit.start == edit.end]
    assert [edit.lines[0] for edit in middle] == ["def b():\n"]


def test_settings_of_the_user_do_not_change_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    for number, (key, value) in enumerate([("diff.noprefix", "true"), ("core.autocrlf", "true")]):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    old, new = ["a\n", "b\r\n", "c\n", "d\n"], ["A\n", "b\r\n", "c\r\n", "D\n"]
    assert apply_edits(old, git_line_diff(old, new)) == new
    assert len(git_line_diff(old, new)) == 2


def test_without_an_answer_in_time_the_whole_middle_is_one_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow(*_: object, **__: object) -> None:
        raise GitTimeout("git diff did not end in time")

    monkeypatch.setattr(line_diff, "run_git", too_slow)
    assert git_line_diff(["0", "a", "b", "c", "9"], ["0", "x", "b", "y", "9"]) == [LineEdit(1, 4, ("x", "b", "y"))]
