"""The engine's patches do what was meant, also in files full of twins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.protocol.engines.offline.patching import add_patch, delete_patch, line_edits, move_patch, update_patch
from spark_tui.protocol.patch.apply import apply_patch
from spark_tui.protocol.patch.edits import apply_edits, split_lines
from spark_tui.protocol.patch.parser import Dialect

Files = dict[str, bytes]
lines = st.lists(st.sampled_from(["a", "b", "", "  c", "}"]), min_size=1, max_size=30)


@given(lines, lines)
def test_any_two_texts_are_bridged_by_the_patch(before: list[str], after: list[str]) -> None:
    old, new = "\n".join(before) + "\n", "\n".join(after) + "\n"
    edits = line_edits(old, new)
    assert "".join(apply_edits(split_lines(old), edits)) == new
    if edits:
        patch = update_patch("f", old, edits)
        for dialect in Dialect:
            result = apply_patch(patch, {"f": old.encode()}.get, dialect)
            if edits[0].start != edits[0].end:
                assert result.files["f"].data == new.encode()


def test_create_delete_and_move() -> None:
    assert apply_patch(add_patch("n", "x\ny\n"), Files().get).files["n"].data == b"x\ny\n"
    assert apply_patch(add_patch("n", ""), Files().get).files["n"].data == b""
    assert apply_patch(delete_patch("n"), {"n": b"x"}.get).files["n"].data is None
    moved = apply_patch(move_patch("n", "m", "x\r\n"), {"n": b"x\r\n"}.get).files
    assert (moved["n"].data, moved["m"].data) == (None, b"x\r\n")
