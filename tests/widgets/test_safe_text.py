"""What may reach the screen: every case of the corpus, and what holds for any text."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from spark_tui.widgets.safe_text import MARKS_KEPT, decode, draw_line, safe, safe_line

CORPUS = Path(__file__).parent.parent / "corpus" / "terminal.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def raw_text(row: dict[str, Any]) -> str:
    if "b64" in row:
        return decode(base64.b64decode(row["b64"]))
    if "json_raw" in row:
        return str(json.loads(f'"{row["json_raw"]}"'))
    if "repeat" in row:
        text, times = row["repeat"]
        return str(text) * int(times)
    return str(row["text"])


def is_harmless(text: str) -> bool:
    """No character of ``text`` is a control, is invisible, or cannot be encoded."""
    return not any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or (unicodedata.category(character) == "Cf" and not 0x600 <= ord(character) <= 0x8E2)
        or character in BIDI
        for character in text
        if character not in "\t\n"
    )


def readable(text: str) -> str:
    """The harmless ASCII of ``text``, without what is drawn in brackets."""
    return "".join(c for c in re.sub("‹[^›]*›", "", text) if c.isascii() and c.isprintable())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_corpus(row: dict[str, Any]) -> None:
    raw = raw_text(row)
    drawn = safe(raw)
    must = set(row["must"])
    assert is_harmless(drawn)
    drawn.encode("utf-8")
    for forbidden in row.get("forbid", ()):
        assert forbidden not in drawn
    if "visible_mark" in must:
        assert "‹" in drawn
    if "literal" in must:
        assert drawn == row["literal"]
        assert Text(drawn).plain == row["literal"]
    if "shown" in must:
        assert readable(drawn) == readable(raw)
    if "width" in row:
        assert cell_len(drawn) == row["width"]
    if "copy" in must:
        line = raw.replace("\n", " ")
        whole = draw_line(line)
        assert line[whole.raw_index(0) : whole.raw_index(len(whole.text))] == line


def test_plain_text_is_returned_untouched() -> None:
    for text in ("def f(x):\n\treturn x", "naïve — “quoted” Привет 漢字 ✓ │", ""):
        assert safe(text) is text


def test_each_kind_has_its_visible_form() -> None:
    assert safe("a\x1b[31mb") == "a‹1B›[31mb"
    assert safe("\u202e\u2066") == "‹202E›‹2066›"
    assert safe("x\ud800y\udc9b") == "x‹D800›y‹9B›"
    assert safe("\ufdd0\uffff") == "‹FDD0›‹FFFF›"
    assert safe("👩\u200d👩\u200d👧") == "‹👩+👩+👧›"
    assert safe("🇨🇭") == "‹CH›"
    assert safe("⚠\ufe0f 1\ufe0f\u20e3") == "⚠ 1\u20e3"
    assert safe("a\ufe0f") == "a‹FE0F›"
    assert safe("\U0001f3f4\U000e0067\U000e007f") == "🏴‹E0067›‹E007F›"


def test_combining_floods_are_bounded_and_counted() -> None:
    assert safe("a" + "\u0301" * 300) == "a" + "\u0301" * MARKS_KEPT + f"‹+{300 - MARKS_KEPT}›"
    assert safe("\u0301x") == "◌\u0301x"
    assert safe("é = e\u0301") == "é = e\u0301"


def test_tabs_stop_at_cells_not_at_characters() -> None:
    assert safe_line("a\tb") == "a   b"
    assert safe_line("漢\tb") == "漢  b"
    assert safe_line("\tb", tab_size=8) == " " * 8 + "b"
    assert safe_line("a\nb") == "a‹0A›b"


def test_columns_map_back_to_the_raw_text() -> None:
    line = draw_line("a\tb\x1bc")
    assert line.text == "a   b‹1B›c"
    assert [line.raw_index(i) for i in range(len(line.text) + 1)] == [0, 1, 1, 1, 2, 3, 3, 3, 3, 4, 5]
    assert line.drawn_index(4) == 9
    assert line.unit_end(1) == 2
    family = draw_line("x👩\u200d👧y")
    assert family.unit_end(2) == 4


def test_bytes_that_are_not_utf8_are_shown_one_by_one() -> None:
    assert decode(b"caf\xe9") == "caf‹E9›"
    assert decode("café".encode()) == "café"
    assert decode(b"\xed\xa0\x80") == "‹ED›‹A0›‹80›"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_any_text_is_harmless_and_settled(text: str) -> None:
    drawn = safe(text)
    assert is_harmless(drawn)
    drawn.encode("utf-8")
    assert safe(drawn) == drawn or "‹" in drawn


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab\t漢\u0301\x1b\u200d👩\ufe0f🇨\ud800é", max_size=40))
def test_the_map_is_monotonic_and_covers_the_line(text: str) -> None:
    line = draw_line(text)
    origins = [line.raw_index(i) for i in range(len(line.text) + 1)]
    assert origins == sorted(origins)
    assert origins[-1] == len(text)
    assert draw_line(text).text == safe_line(text)
    assert all(line.unit_end(i) > i for i in range(len(text)))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_decode_to_encodable_text(data: bytes) -> None:
    decode(data).encode("utf-8")
