from __future__ import annotations

import itertools
import json

import pytest

from bench.mock_model import SHAPES, file_line, make_body, patched_file, response_events, sentinel
from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.workspace.files import FileSnapshot

BASE = "".join(file_line(number) + "\n" for number in range(2000)).encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_tenth_token_and_the_last_is_a_sentinel_of_its_own(shape: str) -> None:
    body = make_body(105, 10, shape, itertools.count())
    marks = [mark for _, mark in body if mark is not None]
    assert marks == [sentinel(number) for number in range(12)]
    assert all(mark is None or mark in text for text, mark in body)


@pytest.mark.parametrize(
    ("tokens", "hunk_lines", "files", "hunks"), [(6000, 10, 1, 67), (1800, 2, 20, 100), (90, 10, 1, 1)]
)
def test_a_patch_fits_the_files_that_it_is_about(tokens: int, hunk_lines: int, files: int, hunks: int) -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    asked = []
    for text, _ in make_body(tokens, 10, "patch", itertools.count(), hunk_lines=hunk_lines, files=files):
        patch.feed(text)
        if patch.wanted is not None:
            asked.append(patch.wanted)
            patch.provide(FileSnapshot(patch.wanted, BASE, 0o644))
    assert patch.finish().is_whole
    assert asked == [patched_file(number) for number in range(files)]
    assert len(list(changes.hunks(HunkState.PENDING))) == hunks


def test_the_events_of_a_lane_say_which_it_is_and_those_of_none_do_not() -> None:
    body = make_body(3, 10, "prose", itertools.count())
    assert {event["stream_id"] for event, _ in response_events("r", "m", body, "prose", "side")} == {"side"}
    assert "stream_id" not in json.dumps([event for event, _ in response_events("r", "m", body, "prose")])
