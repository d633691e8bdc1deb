"""The user's own editor, in the program's terminal, for a hunk's text or for a file at a line."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

from textual.app import App, SuspendNotSupported

LINE_OPTIONS = ("vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne", "mg")
"""Editors that take ``+LINE`` before the file."""


class EditorError(Exception):
    """The editor could not be used; ``str()`` is one line that says what to do."""


def editor_command() -> list[str]:
    """The user's editor: ``VISUAL``, else ``EDITOR``. Raises :exc:`EditorError` where neither is set."""
    try:
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    except ValueError as error:
        raise EditorError(f"EDITOR cannot be read as a command: {error}") from None
    if not command:
        raise EditorError("no editor is set; set EDITOR to the one you like, such as EDITOR=vim")
    return command


def edit_text(app: App[int], text: str, path: str) -> str:
    """Let the user edit ``text``, which belongs to ``path``, and return it. Raises :exc:`EditorError`."""
    command = editor_command()
    try:
        with tempfile.TemporaryDirectory(prefix="spark-tui-") as folder:
            file = Path(folder) / f"hunk{PurePosixPath(path).suffix}"
            file.write_text(text, encoding="utf-8", newline="")
            _run(app, [*command, str(file)])
            return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EditorError(f"the text for the editor cannot be kept or read: {error}") from None


def open_file(app: App[int], path: Path, line: int) -> None:
    """Show ``path`` at ``line`` (1-based) in the user's editor. Raises :exc:`EditorError`."""
    command = editor_command()
    at = [f"+{line}"] if Path(command[0]).name in LINE_OPTIONS else []
    _run(app, [*command, *at, str(path)])


def _run(app: App[int], command: list[str]) -> None:
    try:
        with app.suspend():
            code = subprocess.call(command)
    except SuspendNotSupported:
        raise EditorError("this terminal cannot be lent to an editor") from None
    except OSError as error:
        raise EditorError(f"{command[0]} cannot be started: {error.strerror}") from None
    if code != 0:
        raise EditorError(f"{command[0]} ended with exit code {code}; nothing was changed")
