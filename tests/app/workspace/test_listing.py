from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.workspace import listing
from spark_tui.app.workspace.listing import IndexListing, holds, holds_below, with_changes
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]
NAME = b"0123456789abcdef" * 2

paths = st.text(alphabet="ab/é", min_size=1, max_size=4)


def record(path: bytes, mode: bytes = b"100644", tag: bytes = b"H", stage: bytes = b"0") -> bytes:
    return tag + b" " + mode + b" " + NAME + b" " + stage + b"\t" + path + b"\0"


def listing_of(*pieces: bytes) -> IndexListing:
    listed = IndexListing()
    for piece in pieces:
        listed.feed(piece)
    return listed


def files_of_index(output: bytes) -> list[str]:
    return listing_of(output).files


def submodules_of_index(output: bytes) -> frozenset[str]:
    return listing_of(output).submodules


def test_what_the_index_holds() -> None:
    output = b"".join(
        [
            record(b"a"),
            record(b"b/link", mode=b"120000"),
            record(b"b/run", mode=b"100755"),
            record(b"both", tag=b"M", stage=b"1"),
            record(b"both", tag=b"M", stage=b"2"),
            record(b"lib", mode=b"160000"),
            record(b"sparse", tag=b"S"),
            record(b"with\ttab"),
        ]
    )
    assert files_of_index(output) == ["a", "b/link", "b/run", "both", "with\ttab"]
    assert submodules_of_index(output) == {"lib"}
    assert files_of_index(b"") == []


def test_a_name_that_looks_like_a_record_is_none() -> None:
    evil = record(b"x")[:-1]
    assert files_of_index(record(evil, tag=b"S") + record(evil)) == [evil.decode()]
    assert submodules_of_index(record(record(b"x", mode=b"160000")[:-1])) == frozenset()


def test_names_that_are_not_utf_8_stand_in_pythons_order() -> None:
    assert files_of_index(record("é".encode()) + record(b"\xff") + record("\U0001f600".encode())) == sorted(
        ["é", "\udcff", "\U0001f600"]
    )


@given(
    st.lists(st.binary(min_size=1, max_size=4).filter(lambda path: b"\0" not in path), unique=True),
    st.integers(1, 70),
)
def test_pieces_may_end_anywhere(names: list[bytes], size: int) -> None:
    output = b"".join(map(record, sorted(names)))
    listed = listing_of(*(output[at : at + size] for at in range(0, len(output), size)))
    assert listed.files == sorted(name.decode("utf-8", "surrogateescape") for name in names)


@given(st.sets(paths), st.lists(paths, max_size=9), st.lists(paths, max_size=9), st.booleans())
def test_changes_to_a_list_in_order(before: set[str], added: list[str], removed: list[str], many: bool) -> None:
    gone = set(removed) - set(added)
    with pytest.MonkeyPatch.context() as patch:
        if many:
            patch.setattr(listing, "FEW", 0)
        assert list(with_changes(sorted(before), set(added), gone)) == sorted((before | set(added)) - gone)


def test_nothing_new_is_the_same_object() -> None:
    ordered = ["a", "b"]
    assert with_changes(ordered, ["a"], ["c"]) is ordered
    assert holds(ordered, "b")
    assert not holds(ordered, "c")


def test_a_folder_is_held_by_what_is_in_it() -> None:
    ordered = ["a", "a.b", "a/b", "c/d/e"]
    assert [holds_below(ordered, folder) for folder in ("a", "c", "c/d", "a.b", "d", "")] == [1, 1, 1, 0, 0, 0]
    assert not holds_below([], "a")


def test_a_real_index(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "gone.txt": "g\n", "ñ.txt": "n\n", "sub/b.txt": "b\n"})
    (tree.root / "gone.txt").unlink()
    (tree.root / "link").symlink_to("a.txt")
    assert tree.repository.tracked_files() == ["a.txt", "gone.txt", "sub/b.txt", "ñ.txt"]
    assert list(tree.repository.list_files()) == ["a.txt", "link", "sub/b.txt", "ñ.txt"]
