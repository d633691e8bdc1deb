"""The presenter: what it makes step by step is what it would make at once, and costs what is new."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.pairing.comments import CommentBook
from spark_tui.app.pairing.places import Place
from spark_tui.app.ui import file_blocks
from spark_tui.app.ui.diff_presenter import DiffPresenter
from spark_tui.app.ui.facts import change_marks
from spark_tui.app.ui.tally import Totals, change_facts, totals_of
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.widgets.diff_lines import DiffLines
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark

LINES = 40
BASE = "".join(f"line {number}\n" for number in range(LINES))


class Pane:
    """What a pane shows of a change set, fed by one presenter frame by frame."""

    def __init__(self, changes: ChangeSet, comments: CommentBook | None = None) -> None:
        self.presenter = DiffPresenter(changes, comments)
        self.lines = DiffLines()

    def frame(self, patch: LivePatch | None = None) -> None:
        redraw = self.presenter.refresh(patch)
        for splice in redraw.splices:
            self.lines.splice(splice.place, splice.removed, splice.blocks)
        for key in redraw.touched:
            self.lines.touch(key)

    @property
    def blocks(self) -> list[DiffBlock]:
        return [self.lines.at(place).block for place in range(self.lines.block_count)]

    def seen(self) -> list[tuple[object, ...]]:
        return [(b.key, b.path, b.hunk, b.mark, b.revision, list(b.rows)) for b in self.blocks]

    def rows(self) -> list[DiffRow]:
        return [self.lines.row(line) for line in range(self.lines.count)]


def opened(*paths: str) -> ChangeSet:
    changes = ChangeSet()
    for path in paths or ("a.txt",):
        changes.open(FileSnapshot(path, BASE.encode(), 0o644))
    return changes


def chunk(line: int) -> str:
    return f"@@\n line {line}\n-line {line + 1}\n+LINE {line + 1}\n line {line + 2}\n"


def pieces(path: str, lines: list[int]) -> Iterator[str]:
    yield f"*** Update File: {path}\n"
    for number in lines:
        for line in chunk(number).splitlines(keepends=True):
            yield line[:4]
            yield line[4:]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["piece", "piece", "piece", "edit", "reject", "restore", "accept", "comment", "outside", "file"]
        ),
        st.integers(0, LINES - 4),
    ),
    min_size=4,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@example(steps=[*[("piece", 0)] * 7, ("edit", 4), ("accept", 0)], chunks=[5], path="a.txt", often=1)
@given(
    steps=STEPS,
    chunks=st.lists(st.integers(0, LINES - 4), max_size=6, unique=True),
    path=st.sampled_from(["a.txt", "c.txt"]),
    often=st.integers(1, 3),
)
def test_what_is_made_step_by_step_is_what_would_be_made_at_once(
    steps: list[tuple[str, int]], chunks: list[int], path: str, often: int
) -> None:
    changes, comments = opened("a.txt", "b.txt"), CommentBook()
    pane = Pane(changes, comments)
    patch = LivePatch(changes, "call", turn=1)
    patch.feed("*** Begin Patch\n")
    stream = pieces(path, sorted(chunks))
    for number, (step, value) in enumerate(steps):
        if step == "piece":
            patch.feed(next(stream, ""))
        elif step == "file":
            if patch.wanted is not None:
                patch.provide(FileSnapshot(patch.wanted, BASE.encode(), 0o644))
        else:
            decide(changes, comments, step, value)
        if number % often == 0:
            pane.frame(patch)
            whole = Pane(changes, comments)
            whole.frame(patch)
            known = DiffPresenter(changes, comments)
            known.refresh(patch)
            assert pane.seen() == whole.seen()
            assert pane.rows() == whole.rows()
            assert list(pane.presenter.totals()) == list(known.totals())


def decide(changes: ChangeSet, comments: CommentBook, step: str, value: int) -> None:
    path = "ab"[value % 2] + ".txt"
    wanted = HunkState.REJECTED if step == "restore" else HunkState.PENDING
    ids = [hunk.id for hunk in changes.hunks(wanted, path=path)]
    chosen = ids[value % len(ids) :][:1] if ids else []
    file = changes.file(path)
    assert file is not None
    match step:
        case "edit":
            start = min(value, len(file.proposed_lines) - 1)
            edit = LineEdit(start, start + value % 3, (f"edit {value}\n",) * (value % 4))
            changes.stage(path, edit, section="edits", turn=1)
        case "reject":
            changes.reject(chosen)
        case "restore":
            with contextlib.suppress(ChangeError):
                changes.restore(chosen)
        case "accept" if chosen:
            changes.accepted(changes.plan_accept(chosen))
        case "comment":
            comments.add(Place(path, value, (f"line {value}",)), "why?", file.proposed_lines)
        case "outside":
            lines = [*file.base_lines[:value], "from outside\n", *file.base_lines[value:]]
            changes.rebase(FileSnapshot(path, "".join(lines).encode(), 0o644), git_line_diff)


def test_a_frame_makes_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    summed: list[str] = []

    def counted(hunk: Hunk, formatting: int) -> Totals:
        summed.append(hunk.id)
        return totals_of(hunk, formatting)

    monkeypatch.setattr(file_blocks, "totals_of", counted)
    many = 300
    changes = ChangeSet()
    base = "".join(f"line {number}\n" for number in range(many * 8))
    changes.open(FileSnapshot("a.txt", base.encode(), 0o644))
    pane = Pane(changes)
    patch = LivePatch(changes, "call", turn=1)
    patch.feed("*** Begin Patch\n")
    most = 0
    for piece in pieces("a.txt", list(range(0, many * 8, 8))):
        patch.feed(piece)
        summed.clear()
        pane.frame(patch)
        most = max(most, len(summed))
    assert len(list(changes.hunks())) == many
    assert most <= 3, "the newest hunk, the one before it, and the one that is being written"


def test_a_hunk_at_the_end_is_one_splice_of_one_block() -> None:
    changes = opened("a.txt", "b.txt")
    presenter = DiffPresenter(changes)
    for line in (5, 15, 25):
        changes.stage("a.txt", LineEdit(line, line + 1, ("new\n",)), section="c:0", turn=1)
    presenter.refresh(None)
    changes.stage("a.txt", LineEdit(38, 39, ("new\n",)), section="c:0", turn=1)
    redraw = presenter.refresh(None)
    assert [(s.place, s.removed, len(s.blocks)) for s in redraw.splices] == [(4, 0, 1)]
    changes.stage("b.txt", LineEdit(5, 6, ("new\n",)), section="c:0", turn=1)
    redraw = presenter.refresh(None)
    assert [(s.place, s.removed, len(s.blocks)) for s in redraw.splices] == [(5, 0, 2)]


def test_the_blocks_of_a_file_that_moved_know_where_it_is() -> None:
    changes = opened("a.txt")
    changes.stage("a.txt", LineEdit(5, 6, ("new\n",)), section="c:0", turn=1)
    hunk = changes.stage_rename("a.txt", FileSnapshot("c.txt", None, 0o644), section="c:0", turn=1)
    assert hunk is not None
    pane = Pane(changes)
    pane.frame()
    changes.accepted(changes.plan_accept([hunk.id]))
    pane.frame()
    assert {block.path for block in pane.blocks} == {"c.txt"}
    assert len(pane.lines.files()) == 1


def test_the_sums_say_what_the_hunks_come_to() -> None:
    changes = opened("a.txt", "b.txt")
    first = changes.stage("a.txt", LineEdit(5, 6, ("new\n", "newer\n")), section="c:0", turn=1)
    second = changes.stage("a.txt", LineEdit(20, 22, (" line 19\n",)), section="c:0", turn=1)
    assert first is not None
    assert second is not None
    changes.reject([second.id])
    pane = Pane(changes)
    pane.frame()
    files = list(pane.presenter.totals())
    facts = change_facts(totals for _, totals in files)
    assert (facts.files, facts.added, facts.removed, facts.formatting) == (1, 2, 1, 0)
    assert {mark.value: count for mark, count in facts.marks.items()} == {"pending": 1, "rejected": 1}
    (mark,) = change_marks(files).values()
    assert (mark.added, mark.removed, mark.state.value) == (2, 1, "pending")


def test_lines_for_a_file_that_is_still_being_read_are_shown_until_they_have_a_place() -> None:
    changes = opened("a.txt")
    changes.stage("a.txt", LineEdit(5, 6, ("new\n",)), section="c:0", turn=1)
    pane = Pane(changes)
    patch = LivePatch(changes, "call", turn=1)
    patch.feed("*** Begin Patch\n*** Update File: b.txt\n@@\n line 3\n-line 4\n")
    pane.frame(patch)
    shown = [(b.path, b.hunk, b.mark, [row.text for row in b.rows]) for b in pane.blocks[2:]]
    assert shown == [
        ("b.txt", None, Mark.STREAMING, ["b.txt\t"]),
        ("b.txt", None, Mark.STREAMING, ["", "line 3", "line 4"]),
    ]
    assert pane.lines.streaming == 3
    assert [row.old for row in pane.blocks[3].rows] == [None, None, None]
    patch.feed("+LINE 4\n@@\n line 9\n")
    pane.frame(patch)
    assert [len(block.rows) for block in pane.blocks[2:]] == [1, 4, 2]
    for written, texts in (
        ("+LI", ["", "line 9", "LI"]),
        ("NE", ["", "line 9", "LINE"]),
        ("\n", ["", "line 9", "LINE"]),
        ("*** End", ["", "line 9", "LINE"]),
    ):
        patch.feed(written)
        pane.frame(patch)
        assert [row.text for row in pane.rows()[-len(texts) :]] == texts
        assert pane.lines.count == len(pane.rows())
    patch.provide(FileSnapshot("b.txt", BASE.encode(), 0o644))
    pane.frame(patch)
    assert [block.hunk for block in pane.blocks[2:]] == [None, "h2", "h3"]
    assert [(row.old, row.new) for row in pane.blocks[3].rows[1:3]] == [(2, 2), (3, 3)]


@pytest.mark.parametrize("end", ["abort", "refuse"])
def test_lines_for_a_file_that_cannot_be_had_go(end: str) -> None:
    changes = opened("a.txt")
    pane = Pane(changes)
    patch = LivePatch(changes, "call", turn=1)
    patch.feed("*** Begin Patch\n*** Update File: b.txt\n@@\n line 3\n-line 4\n")
    pane.frame(patch)
    assert len(pane.blocks) == 2
    if end == "abort":
        patch.abort("stopped")
    else:
        patch.provide(FileSnapshot("b.txt", None, 0o644, "it is a folder"))
    pane.frame(None if end == "abort" else patch)
    assert pane.blocks == []
