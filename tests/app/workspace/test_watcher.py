from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from spark_tui.app.workspace import system_events, watcher
from spark_tui.app.workspace.watch_records import Change
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


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every watching process that is started."""
    started: list[subprocess.Popen[bytes]] = []
    real = system_events.start_process

    def start(folders: list[bytes]) -> subprocess.Popen[bytes]:
        started.append(real(folders))
        return started[-1]

    monkeypatch.setattr(system_events, "start_process", start)
    return started


class Watched:
    """Events as they come, and the files that were told of so far."""

    def __init__(self) -> None:
        self.events: list[WorkspaceEvent] = []
        self.degraded: list[str] = []
        """Why it went on without the system's help, from the very beginning."""
        self._more = asyncio.Event()

    def add(self, event: WorkspaceEvent) -> None:
        self.events.append(event)
        if isinstance(event, WatchingDegraded):
            self.degraded.append(event.reason)
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


CLOSED = """
import sys
from spark_tui.app.workspace import watch_process

load = watch_process.load_watchfiles

def closed():
    begin = load()
    def begin_patiently(folders, pass_over_closed):
        if not pass_over_closed:
            raise PermissionError("Permission denied")
        return begin(folders, True)
    return begin_patiently

watch_process.load_watchfiles = closed
watch_process.main(sys.argv[1:])
"""


async def test_a_closed_folder_is_passed_over(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_events, "COMMAND", (sys.executable, "-P", "-c", CLOSED))
    tree = make_work_tree({"a.txt": "a\n", "closed/b.txt": "b\n"})
    async with watching(tree) as watched:
        tree.write("a.txt", "c\n")
        await watched.has("a.txt")
    assert watched.degraded == []


async def test_a_linked_folder_is_told_by_its_real_name(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "*.log\n", "real/a.txt": "a\n"})
    outside = tree.root.parent / "outside"
    outside.mkdir()
    (tree.root / "alink").symlink_to("real")
    (tree.root / "zlink").symlink_to("real")
    (tree.root / "outer").symlink_to(outside)
    async with watching(tree) as watched:
        (outside / "c.txt").write_text("c\n")
        tree.write("real/b.log", "b\n")
        tree.write("real/a.txt", "b\n")
        await watched.has("real/a.txt")
    assert watched.paths == {"real/a.txt"}


async def test_a_name_that_is_not_utf_8_does_not_end_it(
    make_work_tree: Make, processes: list[subprocess.Popen[bytes]]
) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    async with watching(tree) as watched:
        (tree.root / os.fsdecode(b"caf\xe9")).write_text("c\n")
        await watched.until(lambda: WatchBegan() in watched.events)
        tree.write("a.txt", "b\n")
        await watched.has("a.txt")
    assert watched.degraded == []
    assert len(processes) == 1


async def test_a_process_that_dies_is_started_again_and_then_the_files_are_looked_at(
    make_work_tree: Make, monkeypatch: pytest.MonkeyPatch, processes: list[subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setattr(watcher, "POLL_INTERVAL", 0.02)
    tree = make_work_tree({"a.txt": "a\n"})
    async with watching(tree) as watched:
        processes[0].kill()
        await watched.until(lambda: WatchBegan() in watched.events)
        tree.write("a.txt", "b\n")
        await watched.has("a.txt")
        assert watched.degraded == []
        watched.events.clear()
        processes[1].kill()
        await watched.until(lambda: WatchBegan() in watched.events)
        assert len(watched.degraded) == 1
        assert "died twice" in watched.degraded[0]
        watched.events.clear()
        tree.write("a.txt", "third\n")
        await watched.has("a.txt")
    assert [process.returncode is None for process in processes] == [False, False]


async def test_where_no_process_can_be_started_the_files_are_looked_at(
    make_work_tree: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(system_events, "start_process", refuse)
    async with aclosing(watch(make_work_tree().repository)) as events:
        first = await anext(events)
    assert isinstance(first, WatchingDegraded)
    assert "Resource temporarily unavailable" in first.reason


async def test_closing_ends_the_thread_and_the_process(
    make_work_tree: Make, processes: list[subprocess.Popen[bytes]]
) -> None:
    async with watching(make_work_tree({"a.txt": "a\n"})):
        assert any(thread.name == "watcher" for thread in threading.enumerate())
        assert [process.poll() for process in processes] == [None]
    assert not any(thread.name == "watcher" for thread in threading.enumerate())
    with pytest.raises(ProcessLookupError):
        os.kill(processes[0].pid, 0)


def test_what_was_seen_while_git_works_is_held_back(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    batch = watcher._Batch(tree.repository)
    assert not batch.is_due(False, 0.0)
    batch.add([(Change.MODIFIED, str(tree.root / "a.txt"))], 1.0)
    assert not batch.is_due(True, 1.1)
    assert not batch.is_due(False, 1.2)
    assert batch.is_due(False, 1.3)
    assert batch.is_due(True, 1.0 + watcher.GIT_AT_WORK_LIMIT + 0.1)
