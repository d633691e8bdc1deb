"""The keys that look at a diff, and the row above it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot

from spark_tui.widgets.change_header import ChangeFacts, ChangeHeader, DiffPane, describe
from spark_tui.widgets.diff_browser import BrowserState, DiffBrowser
from spark_tui.widgets.diff_lines import Filter
from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind
from spark_tui.widgets.theme import ThemedApp


class Bench(ThemedApp[None]):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Message] = []
        self.copied = ""

    def compose(self) -> ComposeResult:
        yield DiffPane(DiffView())

    @on(DiffView.AcceptRequested)
    @on(DiffView.RejectRequested)
    @on(DiffBrowser.CommentRequested)
    @on(DiffBrowser.ContextRequested)
    @on(DiffBrowser.WholeFileRequested)
    @on(DiffBrowser.SideBySideWanted)
    def note(self, message: Message) -> None:
        self.asked.append(message)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


def header(path: str) -> DiffBlock:
    return DiffBlock(f"file:{path}", path, [DiffRow(RowKind.FILE, f"{path}\t+1 −1")])


def hunk(name: str, path: str = "a.py", mark: Mark | None = Mark.PENDING) -> DiffBlock:
    rows = [
        DiffRow(RowKind.HUNK, f"place {name}"),
        DiffRow(RowKind.CONTEXT, f"same {name}", 6, 6),
        DiffRow(RowKind.REMOVED, f"old {name}", 7),
        DiffRow(RowKind.ADDED, f"new {name}", None, 7),
        DiffRow(RowKind.ADDED, f"more {name}", None, 8),
    ]
    return DiffBlock(name, path, rows, 0, name, mark)


@asynccontextmanager
async def bench(*blocks: DiffBlock, width: int = 80, height: int = 20) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=(width, height)) as pilot:
        view = app.query_one(DiffView)
        view.focus()
        view.show(blocks or [header("a.py"), hunk("one"), hunk("two"), header("b.py"), hunk("three", "b.py")])
        await pilot.pause()
        yield app, pilot


def screen(app: Bench) -> list[str]:
    view = app.query_one(DiffView)
    return [strip.text[:-1].rstrip() for strip in view.render_lines(Region(0, 0, *view.size))]


def head(app: Bench) -> str:
    return str(app.query_one(ChangeHeader).render())


def shown(app: Bench, text: str) -> bool:
    return any(text in row for row in screen(app))


# -- the mouse


async def test_a_click_at_the_edge_chooses_lines_and_folds_files() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        await pilot.click(view, offset=(1, 3))
        await pilot.pause()
        assert (view.current_hunk, view.chosen_lines) == ("one", frozenset({0}))
        await pilot.click(view, offset=(20, 4))
        await pilot.pause()
        assert view.chosen_lines == frozenset({0})
        await pilot.click(view, offset=(1, 3))
        await pilot.pause()
        assert view.chosen_lines == frozenset()
        await pilot.click(view, offset=(0, 0))
        await pilot.pause()
        assert screen(app)[0].startswith(" ▹ a.py")
        assert screen(app)[1].startswith(" b.py")
        await pilot.click(view, offset=(20, 0))
        await pilot.pause()
        assert shown(app, "old one")


# -- choosing lines


async def test_space_chooses_lines_and_the_next_decision_is_about_them() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("one")
        await pilot.press("down", "down", "space", "down", "space", "up")
        await pilot.pause()
        assert [row[1] for row in screen(app)[3:6]] == ["■", " ", "■"]
        assert "2 lines chosen" in head(app)
        await pilot.press("a")
        (asked,) = app.asked
        assert isinstance(asked, DiffView.AcceptRequested)
        assert (asked.hunk_id, asked.lines) == ("one", frozenset({0, 2}))
        assert not view.chosen_lines


async def test_space_again_takes_the_choice_back_and_elsewhere_goes_to_the_next_change() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("one")
        await pilot.press("space")
        assert view.current_row is not None
        assert view.current_row.text == "old one"
        assert view.chosen_lines == frozenset()
        await pilot.press("space", "up", "space")
        assert view.chosen_lines == frozenset()
        await pilot.press("x")
        (asked,) = app.asked
        assert isinstance(asked, DiffView.RejectRequested)
        assert asked.lines == frozenset()


async def test_shift_and_an_arrow_extend_and_escape_clears() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("one")
        await pilot.press("down", "down", "shift+down", "shift+down")
        assert view.chosen_lines == frozenset({0, 1, 2})
        await pilot.press("escape")
        assert view.chosen_lines == frozenset()
        await pilot.press("shift+up")
        assert view.chosen_lines == frozenset({1, 2})


async def test_what_was_chosen_of_another_text_is_chosen_no_longer() -> None:
    blocks = [hunk("one"), hunk("two")]
    async with bench(*blocks) as (app, pilot):
        view = app.query_one(DiffView)
        await pilot.press("down", "down", "space")
        blocks[1].version += 1
        view.touch("two")
        assert view.chosen_lines == frozenset({0})
        blocks[0].revision += 1
        view.touch("one")
        assert view.chosen_lines == frozenset()


async def test_a_comment_and_a_copy_are_about_the_chosen_lines() -> None:
    async with bench() as (app, pilot):
        app.query_one(DiffView).reveal("one")
        await pilot.press("y")
        assert app.copied == "place one"
        await pilot.press("down", "down", "shift+down", "y", "c")
        assert app.copied == "old one\nnew one"
        (asked,) = app.asked
        assert isinstance(asked, DiffBrowser.CommentRequested)
        assert [row.text for row in asked.rows] == ["old one", "new one"]


# -- side by side


async def test_v_puts_old_and_new_side_by_side_with_the_cursor_where_it_was() -> None:
    async with bench(width=120) as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("two")
        await pilot.press("down", "down", "down", "v")
        await pilot.pause()
        row = next(row for row in screen(app) if "old two" in row)
        assert row.index("old two") < 60 < row.index("new two")
        assert "side by side" in head(app)
        assert view.current_row is not None
        assert view.current_row.text == "new two"
        await pilot.press("v")
        await pilot.pause()
        assert not any("old two" in row and "new two" in row for row in screen(app))
        assert view.current_row.text == "new two"


async def test_a_line_of_both_sides_is_chosen_whole() -> None:
    async with bench(width=120) as (app, pilot):
        view = app.query_one(DiffView)
        await pilot.press("v", "n", "down", "down", "space")
        assert view.chosen_lines == frozenset({0, 1})


async def test_below_110_columns_it_stays_unified_and_says_so() -> None:
    async with bench(width=109) as (app, pilot):
        await pilot.press("v")
        await pilot.pause()
        assert not any("old one" in row and "new one" in row for row in screen(app))
        assert "too narrow" in head(app)
        await pilot.resize_terminal(110, 20)
        await pilot.pause()
        assert any("old one" in row and "new one" in row for row in screen(app))


async def test_what_stands_at_the_right_edge_is_not_copied() -> None:
    noted = hunk("noted")
    noted.rows = [DiffRow(RowKind.HUNK, "def f():\tedited by you"), DiffRow(RowKind.ADDED, "a\tb", None, 1)]
    async with bench(header("a.py"), noted) as (app, pilot):
        view = app.query_one(DiffView)
        assert [view.raw_line(line) for line in range(3)] == ["a.py", "def f():", "a\tb"]
        for copied in ("a.py", "def f():", "a\tb"):
            await pilot.press("y", "down")
            assert app.copied == copied


async def test_what_is_copied_of_a_side_is_that_side() -> None:
    async with bench(width=120) as (app, pilot):
        view = app.query_one(DiffView)
        await pilot.press("v")
        line = next(n for n in range(view.line_count()) if "new one" in view.raw_line(n))
        await pilot.mouse_down(view, offset=(5, 3))
        assert view.raw_line(line) == "old one"
        await pilot.mouse_down(view, offset=(90, 3))
        assert view.raw_line(line) == "new one"


async def test_the_hunk_that_keys_act_on_has_a_rail_where_hunks_have_no_state() -> None:
    async with bench(hunk("one", mark=None), hunk("two", mark=None)) as (app, pilot):
        await pilot.press("n")
        assert [line[:1] for line in screen(app)[:10]] == [" "] * 6 + ["┃"] * 4


# -- searching


async def test_a_search_goes_to_the_first_match_and_n_to_the_others() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        await pilot.press("slash", *"more")
        await pilot.pause()
        assert view.current_row is not None
        assert view.current_row.text == "more one"
        assert head(app).strip().startswith("/more")
        assert "1 of 3" in head(app)
        await pilot.press("enter", "n")
        assert view.current_row.text == "more two"
        await pilot.press("N", "N")
        assert view.current_row.text == "more three"
        assert "3 of 3" in head(app)
        await pilot.press("escape", "p", "p")
        assert view.current_hunk == "two"
        await pilot.press("n")
        assert view.current_hunk == "three"


async def test_the_matches_are_counted_again_when_the_text_has_changed() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        await pilot.press("slash", *"more", "enter")
        await pilot.pause()
        assert view.state.found == 3
        block = hunk("one")
        block.rows = [*block.rows, DiffRow(RowKind.ADDED, "more and more", None, 9)]
        view.splice(1, 1, [block])
        while view.state.found == 3:
            await pilot.pause(0.01)
        assert "1 of 4" in head(app)
        view.splice(1, 1, [hunk("one")])
        await pilot.press("escape")
        while view._counting is not None:
            await pilot.pause(0.01)
        assert view.state.query is None


async def test_letters_of_the_query_are_no_keys() -> None:
    async with bench() as (app, pilot):
        await pilot.press("slash", *"axv", "backspace", "backspace", "backspace", "enter")
        assert app.asked == []
        assert app.query_one(DiffView).state.query is None


async def test_letters_that_follow_the_slash_in_one_breath_are_no_keys() -> None:
    async with bench() as (app, pilot):
        for key in ("home", "n", "slash", *"axmore", "enter"):
            letter = {"slash": "/"}.get(key, key)
            app.post_message(events.Key(key, letter if len(letter) == 1 else None))
        view = app.query_one(DiffView)
        while view.state.query is None or view.state.typing:
            await pilot.pause()
        assert view.state.query == "axmore"
        assert app.asked == []


async def test_a_query_that_is_nowhere_says_so_and_leaves_the_cursor() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("two")
        await pilot.press("slash", *"zzz")
        await pilot.pause()
        assert view.current_hunk == "two"
        assert "not found" in head(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "esc end" in head(app)
        assert "next" not in head(app)
        await pilot.press("escape")
        await pilot.pause()
        assert view.state.query is None


@pytest.mark.parametrize(("query", "found"), [("OLD", 0), ("old", 3), ("place", 0), ("b.py", 1)])
async def test_case_counts_only_where_it_is_typed_and_titles_are_no_text(query: str, found: int) -> None:
    async with bench() as (app, pilot):
        await pilot.press("slash", *query)
        await pilot.pause()
        assert app.query_one(DiffView).state.found == found


# -- folding, filtering, widening


async def test_z_folds_the_file_under_the_cursor_and_capital_z_all() -> None:
    async with bench() as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("two")
        await pilot.press("z")
        assert not shown(app, "old one")
        assert shown(app, "old three")
        assert shown(app, "▹ a.py")
        assert view.current_hunk is None
        await pilot.press("n")
        assert view.current_hunk == "three"
        await pilot.press("Z")
        assert not shown(app, "old three")
        await pilot.press("Z")
        assert shown(app, "old one")


async def test_h_goes_through_the_filters() -> None:
    blocks = [header("a.py"), hunk("p"), hunk("c", mark=Mark.CONFLICTED), header("b.py"), hunk("a", "b.py")]
    blocks[-1].mark = Mark.ACCEPTED
    async with bench(*blocks, height=30) as (app, pilot):
        seen = []
        for _ in range(4):
            await pilot.press("h")
            await pilot.pause()
            seen.append(
                (app.query_one(DiffView).state.filter, [n for n in ("p", "c", "a") if shown(app, f"old {n}")])
            )
        assert seen == [
            (Filter.PENDING, ["p"]),
            (Filter.CONFLICTED, ["c"]),
            (Filter.ACCEPTED, ["a"]),
            (Filter.ALL, ["p", "c", "a"]),
        ]


async def test_a_filter_without_hunks_says_which_key_leads_out() -> None:
    async with bench(header("a.py"), hunk("one")) as (app, pilot):
        await pilot.press("h", "h")
        await pilot.pause()
        assert shown(app, "No hunk is conflicted")
        assert "only conflicted" in head(app)
        await pilot.press("a", "n", "z", "space", "down")


async def test_a_hunk_that_is_decided_leaves_the_filter() -> None:
    blocks = [header("a.py"), hunk("one"), hunk("two")]
    async with bench(*blocks) as (app, pilot):
        await pilot.press("h", "n", "a")
        blocks[1].mark = Mark.ACCEPTED
        app.query_one(DiffView).touch("one")
        await pilot.pause()
        assert not shown(app, "old one")
        assert app.query_one(DiffView).current_hunk == "two"


@pytest.mark.parametrize(("key", "step"), [("plus", 1), ("equals_sign", 1), ("minus", -1)])
async def test_context_is_asked_for(key: str, step: int) -> None:
    async with bench() as (app, pilot):
        await pilot.press(key, "w")
        context, whole = app.asked
        assert isinstance(context, DiffBrowser.ContextRequested)
        assert context.step == step
        assert isinstance(whole, DiffBrowser.WholeFileRequested)
        assert whole.path == "a.py"


# -- signs


def long_hunk(name: str, line: int, above: int, below: int) -> DiffBlock:
    """A hunk that replaces line ``line``, with context around it."""
    rows = [
        DiffRow(RowKind.HUNK, f"place {name}"),
        *(DiffRow(RowKind.CONTEXT, f"same {number}", number, number) for number in range(line - above, line)),
        DiffRow(RowKind.REMOVED, f"old {name}", line),
        DiffRow(RowKind.ADDED, f"new {name}", None, line),
        *(DiffRow(RowKind.CONTEXT, f"same {n}", n, n) for n in range(line + 1, line + 1 + below)),
    ]
    return DiffBlock(name, "a.py", rows, 0, name, Mark.PENDING)


@pytest.mark.parametrize("key", ["w", "plus"])
async def test_the_line_under_the_cursor_stays_where_it_is_while_the_context_grows(key: str) -> None:
    block = long_hunk("one", 300, 3, 3)
    async with bench(header("a.py"), block, header("b.py"), hunk("two", "b.py")) as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("one")
        await pilot.press(*["down"] * 5)
        await pilot.pause()
        before = screen(app)
        assert view.current_row == DiffRow(RowKind.ADDED, "new one", None, 300)
        await pilot.press(key)
        block.rows = long_hunk("one", 300, 299, 600).rows
        view.touch("one")
        await pilot.pause()
        assert view.current_row == DiffRow(RowKind.ADDED, "new one", None, 300)
        assert screen(app)[3:9] == before[3:9]
        await pilot.press("minus")
        block.rows = long_hunk("one", 300, 1, 1).rows
        view.touch("one")
        await pilot.pause()
        assert view.current_row == DiffRow(RowKind.ADDED, "new one", None, 300)


async def test_the_header_of_a_hunk_gives_way_to_its_change_as_what_stays() -> None:
    block = long_hunk("one", 300, 3, 3)
    async with bench(header("a.py"), block) as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("one")
        await pilot.press("w")
        block.rows = long_hunk("one", 300, 299, 600).rows
        view.touch("one")
        await pilot.pause()
        assert view.current_row == DiffRow(RowKind.REMOVED, "old one", 300)
        assert shown(app, "new one")


async def test_in_whole_files_n_and_p_go_from_change_to_change() -> None:
    blocks = [long_hunk("one", 300, 299, 100), long_hunk("two", 600, 199, 500)]
    async with bench(header("a.py"), *blocks) as (app, pilot):
        view = app.query_one(DiffView)
        for key, text in (
            ("n", "old one"),
            ("n", "old two"),
            ("p", "old one"),
            ("down", "new one"),
            ("p", "old one"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert view.current_row is not None
            assert view.current_row.text == text
            assert shown(app, text)


async def test_a_cursor_whose_block_gave_way_goes_to_the_same_line_of_the_file() -> None:
    async with bench(header("a.py"), long_hunk("one", 20, 3, 3), long_hunk("two", 40, 3, 3)) as (app, pilot):
        view = app.query_one(DiffView)
        view.reveal("two")
        await pilot.press("down", "down")
        await pilot.pause()
        assert view.current_row == DiffRow(RowKind.CONTEXT, "same 38", 38, 38)
        both = long_hunk("one", 20, 3, 19)
        both.rows = [*both.rows, *long_hunk("two", 40, 0, 3).rows[1:]]
        view.show([header("a.py"), both])
        await pilot.pause()
        assert view.current_row == DiffRow(RowKind.CONTEXT, "same 38", 38, 38)


async def test_a_chunk_that_becomes_several_hunks_moves_nothing() -> None:
    stream = long_hunk("one", 20, 3, 19)
    stream.rows = [*stream.rows, *long_hunk("two", 40, 0, 3).rows[1:]]
    stream.mark = Mark.STREAMING
    async with bench(header("a.py"), stream, height=10) as (app, pilot):
        view = app.query_one(DiffView)
        view.go_to_line(28)
        await pilot.pause()
        before = screen(app)
        assert view.current_row == DiffRow(RowKind.CONTEXT, "same 41", 41, 41)
        stream.rows, stream.mark = long_hunk("one", 20, 3, 3).rows, Mark.PENDING
        view.splice(2, 0, [long_hunk("two", 40, 3, 3)])
        view.touch("one")
        await pilot.pause()
        assert view.current_row == DiffRow(RowKind.CONTEXT, "same 41", 41, 41)
        at = next(y for y, line in enumerate(before) if "same 41" in line)
        assert [line[1:] for line in screen(app)[at - 3 : at + 2]] == [line[1:] for line in before[at - 3 : at + 2]]


async def test_moved_and_respaced_lines_have_signs() -> None:
    block = hunk("h")
    block.rows = [
        DiffRow(RowKind.REMOVED, "gone", 1, moved=True),
        DiffRow(RowKind.REMOVED, "x=1", 2, spacing=True),
        DiffRow(RowKind.ADDED, "x = 1", None, 2, spacing=True),
    ]
    async with bench(block) as (app, _):
        assert "-»gone" in screen(app)[0]
        assert "-␣x=1" in screen(app)[1]
        assert "+␣x = 1" in screen(app)[2]


async def test_the_sticky_header_names_the_function_that_the_view_begins_in() -> None:
    block = hunk("h")
    rows = [DiffRow(RowKind.HUNK, "class Cart:"), DiffRow(RowKind.CONTEXT, "def total(self):", 1, 1)]
    rows += [DiffRow(RowKind.CONTEXT, f"    step({number})", number, number) for number in range(2, 60)]
    block.rows = rows
    async with bench(header("a.py"), block, height=10) as (app, pilot):
        assert "›" not in screen(app)[0]
        await pilot.press("pagedown", "pagedown")
        assert screen(app)[0].startswith(" a.py › def total(self):")


# -- the row above


def text_of(facts: ChangeFacts, state: BrowserState, width: int) -> str:
    return "".join(text for text, _ in describe(facts, state, width))


FACTS = ChangeFacts(3, 48, 12, 20, {Mark.PENDING: 4, Mark.ACCEPTED: 2, Mark.CONFLICTED: 1})


def test_the_header_tells_files_lines_and_states() -> None:
    text = text_of(FACTS, BrowserState(), 120)
    assert text.split("  ")[:6] == [
        "3 files",
        "+48 −12",
        "40 real, 20 formatting",
        "‼ 1 conflicted",
        "● 4 pending",
        "✓ 2 accepted",
    ]


@pytest.mark.parametrize(("width", "told"), [(120, "too narrow for side by side"), (78, "too narrow"), (60, "")])
def test_that_there_is_no_room_for_both_sides_pushes_no_state_out(width: int, told: str) -> None:
    facts = ChangeFacts(3, 48, 12, 0, {Mark.PENDING: 4, Mark.ACCEPTED: 2, Mark.REJECTED: 1})
    text = text_of(facts, BrowserState(narrow=True), width)
    assert "✗ 1 rejected" in text
    assert text.partition("rejected")[2].strip() == told
    assert len(text) <= width


@pytest.mark.parametrize("width", [1, 20, 40, 60, 80, 200])
def test_the_header_fits(width: int) -> None:
    state = BrowserState(side_by_side=True, filter=Filter.PENDING)
    assert len(text_of(FACTS, state, width)) <= max(width, 40)
    assert len(text_of(FACTS, BrowserState(query="x" * 300, found=2, at=1), width)) <= max(width, 24)
