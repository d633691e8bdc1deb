"""What is measured. Each scenario starts the program anew, drives it by keys, and returns figures.

Times are in ms, memory in MB (10^6), CPU in seconds; each name ends in its unit.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from bench.figures import Figures, lags, median, milliseconds, percentile
from bench.mock_model import PATCHED_FILE, file_line
from bench.programs import Program
from bench.screen import Emulator, Seen, Typed, play
from bench.terminal import Terminal, now

SENTINEL = r"zq[a-z]{4}"
SENTINEL_BYTES = re.compile(SENTINEL.encode())
TOKENS = 6000
RATES = (1000, 5000, 20_000, 0)
STREAM_LIMIT = 90
"""Seconds that a stream is waited for."""
INTERRUPT_LIMIT = 10
KEYS_FOR = 4.0
"""Seconds of typing."""
WHEEL_STEPS = 400
LARGE = 20_000
"""Files of the large repository."""


class MockModel:
    """``mock_model.py`` in a process of its own, and its log."""

    def __init__(self, folder: Path, **options: int | str) -> None:
        with NamedTemporaryFile(dir=folder, prefix="model-", suffix=".jsonl", delete=False) as file:
            self._log = Path(file.name)
        flags = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        command = [sys.executable, str(Path(__file__).parent / "mock_model.py"), *flags, "--log", str(self._log)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}/v1"

    def events(self, kind: str, **fields: Any) -> list[dict[str, Any]]:
        """The log's records of ``kind`` whose fields are as given."""
        lines = self._log.read_text().splitlines(True)
        records = [json.loads(line) for line in lines if line.endswith("\n")]
        return [
            record
            for record in records
            if record["ev"] == kind and all(record.get(name) == value for name, value in fields.items())
        ]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.unlink()


class Workshop:
    """Where the programs run: their homes and their repositories under ``folder``, kept between runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repositories = {
            "small": {PATCHED_FILE: "".join(file_line(number) + "\n" for number in range(TOKENS // 3))},
            "large": {
                f"pkg{number // 1000:02}/mod{number // 40:03}/file{number:05}.py": f"VALUE = {number}\n"
                for number in range(LARGE)
            },
        }
        for name, files in self.repositories.items():
            _make_repository(self.repository(name), files)

    def repository(self, name: str) -> Path:
        return self.folder / "repositories" / name

    @contextlib.contextmanager
    def session(
        self, program: Program, repository: str = "small", **options: int | str
    ) -> Iterator[tuple[MockModel, Terminal]]:
        """Run ``program`` against a mock model with ``options``."""
        home = self.folder / "homes" / program.name
        home.mkdir(parents=True, exist_ok=True)
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
        with contextlib.closing(MockModel(self.folder, **{"tokens": 20, "rate": 1000, **options})) as model:
            command = program.command(home, model.url)
            environ |= program.environ(home, model.url)
            with contextlib.closing(Terminal(command, environ, str(self.repository(repository)))) as terminal:
                yield model, terminal


def _make_repository(folder: Path, files: dict[str, str]) -> None:
    if (folder / ".git").exists():
        return
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        subprocess.run([*git, *arguments], check=True)


def settle(program: Program, terminal: Terminal) -> None:
    """Wait until the program has started and is quiet."""
    emulator, fed = Emulator(), 0

    def shows(pattern: str) -> bool:
        nonlocal fed
        while fed < len(terminal.chunks):
            emulator.feed(terminal.chunks[fed][1])
            fed += 1
        return re.search(pattern, emulator.text, re.MULTILINE) is not None

    if not terminal.wait(lambda: shows(program.ready), 60):
        raise TimeoutError(f"{program.name} was never ready; its screen:\n{emulator.text}")
    if program.settled:
        terminal.wait(lambda: shows(program.settled), 60, every=0.1)
    time.sleep(1)
    terminal.wait(lambda: terminal.quiet_for() > 0.3, 2)


def submit(terminal: Terminal) -> int:
    """Type a prompt and press Enter; returns when that was."""
    terminal.type("go")
    time.sleep(0.3)
    return terminal.write(b"\r")


def launch(workshop: Workshop, program: Program, repository: str) -> Figures:
    """From the start of the process: first paint, a key that was typed at once, and the first token.

    The prompt is sent 0.36 s after the key was seen: that is typing, and part of the last figure.
    """
    with workshop.session(program, repository) as (model, terminal):
        terminal.wait(lambda: terminal.raw_since(0).strip(), 60, every=0.001)
        for _ in range(5):  # again only if a starting program threw it away
            terminal.write("Ø".encode())
            if terminal.wait(lambda: "Ø".encode() in terminal.raw_since(0), 2, every=0.001):
                break
        terminal.write(b"\x7f")
        submit(terminal)
        terminal.wait(lambda: SENTINEL_BYTES.search(terminal.raw_since(0)), 30)
        time.sleep(0.5)
        cpu, memory = terminal.usage()
        paint, echo, answer = Seen(r"\S"), Seen("Ø"), Seen(SENTINEL)
        play(terminal.chunks, paint, echo, answer)
        connected = model.events("conn")
        return {
            "first_paint_ms": milliseconds(paint.first, terminal.started),
            "key_shown_ms": milliseconds(echo.first, terminal.started),
            "first_token_ms": milliseconds(answer.first, terminal.started),
            "connected_ms": milliseconds(connected[0]["ns"], terminal.started) if connected else None,
            "cpu_s": cpu,
            "memory_mb": memory / 1e6,
        }


def stream(workshop: Workshop, program: Program, rate: int, shape: str = "prose") -> Figures:
    """One answer of 6,000 tokens: how far the screen is behind, what it costs, and whether all of it can be read."""
    with workshop.session(program, tokens=TOKENS, rate=rate, shape=shape) as (model, terminal):
        settle(program, terminal)
        terminal.type("go")
        time.sleep(0.3)
        cpu_before, _ = terminal.usage()
        entered = terminal.write(b"\r")

        def finished() -> list[dict[str, Any]]:
            terminal.usage()
            return model.events("stream", main=True)

        if not terminal.wait(finished, STREAM_LIMIT, every=0.2):
            raise TimeoutError(f"{program.name} did not take the whole answer")
        sent: list[tuple[str, int]] = [(word, at) for word, at in finished()[0]["sent"]]
        last = sent[-1][0].encode()
        terminal.wait(lambda: terminal.quiet_for() > 3 or last in terminal.raw_since(-300), STREAM_LIMIT, every=0.1)
        time.sleep(1)
        cpu_after, _ = terminal.usage()
        chunks, seen = list(terminal.chunks), Seen(SENTINEL)
        play(chunks, seen)
        behind = lags(sent, seen.at)
        return {
            "lag_p50_ms": percentile(behind, 50),
            "lag_p95_ms": percentile(behind, 95),
            "lag_max_ms": max(behind, default=None),
            "drain_ms": milliseconds(seen.at.get(sent[-1][0]), sent[-1][1]),
            "painted_percent": 100 * sum(word in seen.at for word, _ in sent) / len(sent),
            "reachable_percent": _reachable(program, terminal, [word for word, _ in sent], rate, shape),
            "cpu_s_per_1000": (cpu_after - cpu_before) / TOKENS * 1000,
            "peak_memory_mb": terminal.peak_bytes / 1e6,
            "bytes_per_token": sum(len(data) for at, data in chunks if at > entered) / TOKENS,
        }


def _reachable(program: Program, terminal: Terminal, words: list[str], rate: int, shape: str) -> float | None:
    """The share of ``words`` that turning the mouse wheel back to the start brings to the screen."""
    if program.wheel is None or rate:  # where all is painted anyway, it is not worth the time
        return None
    column, row = program.wheel if shape != "patch" else (program.wheel[0], 10)
    first = max(0, len(terminal.chunks) - 60)
    for _ in range(WHEEL_STEPS):
        written = len(terminal.chunks)
        terminal.write(f"\x1b[<64;{column};{row}M".encode())
        if not terminal.wait(lambda count=written: len(terminal.chunks) > count, 0.5, every=0.002):  # type: ignore[misc]
            break  # the start
        terminal.wait(lambda: terminal.quiet_for() > 0.015, 0.5, every=0.003)
    seen = Seen(SENTINEL, after=terminal.chunks[first][0])
    play(terminal.chunks, seen)
    return 100 * sum(word in seen.at for word in words) / len(words)


def keys(workshop: Workshop, program: Program, rate: int) -> Figures:
    """A letter every 150 ms, idle (``rate`` 0) or while an answer streams, which ends with the escape key."""
    tokens = int(rate * (KEYS_FOR + INTERRUPT_LIMIT + 4)) or 20
    with workshop.session(program, tokens=tokens, rate=rate or 1000) as (_, terminal):
        settle(program, terminal)
        if rate:
            submit(terminal)
            terminal.wait(lambda: SENTINEL_BYTES.search(terminal.raw_since(0)), 30, every=0.05)
            time.sleep(0.5)
        terminal.type("QJ", 0.15)
        time.sleep(0.5)
        pressed: list[tuple[int, str]] = []
        due = time.monotonic()
        for index in range(int(KEYS_FOR / 0.15)):
            letter = "QJXZVKWHY"[index * 5 % 9]
            pressed.append((terminal.write(letter.encode()), letter))
            due += 0.15
            time.sleep(max(0.0, due - time.monotonic()))
        time.sleep(0.5)
        escape = now()
        if rate:
            escape = terminal.write(b"\x1b")
            time.sleep(1.5)
        typed, seen, shown = Typed("QJ", pressed), Seen(SENTINEL), Seen(program.stopped, after=escape)
        play(list(terminal.chunks), typed, seen, shown)
        figures: Figures = {
            "key_p50_ms": percentile(typed.echoes, 50),
            "key_p95_ms": percentile(typed.echoes, 95),
            "key_max_ms": max(typed.echoes, default=None),
            "keys_lost": float(len(pressed) - len(typed.echoes)),
        }
        if rate:
            newest = milliseconds(max(seen.at.values(), default=escape), escape)
            figures["esc_shown_ms"] = milliseconds(shown.first, escape)
            figures["esc_last_text_ms"] = max(0.0, newest or 0.0)
        return figures


def turns(workshop: Workshop, program: Program, count: int) -> Figures:
    """``count`` prompts in one session, each answered by 20 tokens at 1,000 a second: 19 ms of sending."""
    with workshop.session(program) as (model, terminal):
        settle(program, terminal)
        entered = []
        for index in range(count):
            entered.append(submit(terminal))
            terminal.wait(lambda done=index: len(model.events("stream", main=True)) > done, 20, every=0.03)  # type: ignore[misc]
            time.sleep(0.5)
        seen = Seen(SENTINEL)
        play(list(terminal.chunks), seen)
        streams, requests = model.events("stream", main=True), model.events("req")
        took = [
            milliseconds(seen.at.get(record["sent"][-1][0]), at) for record, at in zip(streams, entered, strict=False)
        ]
        asked = [request["bytes"] for request in requests if request["main"]]
        _, memory = terminal.usage()
        return {
            "turn_p50_ms": median(took),
            "turn_max_ms": max((value for value in took if value is not None), default=None),
            "turns_shown": float(sum(value is not None for value in took)),
            "bytes_first": float(asked[0]),
            "bytes_last": float(asked[-1]),
            "bytes_all": float(sum(request["bytes"] for request in requests)),
            "connections": float(len(model.events("conn"))),
            "memory_mb": memory / 1e6,
        }


Scenario = Callable[[Workshop, Program], Figures]


def scenarios() -> dict[str, Scenario]:
    """All of them, by name."""
    found: dict[str, Scenario] = {}
    for repository in ("small", "large"):
        found[f"launch/{repository}"] = lambda w, p, repository=repository: launch(w, p, repository)  # type: ignore[misc]
    for shape in ("prose", "markdown", "patch"):
        for rate in RATES:
            found[f"{shape}/{rate or 'unlimited'}"] = lambda w, p, r=rate, s=shape: stream(w, p, r, s)  # type: ignore[misc]
    for rate in (0, 1000, 5000):
        found[f"keys/{rate or 'idle'}"] = lambda w, p, rate=rate: keys(w, p, rate)  # type: ignore[misc]
    for count in (10, 50):
        found[f"turns/{count}"] = lambda w, p, count=count: turns(w, p, count)  # type: ignore[misc]
    return found
