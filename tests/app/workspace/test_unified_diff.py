from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.workspace.unified_diff import ADD, KEEP, REMOVE, apply_hunks, cut, parse_hunks, split_lines

TEXT = st.lists(st.sampled_from([b"a", b"b\r", b"@@ -1 +1 @@", b"\\ no", b"", b"-", b"\xff"]), max_size=12)


def diff(old: bytes, new: bytes, context: int) -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "old").write_bytes(old)
        (Path(folder) / "new").write_bytes(new)
        command = ["git", "diff", "--no-index", "--text", "--no-color", f"-U{context}", "old", "new"]
        lines = split_lines(subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout)
    start = next((number for number, line in enumerate(lines) if line.startswith(b"@@")), len(lines))
    return lines[start:]


@given(TEXT, TEXT, st.integers(0, 3), st.data())
@settings(max_examples=50, deadline=None)
def test_any_choice_of_hunks_applies(old: list[bytes], new: list[bytes], context: int, data: st.DataObject) -> None:
    before, after = b"\n".join(old), b"\n".join(new)
    lines = diff(before, after, context)
    hunks, end = parse_hunks(lines)
    assert end == len(lines)
    assert apply_hunks(before, hunks) == after
    assert apply_hunks(before, []) == before
    chosen = [hunk for hunk in hunks if data.draw(st.booleans())]
    result = split_lines(apply_hunks(before, chosen))
    removed = sum(hunk.old_count - hunk.new_count for hunk in chosen)
    assert len(result) == len(split_lines(before)) - removed


@given(TEXT, TEXT, st.integers(0, 1))
@settings(max_examples=50, deadline=None)
def test_a_whole_file_is_cut_where_its_hunks_begin(old: list[bytes], new: list[bytes], context: int) -> None:
    before, after = b"\n".join(old), b"\n".join(new)
    parts, _ = parse_hunks(diff(before, after, context))
    whole, _ = parse_hunks(diff(before, after, 1_000))
    if not whole:
        return
    pieces = cut(whole[0], parts)
    assert [piece.section for piece in pieces] == [part.section for part in parts]
    assert sum((piece.lines for piece in pieces), ()) == whole[0].lines
    assert apply_hunks(before, pieces) == after
    for piece, part in zip(pieces[1:], parts[1:], strict=True):
        assert piece.lines[: len(part.lines)] == part.lines
        assert piece.old_start - (piece.old_count > 0) == part.old_start - (part.old_count > 0)


def test_a_last_line_without_break() -> None:
    lines = split_lines(b"@@ -1,2 +1,2 @@ def f():\n a\n-b\n\\ No newline at end of file\n+c\ndiff --git a/x b/x\n")
    (hunk,), end = parse_hunks(lines)
    assert hunk.lines == ((KEEP, b"a\n"), (REMOVE, b"b"), (ADD, b"c\n"))
    assert hunk.section == b"def f():"
    assert end == 5
    assert apply_hunks(b"a\nb", [hunk]) == b"a\nc\n"


def test_a_hunk_of_another_file_is_refused() -> None:
    (hunk,), _ = parse_hunks([b"@@ -1 +1 @@\n", b"-a\n", b"+b\n"])
    with pytest.raises(ValueError, match="does not fit"):
        apply_hunks(b"c\n", [hunk])


@pytest.mark.parametrize("text", [b"@@ -1,2 +1 @@\n a\n", b"@@ -1 +1 @@\n\\ No newline\n", b"@@ -1 +1 @@\nx\n"])
def test_broken_hunks_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"hunk"):
        parse_hunks(split_lines(text))
