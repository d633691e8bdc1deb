"""A file of a change set, saved and loaded."""

from __future__ import annotations

import json

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.saving import load_file, save_file
from spark_tui.app.workspace.files import FileSnapshot


def file_with_a_hunk() -> FileChange:
    file = FileChange(FileSnapshot("a.py", b"one\ntwo\n", 0o644))
    file.hunks = [Hunk("h1", "a.py", HunkKind.EDIT, HunkState.PENDING, 1, ["two\n"], ['"2" \ud83d\n'], note="look")]
    file.refresh()
    return file


def test_a_file_comes_back_through_json() -> None:
    file = file_with_a_hunk()
    loaded = load_file(json.loads(json.dumps(save_file(file))))
    (hunk,) = loaded.hunks
    assert (hunk.id, hunk.state, hunk.start, hunk.added, hunk.note) == (
        "h1",
        HunkState.PENDING,
        1,
        ['"2" \ud83d\n'],
        "look",
    )
    assert (loaded.path, loaded.base, loaded.mode) == (file.path, file.base, file.mode)
    assert save_file(loaded) == save_file(file)


def test_hunks_saved_as_objects_are_read_too() -> None:
    saved = save_file(file_with_a_hunk())
    older = {**saved, "hunks": json.loads(saved["hunks"])}
    assert isinstance(older["hunks"], list)
    assert save_file(load_file(older)) == saved
