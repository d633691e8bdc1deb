from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spark_tui.app.changes.rebase import AlreadyThere, Clash, Clean, ThreeWay, slide_down
from spark_tui.protocol.patch.edits import LineEdit, apply_edits
from tests.app.changes.line_diffs import git_diff

BASE = [f"line {n}\n" for n in range(10)]


def rebase(ours: LineEdit, *theirs: LineEdit, base: list[str] = BASE) -> Clean | AlreadyThere | Clash:
    return ThreeWay(base, apply_edits(base, theirs), theirs).rebase([ours])[0]


def test_a_change_far_above_moves_the_edit() -> None:
    assert rebase(LineEdit(5, 6, ("new\n",)), LineEdit(0, 0, ("x\n", "y\n"))) == Clean(LineEdit(7, 8, ("new\n",)))


def test_one_unchanged_line_between_is_enough() -> None:
    assert isinstance(rebase(LineEdit(5, 6, ("new\n",)), LineEdit(7, 8, ("x\n",))), Clean)
    assert isinstance(rebase(LineEdit(5, 6, ("new\n",)), LineEdit(3, 4, ("x\n",))), Clean)


@pytest.mark.parametrize("theirs", [LineEdit(4, 5, ("x\n",)), LineEdit(6, 7, ("x\n",)), LineEdit(6, 6, ("x\n",))])
def test_a_change_next_to_the_edit_clashes(theirs: LineEdit) -> None:
    assert isinstance(rebase(LineEdit(5, 6, ("new\n",)), theirs), Clash)


def test_the_same_change_is_already_there() -> None:
    above = LineEdit(1, 2, ())
    assert rebase(LineEdit(5, 6, ("new\n",)), above, LineEdit(5, 6, ("new\n",))) == AlreadyThere(4)


def test_the_same_insertion_at_an_equivalent_place_is_already_there() -> None:
    base = ["a\n", "x\n", "b\n"]
    assert rebase(LineEdit(1, 1, ("x\n",)), LineEdit(2, 2, ("x\n",)), base=base) == AlreadyThere(2)


def test_a_clash_has_the_sides_of_the_lines_that_both_touched() -> None:
    result = rebase(LineEdit(5, 6, ("ours\n",)), LineEdit(4, 6, ("theirs\n",)))
    assert isinstance(result, Clash)
    assert (result.region.low, result.region.high, result.region.start, result.region.end) == (4, 6, 4, 5)
    assert result.ours == ("line 4\n", "ours\n")


def test_edits_that_share_a_change_of_theirs_clash_together() -> None:
    theirs = LineEdit(3, 7, ("x\n",))
    merge = ThreeWay(BASE, apply_edits(BASE, [theirs]), [theirs])
    ours = [LineEdit(3, 4, ("a\n",)), LineEdit(6, 7, ("b\n",)), LineEdit(9, 10, ("c\n",))]
    first, second, third = merge.rebase(ours)
    assert isinstance(first, Clash)
    assert isinstance(second, Clash)
    assert first.members == second.members == (0, 1)
    assert first.ours == second.ours == ("a\n", "line 4\n", "line 5\n", "b\n")
    assert third == Clean(LineEdit(6, 7, ("c\n",)))


def test_the_edit_follows_its_own_occurrence_of_repeated_lines() -> None:
    base = ["top\n", "def f():\n", "    return 1\n", "end\n"]
    twin = LineEdit(0, 0, tuple(base[1:]))
    moved = rebase(LineEdit(2, 3, ("    return 2\n",)), twin, base=base)
    assert moved == Clean(LineEdit(5, 6, ("    return 2\n",)))


@given(st.lists(st.sampled_from("ab"), max_size=8), st.data())
def test_sliding_changes_the_place_and_not_the_result(letters: list[str], data: st.DataObject) -> None:
    base = [f"{letter}\n" for letter in letters]
    start = data.draw(st.integers(0, len(base)))
    end = data.draw(st.integers(start, len(base)))
    added = data.draw(st.lists(st.sampled_from(["a\n", "b\n"]), max_size=3))
    edit = LineEdit(start, end, tuple(added))
    slid = slide_down(base, edit, len(base))
    assert slid.start >= edit.start
    assert apply_edits(base, [slid]) == apply_edits(base, [edit])


def merge_file(folder: Path, base: list[str], ours: list[str], theirs: list[str]) -> tuple[int, str]:
    for name, lines in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_bytes("".join(lines).encode())
    merged = subprocess.run(
        ["git", "merge-file", "-p", "--diff3", "ours", "base", "theirs"], cwd=folder, capture_output=True, check=False
    )
    return merged.returncode, merged.stdout.decode()


LINES = st.lists(st.sampled_from([f"{letter}\n" for letter in "abcdefgh"]), max_size=14)


@st.composite
def three_texts(draw: st.DrawFn) -> tuple[list[str], list[str], list[str]]:
    """A base and two versions of it that differ in a few places."""
    base = draw(LINES)
    versions = []
    for _ in range(2):
        version = list(base)
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, len(version)))
            version[start : start + draw(st.integers(0, 2))] = draw(
                st.lists(st.sampled_from(["a\n", "b\n", "X\n", "Y\n"]), max_size=2)
            )
        versions.append(version)
    return base, versions[0], versions[1]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=three_texts())
def test_rebasing_all_edits_is_what_git_merge_file_does(
    texts: tuple[list[str], list[str], list[str]], tmp_path: Path
) -> None:
    base, ours, theirs = texts
    edits = git_diff(tmp_path, base, ours)
    merge = ThreeWay(base, theirs, git_diff(tmp_path, base, theirs))
    results = merge.rebase(edits)
    status, text = merge_file(tmp_path, base, ours, theirs)
    is_clean = not any(isinstance(result, Clash) for result in results)
    assert is_clean == (status == 0)
    if is_clean:
        clean = [result.edit for result in results if isinstance(result, Clean)]
        assert "".join(apply_edits(theirs, clean)) == text
