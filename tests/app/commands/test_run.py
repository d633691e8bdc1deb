"""``spark-tui run``: one turn of the built-in engine on a real repository, and every way it can end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_tui.app.cli import main
from tests.app.work_tree import WorkTree
from tests.doubles.scripted_server import Peer, ScriptedServer, custom_call

CODE = "def total():\n    return 1\n\n\nprint(total())\n"
RENAMED = CODE.replace("total", "amount")


@pytest.fixture
def tree(make_work_tree: Callable[..., WorkTree]) -> WorkTree:
    return make_work_tree({"größe.py": CODE})


def run(tree: WorkTree, *arguments: str) -> int:
    return main(["run", "-C", str(tree.root), "--rate", "0", "--offline", *arguments])


def test_the_diff_goes_to_stdout_and_is_one_that_git_applies(
    tree: WorkTree, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(tree, "rename total to amount") == 0
    captured = capfdbinary.readouterr()
    assert (tree.root / "größe.py").read_text() == CODE
    assert captured.err
    subprocess.run(["git", "apply", "-"], cwd=tree.root, input=captured.out, check=True)
    assert (tree.root / "größe.py").read_text() == RENAMED


def test_the_diff_is_the_same_where_the_locale_knows_no_such_letter(
    tree: WorkTree, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(1, "w", encoding="ascii", closefd=False) as ascii_only:
        monkeypatch.setattr("sys.stdout", ascii_only)
        assert run(tree, "rename total to amount") == 0
        assert "größe.py".encode() in capfdbinary.readouterr().out
        assert run(tree, "--apply", "rename total to amount") == 0
    assert capfdbinary.readouterr().out == b"M gr\\xf6\\xdfe.py\n"


def test_apply_writes_and_says_what(tree: WorkTree, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tree, "--apply", "rename total to amount") == 0
    assert capsys.readouterr().out == "M größe.py\n"
    assert (tree.root / "größe.py").read_text() == RENAMED
    assert run(tree, "--apply", "create notes.md: some text") == 0
    assert capsys.readouterr().out == "A notes.md\n"


def test_json_is_one_object_a_line(tree: WorkTree, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tree, "--json", "rename total to amount") == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"type": "change", "path": "größe.py", "state": "pending", "added": 2, "removed": 2} in told
    assert [line["type"] for line in told[-2:]] == ["diff", "end"]
    assert "amount" in told[-2]["diff"]
    assert (told[-1]["status"], told[-1]["exit"]) == ("done", 0)
    assert told[-1]["tokens"]["output"] > 0


def test_a_request_without_a_change_is_done_with_an_empty_diff(
    tree: WorkTree, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tree, "rename nowhere_at_all to amount") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["  "], "the prompt is empty"),
        (["--rate", "-1", "x"], "rate -1.0 should be"),
        (["--rate", "nan", "x"], "rate nan should be"),
        (["--base-url", "ftp://x", "x"], "base URL"),
        (["--base-url", "http://[x", "x"], "base URL"),
        (["--base-url", "http://x:99999", "x"], "base URL"),
        (["--offline", "--record", "missing/tape", "x"], "cannot record to"),
    ],
)
def test_what_cannot_be_begun_is_one_line(
    tree: WorkTree,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tree.root)
    assert main(["run", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("spark-tui: ")
    assert told in line


def test_outside_of_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--offline", "-C", str(tmp_path), "x"]) == 2
    assert "git init" in capsys.readouterr().err


def against(tree: WorkTree, script: Callable[[Peer], object], *arguments: str) -> int:
    """Run against a scripted server, which has an event loop and a thread of its own."""
    import asyncio
    import threading

    ready, over = threading.Event(), threading.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with ScriptedServer(script) as server:  # type: ignore[arg-type]
            urls.append(server.base_url)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(5)
        return main(["run", "-C", str(tree.root), "--base-url", urls[0], "--model", "m", *arguments])
    finally:
        over.set()
        thread.join()


async def next_request(peer: Peer) -> None:
    """Answer warm-ups; returns once there is a request."""
    while (await peer.next()).get("generate") is False:
        await peer.created("warm")
        await peer.ended("warm", [])


def test_a_model_that_fails(tree: WorkTree, capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await next_request(peer)
        await peer.error(400, "model_not_found", "no such model\x1b[31m")
        await peer.until_gone()

    assert against(tree, script, "go") == 1
    captured = capsys.readouterr()
    assert "no such model" in captured.err
    assert "\x1b" not in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("form", ["--diff", "--apply"])
def test_a_patch_that_does_not_fit_is_refused(tree: WorkTree, form: str) -> None:
    async def script(peer: Peer) -> None:
        await next_request(peer)
        text = "*** Begin Patch\n*** Update File: größe.py\n@@\n-not there\n+x\n*** End Patch\n"
        call = custom_call("call_1", "apply_patch", text)
        await peer.created("r1")
        await peer.item(call)
        await peer.ended("r1", [call])
        await next_request(peer)
        await peer.answer("r2", "I give up.")
        await peer.until_gone()

    assert against(tree, script, form, "go") == 3
    assert (tree.root / "größe.py").read_text() == CODE
