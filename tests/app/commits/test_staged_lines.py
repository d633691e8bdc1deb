"""What of a change the user has staged, line by line."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.commits.plan import ChangeKind, CommitFile, CommitHunk, CommitPlan, plan_commit, plan_staged
from spark_tui.app.commits.staged_lines import staged_lines
from spark_tui.app.workspace.unified_diff import ADD, KEEP, REMOVE, DiffHunk, narrow
from tests.app.conftest import MakeWorkTree
from tests.app.work_tree import WorkTree

NUMBERS = "".join(f"{number}\n" for number in range(1, 41))


def texts(tree: WorkTree) -> dict[str, list[str]]:
    """For each path the changed lines that are staged, or what has no lines."""
    plan = plan_commit(tree.repository)
    found = staged_lines(plan, plan_staged(tree.repository))
    told: dict[str, list[str]] = {}
    for unit in plan.hunks:
        if unit.id not in found:
            continue
        lines = [] if unit.hunk is None else [line for line in unit.hunk.lines if line[0] != KEEP]
        told.setdefault(unit.path, []).extend((lines[at][0] + lines[at][1]).decode() for at in sorted(found[unit.id]))
    return told


def test_staged_hunks_and_lines_are_known_beside_what_was_changed_since(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS, "b.txt": NUMBERS, "mode.sh": "x\n", "gone.txt": "g\n"})
    tree.write("a.txt", NUMBERS.replace("5\n", "five\n", 1).replace("30\n", "thirty\n"))
    (tree.root / "mode.sh").chmod(0o755)
    (tree.root / "gone.txt").unlink()
    tree.write("new.txt", "n\n")
    tree.git("add", "a.txt", "mode.sh", "gone.txt", "new.txt")
    tree.write("a.txt", NUMBERS.replace("5\n", "five\nand a half\n", 1).replace("30\n", "thirty\n"))
    tree.write("b.txt", NUMBERS.replace("20\n", "twenty\n"))
    tree.write("new.txt", "n\nm\n")
    assert texts(tree) == {
        "a.txt": ["-5\n", "+five\n", "-30\n", "+thirty\n"],
        "gone.txt": ["-g\n"],
        "mode.sh": [],
        "new.txt": ["+n\n"],
    }


def test_nothing_is_staged_where_only_names_were_added(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("new.txt", "n\n")
    tree.git("add", "--intent-to-add", "new.txt")
    assert texts(tree) == {}


LINES = st.lists(st.tuples(st.sampled_from([KEEP, REMOVE, ADD]), st.sampled_from([b"a\n", b"b\n"])), max_size=12)


def plan_of(hunk: DiffHunk) -> CommitPlan:
    unit = CommitHunk("id", "a.txt", ChangeKind.TEXT, "", hunk)
    return CommitPlan("head", (CommitFile("a.txt", "a.txt", "100644", "100644", "1", "2", False, (unit,)),))


@settings(max_examples=200, deadline=None)
@given(LINES, st.sets(st.integers(0, 11)))
def test_lines_that_were_staged_from_a_hunk_are_found_in_it(
    lines: list[tuple[bytes, bytes]], chosen: set[int]
) -> None:
    ordered = sorted(lines, key=lambda line: line[0] == ADD)  # as git writes a run: what is removed comes first
    old = sum(mark != ADD for mark, _ in ordered)
    hunk = DiffHunk(1 if old else 0, old, 1, len(ordered), b"", tuple(ordered))
    changed = [line for line in ordered if line[0] != KEEP]
    found = staged_lines(plan_of(hunk), plan_of(narrow(hunk, chosen))).get("id", frozenset())
    assert [changed[at] for at in sorted(found)] == [line for at, line in enumerate(changed) if at in chosen]
