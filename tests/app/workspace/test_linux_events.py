from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spark_tui.app.workspace.inotify import Happened, Inotify, Mask
from spark_tui.app.workspace.linux_events import events
from spark_tui.app.workspace.system_events import Change
from tests.app.work_tree import WorkTree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")

Make = Callable[..., WorkTree]


class Seen:
    """What was told, by the path relative to the root."""

    def __init__(self, root: Path, batches: Iterator[set[tuple[Change, str]]]) -> None:
        self._root = root
        self._batches = batches
        self.changes: set[tuple[Change, str]] = set()

    @property
    def paths(self) -> set[str]:
        return {path for _, path in self.changes}

    def until(self, *paths: str) -> None:
        while not set(paths) <= self.paths:
            self.changes |= {(change, name.removeprefix(f"{self._root}/")) for change, name in next(self._batches)}


@contextmanager
def seeing(tree: WorkTree) -> Iterator[Seen]:
    stop = threading.Event()
    batches = events(tree.repository, stop)
    assert next(batches) == set()
    yield Seen(tree.root, batches)
    stop.set()
    assert list(batches) in ([], [set()])


def test_folders_that_git_ignores_are_not_watched(
    make_work_tree: Make, watched_folders: Callable[[], set[str]]
) -> None:
    tree = make_work_tree({".gitignore": "build/\nforced/\n", "src/deep/a.txt": "a\n"})
    for name in ("build/deep/a.o", "forced/inner/kept.txt", "empty/deep/.keep", "build/b.o"):
        tree.write(name, "x\n")
    tree.git("add", "--force", "forced/inner/kept.txt")
    (tree.root / "empty/deep/.keep").unlink()
    with seeing(tree) as seen:
        inside = {name for name in watched_folders() if not name.startswith(".git")}
        assert inside == {"", "src", "src/deep", "forced", "forced/inner", "empty", "empty/deep"}
        git = {name for name in watched_folders() if name.startswith(".git")}
        assert git == {".git", ".git/refs", ".git/refs/heads", ".git/refs/tags"}
        tree.write("empty/deep/now.txt", "n\n")
        seen.until("empty/deep/now.txt")


def test_what_is_ignored_no_longer_is_watched(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "build/\nout/\n", "a.txt": "a\n"})
    tree.write("build/deep/a.o", "a\n")
    tree.write("out/deep/b.o", "b\n")
    with seeing(tree) as seen:
        tree.write(".gitignore", "out/\n")
        seen.until(".gitignore")
        tree.write("build/deep/c.o", "c\n")
        seen.until("build/deep/c.o")
        tree.git("add", "--force", "out/deep/b.o")
        seen.until(".git/index")
        tree.write("out/deep/b.o", "c\n")
        seen.until("out/deep/b.o")


def test_new_folders_are_watched_under_the_name_they_have(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "build/\n", "a.txt": "a\n"})
    with seeing(tree) as seen:
        tree.write("new/deep/b.txt", "b\n")
        seen.until("new")
        (tree.root / "new").rename(tree.root / "moved")
        seen.until("moved")
        tree.write("moved/deep/b.txt", "c\n")
        seen.until("moved/deep/b.txt")
        tree.write("build/a.o", "a\n")
        tree.write("moved/deep/d.txt", "d\n")
        seen.until("build", "moved/deep/d.txt")
        tree.write("build/b.o", "b\n")
        tree.write("moved/deep/e.txt", "e\n")
        seen.until("moved/deep/e.txt")
        assert "build/b.o" not in seen.paths
        tree.git("switch", "--quiet", "--create", "side/branch")
        seen.until(".git/HEAD")
        tree.commit_all("Two")
        seen.until(".git/refs/heads/side/branch")


def test_a_folder_that_left_is_watched_no_more(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "src/deep/b.txt": "b\n"})
    with seeing(tree) as seen:
        outside = (tree.root / "src").rename(tree.root.parent / "outside")
        seen.until("src")
        (outside / "deep/c.txt").write_text("c\n")
        tree.write("a.txt", "b\n")
        seen.until("a.txt")
        assert "src/deep/c.txt" not in seen.paths


def test_what_happened_is_told_apart(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n"})
    with seeing(tree) as seen:
        tree.write("a.txt", "b\n")
        (tree.root / "b.txt").unlink()
        (tree.root / "c.txt").rename(tree.root / "d.txt")
        seen.until("a.txt", "b.txt", "d.txt")
        assert seen.changes >= {
            (Change.MODIFIED, "a.txt"),
            (Change.DELETED, "b.txt"),
            (Change.DELETED, "c.txt"),
            (Change.ADDED, "d.txt"),
        }


def test_an_overflow_stands_for_everything(make_work_tree: Make, overflow: Callable[[], None]) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    with seeing(tree) as seen:
        overflow()
        tree.write("a.txt", "b\n")
        seen.until(".git/HEAD")


@pytest.fixture
def watched_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], set[str]]:
    """The folders that were given to the system, relative to the work tree."""
    queues: list[Inotify] = []
    real = Inotify.__init__

    def begin(queue: Inotify) -> None:
        real(queue)
        queues.append(queue)

    monkeypatch.setattr(Inotify, "__init__", begin)

    def folders() -> set[str]:
        root = next(iter(sorted(queues[-1].folders, key=len)))
        return {folder[len(root) + 1 :] for folder in queues[-1].folders}

    return folders


@pytest.fixture
def overflow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the next look find that some of what happened was lost."""
    real = Inotify.read
    lost: list[Happened] = []

    def read(queue: Inotify, timeout: float) -> list[Happened]:
        told, lost[:] = lost[:], []
        return told or real(queue, timeout)

    monkeypatch.setattr(Inotify, "read", read)
    return lambda: lost.append(Happened(Mask.OVERFLOW, ""))
