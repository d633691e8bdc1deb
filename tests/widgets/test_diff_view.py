"""The diff pane in a running app: its states, its keys and what it asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot
from textual.selection import Selection

from spark_tui.widgets.diff_view import DiffView
from spark_tui.widgets.rows import DiffBlock, DiffRow, Mark, RowKind
from spark_tui.widgets.theme import ThemedApp


class DiffApp(ThemedApp[None]):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Message] = []

    def compose(self) -> ComposeResult:
        yield DiffView()

    def on_diff_view_accept_requested(self, message: DiffView.AcceptRequested) -> None:
        self.asked.append(message)

    def on_diff_view_reject_requested(self, message: DiffView.RejectRequested) -> None:
        self.asked.append(message)

    def on_diff_view_restore_requested(self, message: DiffView.RestoreRequested) -> None:
        self.asked.append(message)

    def on_diff_view_edit_requested(self, message: DiffView.EditRequested) -> None:
        self.asked.append(message)

    def on_diff_view_accept_file_requested(self, message: DiffView.AcceptFileRequested) -> None:
        self.asked.append(message)

    def on_diff_view_reject_file_requested(self, message: DiffView.RejectFileRequested) -> None:
        self.asked.append(message)

    def on_diff_view_undo_requested(self, message: DiffView.UndoRequested) -> None:
        self.asked.append(message)

    def on_diff_browser_comment_requested(self, message: DiffView.CommentRequested) -> None:
        self.asked.append(message)

    def on_diff_browser_open_requested(self, message: DiffView.OpenRequested) -> None:
        self.asked.append(message)


def header(path: str) -> DiffBlock:
    return DiffBlock(f"file:{path}", path, [DiffRow(RowKind.FILE, f"{path}\t+1 −1")])


def hunk(name: str, path: str = "a.py", mark: Mark = Mark.PENDING, added: int = 1) -> DiffBlock:
    rows = [DiffRow(RowKind.HUNK, f"place {name}\t{mark.value}"), DiffRow(RowKind.REMOVED, f"old {name}", 7)]
    rows += [DiffRow(RowKind.ADDED, f"new {name} {number}", None, 7 + number) for number in range(added)]
    return DiffBlock(name, path, rows, 0, name, mark)


@asynccontextmanager
async def diff(
    *blocks: DiffBlock, width: int = 80, height: int = 14
) -> AsyncIterator[tuple[DiffView, Pilot[None], DiffApp]]:
    app = DiffApp()
    async with app.run_test(size=(width, height)) as pilot:
        view = app.query_one(DiffView)
        view.focus()
        view.show(blocks)
        await pilot.pause()
        yield view, pilot, app


def screen(view: DiffView) -> list[str]:
    return [strip.text[:-1].rstrip() for strip in view.render_lines(Region(0, 0, *view.size))]


async def test_an_empty_pane_names_its_keys() -> None:
    async with diff() as (view, pilot, app):
        assert any("No changes yet" in row for row in screen(view))
        assert view.current_hunk is None
        assert view.current_path is None
        await pilot.press("a", "n", "down", "enter")
        assert app.asked == []


async def test_each_state_has_its_own_shape() -> None:
    blocks = [hunk(mark.value, mark=mark) for mark in Mark]
    async with diff(*blocks, height=30) as (view, _, _app):
        glyphs = [row[0] for row in screen(view) if "place " in row]
        assert glyphs == ["▸", "●", "✓", "✗", "‼", "⌀"]


async def test_rows_show_numbers_signs_and_text() -> None:
    context = DiffRow(RowKind.CONTEXT, "\tsame", 6, 6)
    block = hunk("h")
    block.rows = [block.rows[0], context, *block.rows[1:]]
    async with diff(header("a.py"), block) as (view, _, _app):
        rows = screen(view)
        assert rows[0].startswith(" a.py")
        assert rows[0].endswith("+1 −1")
        assert rows[1].endswith("pending")
        assert rows[2][1:].split() == ["6", "6", "same"]
        assert rows[3][1:].split() == ["7", "-", "old", "h"]
        assert rows[4][1:].split() == ["7", "+", "new", "h", "0"]


async def test_long_rows_are_cut_and_can_be_scrolled_sideways() -> None:
    block = hunk("h")
    block.rows = [DiffRow(RowKind.ADDED, "x" * 200 + "END", None, 1)]
    async with diff(block, width=60) as (view, pilot, _app):
        assert screen(view)[0].endswith("x…")
        view.action_skip(24)
        await pilot.press("right")
        assert screen(view)[0].endswith("END")
        view.action_skip(-24)
        await pilot.press("left")
        assert screen(view)[0].endswith("x…")


async def test_keys_ask_for_the_hunk_under_the_cursor() -> None:
    async with diff(header("a.py"), hunk("one"), hunk("two")) as (view, pilot, app):
        await pilot.press("n")
        assert view.current_hunk == "one"
        await pilot.press("a", "n", "x", "r", "e", "A", "X", "u")
        names = [type(message).__name__ for message in app.asked]
        assert names == [
            "AcceptRequested",
            "RejectRequested",
            "RestoreRequested",
            "EditRequested",
            "AcceptFileRequested",
            "RejectFileRequested",
            "UndoRequested",
        ]
        first, second, file = app.asked[0], app.asked[1], app.asked[4]
        assert isinstance(first, DiffView.HunkMessage)
        assert isinstance(second, DiffView.HunkMessage)
        assert isinstance(file, DiffView.FileMessage)
        assert (first.hunk_id, second.hunk_id, file.path) == ("one", "two", "a.py")


@pytest.mark.parametrize("key", ["c", "enter"])
async def test_a_comment_names_the_line(key: str) -> None:
    async with diff(header("a.py"), hunk("one")) as (view, pilot, app):
        view.reveal("one")
        await pilot.press("down", "down", key)
        (message,) = app.asked
        assert isinstance(message, DiffView.CommentRequested)
        assert (message.path, message.row.new, message.hunk_id) == ("a.py", 7, "one")


@pytest.mark.parametrize(
    ("keys", "row"),
    [("j", "old one"), ("jjk", "old one"), (["down", "down"], "new one 0"), (["down", "up"], "place one")],
)
async def test_the_cursor_goes_by_lines(keys: Iterable[str], row: str) -> None:
    async with diff(hunk("one"), hunk("two")) as (view, pilot, _app):
        view.reveal("one")
        await pilot.press(*keys)
        assert view.current_row is not None
        assert view.current_row.text.startswith(row)


async def test_hunks_and_files_are_gone_through_round_the_ends() -> None:
    blocks = [header("a.py"), hunk("one"), hunk("two"), header("b.py"), hunk("three", "b.py")]
    async with diff(*blocks) as (view, pilot, _app):
        seen = []
        for key in ("n", "n", "n", "n", "p", "p"):
            await pilot.press(key)
            seen.append(view.current_hunk)
        assert seen == ["one", "two", "three", "one", "three", "two"]
        await pilot.press("right_square_bracket")
        assert view.current_path == "b.py"
        await pilot.press("right_square_bracket")
        assert view.current_path == "a.py"
        await pilot.press("left_square_bracket")
        assert view.current_path == "b.py"


async def test_the_cursor_goes_on_when_its_hunk_has_been_decided() -> None:
    blocks = [hunk("one"), hunk("two", mark=Mark.ACCEPTED), hunk("three")]
    async with diff(*blocks) as (view, pilot, _app):
        view.reveal("one")
        await pilot.press("a")
        assert view.current_hunk == "one"
        blocks[0].mark = Mark.ACCEPTED
        view.touch("one")
        assert view.current_hunk == "three"


async def test_the_cursor_goes_on_to_the_next_file_when_its_own_has_been_decided() -> None:
    blocks = [header("a.py"), hunk("one"), hunk("two"), header("b.py"), hunk("three", path="b.py")]
    async with diff(*blocks) as (view, pilot, _app):
        view.reveal("two")
        await pilot.press("A")
        for decided in blocks[1:3]:
            decided.mark = Mark.ACCEPTED
        view.touch("one", "two")
        assert view.current_hunk == "three"


async def test_the_focus_finds_the_first_hunk_that_waits() -> None:
    blocks = [header("a.py"), hunk("one", mark=Mark.ACCEPTED), hunk("two")]
    async with diff(*blocks) as (view, pilot, app):
        app.set_focus(None)
        await pilot.pause()
        view.focus()
        await pilot.pause()
        assert view.current_hunk == "two"


async def test_blocks_that_change_together_are_looked_at_together() -> None:
    live = hunk("live", mark=Mark.STREAMING)
    blocks = [header("a.py"), live]
    async with diff(*blocks) as (view, _pilot, _app):
        live.rows = [*live.rows, *live.rows, *live.rows]
        view.touch(blocks[0].key, "live")
        assert view.line_count() == len(blocks[0].rows) + len(live.rows)


async def test_a_decision_made_elsewhere_leaves_the_cursor() -> None:
    blocks = [hunk("one"), hunk("two")]
    async with diff(*blocks) as (view, _pilot, _app):
        view.reveal("one")
        blocks[0].mark = Mark.ACCEPTED
        view.touch("one")
        assert view.current_hunk == "one"


async def test_it_follows_the_hunk_being_written_until_the_user_moves() -> None:
    live = hunk("live", mark=Mark.STREAMING)
    rows = list(live.rows)
    live.rows = rows
    async with diff(header("a.py"), *(hunk(f"h{n}") for n in range(10)), live, height=10) as (view, pilot, _app):
        for number in range(30):
            rows.append(DiffRow(RowKind.ADDED, f"line {number}", None, number, partial=number == 29))
        view.touch("live")
        await pilot.pause()
        assert view.current_hunk == "live"
        assert "line 29" in screen(view)[-1]
        view.reveal("h3")
        await pilot.pause()
        before = screen(view)
        rows.append(DiffRow(RowKind.ADDED, "line 30", None, 30))
        view.touch("live")
        await pilot.pause()
        assert screen(view)[:-1] == before[:-1]
        await pilot.press("f")
        assert view.current_hunk == "live"
        assert any("line 30" in row for row in screen(view))


async def test_it_comes_to_rest_at_the_end_of_what_was_written_last_however_quickly() -> None:
    blocks = [header("a.py"), *(hunk(f"h{n}", added=9) for n in range(4))]
    async with diff(*blocks[:2], height=10) as (view, pilot, _app):
        view.newest = "h2"  # never seen while it was being written
        view.splice(2, 0, blocks[2:])
        await pilot.pause()
        assert view.current_hunk == "h2"
        assert view.current_row is not None
        assert view.current_row.kind is RowKind.ADDED
        assert view.current_row.text in " ".join(screen(view))
        view.reveal("h0")
        view.newest = "h3"
        view.touch("h3")
        await pilot.pause()
        assert view.current_hunk == "h0"


async def test_a_new_turn_is_followed_once_it_writes() -> None:
    blocks = [header("a.py"), *(hunk(f"h{n}", added=9) for n in range(4))]
    async with diff(*blocks[:4], height=10) as (view, pilot, _app):
        view.newest = "h2"
        view.reveal("h0")
        await pilot.pause()
        before = screen(view)
        view.follow_next()
        view.touch("h2")
        await pilot.pause()
        assert screen(view) == before
        view.newest = "h3"
        view.splice(4, 0, blocks[4:])
        await pilot.pause()
        assert view.current_hunk == "h3"


async def test_the_review_begins_at_the_first_hunk_that_waits_unless_the_reader_moved() -> None:
    blocks = [header("a.py"), hunk("h0", mark=Mark.ACCEPTED), *(hunk(f"h{n}", added=9) for n in range(1, 4))]
    async with diff(*blocks, height=10) as (view, pilot, _app):
        view.newest = "h3"
        view.touch("h3")
        view.begin()
        await pilot.pause()
        assert view.current_hunk == "h1"
        assert view.has_focus
        view.reveal("h2")
        view.begin()
        assert view.current_hunk == "h2"


async def test_blocks_inserted_above_do_not_move_the_view() -> None:
    blocks = [header("b.py"), *(hunk(f"h{n}", "b.py") for n in range(12))]
    async with diff(*blocks, height=10) as (view, pilot, _app):
        view.reveal("h8")
        await pilot.pause()
        before = screen(view)
        view.show([header("a.py"), hunk("new", added=9), *blocks])
        await pilot.pause()
        assert view.current_hunk == "h8"
        assert [row[:40] for row in screen(view)] == [row[:40] for row in before]


async def test_the_file_header_stays_while_its_hunks_scroll() -> None:
    async with diff(header("deep/a.py"), hunk("h", "deep/a.py", added=50), height=10) as (view, pilot, _app):
        await pilot.press("pagedown", "pagedown", "pagedown")
        assert screen(view)[0].startswith(" deep/a.py")


async def test_after_scrolling_the_cursor_is_on_the_screen() -> None:
    async with diff(*(hunk(f"h{n}") for n in range(30)), height=10) as (view, pilot, _app):
        view.scroll_rows(40)
        await pilot.pause()
        assert view.current_row is not None
        assert view.current_row.text.partition("\t")[0] in " ".join(screen(view))
        assert view.current_hunk != "h0"


async def test_the_partial_line_has_a_caret() -> None:
    block = hunk("h", mark=Mark.STREAMING)
    block.rows = [DiffRow(RowKind.ADDED, "def f(", None, 1, partial=True)]
    async with diff(block) as (view, _pilot, _app):
        assert screen(view)[0].endswith("def f(▏")


async def test_what_is_copied_is_the_line_as_it_came() -> None:
    block = hunk("h")
    block.rows = [DiffRow(RowKind.ADDED, "\tx = '\x1b[2J'", None, 1), DiffRow(RowKind.ADDED, "y", None, 2)]
    async with diff(block) as (view, _pilot, _app):
        assert view.get_selection(Selection(None, None)) == ("\tx = '\x1b[2J'\ny", "\n")


async def test_a_click_moves_the_cursor() -> None:
    async with diff(hunk("one"), hunk("two")) as (view, pilot, _app):
        await pilot.click(view, offset=(20, 4))
        assert view.current_hunk == "two"


@pytest.mark.parametrize("theme", ["spark-dark", "spark-light", "ansi-dark", "ansi-light", "nord"])
async def test_every_theme_can_draw_every_state(theme: str) -> None:
    async with diff(*(hunk(mark.value, mark=mark) for mark in Mark), height=24) as (view, pilot, app):
        app.theme = theme
        await pilot.pause()
        assert len([row for row in screen(view) if "place " in row]) == len(Mark)


async def test_a_hundred_thousand_lines_are_drawn_as_a_hundred() -> None:
    async with diff(hunk("h", added=100_000), height=10) as (view, pilot, _app):
        await pilot.press("end")
        assert "new h 99999" in screen(view)[-1]
        await pilot.press("home")
        assert "place h" in screen(view)[0]


async def test_another_size_of_the_window_leaves_the_cursor_where_it_is() -> None:
    async with diff(*(hunk(f"h{n}") for n in range(9)), height=24) as (view, pilot, _app):
        view.reveal("h4")
        await pilot.pause()
        for height in (4, 1, 24):
            await pilot.resize_terminal(80, height)
            await pilot.pause()
            assert view.current_hunk == "h4"
            assert view.current_row is not None
            assert view.current_row.text.partition("\t")[0] in " ".join(screen(view))
