"""What is remembered outlives the program, and a damaged file is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_tui.app.remembered import Remembered


async def test_what_is_remembered_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state" / "remembered.json"
    remembered = Remembered(path)
    assert not remembered.uses_http("h:443")
    remembered.set_uses_http("h:443", True)
    remembered.set_local_answer("http://127.0.0.1:1/v1", False)
    await remembered.settle()
    again = Remembered(path)
    assert again.uses_http("h:443")
    assert not again.uses_http("other:443")
    assert again.local_answer("http://127.0.0.1:1/v1") is False
    assert again.local_answer("http://127.0.0.1:2/v1") is None


async def test_a_way_that_works_again_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "remembered.json"
    remembered = Remembered(path)
    remembered.set_uses_http("h:443", True)
    await remembered.settle()
    remembered.set_uses_http("h:443", False)
    await remembered.settle()
    assert not Remembered(path).uses_http("h:443")


async def test_programs_side_by_side_keep_what_the_other_remembers(tmp_path: Path) -> None:
    path = tmp_path / "remembered.json"
    one, two = Remembered(path), Remembered(path)
    one.set_uses_http("one:1", True)
    await one.settle()
    two.set_uses_http("two:2", True)
    await two.settle()
    assert Remembered(path).uses_http("one:1")
    assert Remembered(path).uses_http("two:2")


@pytest.mark.parametrize("text", ["", "[]", '{"http_only": 3}', "{", '{"http_only": {"h:1": "yes"}}'])
async def test_a_damaged_file_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "remembered.json"
    path.write_text(text)
    remembered = Remembered(path)
    assert not remembered.uses_http("h:1")
    remembered.set_uses_http("h:1", True)
    await remembered.settle()
    assert Remembered(path).uses_http("h:1")


async def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    remembered = Remembered(tmp_path / "file" / "remembered.json")
    remembered.set_uses_http("h:1", True)
    await remembered.settle()
    assert remembered.uses_http("h:1")
