"""What the real process tells of real work trees."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spark_tui.app.workspace.system_events import system_events
from spark_tui.app.workspace.watch_records import Batch, Began, Change
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


class Seen:
    """What was told, by the path relative to the root."""

    def __init__(self, root: Path, events: Iterator[Began | Batch]) -> None:
        self._root = root
        self._events = events
        self.changes: set[tuple[Change, str]] = set()

    @property
    def paths(self) -> set[str]:
        return {path for _, path in self.changes}

    def until(self, *paths: str) -> None:
        while not set(paths) <= self.paths:
            event = next(self._events)
            assert not isinstance(event, Began)
            self.changes |= {(change, name.removeprefix(f"{self._root}/")) for change, name in event}


@contextmanager
def seeing(tree: WorkTree) -> Iterator[Seen]:
    stop = threading.Event()
    events = system_events(tree.repository, stop)
    while not isinstance(event := next(events), Began):
        assert event == set()
    yield Seen(tree.root, events)
    stop.set()
    assert all(event == set() for event in events)


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


def test_new_folders_are_watched_under_the_name_they_have(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    with seeing(tree) as seen:
        tree.write("new/deep/b.txt", "b\n")
        seen.until("new")
        (tree.root / "new").rename(tree.root / "moved")
        seen.until("moved")
        tree.write("moved/deep/c.txt", "c\n")
        seen.until("moved/deep/c.txt")
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


def test_a_root_with_a_strange_name_is_watched(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"}, name="naïve name")
    with seeing(tree) as seen:
        tree.write("ü\n.txt", "b\n")
        seen.until("ü\n.txt")
