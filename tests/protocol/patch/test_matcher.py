"""Placing chunks: against a plain reference, and the properties the screen relies on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.errors import PatchMatchError
from spark_tui.protocol.patch.apply import update_text
from spark_tui.protocol.patch.edits import LineEdit, apply_edits, split_lines
from spark_tui.protocol.patch.events import Op, PatchLine
from spark_tui.protocol.patch.matcher import MatchPass, Placement, SectionMatcher
from spark_tui.protocol.patch.parser import Dialect
from spark_tui.protocol.patch.sections import Chunk

MARKS = {" ": Op.KEEP, "-": Op.REMOVE, "+": Op.ADD}
FOLDS = str.maketrans({"—": "-", "“": '"', "”": '"', "’": "'", "\u2002": " "})
WORDS = st.sampled_from(["", "a", "b", " a", "a ", "“a”", '"a"', "x — y", "x - y", "\t", "it’s", "it's"])
BREAKS = st.sampled_from(["\n", "\n", "\n", "\r\n"])
SOURCES = st.lists(st.tuples(WORDS, BREAKS), max_size=8).map(lambda lines: "".join(a + b for a, b in lines))
CHUNKS = st.builds(
    lambda headers, lines, end_of_file: Chunk(tuple(headers), lines, end_of_file),
    st.lists(WORDS, max_size=1),
    st.lists(st.builds(PatchLine, st.sampled_from(Op), WORDS, st.just(1)), min_size=1, max_size=5),
    st.sampled_from([False, False, False, True]),
)


def chunk(body: str, *headers: str, end_of_file: bool = False) -> Chunk:
    lines = [PatchLine(MARKS[line[0]], line[1:], number) for number, line in enumerate(body.split("\n"), 1)]
    return Chunk(headers, lines, end_of_file)


def matcher(source: str, dialect: Dialect = Dialect.LENIENT) -> SectionMatcher:
    return SectionMatcher(split_lines(source), dialect, "a")


def placed(source: str, chunks: list[Chunk], dialect: Dialect) -> str | None:
    section = matcher(source, dialect)
    try:
        edits = [edit for each in chunks for edit in section.place(each).edits]
    except PatchMatchError:
        return None
    return update_text(source, sorted(edits, key=lambda edit: edit.start), dialect)


def reference(source: str, chunks: list[Chunk], dialect: Dialect) -> str | None:
    """The documented rules in their plainest form; lines are written one by one."""
    forms: list[Callable[[str], str]] = [
        str,
        lambda s: s.rstrip(" \t"),
        lambda s: s.strip(" \t"),
        lambda s: s.strip(" \t").translate(FOLDS),
    ]
    lines = [line.removesuffix("\n") for line in split_lines(source)]
    texts = [line.removesuffix("\r") for line in lines]
    break_ = "\r\n" if lines and lines[0].endswith("\r") else "\n"

    def find(block: list[str], first: int, at_end: bool = False) -> int | None:
        starts = range(first, len(texts) - len(block) + 1)
        for form in forms:
            for start in starts[-1:] if at_end else starts:
                if [form(text) for text in texts[start : start + len(block)]] == [form(text) for text in block]:
                    return start if not at_end or start + len(block) == len(texts) else None
        return None

    inserts: dict[int, list[str]] = {}
    removed: set[int] = set()
    cursor = 0
    for each in chunks:
        for header in each.headers:
            at = find([header], cursor)
            if at is None:
                return None
            cursor = at + 1
        ops = [(line.op, line.text) for line in each.lines]
        old = [text for op, text in ops if op is not Op.ADD]
        new = [text for op, text in ops if op is not Op.REMOVE]
        if not old:
            behind = dialect is Dialect.LENIENT and each.headers and not each.end_of_file
            inserts.setdefault(cursor if behind else len(texts), []).extend(new)
            continue
        at = find(old, cursor, each.end_of_file)
        if at is None and old[-1] == "":
            last = max(i for i, (op, _) in enumerate(ops) if op is not Op.ADD)
            written = max((i for i, (op, _) in enumerate(ops) if op is not Op.REMOVE), default=-1)
            drop_written = written >= 0 and ops[written][1] == ""
            flags = [[op is not Op.ADD, op is not Op.REMOVE, text] for op, text in ops]
            flags[last][0] = False
            if drop_written:
                flags[written][1] = False
            names = {(True, True): Op.KEEP, (True, False): Op.REMOVE, (False, True): Op.ADD}
            ops = [(names[bool(a), bool(b)], str(text)) for a, b, text in flags if a or b]
            at = find(old[:-1], cursor, each.end_of_file) if old[:-1] else cursor
        if at is None:
            return None
        run = at  # what is added in a run of changed lines stands where the run begins
        for op, text in ops:
            if op is Op.ADD:
                inserts.setdefault(run, []).append(text)
                continue
            if op is Op.REMOVE:
                removed.add(at)
            at += 1
            if op is Op.KEEP:
                run = at
        cursor = at
    result: list[str] = []
    for index in range(len(lines) + 1):
        result += [text + break_ for text in inserts.get(index, [])]
        if index < len(lines) and index not in removed:
            result.append(lines[index] + "\n")
    return "".join(result)


@settings(max_examples=500, deadline=None)
@given(SOURCES, st.lists(CHUNKS, min_size=1, max_size=3), st.sampled_from(Dialect))
def test_placement_agrees_with_the_plain_rules(source: str, chunks: list[Chunk], dialect: Dialect) -> None:
    assert placed(source, chunks, dialect) == reference(source, chunks, dialect)


@settings(max_examples=200, deadline=None)
@given(SOURCES, CHUNKS)
def test_preview_ends_where_the_chunk_is_placed(source: str, whole: Chunk) -> None:
    watched, growing = matcher(source), Chunk(whole.headers)
    previews: list[int | None] = []
    for line in whole.lines:
        growing.lines.append(line)
        previews.append(watched.preview(growing))
        fresh = Chunk(whole.headers, list(growing.lines))
        assert previews[-1] == matcher(source).preview(fresh)
    try:
        placement = watched.place(whole)
    except PatchMatchError:
        return
    if previews[-1] is not None and not whole.end_of_file:
        assert previews[-1] == placement.start


def test_a_line_put_at_the_end_stays_behind_one_that_is_replaced() -> None:
    """Seen from Codex: ``a`` with these chunks becomes ``a`` and an empty line, not the other way round."""
    section = matcher("a\n", Dialect.CODEX)
    edits = [edit for each in (chunk("+"), chunk("-a\n+b")) for edit in section.place(each).edits]
    assert update_text("a\n", sorted(edits, key=lambda edit: edit.start), Dialect.CODEX) == "b\n\n"


def test_exact_match_further_down_beats_a_loose_one() -> None:
    assert matcher("x \nx\n").place(chunk("-x\n+y")) == Placement(
        1, 2, (LineEdit(1, 2, ("y\n",)),), MatchPass.EXACT, 1
    )


@pytest.mark.parametrize(
    ("line", "matched"),
    [
        ("x", MatchPass.EXACT),
        ("x \t", MatchPass.TRAILING_SPACE),
        ("  x", MatchPass.SURROUNDING_SPACE),
        ("x — “y”", MatchPass.PUNCTUATION),
    ],
)
def test_deciding_pass_is_told(line: str, matched: MatchPass) -> None:
    old = 'x - "y"' if "y" in line else "x"
    assert matcher(line + "\n").place(chunk(f"-{old}")).matched is matched


@pytest.mark.parametrize("space", ["\x1c", "\x1f", "\u200b", "\ufeff", "\u180e"])
def test_what_is_not_white_space_is_not_stripped(space: str) -> None:
    with pytest.raises(PatchMatchError):
        matcher(f"x{space}\n").place(chunk("-x"))


def test_edits_are_the_changed_runs_only() -> None:
    placement = matcher("1\n2\n3\n4\n5\n").place(chunk(" 1\n-2\n+two\n 3\n-4\n+4\n+four\n 5"))
    assert placement.edits == (LineEdit(1, 2, ("two\n",)), LineEdit(4, 4, ("four\n",)))


def test_rewriting_a_line_as_it_is_changes_nothing() -> None:
    assert matcher("x\n").place(chunk("-x\n+x")).edits == ()
    assert matcher("x \n").place(chunk("-x\n+x")).edits == (LineEdit(0, 1, ("x\n",)),)


def test_places_counts_the_rest_and_stops_at_99() -> None:
    section = matcher("x\n" * 500)
    assert section.place(chunk("-x")).places == 99
    assert matcher("x\ny\nx\n").place(chunk("-x", "y")).places == 1
    assert matcher("x\nx\n").place(chunk("-x", end_of_file=True)).places == 1


@pytest.mark.parametrize(("line_break", "final"), [("\n", "\n"), ("\n", ""), ("\r\n", "\r\n"), ("\r\n", "")])
def test_places_are_counted_as_well_in_a_long_section(line_break: str, final: str) -> None:
    lines = [f"only {n}" if n % 3 else f"twin {n % 2}" for n in range(60)]
    lines[-1] = "only 20"
    section = matcher(line_break.join(lines) + final)
    for at in range(0, 60, 2):
        wanted = lines[at : at + 1]
        assert section.place(chunk(f"-{wanted[0]}")).places == lines[at:].count(wanted[0])


def test_alternatives_ignore_headers_and_order_and_can_be_taken() -> None:
    section = matcher("x\ny\nx\nx\n")
    moved = chunk("-x\n+z", "y")
    assert section.place(moved).start == 2
    assert section.alternatives(moved) == [0, 2, 3]
    assert section.place_at(moved, 0).edits == (LineEdit(0, 1, ("z\n",)),)
    assert section.place(chunk("-x")).start == 3
    with pytest.raises(PatchMatchError):
        section.place_at(moved, 1)


def test_chunk_that_does_not_fit_leaves_the_next_one_its_place() -> None:
    section = matcher("h\na\nb\n")
    with pytest.raises(PatchMatchError, match="Failed to find expected lines in a:\nq"):
        section.place(chunk("-q", "h"))
    assert section.place(chunk("-h")).start == 0


def test_stacked_headers_narrow_one_after_another() -> None:
    source = "class A\n  def m\n    x\nclass B\n  def m\n    x\n"
    assert matcher(source).place(chunk("-    x", "class B", "  def m")).start == 5


@pytest.mark.parametrize(
    ("dialect", "headers", "end_of_file", "start"),
    [
        (Dialect.LENIENT, ("b",), False, 2),
        (Dialect.LENIENT, ("b",), True, 3),
        (Dialect.LENIENT, (), False, 3),
        (Dialect.CODEX, ("b",), False, 3),
    ],
)
def test_pure_insertion(dialect: Dialect, headers: tuple[str, ...], end_of_file: bool, start: int) -> None:
    placement = matcher("a\nb\nc\n", dialect).place(chunk("+x", *headers, end_of_file=end_of_file))
    assert placement.edits == (LineEdit(start, start, ("x\n",)),)


def test_preview_is_open_until_there_is_something_to_find() -> None:
    section = matcher("a\nb\na\nc\n")
    growing = Chunk()
    seen: list[int | None] = [section.preview(growing)]
    for line in chunk("+new\n a\n c\n q").lines:
        growing.lines.append(line)
        seen.append(section.preview(growing))
    assert seen == [None, None, 0, 2, None]


@pytest.mark.parametrize(
    ("body", "lenient", "codex"),
    [
        ("-1\n+x", "x\n2", "x\n2\n"),
        ("-2\n+x", "1\nx\n", "1\nx\n"),
        (" 2\n+3", "1\n2\n3\n", "1\n2\n3\n"),
        (" 1\n-2", "1\n", "1\n"),
        (" 1", "1\n2", "1\n2\n"),
    ],
)
def test_missing_final_break(body: str, lenient: str, codex: str) -> None:
    assert placed("1\n2", [chunk(body)], Dialect.LENIENT) == lenient
    assert placed("1\n2", [chunk(body)], Dialect.CODEX) == codex


def test_lines_behind_an_unterminated_one_bring_the_break() -> None:
    assert apply_edits(["a\r\n", "b"], [LineEdit(2, 2, ("c\r\n",))]) == ["a\r\n", "b\r\n", "c\r\n"]


def test_large_file_of_equal_lines_is_searched_in_linear_time() -> None:
    source = ["x\n"] * 50_000 + ["y\n"]
    body = "\n".join([" x"] * 10_000 + ["-z"])
    with pytest.raises(PatchMatchError):
        SectionMatcher(source, Dialect.CODEX, "a").place(chunk(body))


def test_preview_of_a_chunk_whose_header_is_missing_stays_open() -> None:
    section = matcher("a\n")
    growing = chunk("-a", "nowhere")
    assert section.preview(growing) is None
    growing.lines.append(PatchLine(Op.KEEP, "a", 2))
    assert section.preview(growing) is None
