from __future__ import annotations

import pytest

from spark_tui.app.workspace.watch_records import Began, Change, RecordReader, batch, began, refused

ODD = "/tree/caf\udce9\n\x01é"


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_records_are_read_in_whatever_pieces_they_come(size: int) -> None:
    first = [(Change.ADDED, "/tree/a"), (Change.DELETED, "/tree/a"), (Change.MODIFIED, ODD)]
    written = began() + batch(first) + batch([(Change.MODIFIED, "/tree/b")]) + began()
    reader = RecordReader()
    told = [event for start in range(0, len(written), size) for event in reader.feed(written[start : start + size])]
    assert [event for event in told if not isinstance(event, Began)] == [
        set(first),
        {(Change.MODIFIED, "/tree/b")},
    ]
    assert [isinstance(event, Began) for event in told] == [True, False, False, True]


def test_a_name_is_written_in_the_bytes_that_it_has_on_disk() -> None:
    assert b"caf\xe9\n\x01\xc3\xa9\0" in batch([(Change.ADDED, ODD)])


def test_half_a_batch_is_not_told() -> None:
    reader = RecordReader()
    assert list(reader.feed(batch([(Change.ADDED, "/tree/a")])[:-2])) == []


def test_what_cannot_be_watched_is_an_error_with_its_reason() -> None:
    with pytest.raises(OSError, match=r"^limit reached for /caf\? \[x\]$"):
        list(RecordReader().feed(refused("limit reached for /caf\udce9\0[x]")))
