"""Which work tree a directory belongs to, and where its journal is kept: by looking only, no git is run."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from spark_tui.app.workspace.beneath import looks_like_git_directory
from spark_tui.app.workspace.errors import PathRefused

STATE_NAME = "spark-tui"
"""The program's own folder in a git directory."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where paths may lead: ``root`` is real and absolute, ``prefix`` the asked directory's names below it."""

    root: Path
    state_dir: Path
    prefix: tuple[str, ...]


def find_grounds(directory: Path) -> Grounds:
    """The work tree that ``directory`` lies in; outside of any, ``directory`` itself.

    As ``git rev-parse --show-toplevel --git-dir`` for main and linked work trees and submodules; the environment's
    ``GIT_DIR`` is not looked at. Outside of git the state lies in the platform's state directory. Raises
    :exc:`PathRefused` inside a git directory, and :exc:`OSError` where ``directory`` cannot be looked at.
    """
    asked = directory.resolve(strict=True)
    for root in (asked, *asked.parents):
        if _is_git_directory(root):
            raise PathRefused(str(directory), "inside git's own directory")
        git_dir = _git_directory(root / ".git")
        if git_dir is not None:
            return Grounds(root, git_dir / STATE_NAME, asked.relative_to(root).parts)
    name = hashlib.sha256(os.fsencode(asked)).hexdigest()[:16]
    return Grounds(asked, platformdirs.user_state_path(STATE_NAME, appauthor=False) / "trees" / name, ())


def _git_directory(path: Path) -> Path | None:
    """The git directory that ``.git`` is, or names as a file (``gitrepository-layout(5)``)."""
    if path.is_file():
        try:
            text = path.read_text("utf-8", "surrogateescape")
        except OSError:
            return None
        if not text.startswith("gitdir: "):
            return None
        path = path.parent / text.removeprefix("gitdir: ").rstrip("\r\n")
    return path.resolve() if _is_git_directory(path) else None


def _is_git_directory(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        return looks_like_git_directory(descriptor)
    finally:
        os.close(descriptor)
