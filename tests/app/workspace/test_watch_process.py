"""The loop of the watching process, with a watch that tells what the test says; test_watcher.py has the real one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from spark_tui.app.workspace import watch_process
from spark_tui.app.workspace.system_events import COMMAND
from spark_tui.app.workspace.watch_process import outermost, watch_folders
from spark_tui.app.workspace.watch_records import Batch, Began, Change, RecordReader

Told = set[tuple[int, str]] | str | Exception


class FakeWatches:
    """Each begins with one of ``lives``: what it tells, one after the other, or why it does not begin."""

    def __init__(self, *lives: list[Told] | Exception) -> None:
        self._lives = list(lives)
        self.begun: list[tuple[list[str], bool]] = []
        self.open = 0

    def begin(self, folders: list[str], pass_over_closed: bool) -> FakeWatch:
        self.begun.append((folders, pass_over_closed))
        life = self._lives.pop(0)
        if isinstance(life, Exception):
            raise life
        self.open += 1
        return FakeWatch(self, life)


class FakeWatch:
    def __init__(self, watches: FakeWatches, life: list[Told]) -> None:
        self._watches = watches
        self._life = life

    def watch(
        self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: Event | None
    ) -> set[tuple[int, str]] | str:
        told = self._life.pop(0)
        if isinstance(told, Exception):
            raise told
        return told

    def close(self) -> None:
        self._watches.open -= 1


Run = Callable[..., list[Began | Batch]]


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path.resolve())


@pytest.fixture
def run(root: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Let the watches live to the end, and read what was written."""
    monkeypatch.setattr(watch_process, "SHORTEST_PAUSE", 0.0)

    def run(watches: FakeWatches) -> list[Began | Batch]:
        written: list[bytes] = []
        watch_folders(watches.begin, root, [f"{root}/.git"], Event(), written.append)
        assert watches.open == 0
        return list(RecordReader().feed(b"".join(written)))

    return run


def test_what_happened_is_written_without_what_nobody_needs(root: str, run: Run) -> None:
    noise: set[tuple[int, str]] = {(1, f"{root}/.git/objects/ab/cd"), (3, f"{root}/.git/index.lock")}
    seen: set[tuple[int, str]] = {(1, f"{root}/a"), (2, f"{root}/b"), (3, f"{root}/c"), (2, f"{root}/.git/HEAD")}
    watches = FakeWatches([noise, seen | noise, "stop"])
    first, *batches = run(watches)
    assert isinstance(first, Began)
    assert batches == [
        {
            (Change.ADDED, f"{root}/a"),
            (Change.MODIFIED, f"{root}/b"),
            (Change.DELETED, f"{root}/c"),
            (Change.MODIFIED, f"{root}/.git/HEAD"),
        }
    ]
    assert watches.begun == [([root], False)]


def test_a_path_through_a_link_is_written_as_the_real_one(root: str, run: Run) -> None:
    (Path(root) / "real").mkdir()
    (Path(root) / "link").symlink_to("real")
    (Path(root) / "outer").symlink_to("/")
    seen: set[tuple[int, str]] = {(2, f"{root}/link/a"), (1, f"{root}/link"), (2, f"{root}/outer/b")}
    assert run(FakeWatches([seen, "stop"]))[1:] == [
        {(Change.MODIFIED, f"{root}/real/a"), (Change.ADDED, f"{root}/link")}
    ]


def test_closed_folders_are_passed_over_only_when_there_are_some(run: Run) -> None:
    watches = FakeWatches(PermissionError("Permission denied"), ["stop"])
    assert [type(event) for event in run(watches)] == [Began]
    assert [pass_over for _, pass_over in watches.begun] == [False, True]


@pytest.mark.parametrize("error", [OSError("watch limit"), RuntimeError("watch limit"), UnicodeError("watch limit")])
def test_what_cannot_be_watched_is_said(run: Run, error: Exception) -> None:
    with pytest.raises(OSError, match="watch limit"):
        run(FakeWatches(error))


def test_what_could_not_be_told_makes_it_begin_anew(root: str, run: Run) -> None:
    watches = FakeWatches([RuntimeError("Unable to decode path")], [{(1, f"{root}/a")}, "stop"])
    assert [type(event) for event in run(watches)] == [Began, Began, set]


def test_it_ends_when_nobody_reads(root: str) -> None:
    def broken(_: bytes) -> None:
        raise BrokenPipeError

    watches = FakeWatches([{(1, f"{root}/a")}, "stop"])
    watch_folders(watches.begin, root, [], Event(), broken)
    assert watches.open == 0


def test_folders_in_another_are_watched_with_it() -> None:
    assert outermost(["/tree", "/tree/.git", "/trees", "/else/.git", "/else/.git/worktrees/w", "/else/.git"]) == [
        "/else/.git",
        "/tree",
        "/trees",
    ]


def test_it_ends_when_its_standard_input_closes(root: str) -> None:
    process = subprocess.Popen([*COMMAND, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        assert process.stdout.read(2) == b"B\0"
        process.communicate(timeout=10)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0


def test_it_imports_little() -> None:
    check = "import sys; from spark_tui.app.workspace import watch_process as it; it.load_watchfiles(); "
    check += "print({'asyncio', 'watchfiles', 'subprocess', 'typing', 'git'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-P", "-c", check], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
