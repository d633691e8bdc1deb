"""Applying a whole patch over files in memory."""

from __future__ import annotations

import pytest

from spark_tui.protocol.errors import PatchError, PatchMatchError, PatchSyntaxError
from spark_tui.protocol.patch.apply import PatchedFile, PatchResult, apply_patch, normalise_path
from spark_tui.protocol.patch.parser import Dialect


def run(body: str, files: dict[str, bytes], dialect: Dialect = Dialect.CODEX) -> PatchResult:
    return apply_patch(f"*** Begin Patch\n{body}*** End Patch\n", files.get, dialect, cwd="/w")


def test_sections_build_on_each_other() -> None:
    result = run("*** Add File: a\n+1\n*** Update File: ./a\n-1\n+2\n*** Update File: .//a\n 2\n+3\n", {})
    assert result.files == {"a": PatchedFile("a", b"2\n3\n")}
    assert result.summary == "Success. Updated the following files:\nA a\nM ./a\nM .//a\n"


def test_files_are_read_once_by_one_spelling() -> None:
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return b"1\n"

    apply_patch("*** Begin Patch\n*** Update File: ./d//a\n-1\n+2\n*** Update File: d/a\n-2\n+3\n*** End Patch", read)
    assert asked == ["d/a"]


def test_readers_refusal_is_passed_on() -> None:
    def read(path: str) -> bytes:
        raise PatchError(f"{path} is outside")

    with pytest.raises(PatchError, match=r"\.\./x is outside"):
        apply_patch("*** Begin Patch\n*** Delete File: ../x\n*** End Patch", read)


@pytest.mark.parametrize(
    ("body", "files"),
    [
        (
            "*** Update File: a\n*** Move to: b\n 1\n",
            {"b": PatchedFile("b", b"1\n", mode_from="a", overwrites=True), "a": PatchedFile("a", None)},
        ),
        (
            "*** Update File: a\n*** Move to: t\n 1\n*** Update File: t\n*** Move to: u\n 1\n",
            {"u": PatchedFile("u", b"1\n", mode_from="a"), "a": PatchedFile("a", None)},
        ),
        ("*** Add File: b\n+x\n", {"b": PatchedFile("b", b"x\n", overwrites=True)}),
        ("*** Delete File: b\n*** Add File: b\n+x\n", {"b": PatchedFile("b", b"x\n", recreated=True)}),
        (
            "*** Add File: n\n+x\n*** Update File: n\n*** Move to: m\n x\n",
            {"m": PatchedFile("m", b"x\n")},
        ),
        ("*** Add File: n\n+x\n*** Delete File: n\n", {}),
        ("*** Update File: a\n*** Move to: ./a\n-1\n+2\n", {"a": PatchedFile("a", b"2\n")}),
        (
            "*** Delete File: b\n*** Update File: a\n*** Move to: b\n 1\n",
            {"b": PatchedFile("b", b"1\n", mode_from="a", recreated=True), "a": PatchedFile("a", None)},
        ),
    ],
    ids=["move-over", "move-twice", "add-over", "delete-add", "move-new", "add-delete", "move-to-self", "replace"],
)
def test_final_state_of_touched_files(body: str, files: dict[str, PatchedFile]) -> None:
    assert run(body, {"a": b"1\n", "b": b"old\n"}).files == files


def test_pure_rename_in_lenient_keeps_every_byte() -> None:
    result = run("*** Update File: a\n*** Move to: b\n", {"a": b"1\r\n2"}, Dialect.LENIENT)
    assert result.files["b"] == PatchedFile("b", b"1\r\n2", mode_from="a")


@pytest.mark.parametrize(
    ("error", "body", "message"),
    [
        (PatchMatchError, "*** Update File: ./a\n-9\n", "Failed to find expected lines in /w/a:\n9"),
        (PatchMatchError, "*** Update File: a\n@@ f\n-1\n", "Failed to find context 'f' in /w/a"),
        (PatchError, "*** Delete File: x\n", "Failed to delete file /w/x"),
        (PatchError, "", "No files were modified."),
        (
            PatchError,
            "*** Update File: bad\n-1\n",
            "Failed to read file to update /w/bad: invalid utf-8 sequence of 1 bytes from index 1",
        ),
        (
            PatchError,
            "*** Update File: cut\n-1\n",
            "Failed to read file to update /w/cut: incomplete utf-8 byte sequence from index 1",
        ),
    ],
)
def test_messages(error: type[PatchError], body: str, message: str) -> None:
    with pytest.raises(error) as caught:
        run(body, {"a": b"1\n", "bad": b"a\xffb", "cut": b"a\xe2\x82"})
    assert str(caught.value) == message


def test_syntax_error_knows_its_line_and_the_envelope_is_looked_at_first() -> None:
    with pytest.raises(PatchSyntaxError) as caught:
        run("bad\n", {})
    assert caught.value.line == 2
    with pytest.raises(PatchSyntaxError, match="The last line of the patch must be"):
        apply_patch("*** Begin Patch\nbad\n", dict[str, bytes]().get)


def test_patch_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(PatchError, match="Failed to read PATCH from stdin"):
        apply_patch(b"\xff", dict[str, bytes]().get)


def test_half_a_surrogate_pair_is_written_as_a_replacement() -> None:
    assert run("*** Add File: a\n+\ud83d\ude00\ud83d\n", {}).files["a"].data == "😀�\n".encode()


@pytest.mark.parametrize(
    ("path", "normal"), [("a", "a"), ("./a/", "a"), ("d//./a", "d/a"), ("../a", "../a"), ("//a", "/a"), (".", "")]
)
def test_normalise_path(path: str, normal: str) -> None:
    assert normalise_path(path) == normal
