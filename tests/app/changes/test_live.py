from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.changes.change_set import NOT_STAGED, ChangeSet
from spark_tui.app.changes.errors import ChangeError, IllegalStep
from spark_tui.app.changes.hunk import Hunk, HunkKind, HunkState
from spark_tui.app.changes.live import LivePatch, plain
from spark_tui.app.changes.reporting import PatchReport
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.events import Op, PartialLine
from tests.app.changes.line_diffs import quick_diff

TEN = "".join(f"line {n}\n" for n in range(10))
FILES: dict[str, str | None] = {"a.txt": TEN, "b.txt": "x\n"}
TWO_CHUNKS = """\
*** Begin Patch
*** Update File: a.txt
@@
 line 1
-line 2
+two
 line 3
-line 4
+four
@@
 line 7
+seven and a half
 line 8
*** End Patch
"""


def snapshot(path: str) -> FileSnapshot:
    if path.startswith("/"):
        return FileSnapshot(path, None, refusal=f"{path} is outside the work tree")
    text = FILES.get(plain(path))
    return FileSnapshot(path, None if text is None else text.encode(), 0o644)


def feed(patch: LivePatch, text: str) -> None:
    patch.feed(text)
    serve(patch)


def serve(patch: LivePatch) -> None:
    while patch.wanted is not None:
        patch.provide(snapshot(patch.wanted))


def finish(patch: LivePatch) -> PatchReport:
    patch.finish()
    serve(patch)
    return patch.finish()


def staged(text: str, changes: ChangeSet | None = None) -> tuple[ChangeSet, PatchReport]:
    changes = ChangeSet() if changes is None else changes
    patch = LivePatch(changes, "call", turn=3)
    feed(patch, text)
    return changes, finish(patch)


def pending(changes: ChangeSet, path: str = "a.txt") -> list[tuple[int, list[str], list[str]]]:
    return [(h.start, h.removed, h.added) for h in changes.hunks(HunkState.PENDING, path=path)]


EXPECTED = [
    (2, ["line 2\n"], ["two\n"]),
    (4, ["line 4\n"], ["four\n"]),
    (8, [], ["seven and a half\n"]),
]


def test_each_run_of_changed_lines_is_a_hunk() -> None:
    changes, report = staged(TWO_CHUNKS)
    assert pending(changes) == EXPECTED
    assert report.text == "staged for review: 3 hunks in 1 file"
    assert report.headline == "staged for review: 3 hunks in a.txt"
    assert report.is_whole
    assert {hunk.turn for hunk in changes.hunks()} == {3}


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), max_size=12))
def test_any_split_of_the_text_stages_the_same(sizes: list[int]) -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=3)
    rest = TWO_CHUNKS
    for size in sizes:
        feed(patch, rest[:size])
        rest = rest[size:]
    feed(patch, rest)
    assert finish(patch).text == "staged for review: 3 hunks in 1 file"
    assert pending(changes) == EXPECTED


def test_events_wait_for_the_file() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    patch.feed(TWO_CHUNKS)
    assert patch.wanted == "a.txt"
    assert list(changes.hunks()) == []
    assert patch.finish().text == "nothing was staged"
    patch.provide(snapshot("a.txt"))
    assert patch.wanted is None
    assert patch.finish().text == "staged for review: 3 hunks in 1 file"
    with pytest.raises(ChangeError):
        patch.provide(snapshot("a.txt"))


def test_what_waits_for_a_file_can_be_seen_up_to_the_end_of_its_section() -> None:
    patch = LivePatch(ChangeSet(), "call", turn=1)
    patch.feed("*** Begin Patch\n*** Update File: a.txt\n@@ head\n line 1\n-li")
    assert patch.unplaced is not None
    assert (patch.unplaced.path, patch.unplaced.chunks[0].headers) == ("a.txt", ("head",))
    assert patch.partial == PartialLine(Op.REMOVE, "li")
    patch.feed("ne 2\n+two\n@@\n line 5\n+five\n*** Update File: other.txt\n@@\n+more\n")
    chunks = [[(line.op, line.text) for line in chunk.lines] for chunk in patch.unplaced.chunks]
    assert chunks == [
        [(Op.KEEP, "line 1"), (Op.REMOVE, "line 2"), (Op.ADD, "two")],
        [(Op.KEEP, "line 5"), (Op.ADD, "five")],
    ]
    patch.feed("+ev")
    assert patch.partial is None, "it is another file's"
    patch.provide(snapshot("a.txt"))
    assert patch.wanted == "other.txt"
    assert patch.partial == PartialLine(Op.ADD, "ev")
    assert patch.unplaced.path == "other.txt"
    patch.abort("stopped")
    assert patch.unplaced is None


def test_a_chunk_shows_in_its_place_while_it_streams_and_keeps_its_id() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    cut = TWO_CHUNKS.index("+two")
    feed(patch, TWO_CHUNKS[:cut] + "+tw")
    chunk = patch.open_chunk
    assert chunk is not None
    assert chunk.start == 1
    assert (chunk.hunk.state, chunk.hunk.start, chunk.hunk.removed) == (HunkState.STREAMING, 2, ["line 2\n"])
    assert patch.partial is not None
    assert patch.partial.text == "tw"
    assert [hunk.id for hunk in changes.hunks(HunkState.STREAMING)] == [chunk.hunk.id]
    assert changes.read("a.txt") is NOT_STAGED
    feed(patch, TWO_CHUNKS[cut + 3 :])
    finish(patch)
    assert changes.hunk(chunk.hunk.id).added == ["two\n"]


def test_a_finished_hunk_can_be_accepted_rejected_and_moved_while_the_rest_streams() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    cut = TWO_CHUNKS.index("@@\n line 7")
    feed(patch, TWO_CHUNKS[:cut] + "@@\n line 7\n")
    first, second = changes.hunks(HunkState.PENDING)
    changes.accepted(changes.plan_accept([first.id]))
    changes.reject([second.id])
    base = TEN.replace("line 2", "two")
    changes.rebase(FileSnapshot("a.txt", ("top\ntop\n" + base).encode(), 0o644), quick_diff)
    feed(patch, TWO_CHUNKS[cut + len("@@\n line 7\n") :])
    assert finish(patch).is_whole
    assert changes.read("a.txt") == ("top\ntop\n" + base.replace("line 8", "seven and a half\nline 8")).encode()


def test_a_chunk_whose_lines_went_under_meanwhile_is_told_so() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    cut = TWO_CHUNKS.index("@@\n line 7")
    feed(patch, TWO_CHUNKS[:cut])
    base = TEN.replace("line 7\nline 8\n", "other\n")
    changes.rebase(FileSnapshot("a.txt", base.encode(), 0o644), quick_diff)
    feed(patch, TWO_CHUNKS[cut:])
    report = finish(patch)
    assert "chunk 2 of a.txt (patch line 10): the lines it is about were changed" in report.text
    assert len(pending(changes)) == 2


def test_a_chunk_that_does_not_fit_leaves_the_others() -> None:
    changes, report = staged(TWO_CHUNKS.replace(" line 7", " line 77"))
    assert pending(changes) == EXPECTED[:2]
    assert report.text.splitlines()[0] == "staged for review: 2 hunks in 1 file"
    assert "not staged: chunk 2 of a.txt (patch line 10): Failed to find expected lines in a.txt" in report.text
    (lost,) = changes.hunks(HunkState.RETIRED)
    assert lost.note.startswith("not staged: ")


def test_create_delete_and_move() -> None:
    changes, report = staged(
        "*** Begin Patch\n*** Add File: new/c.txt\n+one\n+two\n*** Delete File: b.txt\n"
        "*** Update File: a.txt\n*** Move to: d.txt\n@@\n-line 0\n+zero\n*** End Patch\n"
    )
    assert report.text == "staged for review: 4 hunks in 4 files"
    assert changes.read("new/c.txt") == b"one\ntwo\n"
    assert changes.read("b.txt") is None
    assert changes.read("a.txt") is None
    assert changes.read("d.txt") == TEN.replace("line 0", "zero").encode()
    kinds = [hunk.kind for hunk in changes.hunks()]
    assert kinds == [HunkKind.CREATE, HunkKind.DELETE, HunkKind.RENAME, HunkKind.EDIT]


def test_a_later_patch_is_matched_against_what_is_proposed() -> None:
    changes, _ = staged(TWO_CHUNKS)
    _, report = staged("*** Begin Patch\n*** Update File: ./a.txt\n@@\n two\n-line 3\n+three\n*** End Patch", changes)
    assert report.is_whole
    assert pending(changes)[0] == (2, ["line 2\n", "line 3\n", "line 4\n"], ["two\n", "three\n", "four\n"])


def test_a_chunk_that_only_adds_goes_to_the_end_and_later_ones_still_fit() -> None:
    changes, report = staged(
        "*** Begin Patch\n*** Update File: a.txt\n@@\n+the end\n@@\n-line 1\n+one\n*** End Patch"
    )
    assert report.is_whole
    assert pending(changes) == [(1, ["line 1\n"], ["one\n"]), (10, [], ["the end\n"])]


def test_a_refused_path_is_reported_and_the_rest_is_staged() -> None:
    changes, report = staged(
        "*** Begin Patch\n*** Update File: /etc/passwd\n@@\n-root\n+toor\n"
        "*** Update File: gone.txt\n@@\n-a\n+b\n*** Delete File: gone.txt\n"
        "*** Update File: b.txt\n*** Move to: /tmp/x\n@@\n-x\n+y\n"
        "*** Update File: a.txt\n@@\n-line 1\n+one\n*** End Patch"
    )
    assert report.text.splitlines() == [
        "staged for review: 1 hunk in 1 file",
        "not staged: /etc/passwd (patch line 2): /etc/passwd is outside the work tree",
        "not staged: gone.txt (patch line 6): there is no such file",
        "not staged: gone.txt (patch line 10): there is no such file",
        "not staged: b.txt (patch line 11): /tmp/x is outside the work tree",
        "What was staged stays; send only the rest, made on the files as they read now.",
    ]
    assert len(pending(changes)) == 1


def test_a_patch_that_is_cut_off_keeps_what_was_whole() -> None:
    for end in ("finish", "abort"):
        changes = ChangeSet()
        patch = LivePatch(changes, "call", turn=1)
        feed(patch, TWO_CHUNKS[: TWO_CHUNKS.index(" line 8")])
        report = finish(patch) if end == "finish" else patch.abort("stopped by the user")
        assert not report.is_whole
        assert "not staged: chunk 2 of a.txt" in report.text
        assert pending(changes) == EXPECTED[:2]
        assert patch.open_chunk is None
        assert not changes.files[0].is_watched


def cut_off(text: str, changes: ChangeSet) -> list[Hunk]:
    """What is set aside of a patch of which only ``text`` came."""
    patch = LivePatch(changes, "call", turn=1)
    feed(patch, text)
    patch.abort("stopped by the user")
    return list(changes.hunks(HunkState.RETIRED))


def test_the_half_of_a_chunk_that_came_can_be_brought_back() -> None:
    changes = ChangeSet()
    first, second = cut_off(TWO_CHUNKS[: TWO_CHUNKS.index("+four")], changes)
    assert changes.read("a.txt") is NOT_STAGED
    assert (first.note, first.is_part) == ("stopped by the user", True)
    changes.restore([first.id, second.id])
    assert changes.read("a.txt") == TEN.replace("line 2", "two").replace("line 4\n", "").encode()
    changes.set_lines(second.id, ["four\n"])
    assert (first.is_part, second.is_part) == (True, False)


def test_the_half_of_a_new_file_can_be_brought_back() -> None:
    changes = ChangeSet()
    (half,) = cut_off("*** Begin Patch\n*** Add File: new.txt\n+one\n+two\n+thr", changes)
    changes.restore([half.id])
    assert changes.read("new.txt") == b"one\ntwo\n"


@pytest.mark.parametrize("text", [" two\n-line 3\n", " nowhere\n-line 9\n", " line 7\n"])
def test_a_half_that_cannot_stand_alone_stays_out(text: str) -> None:
    changes, _ = staged("*** Begin Patch\n*** Update File: a.txt\n@@\n-line 2\n+two\n*** End Patch\n")
    (half,) = cut_off("*** Begin Patch\n*** Update File: a.txt\n@@\n" + text, changes)
    assert not half.is_part
    with pytest.raises(IllegalStep, match="never fitted"):
        changes.restore([half.id])


def test_the_path_that_the_guard_settled_on_is_the_file() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    patch.feed("*** Begin Patch\n*** Update File: link/a.txt\n@@\n-line 1\n+one\n*** End Patch")
    patch.provide(FileSnapshot("real/a.txt", TEN.encode(), 0o644))
    assert patch.finish().is_whole
    assert changes.read("real/a.txt") == TEN.replace("line 1", "one").encode()


def test_text_that_no_file_can_hold_is_replaced() -> None:
    changes, _ = staged("*** Begin Patch\n*** Add File: c.txt\n+\ud800é\n*** End Patch")
    assert changes.read("c.txt") == "?é\n".encode()


def test_a_streaming_hunk_is_not_saved() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    feed(patch, TWO_CHUNKS[: TWO_CHUNKS.index(" line 8")])
    again = ChangeSet.from_json(changes.to_json())
    assert [hunk.state for hunk in again.hunks()] == [HunkState.PENDING] * 2


def test_ambiguous_context_is_counted() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    patch.feed("*** Begin Patch\n*** Update File: t.txt\n@@\n-x\n+y\n*** End Patch")
    patch.provide(FileSnapshot("t.txt", b"x\na\nx\n", 0o644))
    patch.finish()
    assert next(changes.hunks()).places == 2


@pytest.mark.parametrize(("given", "same"), [("./a", "a"), ("a//b/", "a/b"), ("/x/./y", "/x/y"), ("../a", "../a")])
def test_plain_paths(given: str, same: str) -> None:
    assert plain(given) == same


def test_rejecting_lines_above_moves_the_chunk_that_streams() -> None:
    changes = ChangeSet()
    patch = LivePatch(changes, "call", turn=1)
    text = TWO_CHUNKS.replace("+two\n", "+two\n+two and a half\n")
    cut = text.index(" line 7")
    feed(patch, text[:cut])
    changes.reject([hunk.id for hunk in changes.hunks(HunkState.PENDING)])
    feed(patch, text[cut:])
    assert finish(patch).is_whole
    assert pending(changes) == EXPECTED[2:]


def test_the_headline_names_a_file_only_where_it_is_the_only_one() -> None:
    assert PatchReport({"h1": "a.txt", "h2": "b.txt"}).headline == "staged for review: 2 hunks in 2 files"
    assert PatchReport(stopped="no patch").headline == PatchReport(stopped="no patch").text.splitlines()[0]
