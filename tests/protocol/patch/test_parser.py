"""The incremental parser: what it says of a text, whatever the cut, and what it forgives in each dialect."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.patch.events import (
    ChunkClosed,
    ChunkOpened,
    Op,
    PartialLine,
    PatchBroken,
    PatchClosed,
    PatchEvent,
    PatchLine,
    SectionClosed,
    SectionKind,
    SectionOpened,
)
from spark_tui.protocol.patch.language import NO_BEGIN, NO_END, Dialect
from spark_tui.protocol.patch.parser import PatchParser

PATCH_LINES = st.sampled_from(
    [
        "*** Begin Patch",
        "*** End Patch",
        "   *** End Patch",
        "*** Add File: a",
        " *** Update File: b ",
        "*** Update File: b",
        "*** Delete File: c",
        "*** Move to: d",
        "*** End of File",
        "*** Environment ID: x",
        "@@",
        "@@ def f():",
        " kept",
        "-gone",
        "+new",
        "+",
        " ",
        "",
        "<<EOF",
        "EOF",
        "\t",
        "prose",
    ]
)
BREAKS = st.sampled_from(["\n", "\n", "\r\n", "\r", "\r\r\n", ""])
TEXTS = st.lists(st.tuples(PATCH_LINES, BREAKS), max_size=14).map(
    lambda lines: "*** Begin Patch\n" + "".join(line + end for line, end in lines)
)


def run(dialect: Dialect, *pieces: str) -> list[PatchEvent]:
    parser = PatchParser(dialect)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.finish()


def envelope(body: str) -> str:
    return f"*** Begin Patch\n{body}*** End Patch\n"


@settings(max_examples=300, deadline=None)
@given(TEXTS | st.text(max_size=60), st.data(), st.sampled_from(Dialect))
def test_any_cut_gives_the_same_events(text: str, data: st.DataObject, dialect: Dialect) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = run(dialect, text)
    assert run(dialect, *pieces) == whole
    assert run(dialect, *text) == whole


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from(Dialect))
def test_events_come_in_the_documented_order(text: str, dialect: Dialect) -> None:
    events = run(dialect, text)
    depth = {SectionOpened: 0, ChunkOpened: 1, PatchLine: 2, ChunkClosed: 2, SectionClosed: 1, PatchClosed: 0}
    after = {SectionOpened: 1, ChunkOpened: 2, PatchLine: 2, ChunkClosed: 1, SectionClosed: 0, PatchClosed: 0}
    level = 0
    for event in events[:-1]:
        assert level == depth[type(event)]
        level = after[type(event)]
    assert isinstance(events[-1], PatchBroken) or (isinstance(events[-1], PatchClosed) and level == 0)


def test_nothing_follows_what_is_broken() -> None:
    text = "*** Begin Patch\n*** Update File: b\n   *** End Patch\n*** Begin Patch\n*** Delete File: c\n"
    assert run(Dialect.LENIENT, text) == [
        PatchBroken("Invalid patch hunk on line 2: Update file hunk for path 'b' is empty", 2)
    ]


def test_update_is_announced_when_the_move_is_known() -> None:
    parser = PatchParser(Dialect.CODEX)
    assert parser.feed("*** Begin Patch\n*** Update File: a\n") == []
    assert parser.feed("*** Move to: b") == []
    assert parser.feed("\n") == [SectionOpened(SectionKind.UPDATE, "a", "b", 2)]


def test_events_of_one_update() -> None:
    text = envelope("*** Update File: a\n@@ f\n k\n-x\n+y\n*** End of File\n")
    assert run(Dialect.CODEX, text) == [
        SectionOpened(SectionKind.UPDATE, "a", None, 2),
        ChunkOpened(("f",), 3),
        PatchLine(Op.KEEP, "k", 4),
        PatchLine(Op.REMOVE, "x", 5),
        PatchLine(Op.ADD, "y", 6),
        ChunkClosed(end_of_file=True),
        SectionClosed(),
        PatchClosed(),
    ]


def test_stacked_headers_are_one_chunk_in_lenient_and_an_error_in_codex() -> None:
    text = envelope("*** Update File: a\n@@ class B\n@@   def m\n-x\n")
    assert ChunkOpened(("class B", "  def m"), 3) in run(Dialect.LENIENT, text)
    broken = run(Dialect.CODEX, text)[-1]
    assert isinstance(broken, PatchBroken)
    assert broken.line == 4


def test_pure_rename_is_a_section_without_chunks_in_lenient_only() -> None:
    text = envelope("*** Update File: a\n*** Move to: b\n")
    assert run(Dialect.LENIENT, text) == [
        SectionOpened(SectionKind.UPDATE, "a", "b", 2),
        SectionClosed(),
        PatchClosed(),
    ]
    assert run(Dialect.CODEX, text)[-1] == PatchBroken(
        "Invalid patch hunk on line 2: Update file hunk for path 'a' is empty", 2
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Here is the patch:\n\n```\n", "```\nDone!\n"),
        ("apply_patch <<'PATCH'\n", "PATCH\n"),
        ("<<EOF\n", "EOF"),
        ("", "I changed a.\n\n*** Add File: no\n+x\n"),
    ],
)
def test_text_around_the_envelope_is_skipped_in_lenient(before: str, after: str) -> None:
    body = envelope("*** Delete File: a\n")
    assert run(Dialect.LENIENT, before + body + after) == run(Dialect.LENIENT, body)


def test_second_envelope_goes_on_in_lenient() -> None:
    text = envelope("*** Delete File: a\n") + "and\n" + envelope("*** Delete File: b\n")
    paths = [event.path for event in run(Dialect.LENIENT, text) if isinstance(event, SectionOpened)]
    assert paths == ["a", "b"]


@pytest.mark.parametrize("text", ["", "\n\n", "*** Begin Patch", "*** Begin Patch\n*** Delete File: a\n"])
def test_missing_end_breaks(text: str) -> None:
    assert run(Dialect.CODEX, text)[-1] == PatchBroken(NO_END, None)


@pytest.mark.parametrize("dialect", Dialect)
def test_missing_begin_breaks(dialect: Dialect) -> None:
    assert run(dialect, "hello\n") == [PatchBroken(NO_BEGIN, None)]


def test_unfinished_last_line_is_never_read() -> None:
    events = run(Dialect.LENIENT, "*** Begin Patch\n*** Add File: a\n+one\n+tw")
    assert [event.text for event in events if isinstance(event, PatchLine)] == ["one"]
    assert events[-1] == PatchBroken(NO_END, None)


@pytest.mark.parametrize("dialect", Dialect)
def test_nothing_follows_a_break(dialect: Dialect) -> None:
    parser = PatchParser(dialect)
    assert isinstance(parser.feed("*** Begin Patch\nbad\n+more")[-1], PatchBroken)
    assert parser.feed("\n*** Add File: a\n") == []
    assert parser.finish() == []
    assert parser.partial is None


@pytest.mark.parametrize(
    ("carriage_returns", "text"), [("\r", "x"), ("\r\r", "x"), ("\r\r\r", "x\r")], ids=["one", "two", "three"]
)
def test_two_carriage_returns_belong_to_the_break(carriage_returns: str, text: str) -> None:
    events = run(Dialect.CODEX, "*** Begin Patch\n*** Add File: a\n+x", carriage_returns, "\n*** End Patch\n")
    assert PatchLine(Op.ADD, text, 3) in events


def test_indented_end_inside_an_update_is_context_unless_it_is_last() -> None:
    start = "*** Begin Patch\n*** Update File: a\n@@\n-x\n  *** End Patch\n"
    assert run(Dialect.CODEX, start, "\n")[-1] == PatchClosed()
    assert PatchLine(Op.KEEP, " *** End Patch", 5) in run(Dialect.CODEX, start, "\n+y\n*** End Patch\n")
    assert run(Dialect.CODEX, start, "+y")[-1] == PatchBroken(NO_END, None)


@pytest.mark.parametrize(
    ("line", "partial"),
    [
        ("+ne", PartialLine(Op.ADD, "ne")),
        ("-x\r", PartialLine(Op.REMOVE, "x")),
        (" keep", PartialLine(Op.KEEP, "keep")),
        ("+*** End Pat", PartialLine(Op.ADD, "*** End Pat")),
        ("*", None),
        ("*** End of F", None),
        ("@@ de", None),
        ("   *** En", None),
        ("", None),
    ],
)
def test_partial_shows_content_and_never_a_marker(line: str, partial: PartialLine | None) -> None:
    parser = PatchParser(Dialect.LENIENT)
    parser.feed("*** Begin Patch\n*** Update File: a\n@@\n-x\n" + line)
    assert parser.partial == partial


def test_partial_line_of_an_unopened_chunk_is_not_shown() -> None:
    parser = PatchParser(Dialect.LENIENT)
    parser.feed("*** Begin Patch\n*** Update File: a\n@@\n-x")
    assert parser.partial is None


@pytest.mark.parametrize(
    "behind", ["That is all.\n", "\n```\nDone.\n", "*** Begin Patch\n*** Delete File: c\n*** End Patch\n"]
)
def test_an_indented_end_before_prose_ends_a_lenient_patch(behind: str) -> None:
    text = f"*** Begin Patch\n*** Update File: b\n-gone\n+new\n  *** End Patch\n{behind}"
    events = run(Dialect.LENIENT, text)
    assert events[-1] == PatchClosed()
    assert [event.text for event in events if isinstance(event, PatchLine)] == ["gone", "new"]
    assert isinstance(run(Dialect.CODEX, text)[-1], PatchBroken)


def test_an_indented_end_before_more_of_the_section_is_context() -> None:
    text = "*** Begin Patch\n*** Update File: b\n  *** End Patch\n-gone\n*** End Patch\n"
    lines = [event.text for event in run(Dialect.LENIENT, text) if isinstance(event, PatchLine)]
    assert lines == [" *** End Patch", "gone"]
