"""``spark-tui serve`` as a process: its first lines, its exits, its end with its parent."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from spark_tui.app.commands.serve import add_arguments, run

PROGRAM = (
    "import argparse, sys; from spark_tui.app.commands.serve import add_arguments, run;"
    "parser = argparse.ArgumentParser(); add_arguments(parser); sys.exit(run(parser.parse_args()))"
)


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    path = tmp_path / "tape.jsonl"
    path.write_text('{"t": 0, "dir": "in", "frame": {"type": "response.completed", "response": {}}}\n')
    return path


@pytest.fixture
def started(tape: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, "--engine", "tape", "--tape", str(tape), "--port", "0"]
    with subprocess.Popen(
        [*command, "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def lines_of(process: subprocess.Popen[str]) -> tuple[str, str]:
    assert process.stdout is not None
    return process.stdout.readline().strip(), process.stdout.readline().strip()


def test_first_lines_are_enough_to_connect(started: subprocess.Popen[str]) -> None:
    line, token = lines_of(started)
    assert line.startswith("listening on ws://127.0.0.1:")
    assert line.endswith("/v1/responses")
    assert len(token) >= 32
    with connect(line.removeprefix("listening on "), additional_headers={"Authorization": f"Bearer {token}"}) as ws:
        ws.send('{"type": "response.create"}')
        assert "tape_ended" in ws.recv()


def test_offline_engine_is_what_answers_by_default() -> None:
    """A file is made by the one tool that any client offers."""
    command = [sys.executable, "-c", PROGRAM, "--rate", "0", "--no-token", "--port", "0"]
    create = {
        "type": "response.create",
        "input": "create notes.md: some text",
        "tools": [{"type": "custom", "name": "apply_patch"}],
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with connect(process.stdout.readline().split()[-1]) as ws:
            ws.send(json.dumps(create))
            done = next(event for event in map(json.loads, ws) if event["type"] == "response.completed")
        process.terminate()
    (call,) = [item for item in done["response"]["output"] if item["type"] == "custom_tool_call"]
    assert "*** Add File: notes.md" in call["input"]
    assert "+some text" in call["input"]


@pytest.mark.parametrize("how", ["stdin", "terminate", "interrupt"])
def test_stops_cleanly(started: subprocess.Popen[str], how: str) -> None:
    lines_of(started)
    assert started.stdin is not None
    if how == "stdin":
        started.stdin.close()
    else:
        started.send_signal(signal.SIGTERM if how == "terminate" else signal.SIGINT)
    assert started.wait() == 0
    assert started.stderr is not None
    assert started.stderr.read() == ""


def test_token_of_the_environment_is_not_shown(tape: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "--engine", "tape", "--tape", str(tape), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "SPARK_TUI_TOKEN": "secret"}
    ) as process:
        assert lines_of(process)[1] == "token from SPARK_TUI_TOKEN"
        process.terminate()
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_port_in_use_is_one_line(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(arguments("--engine", "tape", "--tape", str(tape), "--port", port)) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert (
        err == f"spark-tui serve: Cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "choose another with --port.\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--engine", "chat"),
        ("--engine", "responses", "--upstream", "localhost:8080"),
        ("--engine", "tape"),
        ("--engine", "chat", "--upstream", "http://localhost/v1", "--upstream-key-env", "NOT_SET"),
    ],
)
def test_usage_errors_are_one_line(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(*words)) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("words", [("--port", "70000"), ("--rate", "-1"), ("--rate", "nan"), ("--model-map", "a")])
def test_bad_values_are_refused(words: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        arguments(*words)
    assert exit_.value.code == 2


def test_unreadable_tape_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments("--engine", "tape", "--tape", str(tmp_path / "none"))) == 1
    assert "Cannot read the tape" in capsys.readouterr().err


def test_child_imports_nothing_of_the_screen() -> None:
    check = "import sys; import spark_tui.app.commands.serve, spark_tui.protocol.gateway.server;"
    check += "print([name for name in ('textual', 'git', 'watchfiles', 'httpx', 'pygments') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout == "[]\n"
