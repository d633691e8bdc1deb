"""A small tree, a change over six files of different kinds, and faults at each step that changes something."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spark_tui.app.workspace import renames, writer
from spark_tui.app.workspace.files import FileWrite, digest
from spark_tui.app.workspace.recovery import RecoveryReport, recover

Node = tuple[str, object, int]
"""Kind, content and mode of a name in the tree."""


@dataclass(frozen=True)
class Scene:
    """A work tree, before and after :attr:`writes`."""

    root: Path

    @property
    def state_dir(self) -> Path:
        return self.root / ".git" / "spark-tui"

    writes = (
        FileWrite("run.sh", digest(b"old run\n"), b"new run\n"),
        FileWrite("read_only.txt", digest(b"old ro\n"), b"new ro\n"),
        FileWrite("link", digest(b"old target\n"), b"new target\n"),
        FileWrite("made/of/late.txt", None, b"late\n", 0o640),
        FileWrite("gone.txt", digest(b"gone\n"), None),
        FileWrite("dead_link", digest(b"stays\n"), None),
    )

    @classmethod
    def build(cls, root: Path) -> Scene:
        (root / ".git").mkdir(parents=True)
        (root / "sub").mkdir()
        for name, data, mode in (
            ("run.sh", b"old run\n", 0o755),
            ("read_only.txt", b"old ro\n", 0o444),
            ("sub/target.txt", b"old target\n", 0o600),
            ("gone.txt", b"gone\n", 0o644),
            ("stays.txt", b"stays\n", 0o644),
        ):
            (root / name).write_bytes(data)
            (root / name).chmod(mode)
        (root / "link").symlink_to("sub/target.txt")
        (root / "dead_link").symlink_to("stays.txt")
        return cls(root)

    def commit(self) -> None:
        writer.Writer(self.root, self.state_dir).commit(self.writes)

    def recover(self) -> RecoveryReport:
        return recover(self.root, self.state_dir)

    def tree(self) -> dict[str, Node]:
        """Everything below the root but the git directory; a missing file is not there."""
        found: dict[str, Node] = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if name.split("/")[0] == ".git":
                continue
            if path.is_symlink():
                found[name] = ("link", path.readlink().as_posix(), 0)
            elif path.is_dir():
                found[name] = ("directory", None, 0)
            else:
                found[name] = ("file", path.read_bytes(), path.stat().st_mode & 0o7777)
        return found

    def without_slots(self) -> dict[str, Node]:
        """The tree as git would see it but for slots that could not be removed yet."""
        return {name: node for name, node in self.tree().items() if ".spark-tui-" not in name}

    def litter(self) -> list[str]:
        """What the writer left in its journal."""
        journal = self.state_dir / "journal"
        return sorted(path.name for path in journal.iterdir()) if journal.exists() else []

    def kept_bytes(self) -> list[bytes]:
        kept = self.state_dir / "kept"
        return [path.read_bytes() for path in kept.iterdir()] if kept.exists() else []


@dataclass
class Expectation:
    """The two trees that are allowed."""

    old: dict[str, Node]
    new: dict[str, Node]

    def check_untorn(self, tree: dict[str, Node]) -> None:
        """Each name is as in one of the two trees, slots beside aside."""
        for name in {*self.old, *self.new}:
            assert tree.get(name) in (self.old.get(name), self.new.get(name)), name
        foreign = set(tree) - set(self.old) - set(self.new)
        assert all(".spark-tui-" in name for name in foreign), foreign

    def check_settled(self, scene: Scene) -> bool:
        """The tree is wholly one of the two, and nothing was left; returns whether it is the new one."""
        tree = scene.tree()
        assert tree in (self.old, self.new)
        assert scene.litter() == []
        return tree == self.new


class Faults:
    """Counts the calls that change something, and lets something happen at one of them.

    Waiting for the disk is counted and left out: what is tested here is order, not the disk.
    """

    _CALLS = ("mkdir", "write", "rename", "unlink", "rmdir", "link", "fchmod", "fsync", "ftruncate", "pwrite")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.swaps = renames._AT_ONCE is not None
        self.count = 0
        self._at = 0
        self._action: Callable[[], None] | None = None
        self._lasting = False
        for name in self._CALLS:
            real = getattr(os, name)
            monkeypatch.setattr(os, name, self._counted((lambda *a, **k: None) if name == "fsync" else real))
        monkeypatch.setattr(os, "open", self._counted_open(os.open))
        monkeypatch.setattr(renames, "_rename", self._counted(renames._rename))

    @contextmanager
    def at(self, number: int, action: Callable[[], None], *, lasting: bool = False) -> Iterator[None]:
        """Do ``action`` before the ``number``-th call (from 1), and before all later ones if it is ``lasting``."""
        self.count, self._at, self._action, self._lasting = 0, number, action, lasting
        try:
            yield
        finally:
            self._action = None

    @property
    def reached(self) -> bool:
        """Whether there was such a call."""
        return self.count >= self._at

    def _step(self) -> None:
        if self._action is None:
            return
        self.count += 1
        if self.count == self._at or (self._lasting and self.count > self._at):
            action = self._action
            if not self._lasting:
                self._action = None
            action()
            if not self._lasting:
                self._action = action

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self._step()
            return call(*arguments, **options)

        return counted

    def _counted_open(self, call: Callable[..., int]) -> Callable[..., int]:
        def counted(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            if flags & os.O_CREAT:
                self._step()
            return call(path, flags, *arguments, **options)

        return counted


@pytest.fixture(params=["swap", "no swap", "beside", "beside, no swap"])
def faults(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Faults:
    """Faults on each kind of system: with and without swapping, slots in the journal and beside the files."""
    if "no swap" in request.param:
        monkeypatch.setattr(renames, "_AT_ONCE", None)
    if "beside" in request.param:
        monkeypatch.setattr(writer, "_same_mount", lambda one, other: False)
    return Faults(monkeypatch)


@pytest.fixture
def build(tmp_path: Path) -> Callable[[], Scene]:
    """Makes a new scene at each call."""
    numbers = iter(range(1_000_000))
    return lambda: Scene.build(tmp_path / str(next(numbers)))


@pytest.fixture
def expectation(build: Callable[[], Scene]) -> Expectation:
    scene = build()
    old = scene.tree()
    scene.commit()
    return Expectation(old, scene.tree())
