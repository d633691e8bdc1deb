"""The user's own editor: what it is given, what comes back, and one line for everything that can go wrong."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from textual.app import App, SuspendNotSupported

from spark_tui.app.ui.external_editor import EditorError, edit_text, editor_command, open_file


class Lent:
    """A program whose terminal can be lent, or cannot."""

    def __init__(self, *, can: bool = True) -> None:
        self.can = can
        self.times = 0

    @contextmanager
    def suspend(self) -> Iterator[None]:
        if not self.can:
            raise SuspendNotSupported
        self.times += 1
        yield


def app(*, can: bool = True) -> App[int]:
    return cast("App[int]", Lent(can=can))


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that does what the file ``does`` says, with the file it is given as ``file``; it notes how."""
    program = tmp_path / "ed.py"
    program.write_text(
        "import pathlib, sys\n"
        "here = pathlib.Path(__file__).parent\n"
        "(here / 'given').write_text('\\n'.join(sys.argv[1:]))\n"
        "file = pathlib.Path(sys.argv[-1])\n"
        "exec((here / 'does').read_text())\n"
    )
    monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(program)]))
    return tmp_path


def does(editor: Path, code: str) -> None:
    (editor / "does").write_text(code)


@pytest.mark.parametrize("text", ["one\ntwo\n", "crlf\r\nkept\r\n", "größe", ""])
def test_what_is_not_changed_comes_back_as_it_was(editor: Path, text: str) -> None:
    does(editor, "pass")
    assert edit_text(app(), text, "src/a.py") == text
    file = Path((editor / "given").read_text())
    assert file.suffix == ".py"
    assert not file.parent.exists()


def test_what_is_changed_comes_back(editor: Path) -> None:
    does(editor, "file.write_bytes(file.read_bytes().replace(b'one', b'1'))")
    assert edit_text(app(), "one\r\ntwo\n", "a") == "1\r\ntwo\n"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sys.exit(3)", "exit code 3; nothing was changed"),
        ("file.unlink()", "be kept or read"),
        ("file.write_bytes(b'\\xff')", "be kept or read"),
    ],
)
def test_an_editor_that_leaves_nothing_usable(editor: Path, code: str, told: str) -> None:
    does(editor, code)
    with pytest.raises(EditorError, match=told):
        edit_text(app(), "one\n", "a.py")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("", "no editor is set"),
        ("  ", "no editor is set"),
        ("'", "cannot be read"),
        ("/not/there", "cannot be started"),
    ],
)
def test_an_editor_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, command: str, told: str) -> None:
    monkeypatch.setenv("EDITOR", command)
    with pytest.raises(EditorError, match=told):
        edit_text(app(), "one\n", "a.py")


def test_a_terminal_that_cannot_be_lent(editor: Path) -> None:
    does(editor, "pass")
    with pytest.raises(EditorError, match="cannot be lent"):
        open_file(app(can=False), editor / "x", 1)


def test_no_room_for_the_text_is_one_line_too(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(editor / "not there"))
    with pytest.raises(EditorError, match="No such file"):
        edit_text(app(), "one\n", "a.py")


def test_visual_comes_before_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "ed")
    assert editor_command() == ["ed"]
    monkeypatch.setenv("VISUAL", "code --wait")
    assert editor_command() == ["code", "--wait"]


@pytest.mark.parametrize(("name", "takes_line"), [("vim", True), ("code", False)])
def test_a_file_is_opened_at_its_line_where_the_editor_knows_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, takes_line: bool
) -> None:
    program = tmp_path / name
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(tmp_path / "given"))}\n')
    program.chmod(0o755)
    monkeypatch.setenv("EDITOR", shlex.quote(str(program)))
    open_file(app(), tmp_path / "with space.py", 7)
    expected = ["+7"] * takes_line + [str(tmp_path / "with space.py")]
    assert (tmp_path / "given").read_text().splitlines() == expected
