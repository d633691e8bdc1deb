"""Pending hunks: someone else edits the file below them, and the user accepts them."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.driving import ESCAPE, Onlooker, settle, submit, wait_for_answer, wait_until_still
from bench.figures import Figures, median, milliseconds
from bench.mock_model import TOKENS_PER_LINE, patched_file
from bench.programs import Program
from bench.scenarios.scenario import Scenario
from bench.screen import Seen, play
from bench.terminal import now
from bench.workshop import Session, Workshop

HOME = b"\x1b[H"
REBASED = 500
EDITS = 5
HUNK_LINES = 2


def scenarios() -> Iterator[Scenario]:
    """An edit below 500 hunks; accepting 500 hunks of one file, and 5 of each of 20."""
    yield Scenario("rebase/500", rebase, most_runs=3, needs_review=True)
    for hunks, files in ((500, 1), (100, 20)):
        measure = partial(accept, hunks=hunks, files=files)
        yield Scenario(f"accept/{hunks} in {files}", measure, most_runs=3, needs_review=True)


def rebase(workshop: Workshop, program: Program) -> Figures:
    """Five times, a file of 50,000 lines gets a line from outside, above all of its 500 pending hunks."""
    with _pending(workshop, program, "long", REBASED, 1) as (session, _):
        terminal = session.terminal
        path, edits = session.folder / patched_file(0), []
        for number in range(EDITS):
            edits.append(_save(path, path.read_text().replace("line 0 ", f"from outside {number}\nline 0 ", 1)))
            terminal.wait(lambda word=f"outside {number}": word.encode() in terminal.raw_since(-60), 20)  # type: ignore[misc]
            time.sleep(0.5)
        shown = Seen(r"from outside \d", after=edits[0])
        still = Seen(rf"{REBASED} pending")
        play(list(terminal.chunks), shown, still)
        took = [milliseconds(shown.at.get(f"from outside {number}"), at) for number, at in enumerate(edits)]
        measured = [value for value in took if value is not None]
        return {
            "rebase_p50_ms": median(took),
            "rebase_max_ms": max(measured, default=None),
            "edits_shown": float(len(measured)),
            "hunks_kept": float(REBASED if still.at and Onlooker(terminal).shows(f"{REBASED} pending") else 0),
            **session.probe.figures(edits[0], terminal.chunks[-1][0]),
        }


def accept(workshop: Workshop, program: Program, hunks: int, files: int) -> Figures:
    """``A`` in one file after the other: from the key until all is on disk, and until the screen says so."""
    name = "many" if files > 1 else "long"
    with _pending(workshop, program, name, hunks, files) as (session, onlooker):
        terminal = session.terminal
        wait_until_still(terminal, terminal.write(b"n"), 0.2, 5)
        paths = [session.folder / patched_file(number) for number in range(files)]
        pressed: list[int] = []
        with _Replaced(paths) as replaced:
            for number in range(files):
                pressed.append(terminal.write(b"A"))
                onlooker.wait_for(f"✓ {hunks // files * (number + 1)} accepted")
            if not terminal.wait(lambda: len(replaced.at) == files, 20):
                raise TimeoutError(f"{files - len(replaced.at)} files were never written")
        shown = Seen(r"✓ \d+ accepted")
        play(list(terminal.chunks), shown)
        told = [shown.at.get(f"✓ {hunks // files * (number + 1)} accepted") for number in range(files)]
        on_disk = [milliseconds(at, key) for at, key in zip(sorted(replaced.at.values()), pressed, strict=True)]
        return {
            "disk_p50_ms": median(on_disk),
            "disk_max_ms": max(value for value in on_disk if value is not None),
            "told_p50_ms": median([milliseconds(at, key) for at, key in zip(told, pressed, strict=True)]),
            "whole_s": (max(replaced.at.values()) - pressed[0]) / 1e9,
            **session.probe.figures(pressed[0], terminal.chunks[-1][0]),
        }


@contextlib.contextmanager
def _pending(
    workshop: Workshop, program: Program, repository: str, hunks: int, files: int
) -> Iterator[tuple[Session, Onlooker]]:
    """A session with ``hunks`` pending in ``files`` of a repository, the focus on the first row of the diff."""
    with workshop.session(
        program,
        repository,
        tokens=hunks * HUNK_LINES * TOKENS_PER_LINE["patch"],
        rate=20_000,
        shape="patch",
        hunk_lines=HUNK_LINES,
        files=files,
    ) as session:
        onlooker, terminal = settle(session), session.terminal
        asked = submit(terminal)
        wait_for_answer(session)
        onlooker.wait_for(f"{hunks} to review.*on main")
        wait_until_still(terminal, asked, 0.3)
        terminal.write(ESCAPE)
        onlooker.wait_for("a Accept")
        terminal.write(HOME)
        onlooker.wait_for(r"1 +1 +line 0 as it was")
        yield session, onlooker


def _save(path: Path, text: str) -> int:
    """Replace the file as an editor does; returns when that was."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text)
    fresh.replace(path)
    return now()


class _Replaced:
    """Watches until each of ``paths`` is another file than it was: the program renames finished copies."""

    def __init__(self, paths: list[Path]) -> None:
        self.at: dict[Path, int] = {}
        self._before = {path: path.stat().st_ino for path in paths}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Replaced:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.001):
            for path, inode in list(self._before.items()):
                if os.stat(path).st_ino != inode:  # noqa: PTH116 - a thousand times a second
                    self.at[path] = now()
                    del self._before[path]
