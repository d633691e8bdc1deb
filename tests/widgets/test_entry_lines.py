"""The lines of an entry: the same however its text was cut, and no more than its letters."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.widgets.entry_lines import PAGE_LINES, CodeBlock, EntryLine, EntryLines

pieces_of_markdown = st.lists(
    st.one_of(
        st.sampled_from(
            ["```", "```py", "~~~~", "`", "~~~", "\n", "\r\n", "\r", "    ", "x = 1\n", "```\n", "```py\n"]
        ),
        st.text(max_size=3),
        st.integers(1, 2 * PAGE_LINES).map(lambda count: "line\n" * count),
    ),
    max_size=20,
)


def lines_of(*texts: str, fenced: bool = True) -> EntryLines:
    lines = EntryLines(fenced=fenced)
    for text in texts:
        lines.append(text)
    return lines


def seen(lines: EntryLines) -> list[tuple[str, bool, tuple[object, ...] | None, bool]]:
    """All that can be told of each line, blocks by what they say."""
    return [
        (line.text, line.is_last, None if line.block is None else told(line.block), line.is_fence)
        for line in (lines[index] for index in range(len(lines)))
    ]


def told(block: CodeBlock) -> tuple[object, ...]:
    return block.mark, block.language, block.opening, block.end


@given(pieces_of_markdown, st.booleans())
def test_any_cutting_gives_the_lines_and_blocks_of_the_whole(pieces: list[str], fenced: bool) -> None:
    whole = "".join(pieces)
    for cut in (pieces, list(whole)):
        assert seen(lines_of(*cut, fenced=fenced)) == seen(lines_of(whole, fenced=fenced))


@given(pieces_of_markdown)
def test_the_lines_are_those_of_the_text(pieces: list[str]) -> None:
    whole = "".join(pieces)
    *finished, last = whole.split("\n")
    lines = lines_of(*pieces)
    expected = [*(line.removesuffix("\r") for line in finished), last]
    assert [lines.text(index) for index in range(len(lines))] == expected
    # from the end too: another page is open then
    assert [lines[index].text for index in reversed(range(len(lines)))] == expected[::-1]
    assert lines.last_text == last
    with pytest.raises(IndexError):
        lines[len(lines)]
    with pytest.raises(IndexError):
        lines.text(len(lines))


@given(pieces_of_markdown, st.integers(0, 300), st.integers(-1, 300))
def test_code_is_what_is_in_a_block_and_no_fence(pieces: list[str], first: int, last: int) -> None:
    lines = lines_of(*pieces)
    found = [
        block.first + offset for block, begin, end in lines.code_in(first, last) for offset in range(begin, end + 1)
    ]
    looked_at = (lines[index] for index in range(first, min(last, len(lines) - 2) + 1))
    assert found == [line.number for line in looked_at if line.block is not None and not line.is_fence]


def test_a_block_is_open_from_its_fence_to_the_one_that_closes_it() -> None:
    lines = lines_of("text\n````Py title\na\n```\nb\n````\nafter\n")
    block = lines[1].block
    assert block is not None
    assert told(block) == ("````", "py", 1, 6)
    assert [lines[index].block is block for index in range(8)] == [False, *[True] * 5, False, False]
    assert [lines[index].is_fence for index in range(8)] == [False, True, *[False] * 3, True, False, False]


def test_the_growing_line_closes_a_block_before_its_line_break_and_opens_none() -> None:
    lines = lines_of("```\ncode\n```")
    assert lines[2] == EntryLine(2, "```", True, lines[0].block, True)
    assert lines_of("```")[0] == EntryLine(0, "```", True, None, False)


def test_without_fences_marks_are_text() -> None:
    assert seen(lines_of("```py\nx", fenced=False)) == [("```py", False, None, False), ("x", True, None, False)]


def test_lines_take_little_more_than_their_letters() -> None:
    words = [f"word {number} " * 8 + "\n" for number in range(100)]
    tracemalloc.start()
    lines = EntryLines(fenced=True)
    for _ in range(100):
        for word in words:
            lines.append(word[:30])
            lines.append(word[30:])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lines) == 10_001
    assert taken < 1.2 * sum(map(len, words)) * 100
