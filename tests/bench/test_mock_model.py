from __future__ import annotations

import itertools

import pytest

from bench.mock_model import PATCHED_FILE, SHAPES, file_line, make_body, sentinel
from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.workspace.files import FileSnapshot


@pytest.mark.parametrize("shape", SHAPES)
def test_every_tenth_token_and_the_last_is_a_sentinel_of_its_own(shape: str) -> None:
    body = make_body(105, 10, shape, itertools.count())
    marks = [mark for _, mark in body if mark is not None]
    assert marks == [sentinel(number) for number in range(12)]
    assert all(mark is None or mark in text for text, mark in body)


def test_the_patch_fits_the_file_that_it_is_about() -> None:
    patch = LivePatch(ChangeSet(), "call", turn=1)
    base = "".join(file_line(number) + "\n" for number in range(2000)).encode()
    for text, _ in make_body(6000, 10, "patch", itertools.count()):
        patch.feed(text)
        if patch.wanted is not None:
            assert patch.wanted == PATCHED_FILE
            patch.provide(FileSnapshot(PATCHED_FILE, base, 0o644))
    assert patch.finish().is_whole
