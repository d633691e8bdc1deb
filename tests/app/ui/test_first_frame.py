from __future__ import annotations

import os
import pty
import re
import select
import struct
import termios
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path

import pytest
from textual.app import App

from spark_tui.app.settings import Settings
from spark_tui.app.ui.app import SparkApp
from spark_tui.app.ui.first_frame import FOOT, THEMES, FirstFrame, draft_of, frame
from spark_tui.app.workspace.git import Repository
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.file_tree import FileTree
from spark_tui.widgets.prompt import Prompt
from spark_tui.widgets.transcript import Transcript
from tests.app.conftest import MakeWorkTree

LOCAL_FLAGS = 3


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A pseudo-terminal of 120x40: the person's end and the program's."""
    person, program = pty.openpty()
    ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    yield person, program
    os.close(person)
    os.close(program)


def read_until(person: int, pattern: bytes) -> bytes:
    data = b""
    while not re.search(pattern, data):
        assert select.select([person], [], [], 10)[0], data
        data += os.read(person, 65536)
    return data


@pytest.mark.parametrize(
    ("typed", "draft"),
    [
        (b"rename a to b", "rename a to b"),
        (b"renamme\x7f\x7fe", "rename"),
        (b"\x7f\x7fx", "x"),
        (b"first\rsecond", "first"),
        (b"a\x1b[Db\x1bOPc", "abc"),
        (b"\x1b[?2026;2$yok", "ok"),
        (b"\x1b]11;rgb:11/11/11\x07ok", "ok"),
        ("für".encode(), "für"),
        ("fü".encode()[:-1], "f"),
        (b"a\x01\x9bb", "ab"),
    ],
)
def test_the_draft_is_what_plain_typing_leaves(typed: bytes, draft: str) -> None:
    assert draft_of(typed) == draft


def test_what_is_typed_is_shown_at_once_and_kept(terminal: tuple[int, int]) -> None:
    person, program = terminal
    first = FirstFrame(program, program, "spark-dark")
    try:
        read_until(person, "❯ ".encode())
        os.write(person, b"hi\x1b[A")
        read_until(person, "❯ .*hi".encode())
        os.write(person, b"!\r")
        read_until(person, b"hi!")
        while not first._typed.endswith(b"\r"):
            os.sched_yield()
        assert first.end() == b"hi\x1b[A!\r"
        assert first.end() == b""
    finally:
        first.close()


def test_the_terminal_is_left_as_it_was_found(terminal: tuple[int, int]) -> None:
    person, program = terminal
    before = termios.tcgetattr(program)
    first = FirstFrame(program, program, "spark-dark")
    assert not termios.tcgetattr(program)[LOCAL_FLAGS] & (termios.ECHO | termios.ICANON)
    first.close()
    assert termios.tcgetattr(program) == before
    read_until(person, rb"\x1b\[\?1049h.*\x1b\[\?1049l")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_rules_are_where_the_program_will_draw_them(
    size: tuple[int, int], make_work_tree: MakeWorkTree
) -> None:
    width, height = size
    tree = make_work_tree({"a.py": "a = 1\n"})
    app: App[int] = SparkApp(Repository.discover(Path(tree.root)), Settings(), None)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        drawn = _cells(frame(width, height, THEMES["spark-dark"]))
        files, transcript, prompt = app.query_one(FileTree), app.query_one(Transcript), app.query_one(Prompt)
        assert prompt.region.y == height - FOOT + 1
        if width >= 100:
            assert drawn[(files.region.right - 1, 0)] == "│"
        if width >= 160:
            assert drawn[(transcript.region.x, 5)] == "│"
            assert app.query_one(DiffView).region.right == transcript.region.x
        else:
            assert drawn[(transcript.region.x, transcript.region.y)] == "─"


@pytest.mark.parametrize(("width", "name"), [(80, "-narrow"), (120, "-normal"), (200, "-wide")])
async def test_the_first_paint_is_laid_out_for_the_width(width: int, name: str, make_work_tree: MakeWorkTree) -> None:
    class Watched(SparkApp):
        async def on_compose(self) -> None:
            mounted.append(self.screen.has_class(name))

    mounted: list[bool] = []
    app = Watched(make_work_tree({"a.py": "a = 1\n"}).repository, Settings(), None)
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.pause()
    assert mounted == [True]


def _cells(data: str) -> dict[tuple[int, int], str]:
    cells = {}
    for row, column, text in re.findall(r"\x1b\[(\d+);(\d+)H([^\x1b]*)", data):
        for offset, character in enumerate(text):
            cells[(int(column) - 1 + offset, int(row) - 1)] = character
    return cells
