"""Where the programs run, and one run of one program: its terminal, its model, its probe."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.mock_process import MockModel
from bench.probe import Probe
from bench.programs import Program
from bench.repositories import prepare
from bench.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Session:
    """A program that runs."""

    program: Program
    model: MockModel
    terminal: Terminal
    probe: Probe
    folder: Path
    """The repository it was started in."""


class Workshop:
    """Homes and repositories under ``folder``, kept between runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def repository(self, name: str) -> Path:
        """Where the repository ``name`` of ``bench.repositories`` is; it is made, or cleaned, first."""
        folder = self.folder / "repositories" / name
        prepare(folder, name)
        return folder

    @contextlib.contextmanager
    def session(
        self, program: Program, repository: str = "small", *, probed: bool = True, **options: int | str
    ) -> Iterator[Session]:
        """Run ``program`` against a mock model with ``options``; ``probed`` unless that would be in a figure."""
        home = self.folder / "homes" / program.name
        home.mkdir(parents=True, exist_ok=True)
        folder = self.repository(repository)
        environ = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "SHELL": "/bin/sh",
            "NO_PROXY": "127.0.0.1,localhost",
            **{f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
        }
        told = home / "probe"
        told.unlink(missing_ok=True)
        if probed:
            environ["SPARK_TUI_PROBE"] = str(told)
        with contextlib.closing(MockModel(self.folder, **{"tokens": 20, "rate": 1000, **options})) as model:
            command = program.command(home, model.url)
            environ |= program.environ(home, model.url)
            with contextlib.closing(Terminal(command, environ, str(folder))) as terminal:
                yield Session(program, model, terminal, Probe(told), folder)
