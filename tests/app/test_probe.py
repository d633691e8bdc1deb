"""The probe: what it tells of the event loop, of collections and of the terminal's output."""

from __future__ import annotations

import asyncio
import gc
import os
import selectors
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spark_tui.app import probe
from spark_tui.app.probe import TOLD_FROM, WRITTEN_AFTER, Probe, WatchedSelector

LONG = 3 * TOLD_FROM / 1e9


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The probe's file."""
    return tmp_path / "probe"


@pytest.fixture
def terminal() -> Iterator[int]:
    """One end of a pseudo-terminal."""
    ends = os.openpty()
    yield ends[1]
    for end in ends:
        os.close(end)


def lines(told: Path, kind: str) -> list[list[int]]:
    all_told = [line.split() for line in told.read_text().splitlines()]
    return [[int(field) for field in fields] for name, *fields in all_told if name == kind]


def hold(seconds: float) -> None:
    """Keep the event loop busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_what_holds_the_loop_is_told_with_its_time(told: Path) -> None:
    began = 0

    async def main() -> str:
        nonlocal began
        await asyncio.sleep(0)
        began = time.monotonic_ns()
        hold(LONG)
        await asyncio.sleep(0)
        return "done"

    assert Probe(told).run(main) == "done"
    held = [(at, took) for at, took in lines(told, "loop") if at <= began and at + took >= began + LONG * 1e9]
    assert len(held) == 1


class Clock:
    """The probe's time, in milliseconds, and how long the next look takes and what it finds."""

    def __init__(self) -> None:
        self.ms = 100
        self.look = 0
        self.ready = False

    def now(self) -> int:
        return self.ms * 1_000_000

    def select(self, timeout: float | None = None) -> list[object]:
        self.ms += self.look
        return [object()] if self.ready else []


@pytest.mark.parametrize(
    ("timeout", "look", "ready", "busy", "told_as"),
    [
        (None, 0, True, 4, None),
        (None, 0, True, 5, (100, 5)),
        (None, 12, True, 4, None),
        (None, 12, True, 5, (112, 5)),
        (0.010, 10, False, 4, None),
        (0.010, 30, False, 4, (110, 24)),
        (None, 16, False, 4, None),
        (None, 30, False, 4, (116, 18)),
    ],
)
def test_held_is_from_the_end_of_a_look_or_when_it_should_have_ended_to_the_next(
    told: Path,
    monkeypatch: pytest.MonkeyPatch,
    timeout: float | None,
    look: int,
    ready: bool,
    busy: int,
    told_as: tuple[int, int] | None,
) -> None:
    clock = Clock()
    monkeypatch.setattr(probe, "now", clock.now)
    monkeypatch.setattr(selectors.DefaultSelector, "select", lambda _, timeout=None: clock.select(timeout))
    telling = Probe(told)
    with WatchedSelector(telling) as selector:
        clock.look, clock.ready = look, ready
        selector.select(timeout)
        clock.ms += busy
        clock.look = 0
        selector.select(0)
    telling.write()
    assert lines(told, "loop") == ([] if told_as is None else [[part * 1_000_000 for part in told_as]])


def test_a_collection_is_told_with_its_generation(told: Path) -> None:
    async def main() -> None:
        gc.collect(1)

    Probe(told).run(main)
    assert 1 in [generation for _, _, generation in lines(told, "gc")]


def test_what_a_terminal_takes_is_told_and_what_a_file_takes_is_not(
    told: Path, terminal: int, tmp_path: Path
) -> None:
    async def main() -> int:
        (tmp_path / "file").write_text("text")
        with (tmp_path / "file").open("wb") as file:
            os.write(file.fileno(), b"a line for the file")
        return os.write(terminal, b"a line")

    assert Probe(told).run(main) == 6
    assert [size for _, size in lines(told, "out")] == [6]


def test_afterwards_all_is_as_it_was(told: Path) -> None:
    before = os.write, list(gc.callbacks)

    async def main() -> None:
        assert os.write is not before[0]
        assert gc.callbacks != before[1]

    Probe(told).run(main)
    assert (os.write, gc.callbacks) == before


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Probe(tmp_path / "none" / "probe")


def test_lines_are_written_together_and_in_time(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(probe, "now", clock.now)
    monkeypatch.setattr(selectors.DefaultSelector, "select", lambda _, timeout=None: clock.select(timeout))
    telling = Probe(told)
    with WatchedSelector(telling) as selector:
        telling.tell("gc", 1)
        telling.tell("gc", 2)
        selector.select(0)
        assert lines(told, "gc") == []
        clock.look = WRITTEN_AFTER // 1_000_000 + 1
        selector.select(0)
        selector.select(0)
    assert lines(told, "gc") == [[1], [2]]
