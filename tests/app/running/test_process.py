"""A command's output comes as it is written, and its end is the end of all of its children."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from spark_tui.app.running.process import CommandError, Process, plain


async def run(command: str, folder: Path) -> tuple[int, str]:
    output: list[str] = []
    code = await Process(command, folder).run(output.append)
    return code, "".join(output)


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [
        ("echo out; echo err >&2; exit 7", 7, "out\nerr\n"),
        ("printf 'a\\r\\nb\\rc'", 0, "a\nb\nc"),
        ("printf '\\033[31mred\\033[0m \\303'", 0, "red \ufffd"),
        ("cat", 0, ""),
        ("echo $TERM $NO_COLOR", 0, "dumb 1\n"),
        ("kill -9 $$", -9, ""),
    ],
)
async def test_output_and_exit_code(command: str, code: int, output: str, tmp_path: Path) -> None:
    assert await run(command, tmp_path) == (code, output)


async def test_what_is_cut_in_two_is_put_together(tmp_path: Path) -> None:
    script = r"printf '\303'; sleep 0.05; printf '\251\033[3'; sleep 0.05; printf '1mx'"
    assert await run(script, tmp_path) == (0, "éx")


async def test_stopping_ends_the_children_too(tmp_path: Path) -> None:
    begun = asyncio.Event()
    lines: list[str] = []

    def took(text: str) -> None:
        lines.append(text)
        begun.set()

    process = Process("trap '' TERM; sleep 600 & echo $!; wait", tmp_path)
    running = asyncio.create_task(process.run(took))
    await begun.wait()
    await process.stop()
    assert await running < 0
    child = int("".join(lines).split()[0])
    await asyncio.to_thread(wait_until_gone, child)


def wait_until_gone(process: int) -> None:
    """Return once the process has ended, even if nobody has asked for its exit code."""
    while True:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except FileNotFoundError:
            return


async def test_what_stays_behind_does_not_hold_it_up(tmp_path: Path) -> None:
    assert await run("sleep 600 & echo done", tmp_path) == (0, "done\n")


async def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot run that"):
        await Process("true", tmp_path / "gone").run(lambda text: None)


def test_plain_keeps_what_is_no_colour() -> None:
    assert plain("\x1b[1;31mx\x1b[0m\x1b]0;title\x07") == "x\x1b]0;title\x07"


async def test_the_own_environment_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "yes")
    assert os.environ["MINE"] == "yes"
    assert await run("echo $MINE", tmp_path) == (0, "yes\n")
