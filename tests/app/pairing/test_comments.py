"""A comment stays with its lines, and says whether the model has changed them since it was told."""

from __future__ import annotations

import json

import pytest

from spark_tui.app.pairing.comments import CommentBook, CommentState, changed_window
from spark_tui.app.pairing.places import Place

LINES = ["def f():\n", "    a = 1\n", "    b = 2\n", "    return a\n"]


def sent(start: int = 1, excerpt: tuple[str, ...] = ("    a = 1",), *, removed: bool = False) -> CommentBook:
    book = CommentBook()
    book.send([book.add(Place("f.py", start, excerpt, removed), "why?", LINES).id])
    return book


def one(book: CommentBook) -> tuple[int, int, CommentState]:
    (comment,) = book
    return comment.start, comment.end, comment.state


def test_it_moves_with_its_lines() -> None:
    book = sent()
    book.follow("f.py", ["import os\n", "\n", *LINES], by_model=True)
    assert one(book) == (3, 4, CommentState.SENT)
    book.follow("f.py", LINES, by_model=False)
    assert one(book) == (1, 2, CommentState.SENT)


def test_it_is_answered_when_the_model_changes_its_lines() -> None:
    book = sent()
    book.follow("f.py", [LINES[0], "    a = one()\n", "    a += 0\n", *LINES[2:]], by_model=True)
    assert one(book) == (1, 3, CommentState.ANSWERED)


def test_what_was_said_about_lines_is_why_they_are_rejected() -> None:
    book = CommentBook()
    answered = book.add(Place("f.py", 1, ("    a = 1",)), "old", LINES)
    book.send([answered.id])
    book.follow("f.py", [LINES[0], "    a = one()\n", *LINES[2:]], by_model=True)
    lines = [LINES[0], "    a = one()\n", *LINES[2:]]
    book.add(Place("f.py", 1, ("    a = one()",)), "too\nlong", lines)
    book.add(Place("f.py", 1, ("    a = 1",), removed=True), "keep it", lines)
    book.add(Place("f.py", 3, ("    return a",)), "elsewhere", lines)
    assert book.take_reason(Place("f.py", 1, ("    a = one()", "    b = 2"))) == "keep it; too long"
    assert [comment.text for comment in book.collected] == ["elsewhere"]
    assert book.take_reason(Place("g.py", 1, ("x",))) == ""


def test_it_is_outdated_when_others_change_its_lines() -> None:
    book = sent()
    book.follow("f.py", [LINES[0], *LINES[2:]], by_model=False)
    assert one(book) == (1, 1, CommentState.OUTDATED)


def test_a_change_next_to_it_is_not_an_answer() -> None:
    book = sent()
    book.follow("f.py", [*LINES[:2], "    b = 3\n", LINES[3]], by_model=True)
    assert one(book) == (1, 2, CommentState.SENT)


def test_two_changes_around_it_are_not_an_answer() -> None:
    book = sent(2, ("    b = 2",))
    book.follow("f.py", ["def g():\n", "    a = 9\n", "    x = 0\n", "    b = 2\n", "    return x\n"], by_model=True)
    assert one(book) == (3, 4, CommentState.SENT)


def test_lines_that_were_still_being_written_are_found_when_they_are_staged() -> None:
    book = CommentBook()
    book.send([book.add(Place("f.py", 1, ("    fresh = 0",)), "no", LINES).id])
    book.follow("f.py", [LINES[0], "    fresh = 0\n", *LINES[1:]], by_model=True)
    assert one(book) == (1, 2, CommentState.SENT)


def test_on_removed_lines_it_is_answered_when_the_model_changes_the_place() -> None:
    book = sent(2, ("    old = 0",), removed=True)
    book.follow("f.py", [*LINES[:2], "    old = 0\n", *LINES[2:]], by_model=True)
    assert one(book)[2] is CommentState.ANSWERED


def test_what_was_not_sent_cannot_be_answered() -> None:
    book = CommentBook()
    book.add(Place("f.py", 1, ("    a = 1",)), "why?", LINES)
    book.follow("f.py", [LINES[0], *LINES[2:]], by_model=True)
    assert one(book)[2] is CommentState.OUTDATED


def test_several_are_sent_together() -> None:
    book = CommentBook()
    book.add(Place("f.py", 1, ("    a = 1", "    b = 2")), "shorter", LINES)
    book.add(Place("f.py", 3, ("    old",), removed=True), "keep this", LINES)
    text = book.send([comment.id for comment in book.collected])
    assert text == (
        "shorter\n\nThis is about f.py, lines 2-3:\n>     a = 1\n>     b = 2\n\n"
        "keep this\n\nThis is about f.py, line 4, which your change removes:\n>     old"
    )
    assert book.collected == []
    assert book.send([]) == ""


def test_a_long_excerpt_is_cut() -> None:
    book = CommentBook()
    text = book.send([book.add(Place("f.py", 0, ("x" * 1000,) * 40), "all of it?", []).id])
    assert len(text) < 3000
    assert "(28 more lines)" in text


def test_it_survives_a_restart() -> None:
    book = sent()
    again = CommentBook.from_json(json.loads(json.dumps(book.to_json())))
    assert list(again) == list(book)


def test_the_note_says_how_it_stands() -> None:
    book = CommentBook()
    comment = book.add(Place("f.py", 1, ("    a = 1",)), "two\nlines", LINES)
    assert comment.note == "two lines (collected)"
    book.send([comment.id])
    assert comment.note == "two lines"


@pytest.mark.parametrize(
    ("before", "after", "window"),
    [([], [], (0, 0, 0)), ([], ["a"], (0, 0, 1)), (["a", "a"], ["a"], (1, 2, 1)), (["a"], ["b"], (0, 1, 1))],
)
def test_the_changed_window(before: list[str], after: list[str], window: tuple[int, int, int]) -> None:
    assert changed_window(before, after) == window
