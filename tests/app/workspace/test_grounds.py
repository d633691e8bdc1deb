from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from spark_tui.app.workspace.errors import PathRefused
from spark_tui.app.workspace.grounds import find_grounds


def git(*arguments: str, cwd: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "main"
    root.mkdir()
    git("init", "-q", cwd=root)
    git("commit", "-q", "--allow-empty", "-m", "first", cwd=root)
    return root


def test_as_git_says(repository: Path) -> None:
    git("worktree", "add", "-q", "../linked", cwd=repository)
    for root in (repository, repository.parent / "linked"):
        below = root / "a/b"
        below.mkdir(parents=True)
        grounds = find_grounds(below)
        assert str(grounds.root) == git("rev-parse", "--show-toplevel", cwd=below)
        assert str(grounds.state_dir.parent) == git("rev-parse", "--absolute-git-dir", cwd=below)
        assert grounds.prefix == ("a", "b")


@pytest.mark.parametrize("inside", [".git", ".git/hooks"])
def test_inside_a_git_directory_is_refused(repository: Path, inside: str) -> None:
    with pytest.raises(PathRefused):
        find_grounds(repository / inside)


def test_without_git_the_directory_itself(tmp_path: Path, clean_environment: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    grounds = find_grounds(tmp_path)
    assert (grounds.root, grounds.prefix) == (tmp_path, ())
    assert clean_environment in grounds.state_dir.parents
    (tmp_path / "other").mkdir()
    assert find_grounds(tmp_path / "other").state_dir != grounds.state_dir
