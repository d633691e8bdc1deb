"""Markdown a line at a time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.markdown import Form, closes_fence, fence_mark, line_form, parse_inline


def drawn(text: str, *, finished: bool = True) -> list[tuple[str, tuple[str, ...]]]:
    pieces = parse_inline(text, finished=finished)
    shown = [(text[p.start : p.end] if p.drawn is None else p.drawn, p.marks) for p in pieces]
    return [(words, marks) for words, marks in shown if words]


@pytest.mark.parametrize(
    ("line", "form", "skip", "mark"),
    [
        ("## Title", Form.HEADING, 3, ""),
        ("#hash", Form.TEXT, 0, ""),
        ("- item", Form.ITEM, 2, "- "),
        ("  12. item", Form.ITEM, 6, "  12. "),
        ("-5 degrees", Form.TEXT, 0, ""),
        ("> quoted", Form.QUOTE, 2, "▎ "),
        ("---", Form.RULE, 0, ""),
        ("|a|b|", Form.TABLE, 0, ""),
    ],
)
def test_forms(line: str, form: Form, skip: int, mark: str) -> None:
    found = line_form(line)
    assert (found.form, found.skip, found.mark) == (form, skip, mark)


def test_fences() -> None:
    assert fence_mark("```python") == ("```", "python")
    assert fence_mark("  ~~~~") == ("~~~~", "")
    assert fence_mark("use ```x``` here") is None
    assert closes_fence("```", "```")
    assert not closes_fence("``", "```")
    assert not closes_fence("```python", "```")


def test_inline_marks() -> None:
    assert drawn("a **b** `c` *d*") == [
        ("a ", ()),
        ("b", ("**",)),
        (" ", ()),
        ("c", ("`",)),
        (" ", ()),
        ("d", ("*",)),
    ]
    assert drawn("snake_case and 2 * 3 * 4") == [("snake_case and 2 * 3 * 4", ())]
    assert drawn("`a **b**`") == [("a **b**", ("`",))]
    assert drawn(r"\*no\*") == [("*no", ()), ("*", ())]


def test_a_link_shows_its_target() -> None:
    assert "".join(words for words, _ in drawn("see [docs](javascript:x) now")) == "see docs (javascript:x) now"


def test_an_open_mark_is_believed_only_while_the_line_grows() -> None:
    assert drawn("**bo", finished=False) == [("bo", ("**",))]
    assert drawn("**bo", finished=True) == [("**bo", ())]
    assert drawn("`co", finished=False) == [("co", ("`",))]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab *_`[]()\\", max_size=50), st.booleans())
def test_pieces_cover_any_text_in_order(text: str, finished: bool) -> None:
    position = 0
    for piece in parse_inline(text, finished=finished):
        assert piece.start == position
        position = piece.end
    assert position == len(text)
