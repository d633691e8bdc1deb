"""Highlighting a line at a time."""

from __future__ import annotations

from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.widgets.highlight import START, Highlights, LexState, NamedSpan
from spark_tui.widgets.lexing import LINE_MAX, lexer_for_language, lexer_for_path

PYTHON = lexer_for_path("src/module.py")
C = lexer_for_path("main.c")


def test_state_is_kept_between_lines() -> None:
    assert PYTHON is not None
    spans, state = PYTHON.lex('x = """one')
    assert spans[-1] == (4, 10, "syntax--string")
    spans, state = PYTHON.lex("def two", state)
    assert spans == ((0, 7, "syntax--string"),)
    spans, state = PYTHON.lex('""" ', state)
    spans, _ = PYTHON.lex("def f(): pass", state)
    assert (0, 3, "syntax--keyword") in spans


def test_a_comment_of_several_lines_in_the_c_family() -> None:
    assert C is not None
    _, state = C.lex("int x; /* one")
    assert state.comment
    spans, state = C.lex("int two", state)
    assert spans == ((0, 7, "syntax--comment"),)
    spans, state = C.lex("*/ int y;", state)
    assert not state.comment
    assert (0, 2, "syntax--comment") in spans
    assert (3, 6, "syntax--type") in spans


def test_unknown_names_and_long_lines_stay_plain() -> None:
    assert lexer_for_path("no.such-kind-of-file") is None
    assert lexer_for_language("no such language") is None


def test_plain_text_needs_no_lexer() -> None:
    assert lexer_for_path("notes.txt") is None
    assert lexer_for_language("text") is None
    assert PYTHON is not None
    assert PYTHON.lex("x" * (LINE_MAX + 1)) == ((), START)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(alphabet="\"'#/*\\ab1(){}\n\x1b".replace("\n", ""), max_size=20), max_size=6))
def test_any_lines_can_be_lexed(lines: list[str]) -> None:
    for lexer in (PYTHON, C):
        assert lexer is not None
        state = START
        for line in lines:
            spans, state = lexer.lex(line, state)
            assert all(0 <= start < end <= len(line) for start, end, _ in spans)


class Counting:
    """A lexer that remembers what it was asked."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def lex(self, line: str, state: LexState = START) -> tuple[tuple[NamedSpan, ...], LexState]:
        self.lines.append(line)
        return ((0, 1, "syntax--keyword"),), LexState((*state.stack, "x"))


def test_each_line_is_lexed_once_and_again_when_it_changes() -> None:
    lines = ["a", "b", "c"]
    lexer, highlights = Counting(), Highlights(lambda index: ("n", lines[index]))
    assert highlights.work(lexer, 0, 2, perf_counter() + 60)
    assert highlights.work(lexer, 0, 2, perf_counter() + 60)
    assert lexer.lines == ["a", "b", "c"]
    lines[1] = "B"
    assert highlights.get(1) is None
    assert highlights.lacks(0, 2)


def test_work_stops_at_the_deadline_but_always_advances() -> None:
    lines = [str(number) for number in range(5)]
    lexer, highlights = Counting(), Highlights(lambda index: ("n", lines[index]))
    assert not highlights.work(lexer, 0, 4, deadline=0)
    assert lexer.lines == ["0"]


def test_old_and_new_text_are_lexed_apart() -> None:
    rows = [("on", "same"), ("o", "old"), ("n", "new"), ("on", "after")]
    lexer, highlights = Counting(), Highlights(lambda index: rows[index])
    highlights.work(lexer, 0, 2, perf_counter() + 60)
    assert lexer.lines == ["same", "old", "new"]


def test_a_jump_does_not_lex_all_that_lies_between() -> None:
    lines = [str(number) for number in range(100_000)]
    lexer, highlights = Counting(), Highlights(lambda index: ("n", lines[index]))
    highlights.work(lexer, 90_000, 90_040, perf_counter() + 60)
    assert len(lexer.lines) < 200
    assert highlights.get(90_040) is not None
