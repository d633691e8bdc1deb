from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_tui.app.workspace.beneath import OpenTree
from spark_tui.app.workspace.errors import PathRefused


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "real" / "deep").mkdir(parents=True)
    (root / "real" / "file").write_text("inside\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("outside\n")
    return root


def located(root: Path, path: str, *, follow: bool = True) -> str:
    with OpenTree(root) as tree:
        return tree.locate(path, follow=follow).path


def test_links_that_stay_inside_are_resolved(root: Path) -> None:
    (root / "d").symlink_to("real/deep")
    (root / "real/deep/up").symlink_to("../file")
    (root / "self").symlink_to(".")
    assert located(root, "d/up") == "real/file"
    assert located(root, "d/up", follow=False) == "real/deep/up"
    assert located(root, "self/self/real/file") == "real/file"
    assert located(root, "d/new/dir/x") == "real/deep/new/dir/x"


@pytest.mark.parametrize("target", ["../outside", "real/../../outside", "real/deep/../../..", "/tmp", "d", ".git"])
def test_links_that_lead_elsewhere_are_refused(root: Path, target: str) -> None:
    (root / ".git").mkdir()
    (root / "d").symlink_to(target)
    with pytest.raises(PathRefused):
        located(root, "d/file")


def test_a_dangling_link_inside_is_where_its_target_would_be(root: Path) -> None:
    (root / "l").symlink_to("real/later")
    with OpenTree(root) as tree:
        location = tree.locate("l")
    assert (location.path, location.status) == ("real/later", None)
    (root / "l2").symlink_to("../outside/later")
    with pytest.raises(PathRefused):
        located(root, "l2")


def test_missing_directories_are_counted(root: Path) -> None:
    with OpenTree(root) as tree:
        location = tree.locate("real/a/b/c")
    assert (location.existing, location.directory, location.name) == (("real",), ("real", "a", "b"), "c")


@pytest.mark.parametrize("path", ["real", "real/file/x", "bare/hooks/x", "pipe"])
def test_kinds_that_are_refused(root: Path, path: str) -> None:
    os.mkfifo(root / "pipe")
    for name in ("objects", "refs", "hooks"):
        (root / "bare" / name).mkdir(parents=True)
    (root / "bare" / "HEAD").write_text("ref: refs/heads/main\n")
    with pytest.raises(PathRefused):
        located(root, path)


def test_a_directory_swapped_for_a_link_is_not_entered(root: Path) -> None:
    with OpenTree(root) as tree:
        location = tree.locate("real/file")
        (root / "real").rename(root / "moved")
        (root / "real").symlink_to("../outside")
        tree.forget()
        with pytest.raises(NotADirectoryError):
            tree.open_file(location)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_it_holds_two_descriptors_however_deep(root: Path) -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    (root / "a/b/c/d/e/f").mkdir(parents=True)
    before = opened()
    with OpenTree(root) as tree:
        for path in ("a/b/c/d/e/f/x", "a/b/x", "real/file", "a/b/c/d/e/x"):
            tree.locate(path)
        assert opened() <= before + 2
    assert opened() == before
