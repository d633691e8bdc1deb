from __future__ import annotations

import fcntl
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from spark_tui.app.workspace import recovery, renames, writer
from spark_tui.app.workspace.errors import Locked, PathRefused, WriteConflict, WriteFailed
from spark_tui.app.workspace.files import FileWrite, digest
from spark_tui.app.workspace.lock import write_lock
from spark_tui.app.workspace.publishing import Outcome
from spark_tui.app.workspace.recovery import recover
from spark_tui.app.workspace.writer import Writer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / ".git").mkdir(parents=True)
    return root


@pytest.fixture
def writing(root: Path) -> Writer:
    return Writer(root, root / ".git/spark-tui")


def replace(path: str, old: bytes, new: bytes | None) -> FileWrite:
    return FileWrite(path, digest(old), new)


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if ".git" not in path.parts}


def test_a_new_file_gets_its_directories_and_the_umask(root: Path, writing: Writer) -> None:
    before = os.umask(0o027)
    try:
        writing.commit([FileWrite("a/b/c", None, b"x"), FileWrite("a/exec", None, b"y", 0o755)])
    finally:
        os.umask(before)
    assert stat.S_IMODE((root / "a/b/c").stat().st_mode) == 0o640
    assert stat.S_IMODE((root / "a/exec").stat().st_mode) == 0o755
    assert stat.S_IMODE((root / "a/b").stat().st_mode) == 0o750
    assert not any((root / ".git/spark-tui/journal").iterdir())


@pytest.mark.parametrize("mode", [0o755, 0o600, 0o444, 0o4755])
def test_mode_stays_and_time_moves(root: Path, writing: Writer, mode: int) -> None:
    path = root / "f"
    path.write_bytes(b"1")
    path.chmod(mode)
    os.utime(path, (1, 1))
    (root / "other").write_bytes(b"o")
    os.utime(root / "other", (1, 1))
    writing.commit([replace("f", b"1", b"2")])
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert abs(path.stat().st_mtime - time.time()) < 60
    assert (root / "other").stat().st_mtime == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may give files away")
def test_owner_stays(root: Path, writing: Writer) -> None:
    (root / "f").write_bytes(b"1")
    os.chown(root / "f", 1234, 4321)
    writing.commit([replace("f", b"1", b"2")])
    assert ((root / "f").stat().st_uid, (root / "f").stat().st_gid) == (1234, 4321)


def test_extended_attributes_stay(root: Path, writing: Writer) -> None:
    (root / "f").write_bytes(b"1")
    try:
        os.setxattr(root / "f", "user.mark", b"mine")
    except (OSError, AttributeError):
        pytest.skip("this file system has no extended attributes")
    writing.commit([replace("f", b"1", b"2")])
    assert os.getxattr(root / "f", "user.mark") == b"mine"


def test_a_link_is_written_through_and_deleted_itself(root: Path, writing: Writer) -> None:
    (root / "d").mkdir()
    (root / "d/t").write_bytes(b"1")
    (root / "l").symlink_to("d/t")
    (root / "later").symlink_to("d/new")
    writing.commit([replace("l", b"1", b"2"), FileWrite("later", None, b"n")])
    assert ((root / "d/t").read_bytes(), (root / "d/new").read_bytes()) == (b"2", b"n")
    assert (root / "l").is_symlink()
    writing.commit([replace("l", b"2", None)])
    assert names(root) == {"d", "d/t", "d/new", "later"}


def test_one_stale_file_stops_the_whole_set(root: Path, writing: Writer) -> None:
    for name in "abc":
        (root / name).write_bytes(b"1")
    (root / "b").write_bytes(b"mine")
    with pytest.raises(WriteConflict) as caught:
        writing.commit([replace(name, b"1", b"2") for name in "abc"] + [FileWrite("x/y", None, b"n")])
    assert caught.value.paths == ("b",)
    assert names(root) == {"a", "b", "c"}
    assert (root / "a").read_bytes() == b"1"


@pytest.mark.parametrize(
    "writes",
    [
        [FileWrite("../x", None, b"")],
        [FileWrite("a", None, b""), FileWrite("./a", None, b"")],
        [FileWrite("l", digest(b"1"), b"2"), FileWrite("t", digest(b"1"), None)],
        [FileWrite("n", None, b""), FileWrite("n/m", None, b"")],
        [FileWrite("x/HEAD", None, b""), FileWrite("x/objects/a", None, b""), FileWrite("x/refs/b", None, b"")],
        [FileWrite("HEAD", None, b""), FileWrite("objects/a", None, b""), FileWrite("refs/b", None, b"")],
        [FileWrite("cafe\u0301", None, b"")],
        [FileWrite("d", None, b"")],
        [FileWrite("t/x", None, b"")],
    ],
)
def test_refused_sets_change_nothing(root: Path, writing: Writer, writes: list[FileWrite]) -> None:
    (root / "t").write_bytes(b"1")
    (root / "l").symlink_to("t")
    (root / "d").mkdir()
    (root / "caf\u00e9").write_bytes(b"")
    before = names(root)
    for attempt in (writing.check, writing.commit):
        with pytest.raises(PathRefused):
            attempt(writes)
    assert names(root) == before


def test_a_repository_cannot_be_made_in_steps(root: Path, writing: Writer) -> None:
    writing.commit([FileWrite("x/objects/a", None, b""), FileWrite("x/refs/b", None, b"")])
    with pytest.raises(PathRefused, match="bare git repository"):
        writing.commit([FileWrite("x/HEAD", None, b"ref: refs/heads/main\n")])


def test_what_is_there_already_is_not_touched(root: Path, writing: Writer) -> None:
    (root / "f").write_bytes(b"1")
    inode = (root / "f").stat().st_ino
    writing.commit([replace("f", b"1", b"1"), FileWrite("no", None, None)])
    assert (root / "f").stat().st_ino == inode
    assert names(root) == {"f"}


def test_checking_leaves_no_trace(root: Path, writing: Writer) -> None:
    writing.check([FileWrite("a/b", None, b"x")])
    assert names(root) == set()
    assert not (root / ".git/spark-tui").exists()


def test_many_files_in_one_transaction(root: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    writing.commit([FileWrite(f"d{i % 7}/f{i}", None, b"%d" % i) for i in range(200)])
    assert all((root / f"d{i % 7}/f{i}").read_bytes() == b"%d" % i for i in range(200))


def test_threads_take_turns(root: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    (root / "n").write_bytes(b"0")
    won: list[int] = []

    def add(number: int) -> None:
        try:
            writing.commit([replace("n", b"0", b"%d" % number)])
            won.append(number)
        except WriteConflict:
            pass

    threads = [threading.Thread(target=add, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [b"%d" % number for number in won] == [(root / "n").read_bytes()]


def test_the_holder_of_the_lock_is_named(root: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_tui.app.workspace.recovery.write_lock", lambda path: write_lock(path, wait=0.0))
    writing.commit([FileWrite("a", None, b"")])
    with write_lock(root / ".git/spark-tui/lock"), pytest.raises(Locked, match=f"process {os.getpid()}"):
        writing.commit([FileWrite("b", None, b"")])
    with (root / ".git/spark-tui/lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Locked, match="another program"):
            writing.commit([FileWrite("b", None, b"")])
    writing.commit([FileWrite("b", None, b"")])


def test_an_edit_seen_only_after_the_swap_comes_back(
    root: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "ab":
        (root / name).write_bytes(b"1")
    real = renames._rename

    def late(source: str, source_fd: int, target: str, target_fd: int, flags: int) -> None:
        if target == "b" and (root / "b").read_bytes() == b"1":
            (root / "b").write_bytes(b"mine")
        real(source, source_fd, target, target_fd, flags)

    monkeypatch.setattr(renames, "_rename", late)
    with pytest.raises(WriteConflict) as caught:
        writing.commit([replace("a", b"1", b"2"), replace("b", b"1", b"2"), FileWrite("z/new", None, b"")])
    assert caught.value.paths == ("b",)
    assert ((root / "a").read_bytes(), (root / "b").read_bytes()) == (b"1", b"mine")
    assert names(root) == {"a", "b"}


def test_two_edits_in_a_row_are_both_kept(root: Path, writing: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a").write_bytes(b"1")
    edits = iter([b"mine", b"mine again"])
    real = renames._rename

    def late(*arguments: object) -> None:
        (root / "a").write_bytes(next(edits, (root / "a").read_bytes()))
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(renames, "_rename", late)
    with pytest.raises(WriteConflict) as caught:
        writing.commit([replace("a", b"1", b"2")])
    assert (root / "a").read_bytes() == b"mine again"
    assert [Path(copy).read_bytes() for copy in caught.value.kept] == [b"mine"]


def test_state_in_another_place_and_beside(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_same_mount", lambda one, other: False)
    (root / "f").write_bytes(b"1")
    Writer(root, tmp_path / "state/deep").commit([replace("f", b"1", b"2"), FileWrite("d/g", None, b"g")])
    assert names(root) == {"f", "d", "d/g"}
    assert (root / "f").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["commit", "abort"])
@pytest.mark.parametrize("record", [b"", b"{", b'{"label":"","operations":[],"created":[["..","x"]],"version":1}'])
def test_an_unreadable_record_stops_before_anything(root: Path, writing: Writer, name: str, record: bytes) -> None:
    (root / ".git/spark-tui/journal").mkdir(parents=True)
    (root / ".git/spark-tui/journal" / name).write_bytes(record)
    with pytest.raises(WriteFailed, match="aside"):
        writing.commit([FileWrite("a", None, b"")])
    assert names(root) == set()


def test_a_foreign_record_cannot_remove_files(root: Path, writing: Writer, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    (root / ".git/spark-tui/journal").mkdir(parents=True)
    (root / ".git/spark-tui/journal/beside").write_text('[[[],"../precious"]]')
    with pytest.raises(WriteFailed):
        recover(root, root / ".git/spark-tui")
    assert (tmp_path / "precious").exists()


def test_recovering_nothing_makes_nothing(root: Path) -> None:
    assert recover(root, root / ".git/spark-tui").outcome is Outcome.CLEAN
    assert not (root / ".git/spark-tui").exists()
    assert recovery.recover(root, root / "f/g").outcome is Outcome.CLEAN


def test_no_state_directory_is_one_clear_line(root: Path) -> None:
    (root / "file").write_text("")
    with pytest.raises(WriteFailed) as caught:
        Writer(root, root / "file/state").commit([FileWrite("a", None, b"")])
    assert "nothing was written" in str(caught.value)
    assert not (root / "a").exists()
