"""The programs that are measured: how each is started, pointed at the mock model, and read."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PEERS = HERE.parent / ".venv" / "peers"
"""Where ``make bench-peers`` installs what is compared with."""


@dataclass(frozen=True)
class Program:
    """One program. Patterns are searched for in rows of its screen."""

    name: str
    about: str
    ready: str
    """The prompt is there."""
    stopped: str
    """It shows that it was interrupted."""
    settled: str = ""
    """Its start-up is over too."""
    wheel: tuple[int, int] | None = None
    """Column and row of the pane whose history the mouse wheel moves; ``None``: it has none."""
    reviews: bool = False
    """Whether hunks wait for the user's decision, and the escape key only freezes a stream."""

    most_runs: int | None = None
    """Runs of a scenario at most; ``None``: as many as asked."""

    def command(self, home: Path, url: str) -> list[str]:
        """What to run; ``url`` is the model's, ``http://host:port/v1``. Configuration is written into ``home``."""
        raise NotImplementedError

    def environ(self, home: Path, url: str) -> dict[str, str]:
        """Variables that it needs beside ``HOME`` and the like, which point into ``home``."""
        return {}

    def files(self) -> Sequence[Path]:
        """The folders of what it consists of; for what is written in Python that is the interpreter's library too."""
        own = [HERE.parent / part for part in ("app", "widgets", "protocol", "bench")]
        return [*own, *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib", "scripts"))]

    def missing(self) -> str:
        """Why it cannot be run here; empty if it can."""
        return ""


class Reference(Program):
    """The floor."""

    def command(self, home: Path, url: str) -> list[str]:
        return [sys.executable, str(HERE / "reference_app.py"), url.replace("http", "ws", 1) + "/responses"]


class SparkTui(Program):
    """This project, as installed beside the interpreter that runs the benchmark."""

    def command(self, home: Path, url: str) -> list[str]:
        return [str(Path(sys.executable).parent / "spark-tui")]

    def environ(self, home: Path, url: str) -> dict[str, str]:
        return {"SPARK_TUI_BASE_URL": url.replace("http", "ws", 1), "SPARK_TUI_MODEL": "mock-spark"}


class Codex(Program):
    """Codex CLI from npm; the native program inside it, since the script around it only adds Node's start-up."""

    def command(self, home: Path, url: str) -> list[str]:
        folder = home / ".codex"
        folder.mkdir(exist_ok=True)
        trusted = "".join(
            f'[projects."{path}"]\ntrust_level = "trusted"\n'
            for path in (home.parent.parent / "repositories").iterdir()
        )
        (folder / "config.toml").write_text(CODEX_CONFIG.format(url=url) + trusted)
        return [str(self._native())]

    def environ(self, home: Path, url: str) -> dict[str, str]:
        return {"CODEX_HOME": str(home / ".codex"), "MOCK_KEY": "x"}

    def files(self) -> Sequence[Path]:
        native = self._native()
        return [] if native is None else [native.parent]

    def missing(self) -> str:
        if shutil.which("npm") is None:
            return "npm is not installed"
        return "" if self._native() is not None else "Codex CLI is not installed; `make bench-peers` does it"

    def _native(self) -> Path | None:
        binaries = [
            path for path in PEERS.glob("node_modules/@openai/codex*/vendor/*/*/codex") if os.access(path, os.X_OK)
        ]
        return binaries[0] if binaries else None


CODEX_CONFIG = """
model = "gpt-5.2-codex"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
[analytics]
enabled = false
[feedback]
enabled = false
[notice]
hide_full_access_warning = true
[model_providers.mock]
name = "mock"
base_url = "{url}"
wire_api = "responses"
supports_websockets = true
env_key = "MOCK_KEY"
"""

PROGRAMS: dict[str, Program] = {
    program.name: program
    for program in (
        Reference(
            "floor",
            "the least a program could do with the stream: the harness's floor",
            "^> ",
            "interrupted",
            most_runs=3,
        ),
        SparkTui("spark-tui", "this project", "❯ ", "paused", wheel=(80, 30), reviews=True),
        Codex("codex", "Codex CLI from npm", "› ", "(?i)interrupted", settled="default · /"),
    )
}
