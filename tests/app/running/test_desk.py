"""Nothing runs that a person has not let run, and what runs cannot flood the session."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from spark_tui.app.pairing.transcript import Transcript
from spark_tui.app.running import desk as module
from spark_tui.app.running.desk import COMMAND_LIMIT, CommandDesk, Verdict
from spark_tui.app.running.scratch import Scratch


class Desk:
    """A desk over an empty folder; ``pending`` is what the change makes of its files."""

    def __init__(self, folder: Path, **pending: bytes) -> None:
        (folder / "work").mkdir()
        self.may_list = threading.Event()
        self.may_list.set()
        self.transcript = Transcript()
        self.told: list[str] = []
        self.notices: list[str] = []
        self.desk = CommandDesk(
            folder / "work",
            Scratch(folder / "work", folder / "cache"),
            self.transcript,
            pending=lambda: pending,
            list_files=self.list_files,
            tell=self.told.append,
            notify=self.notices.append,
            on_change=lambda: None,
        )

    def list_files(self) -> list[str]:
        self.may_list.wait(timeout=10)
        return []

    @property
    def notes(self) -> list[str]:
        """What stands beside the commands."""
        return [entry.note for entry in self.transcript.entries]

    @property
    def text(self) -> str:
        return "".join(entry.text for entry in self.transcript.entries)


@pytest.mark.parametrize("command", ["", "  ", "echo a\nrm b", "echo \u202etxt", "x" * (COMMAND_LIMIT + 1), "a\x1bb"])
async def test_what_cannot_be_read_whole_cannot_be_proposed(command: str, tmp_path: Path) -> None:
    at = Desk(tmp_path)
    assert (await at.desk.propose(command, "")).startswith("error:")
    assert not at.desk.proposals


async def test_a_proposal_does_not_run_and_stands_once(tmp_path: Path) -> None:
    at = Desk(tmp_path)
    for _ in range(2):
        assert (await at.desk.propose("touch made", "why")).startswith("proposed")
    assert len(at.desk.proposals) == 1
    at.desk.decline()
    at.desk.decline()
    assert at.told == ["The user declined to run `touch made`."]
    assert not (tmp_path / "work/made").exists()


async def test_always_is_for_the_exact_command(tmp_path: Path) -> None:
    at = Desk(tmp_path)
    await at.desk.propose("echo one", "")
    await at.desk.allow(always=True)
    assert "exit code 0\none" in at.told[0]
    assert "exit code 0\none" in await at.desk.propose("echo one", "")
    assert (await at.desk.propose("echo one ; echo two", "")).startswith("proposed")


async def test_a_flood_is_cut_and_its_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHOWN_LIMIT", 1000)
    monkeypatch.setattr(module, "TAIL", 50)
    at = Desk(tmp_path)
    run = await at.desk.run("seq 100000; echo the end")
    assert run is not None
    assert len(at.text) < 1300
    assert at.text.endswith("the end\n")
    assert "(the end of it)" in run.report


async def test_one_at_a_time(tmp_path: Path) -> None:
    at = Desk(tmp_path)
    first = asyncio.create_task(at.desk.run("echo begun; cat < /dev/zero > /dev/null"))
    while "begun\n" not in at.text.replace("$ echo begun", ""):
        await asyncio.wait([first], timeout=0.01)
    assert await at.desk.run("echo no") is None
    assert at.notices == ["a command runs already; ctrl+x stops it"]
    stopping = at.desk.stop()
    assert stopping is not None
    await stopping
    run = await first
    assert run is not None
    assert run.outcome.startswith("stopped")
    assert at.desk.stop() is None


async def test_the_verdict_is_for_what_was_tested(tmp_path: Path) -> None:
    at = Desk(tmp_path, **{"a.txt": b"new"})
    run = await at.desk.test("cat a.txt")
    assert run is not None
    assert (run.code, run.tail) == (0, "new")
    verdict = at.desk.verdict
    assert isinstance(verdict, Verdict)
    assert verdict.passed
    assert verdict.holds_for("a.txt", b"new")
    assert not verdict.holds_for("a.txt", b"newer")
    assert not (tmp_path / "work/a.txt").exists()


async def test_a_test_is_seen_while_its_files_are_copied_and_can_be_stopped(tmp_path: Path) -> None:
    at = Desk(tmp_path, **{"a.txt": b"new"})
    at.may_list.clear()
    testing = asyncio.create_task(at.desk.test("touch ran"))
    while at.notes != ["copying the files"]:
        await asyncio.wait([testing], timeout=0.01)
    stopping = at.desk.stop()
    at.may_list.set()
    assert stopping is not None
    await stopping
    await testing
    assert (at.notes, at.desk.verdict, at.desk.running) == (["not run"], None, None)
    await at.desk.test("true")
    assert at.notes[1].startswith("exit 0")


async def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    at = Desk(tmp_path)
    (tmp_path / "work").rmdir()
    assert await at.desk.run("true") is None
    assert at.notices[0].startswith("cannot run that")
