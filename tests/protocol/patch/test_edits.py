"""Lines are cut at line feeds alone."""

from __future__ import annotations

import re
import sys

from hypothesis import given
from hypothesis import strategies as st

from spark_tui.protocol.patch.edits import OTHER_BREAKS, split_lines


def test_every_character_that_python_breaks_lines_at_is_known() -> None:
    every = map(chr, range(sys.maxunicode + 1))
    assert {character for character in every if len(f"a{character}b".splitlines()) > 1} == {*OTHER_BREAKS, "\n"}


@given(st.text(st.sampled_from(["a", "é", "\n", *OTHER_BREAKS]), max_size=12))
def test_lines_are_cut_at_line_feeds_alone(text: str) -> None:
    assert split_lines(text) == re.findall(r"[^\n]*\n|[^\n]+", text)
