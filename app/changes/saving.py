"""A file of a change set as plain JSON values, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk
from spark_tui.app.workspace.files import FileSnapshot


def save_file(file: FileChange) -> dict[str, Any]:
    """All of ``file`` that outlives the program; its base is UTF-8 text, so it is saved as such.

    Hunks that did not change are not looked at again: a session is saved several times a second. They are kept, and
    saved, as JSON in a string, since as objects they would take more than the hunks themselves.
    """
    if file.saved_hunks is None:
        file.saved_hunks = _as_json(file.hunks)
    return {
        "path": file.path,
        "base": None if file.base is None else file.base.decode("utf-8"),
        "mark": file.mark,
        "mode": file.mode,
        "absent": file.absent,
        "frozen": file.frozen,
        "hunks": file.saved_hunks,
    }


def _as_json(hunks: list[Hunk]) -> str:
    """``hunks`` as a JSON array; the quick way knows nothing of lone surrogates, which are escaped otherwise."""
    try:
        return msgspec.json.encode(hunks).decode("utf-8")
    except UnicodeEncodeError:
        return json.dumps([msgspec.to_builtins(hunk) for hunk in hunks], separators=(",", ":"))


def load_file(saved: Mapping[str, Any]) -> FileChange:
    """What :func:`save_file` saved; raises :exc:`ValueError` or :exc:`msgspec.ValidationError` on anything else."""
    base = saved["base"]
    file = FileChange(FileSnapshot(saved["path"], None if base is None else base.encode("utf-8"), saved["mode"]))
    file.mark = saved["mark"]
    file.absent = saved["absent"]
    file.frozen = saved["frozen"]
    hunks = saved["hunks"]  # a list in sessions of an older version
    file.hunks = msgspec.convert(json.loads(hunks) if isinstance(hunks, str) else hunks, list[Hunk])
    file.refresh()
    return file
