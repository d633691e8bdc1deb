"""``spark-tui doctor``: the table, the JSON and the exit codes."""

from __future__ import annotations

import json
import socket

import pytest

from spark_tui.app.cli import main


def test_the_built_in_engine_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--offline"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("the built-in engine, model offline\n")
    assert "first token  ok" in out
    assert "FAILED" not in out


def test_a_server_that_is_not_there_fails_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_TUI_API_KEY", "sk-secret-0123456789")
    with socket.create_server(("127.0.0.1", 0)) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
    assert main(["doctor", "--base-url", url]) == 1
    assert "-> check that the server runs" in capsys.readouterr().out
    assert main(["doctor", "--json", "--base-url", url]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told["ok"] is False
    assert [step["name"] for step in told["steps"] if step["verdict"] == "failed"] == ["TCP"]
    assert "sk-secret" not in captured.out + captured.err


def test_an_unusable_setting_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--base-url", "ftp://x"]) == 2
    assert capsys.readouterr().err.startswith("spark-tui doctor: base URL")
