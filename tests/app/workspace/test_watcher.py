from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from spark_tui.app.workspace import linux_events, tree_events, watcher
from spark_tui.app.workspace.inotify import Inotify
from spark_tui.app.workspace.system_events import Change
from spark_tui.app.workspace.watcher import (
    FilesChanged,
    RepositoryMoved,
    WatchBegan,
    WatchingDegraded,
    WorkspaceEvent,
    watch,
)
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


@pytest.fixture(params=[linux_events.events, tree_events.events], ids=["linux", "elsewhere"], autouse=True)
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways in which the system tells what happens; the one for elsewhere works on Linux as well."""
    monkeypatch.setattr(watcher, "system_events", request.param)


class Watched:
    """Events as they come, and the files that were told of so far."""

    def __init__(self) -> None:
        self.events: list[WorkspaceEvent] = []
        self._more = asyncio.Event()

    def add(self, event: WorkspaceEvent) -> None:
        self.events.append(event)
        self._more.set()

    @property
    def paths(self) -> set[str]:
        return {path for event in self.events if isinstance(event, FilesChanged) for path in event.paths}

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 8)

    async def has(self, *paths: str) -> None:
        await self.until(lambda: set(paths) <= self.paths)


@asynccontextmanager
async def watching(tree: WorkTree) -> AsyncGenerator[Watched, None]:
    """Watch ``tree``; the watch is known to be up, and what showed that is forgotten."""
    watched = Watched()

    async def collect() -> None:
        async with aclosing(watch(tree.repository)) as events:
            async for event in events:
                watched.add(event)

    task = asyncio.create_task(collect())
    number = 0
    while "probe" not in watched.paths:
        number += 1
        tree.write("probe", str(number))
        try:
            await asyncio.wait_for(watched.has("probe"), 0.15)
        except TimeoutError:
            assert not task.done(), task
    watched.events.clear()
    yield watched
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_edit_is_seen(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with watching(tree) as watched:
        tree.write("a.txt", "b\n")
        await watched.has("a.txt")
    assert watched.events == [FilesChanged(frozenset({"a.txt"}))]


async def test_an_atomic_replace_is_one_change(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with watching(tree) as watched:
        tree.write(".a.txt.tmp", "b\n").replace(tree.root / "a.txt")
        await watched.has("a.txt")
    assert watched.events == [FilesChanged(frozenset({"a.txt"}))]


async def test_a_work_tree_below_a_folder_that_others_would_ignore(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"}, name="node_modules/.venv/work")
    async with watching(tree) as watched:
        tree.write("a.txt", "b\n")
        await watched.has("a.txt")


async def test_ignored_files_are_not_told(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "build/\n*.log\n", "a.txt": "a\n"})
    tree.write("build/forced.txt", "f\n")
    tree.git("add", "--force", "build/forced.txt")
    tree.commit_all()
    async with watching(tree) as watched:
        tree.write("build/deep/made.o", "m\n")
        tree.write("x.log", "m\n")
        tree.write("build/forced.txt", "g\n")
        tree.write("a.txt", "b\n")
        await watched.has("a.txt", "build/forced.txt")
        tree.write(".gitignore", "")
        await watched.has(".gitignore")
        tree.write("x.log", "n\n")
        await watched.has("x.log")
    assert watched.paths == {"a.txt", "build/forced.txt", ".gitignore", "x.log"}


async def test_new_and_removed_folders(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with watching(tree) as watched:
        tree.write("new/deep/er/file.txt", "f\n")
        await watched.has("new/deep/er/file.txt")
        (tree.root / "new").rename(tree.root / "moved")
        await watched.has("moved/deep/er/file.txt")
        await watched.until(lambda: any(path.split("/")[0] == "new" for path in watched.paths))


async def test_staging_moves_the_index_only_and_a_commit_the_head(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("a.txt", "b\n")
    async with watching(tree) as watched:
        tree.git("add", "a.txt")
        await watched.until(lambda: bool(watched.events))
        assert watched.events == [RepositoryMoved(head=False)]
        tree.git("commit", "--quiet", "-m", "Second")
        await watched.until(lambda: RepositoryMoved(head=True) in watched.events)
    assert watched.paths == set()


async def test_a_linked_work_tree_sees_its_own_head(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.git("worktree", "add", "--quiet", "--detach", "../side")
    side = WorkTree(tree.root.parent / "side")
    async with watching(side) as watched:
        side.git("switch", "--quiet", "--create", "side")
        await watched.until(lambda: RepositoryMoved(head=True) in watched.events)


async def test_a_switch_of_branches_is_one_batch(make_work_tree: Make) -> None:
    names = [f"folder{number % 7}/file{number}.txt" for number in range(500)]
    tree = make_work_tree(dict.fromkeys(names, "one\n"))
    tree.git("switch", "--quiet", "--create", "other")
    for name in names:
        tree.write(name, "two\n")
    tree.commit_all("Two")
    async with watching(tree) as watched:
        await asyncio.to_thread(tree.git, "switch", "--quiet", "main")
        await watched.has(*names)
        await watched.until(lambda: RepositoryMoved(head=True) in watched.events)
    assert watched.events == [RepositoryMoved(head=True), FilesChanged(frozenset(names))]


async def test_edits_inside_a_submodule_are_told_as_the_submodule(make_work_tree: Make) -> None:
    inner = make_work_tree({"file.txt": "one\n"}, name="inner")
    tree = make_work_tree({"a.txt": "a\n"}, name="outer")
    tree.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "lib")
    tree.commit_all("Add lib")
    async with watching(tree) as watched:
        tree.write("lib/file.txt", "two\n")
        await watched.has("lib")
    assert watched.paths == {"lib"}


async def test_without_watches_the_files_are_looked_at(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError('OS file watch limit reached. about ["/somewhere"]')

    monkeypatch.setattr(watcher, "system_events", refuse)
    monkeypatch.setattr(watcher, "POLL_INTERVAL", 0.02)
    tree = make_work_tree({"a.txt": "a\n", "gone.txt": "g\n"})
    async with aclosing(watch(tree.repository)) as events:
        first = await anext(events)
        assert isinstance(first, WatchingDegraded)
        assert "max_user_watches" in first.reason
        assert await anext(events) == WatchBegan()
        following = asyncio.ensure_future(anext(events))
        number = 0
        while not following.done():
            number += 1
            tree.write("a.txt", str(number))
            await asyncio.wait([following], timeout=0.1)
        assert "a.txt" in getattr(following.result(), "paths", ())
        (tree.root / "gone.txt").unlink()
        tree.git("commit", "--quiet", "--all", "-m", "Gone")
        paths: set[str] = set()
        moved = False
        while not (moved and "gone.txt" in paths):
            event = await anext(events)
            moved = moved or event == RepositoryMoved(head=True)
            paths |= event.paths if isinstance(event, FilesChanged) else set()


async def test_a_closed_folder_is_passed_over(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    real_watch, real_add = watchfiles.watch, Inotify.add

    def closed(*paths: Path, ignore_permission_denied: bool, **options: Any) -> Any:
        if not ignore_permission_denied:
            raise PermissionError("Permission denied")
        return real_watch(*paths, ignore_permission_denied=True, **options)

    def add(queue: Inotify, folder: str) -> None:
        if folder.endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied")
        real_add(queue, folder)

    monkeypatch.setattr(watchfiles, "watch", closed)
    monkeypatch.setattr(Inotify, "add", add)
    tree = make_work_tree({"a.txt": "a\n", "closed/b.txt": "b\n"})
    async with watching(tree) as watched:
        tree.write("a.txt", "c\n")
        await watched.has("a.txt")
    assert not any(isinstance(event, WatchingDegraded) for event in watched.events)


async def test_closing_ends_the_thread(make_work_tree: Make) -> None:
    async with watching(make_work_tree({"a.txt": "a\n"})):
        assert any(thread.name == "watcher" for thread in threading.enumerate())
    assert not any(thread.name == "watcher" for thread in threading.enumerate())


def test_what_was_seen_while_git_works_is_held_back(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    batch = watcher._Batch(tree.repository)
    assert not batch.is_due(False, 0.0)
    batch.add([(Change.MODIFIED, str(tree.root / "a.txt"))], 1.0)
    assert not batch.is_due(True, 1.1)
    assert not batch.is_due(False, 1.2)
    assert batch.is_due(False, 1.3)
    assert batch.is_due(True, 1.0 + watcher.GIT_AT_WORK_LIMIT + 0.1)


@pytest.mark.parametrize(
    ("name", "sorted_as"),
    [
        ("src/a.py", "src/a.py"),
        (".git/HEAD", "/head"),
        (".git/HEAD.lock", None),
        (".git/refs/heads/main", "/head"),
        (".git/rebase-merge", "/head"),
        (".git/index", "/index"),
        (".git/index.lock", None),
        (".git/spark-tui/journal", None),
        (".git/objects/ab/cdef", None),
        ("inner/.git/index", None),
        (".github/workflow.yml", ".github/workflow.yml"),
    ],
)
def test_gits_own_files_are_told_apart(make_work_tree: Make, name: str, sorted_as: str | None) -> None:
    tree = make_work_tree()
    assert watcher._Sorter(tree.repository).sort(str(tree.root / name)) == sorted_as
    assert watcher._Sorter(tree.repository).sort(str(Path("/elsewhere") / name)) is None
