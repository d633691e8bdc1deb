from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.workspace.status import StatusSnapshot, parse_status, read_status
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
