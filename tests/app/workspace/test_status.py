from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.workspace import status
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_process import GitOutput, Purpose, git_environment
from spark_tui.app.workspace.status import (
    PATHS_IN_A_CALL,
    StatusSnapshot,
    git_letters,
    parse_status,
    read_status,
    update_status,
)
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


def test_every_kind_of_record() -> None:
    output = b"\0".join(
        [
            b"# branch.oid 1234",
            b"# branch.head main",
            b"# branch.upstream origin/main",
            b"# branch.ab +2 -3",
            b"# stash 4",
            b"1 .M N... 100644 100644 100644 aa bb with space.txt",
            b"1 .M SC.. 160000 160000 160000 aa bb lib",
            b"2 R. N... 100644 100644 100644 aa bb R100 new name",
            b"1 old name",
            b"u UU N... 100644 100644 100644 100644 aa bb cc both",
            b"? untracked\xff",
            b"! ignored",
            b"z something of tomorrow",
            b"",
        ]
    )
    assert parse_status(output) == StatusSnapshot(
        branch="main",
        commit="1234",
        upstream="origin/main",
        ahead=2,
        behind=3,
        entries={
            "with space.txt": ".M",
            "lib": ".M",
            "new name": "R.",
            "both": "UU",
            "untracked\udcff": "??",
            "ignored": "!!",
        },
        renamed={"new name": "1 old name"},
        submodules={"lib": "SC.."},
        unmerged=frozenset({"both"}),
    )


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(output: bytes) -> None:
    for prefix in (b"", b"1 ", b"2 ", b"u ", b"# branch.ab "):
        parse_status(prefix + output)


def test_a_real_work_tree(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "gone.txt": "g\n", "moved.txt": "some\nlines\nto know it by\n"})
    tree.write("a.txt", "b\n")
    tree.write("folder/ñew file.txt", "n\n")
    tree.git("mv", "moved.txt", "to here.txt")
    (tree.root / "gone.txt").unlink()
    status = read_status(tree.repository)
    assert status.branch == "main"
    assert status.entries == {"a.txt": ".M", "gone.txt": ".D", "to here.txt": "R.", "folder/ñew file.txt": "??"}
    assert status.renamed == {"to here.txt": "moved.txt"}


def test_a_repository_without_commits_and_a_detached_head(make_work_tree: Make) -> None:
    tree = make_work_tree()
    assert (read_status(tree.repository).branch, read_status(tree.repository).commit) == ("main", None)
    tree.write("a.txt", "a\n")
    tree.commit_all()
    tree.git("switch", "--quiet", "--detach")
    assert read_status(tree.repository).branch is None


def test_git_has_one_letter_for_a_file() -> None:
    entries = {"index": "M.", "disk": ".M", "both": "AM", "new": "??"}
    status = StatusSnapshot(branch="main", commit="0" * 40, entries=entries, unmerged=frozenset({"both"}))
    letters = git_letters(status)
    assert list(letters.items()) == [("both", "U"), ("disk", "M"), ("index", "M"), ("new", "?")]
    assert git_letters(None) == {}


def test_untracked_folders_are_told_file_by_file(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "*.o\n"})
    for name in ("new/a.txt", "new/deep/b.txt", "new/deep/c.o", "odd [*]/d.txt", "only/e.o"):
        tree.write(name, "n\n")
    other = make_work_tree(name="other")
    tree.git("clone", "--quiet", str(other.root), "nested")
    assert read_status(tree.repository).entries == dict.fromkeys(
        ("new/a.txt", "new/deep/b.txt", "odd [*]/d.txt", "nested/"), "??"
    )


def test_the_untracked_cache_is_used_where_it_is_set(make_work_tree: Make, tmp_path: Path) -> None:
    tree = make_work_tree({"a/b/c.txt": "c\n"})
    tree.git("update-index", "--untracked-cache")
    tree.git("status")
    asked: list[tuple[str, ...]] = []

    def notes(_: Repository, *arguments: str, **__: object) -> GitOutput:
        asked.append(arguments)
        return GitOutput(b"", 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Repository, "look", notes)
        read_status(tree.repository)
    trace = tmp_path / "trace"
    environment = git_environment(Purpose.LOOK) | {"GIT_TRACE2_PERF": str(trace)}
    subprocess.run(["git", *asked[0]], cwd=tree.root, env=environment, check=True, capture_output=True)
    assert "opendir:" in trace.read_text()  # told of a cache that is used, and only then


def test_a_part_of_it_is_read_again(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b/c.txt": "c\n", "b/d.txt": "d\n", "staged.txt": "s\n"})
    tree.write("staged.txt", "t\n")
    tree.git("add", "staged.txt")
    before = read_status(tree.repository)
    monkeypatch.setattr(status, "read_status", None)
    tree.write("a.txt", "b\n")
    (tree.root / "b/c.txt").unlink()
    tree.write("new/e.txt", "e\n")
    now = update_status(tree.repository, before, {"a.txt", "b/c.txt", "new/e.txt", "gone.txt"})
    assert now.entries == {"staged.txt": "M.", "a.txt": ".M", "b/c.txt": ".D", "new/e.txt": "??"}
    assert (now.branch, now.commit) == (before.branch, before.commit)
    tree.git("checkout", "--quiet", "--", "a.txt")
    (tree.root / "new/e.txt").unlink()
    shutil.rmtree(tree.root / "b")
    again = update_status(tree.repository, now, {"a.txt", "b", "new/e.txt"})
    assert again.entries == {"staged.txt": "M.", "b/c.txt": ".D", "b/d.txt": ".D"}


def test_all_is_read_again_where_a_part_would_not_tell(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "some\nlines\nto know it by\n"})
    tree.write("x.log", "x\n")
    before = read_status(tree.repository)
    tree.write(".gitignore", "*.log\n")
    assert "x.log" not in update_status(tree.repository, before, {".gitignore"}).entries
    tree.git("mv", "a.txt", "b.txt")
    renamed = read_status(tree.repository)
    tree.write("b.txt", "some\nlines\nto know it by, and one more\n")
    assert update_status(tree.repository, renamed, {"b.txt"}).entries["b.txt"] == "RM"
    tree.write("many.txt", "m\n")
    many = {f"{n}" for n in range(PATHS_IN_A_CALL + 1)}
    assert "many.txt" in update_status(tree.repository, before, many).entries
