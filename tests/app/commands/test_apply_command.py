"""``spark-tui apply`` as a command: where it reads from, what it says, and its exit codes."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest

from spark_tui.app.commands import apply
from spark_tui.app.workspace import renames
from spark_tui.app.workspace.files import FileWrite, digest
from spark_tui.app.workspace.writer import Writer

PATCH = b"*** Begin Patch\n*** Update File: a\n@@\n-1\n+2\n*** Add File: d/b\n+new\n*** End Patch\n"


class Result:
    def __init__(
        self, cwd: Path, patch: bytes = b"", *, file: str | None = None, check: bool = False, recover: bool = False
    ) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = apply.run(
            file, check=check, recover=recover, cwd=cwd, stdin=io.BytesIO(patch), stdout=out, stderr=err
        )
        self.out, self.err = out.getvalue(), err.getvalue()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / "a").write_bytes(b"1\n")
    return root


def test_from_a_file_and_from_stdin(root: Path) -> None:
    (root / "p.patch").write_bytes(PATCH)
    for file, patch in (("p.patch", b""), ("-", PATCH), (None, PATCH)):
        (root / "a").write_bytes(b"1\n")
        result = Result(root, patch, file=file)
        assert (result.code, result.out) == (0, "Success. Updated the following files:\nA d/b\nM a\n")
        assert (root / "a").read_bytes() == b"2\n"


def test_a_patch_that_cannot_be_read(root: Path) -> None:
    for file, words in (("missing", "No such file"), (".", "directory")):
        result = Result(root, file=file)
        assert result.code == 1
        assert words in result.err
    assert Result(root, b"\xff").err.startswith("Error: Failed to read PATCH from stdin")


def test_no_patch_is_a_usage_error(root: Path) -> None:
    result = Result(root)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Usage: spark-tui apply")


def test_paths_are_relative_to_the_directory_and_may_not_leave_the_tree(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub/a").write_bytes(b"1\n")
    assert Result(root / "sub", PATCH).code == 0
    assert (root / "sub/d/b").read_bytes() == b"new\n"
    assert (root / "a").read_bytes() == b"1\n"
    assert Result(root / "sub", PATCH.replace(b"File: a", b"File: ../a")).code == 1
    absolute = PATCH.replace(b"File: a", b"File: " + os.fsencode(root / "a")).replace(b"d/b", b"e/b")
    assert Result(root / "sub", absolute).code == 0
    assert (root / "a").read_bytes() == b"2\n"


def test_outside_of_git(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n")
    assert Result(tmp_path, PATCH).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "d"]


def test_check_says_the_same_and_writes_nothing(root: Path) -> None:
    before = sorted(root.rglob("*"))
    checked = Result(root, PATCH, check=True)
    assert sorted(root.rglob("*")) == before
    assert (root / "a").read_bytes() == b"1\n"
    done = Result(root, PATCH)
    assert (checked.code, checked.out, checked.err) == (done.code, done.out, done.err)


def test_what_deserves_a_second_look_is_said_by_a_check_only(root: Path) -> None:
    patch = b"*** Begin Patch\n*** Add File: a\n+x\n*** Add File: .env\n+x\n*** End Patch\n"
    checked = Result(root, patch, check=True)
    assert checked.err == "note: a existed and was replaced\nnote: .env: may hold secrets\n"
    done = Result(root, patch)
    assert (done.code, done.out, done.err) == (0, checked.out, "")


def test_a_terminal_is_not_driven(root: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    patch = b"*** Begin Patch\n*** Update File: a\n@@\n-\x1b]0;owned\x07\n+2\n*** End Patch\n"
    err = Terminal()
    apply.run(None, check=False, recover=False, cwd=root, stdin=io.BytesIO(patch), stdout=io.StringIO(), stderr=err)
    assert "owned" in err.getvalue()
    assert "\x1b" not in err.getvalue()


def test_a_reader_that_went_away_does_not_change_the_outcome(root: Path) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    code = apply.run(
        None, check=False, recover=False, cwd=root, stdin=io.BytesIO(PATCH), stdout=Closed(), stderr=io.StringIO()
    )
    assert code == 0


class Dead(BaseException):
    pass


def interrupt(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Die between the two files of a write."""
    real = renames._rename

    def once(source: str, source_fd: int, target: str, target_fd: int, flags: int) -> None:
        if target == "z":
            raise Dead
        real(source, source_fd, target, target_fd, flags)

    with monkeypatch.context() as patched:
        patched.setattr(renames, "_rename", once)
        with pytest.raises(Dead):
            Writer(root, root / ".git/spark-tui").commit(
                [FileWrite("a", digest(b"1\n"), b"old write\n"), FileWrite("z", None, b"z\n")]
            )


def test_recover(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Result(root, recover=True).out == "Nothing to recover.\n"
    interrupt(root, monkeypatch)
    assert not (root / "z").exists()
    result = Result(root, recover=True)
    assert (result.code, result.err) == (0, "")
    assert (root / "z").read_bytes() == b"z\n"


def test_recover_keeps_an_edit_and_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(root, monkeypatch)
    (root / "a").write_bytes(b"mine\n")
    result = Result(root, recover=True)
    assert (result.code, result.out) == (3, "")
    assert "a was edited" in result.err
    assert (root / "a").read_bytes() == b"mine\n"
    assert Result(root, recover=True).code == 0


def test_the_next_patch_settles_an_interrupted_write_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(root, monkeypatch)
    result = Result(root, PATCH.replace(b"-1", b"-old write"))
    assert result.code == 0
    assert "settled first" in result.err
    assert ((root / "a").read_bytes(), (root / "z").read_bytes()) == (b"2\n", b"z\n")


def test_a_file_under_two_names_is_refused(root: Path) -> None:
    """Each edit would be made on the file as it was, and the later one would undo the other."""
    (root / "link").symlink_to("a")
    patch = b"*** Begin Patch\n*** Update File: link\n@@\n-1\n+2\n*** Update File: a\n@@\n+3\n*** End Patch\n"
    result = Result(root, patch)
    assert (result.code, result.out) == (1, "")
    assert result.err == "a and link are one file; patch it under one name\n"
    assert (root / "a").read_bytes() == b"1\n"


def test_nothing_is_made_where_a_link_leads_nowhere(root: Path) -> None:
    (root / "link").symlink_to("nowhere/x")
    for path in ("link", "link/x"):
        result = Result(root, f"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\n".encode())
        assert (result.code, result.err) == (1, f"Failed to write file {path}: a link on the way leads nowhere\n")
    (root / "folder").mkdir()
    (root / "short").symlink_to("folder/new")
    (root / "inside").symlink_to("folder")
    for path in ("short", "inside/deep/y"):
        assert Result(root, f"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\n".encode()).code == 0
    assert (root / "folder/new").read_bytes() == (root / "folder/deep/y").read_bytes() == b"x\n"
    assert not (root / "nowhere").exists()


def test_a_link_is_not_deleted_and_written_through_in_one_patch(root: Path) -> None:
    (root / "link").symlink_to("a")
    patch = b"*** Begin Patch\n*** Delete File: link\n*** Add File: link\n+x\n*** End Patch\n"
    result = Result(root, patch)
    assert result.code == 1
    assert result.err == "link is a link; delete it and make a file of that name in two patches\n"
    assert ((root / "a").read_bytes(), (root / "link").is_symlink()) == (b"1\n", True)
