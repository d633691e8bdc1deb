"""Real repositories for the tests of the program."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.work_tree import WorkTree

MakeWorkTree = Callable[..., WorkTree]


@pytest.fixture(scope="session")
def repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One empty repository for the whole run: copying it is faster than ``git init``."""
    folder = tmp_path_factory.mktemp("template") / "repository"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", "--template=", str(folder)], check=True)
    return folder


@pytest.fixture
def make_work_tree(repository_template: Path, tmp_path: Path) -> MakeWorkTree:
    """Make a work tree under ``tmp_path`` with ``files``, committed when there are any."""

    def make(files: dict[str, str | bytes] | None = None, name: str = "work") -> WorkTree:
        tree = WorkTree(tmp_path / name)
        shutil.copytree(repository_template, tree.root)
        for path, content in (files or {}).items():
            tree.write(path, content)
        if files:
            tree.commit_all()
        return tree

    return make
