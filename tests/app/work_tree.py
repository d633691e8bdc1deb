"""A real repository in a temporary folder, as tests drive it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from spark_tui.app.workspace.git import Repository


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A work tree and short ways to do to it what a user does."""

    root: Path

    @property
    def repository(self) -> Repository:
        return Repository.discover(self.root)

    def git(self, *arguments: str) -> str:
        """Run git as the user would; its stdout."""
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)
        return done.stdout.decode()

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file, with its folders."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def script(self, path: str, *lines: str) -> Path:
        """Write a shell script that can be executed."""
        file = self.write(path, "\n".join(("#!/bin/sh", *lines, "")))
        file.chmod(0o755)
        return file

    def commit_all(self, message: str = "Begin") -> None:
        """Commit everything there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
