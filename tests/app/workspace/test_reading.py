from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_tui.app.workspace.files import FileSnapshot, digest
from spark_tui.app.workspace.reading import FRAME_TIME, LARGE_BYTES, MAX_BYTES, cut_behind_frame, read_snapshot


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\r\n\xef\xbb\xbf")
    (tmp_path / "a").chmod(0o750)
    snapshot = read_snapshot(tmp_path, "./a")
    assert (snapshot.path, snapshot.mode, snapshot.refusal) == ("a", 0o750, None)
    assert snapshot.digest == digest(b"one\r\n\xef\xbb\xbf")


def test_no_file_is_no_refusal(tmp_path: Path) -> None:
    snapshot = read_snapshot(tmp_path, "no/such/file")
    assert (snapshot.data, snapshot.mode, snapshot.refusal, snapshot.text) == (None, 0, None, "")


def test_an_absolute_path_inside_becomes_relative(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    assert read_snapshot(tmp_path, str(tmp_path / "a")).path == "a"


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [("binary", b"a\0b", "binary"), ("latin1", b"caf\xe9\n", "UTF-8"), ("large", b"x" * (MAX_BYTES + 1), "larger")],
    ids=["binary", "latin1", "large"],
)
def test_content_that_cannot_be_edited(tmp_path: Path, name: str, data: bytes, word: str) -> None:
    (tmp_path / name).write_bytes(data)
    refusal = read_snapshot(tmp_path, name).refusal
    assert refusal is not None
    assert word in refusal


def test_the_largest_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * MAX_BYTES)
    assert read_snapshot(tmp_path, "f").refusal is None


def test_what_is_no_file_or_not_inside(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "d").mkdir()
    (tmp_path / "out").symlink_to("/etc/hostname")
    (tmp_path / "loop").symlink_to("loop")
    for path in ("pipe", "d", "out", "loop", "../x", ".git/config", "pipe/x", "a\0", "", "x" * 300):
        snapshot = read_snapshot(tmp_path, path)
        assert snapshot.data is None
        assert snapshot.refusal
        assert snapshot.refusal.isprintable()
    assert read_snapshot(tmp_path / "missing", "a").refusal


@pytest.mark.parametrize(
    ("data", "waits"),
    [(None, []), (b"one\ntwo\n", []), (b"line\n" * LARGE_BYTES, [FRAME_TIME])],
    ids=["no file", "small", "large"],
)
def test_only_a_large_file_lets_a_frame_be_drawn_before_it_is_cut(
    monkeypatch: pytest.MonkeyPatch, data: bytes | None, waits: list[float]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("spark_tui.app.workspace.reading.time.sleep", waited.append)
    cut = cut_behind_frame(FileSnapshot("a", data))
    assert len(cut.lines) == (data or b"").count(b"\n")
    assert waited == waits
