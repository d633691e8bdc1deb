"""The file of a conversation: what was named last is there, whenever the program died."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.pairing.item_log import ItemLog


def item(text: str) -> dict[str, Any]:
    return {"type": "message", "content": text}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_what_is_new_is_written(tmp_path: Path) -> None:
    log = ItemLog(tmp_path)
    items = [item("one"), item("half a \ud83d thought\r\n\u2028")]
    first = log.write(items)
    file = tmp_path / first["file"]
    file.write_bytes(b"x" * first["size"])  # what is there already is not written again
    items.append(item("three"))
    second = log.write(items)
    assert second["file"] == first["file"]
    added = file.read_bytes()[first["size"] :]
    assert json.loads(added) == item("three")
    assert second["size"] == first["size"] + len(added)
    assert log.write(items) == second
    assert names(tmp_path) == [first["file"]]


changes_of_items = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.text(max_size=4)),
        st.tuples(st.just("replace"), st.text(max_size=4)),
        st.tuples(st.just("remove"), st.just("")),
        st.tuples(st.just("crash"), st.binary(max_size=4)),
        st.tuples(st.just("drop"), st.just("")),
    ),
    max_size=12,
)


@given(changes_of_items)
def test_whatever_happens_what_was_named_last_is_read(steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, items = ItemLog(folder), [item("first")]
        saved = log.write(items)
        for step, what in steps:
            match step:
                case "add":
                    items = [*items, item(what)]
                case "replace":
                    items = [item(what)]
                case "remove":
                    items = items[1:]
                case "drop":
                    log.drop_older()
                case _:
                    # The next one was being written, and was not named yet.
                    ItemLog(folder).write([item("lost")])
                    with (folder / saved["file"]).open("ab") as file:
                        file.write(what)
                    log = ItemLog(folder)
                    assert log.read(saved) == items
                    items = log.read(saved)
            saved = log.write(items)
            assert ItemLog(folder).read(saved) == items
        log.drop_older()
        assert names(folder) == [saved["file"]]


def test_another_conversation_begins_a_file_and_the_old_one_stays_until_it_is_dropped(tmp_path: Path) -> None:
    log = ItemLog(tmp_path)
    first = log.write([item("one"), item("two")])
    second = log.write([item("a summary")])
    assert ItemLog(tmp_path).read(first) == [item("one"), item("two")]
    assert ItemLog(tmp_path).read(second) == [item("a summary")]
    log.drop_older()
    assert names(tmp_path) == [second["file"]]


def test_a_full_disk_loses_nothing_once_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = ItemLog(tmp_path)
    items = [item("one")]
    first = log.write(items)
    items.append(item("two"))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            log.write(items)
    assert ItemLog(tmp_path).read(first) == [item("one")]
    assert ItemLog(tmp_path).read(log.write(items)) == items


@pytest.mark.parametrize(
    "saved", [None, {}, {"file": "history-1.jsonl"}, {"file": 1, "size": 1}, {"file": "../x", "size": 1}]
)
def test_what_was_not_written_by_it_is_refused(tmp_path: Path, saved: Any) -> None:
    (tmp_path.parent / "x").write_bytes(b"1\n")
    with pytest.raises(ValueError, match="not a"):
        ItemLog(tmp_path).read(saved)


def test_a_file_that_is_gone_or_short_is_an_error_and_not_half_a_conversation(tmp_path: Path) -> None:
    saved = ItemLog(tmp_path).write([item("one"), item("two")])
    file = tmp_path / saved["file"]
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(OSError, match="not whole"):
        ItemLog(tmp_path).read(saved)
    file.unlink()
    with pytest.raises(FileNotFoundError):
        ItemLog(tmp_path).read(saved)
