"""A file of a change set, saved and loaded."""

from __future__ import annotations

import json

import pytest

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.saving import load_file, save_file
from spark_tui.app.workspace.files import FileSnapshot

LONE = '"2" \ud83d\n'
"""Half of a character: no file can hold it, and the quick way to JSON does not take it."""


def file_with_a_hunk(added: str = LONE) -> FileChange:
    file = FileChange(FileSnapshot("a.py", b"one\ntwo\n", 0o644))
    file.hunks = [Hunk("h1", "a.py", HunkKind.EDIT, HunkState.PENDING, 1, ["two\n"], [added], note="look")]
    file.refresh()
    return file


@pytest.mark.parametrize("added", [LONE, '"2" \U0001f600\n'])
def test_a_file_comes_back_through_json(added: str) -> None:
    file = file_with_a_hunk(added)
    loaded = load_file(json.loads(json.dumps(save_file(file))))
    (hunk,) = loaded.hunks
    assert (hunk.id, hunk.state, hunk.start, hunk.added, hunk.note) == (
        "h1",
        HunkState.PENDING,
        1,
        [added],
        "look",
    )
    assert (loaded.path, loaded.base, loaded.mode) == (file.path, file.base, file.mode)
    assert save_file(loaded) == save_file(file)


def test_hunks_saved_as_objects_are_read_too() -> None:
    saved = save_file(file_with_a_hunk())
    older = {**saved, "hunks": json.loads(saved["hunks"])}
    assert isinstance(older["hunks"], list)
    assert save_file(load_file(older)) == saved
