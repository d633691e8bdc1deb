"""The file tree as a person uses it: keys, mouse, filter, and what is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from spark_tui.widgets.file_tree import ChangeMark, FileTree
from spark_tui.widgets.path_list import PathList
from spark_tui.widgets.rows import Mark
from spark_tui.widgets.slices import Slices
from spark_tui.widgets.theme import ThemedApp

PATHS = ["README.md", "docs/guide.md", "src/app.py", "src/wire/socket.py"]


class Bench(ThemedApp[None]):
    def __init__(self) -> None:
        super().__init__()
        self.file_tree = FileTree()
        self.chosen: list[str] = []
        self.opened: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.file_tree

    def on_file_tree_file_chosen(self, event: FileTree.FileChosen) -> None:
        self.chosen.append(event.path)

    def on_file_tree_open_requested(self, event: FileTree.OpenRequested) -> None:
        self.opened.append(event.path)

    def lines(self) -> list[str]:
        rows = self.query_one(PathList)
        return [rows.render_line(y).text.rstrip() for y in range(rows.size.height)]


@asynccontextmanager
async def bench(
    paths: list[str] = PATHS, size: tuple[int, int] = (40, 12)
) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    app.file_tree.set_paths(paths)
    async with app.run_test(size=size) as pilot:
        app.file_tree.focus()
        await pilot.pause()
        yield app, pilot


async def test_arrows_move_fold_and_unfold() -> None:
    async with bench() as (app, pilot):
        await pilot.press("down", "right", "right", "right", "right")
        assert app.file_tree.cursor_path == "src/wire/socket.py"
        await pilot.press("left")
        assert app.file_tree.cursor_path == "src/wire"
        await pilot.press("left", "left", "left")
        assert app.file_tree.cursor_path == "src"
        assert app.lines()[:3] == [" ▹ docs", " ▹ src", "   README.md"]


async def test_enter_and_space_choose_files_and_toggle_folders() -> None:
    async with bench() as (app, pilot):
        await pilot.press("end", "enter", "home", "space", "down", "space", "up", "enter")
        assert app.chosen == ["README.md", "docs/guide.md"]
        assert app.lines()[0] == " ▹ docs"


async def test_a_click_chooses() -> None:
    async with bench() as (app, pilot):
        await pilot.click(PathList, offset=(5, 0))
        await pilot.click(PathList, offset=(5, 1))
        await pilot.click(PathList, offset=(5, 9))
        assert app.chosen == ["docs/guide.md"]


async def test_the_filter_narrows_as_it_is_typed_and_enter_shows_the_hit_in_the_tree() -> None:
    async with bench() as (app, pilot):
        await pilot.press("slash", "s", "o", "c")
        assert app.lines()[:2] == [" src/wire/socket.py", ""]
        await pilot.press("enter")
        assert app.chosen == ["src/wire/socket.py"]
        assert not app.file_tree.filtering
        assert app.file_tree.cursor_path == "src/wire/socket.py"
        assert isinstance(app.focused, PathList)


async def test_arrows_choose_among_hits_and_escape_returns_to_where_the_cursor_was() -> None:
    async with bench() as (app, pilot):
        await pilot.press("down", "slash", "m", "d", "down")
        assert app.file_tree.cursor_path == "docs/guide.md"
        await pilot.press("escape")
        assert app.file_tree.cursor_path == "src"
        await pilot.press("slash", "z")
        assert app.lines()[0] == " no file matches"


async def test_letters_that_follow_the_slash_in_one_breath_are_not_lost() -> None:
    async with bench() as (app, pilot):
        for key in ("slash", "s", "p", "t", "backspace", "backspace", "o", "space", "y", "backspace", "c", "enter"):
            letter = {"slash": "/", "space": " "}.get(key, key)
            app.post_message(events.Key(key, letter if len(letter) == 1 else None))
        while not app.chosen:
            await pilot.pause()
        assert app.chosen == ["src/wire/socket.py"]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """While it is closed, nothing is found."""
    opened = asyncio.Event()

    async def turn(_: Slices) -> bool:
        return await opened.wait()

    monkeypatch.setattr(Slices, "turn", turn)
    return opened


async def test_letters_show_at_once_and_only_the_last_of_them_are_found(gate: asyncio.Event) -> None:
    async with bench() as (app, pilot):
        rows, line = app.query_one(PathList), app.file_tree.query_one("#query", Static)
        tree = app.lines()
        shown: list[str] = []
        app.watch(rows, "virtual_size", lambda: shown.append(rows.listing.query), init=False)
        await pilot.press("slash", "s", "o")
        assert str(line.render()) == "/so "
        assert app.lines() == tree[:-1]
        await pilot.press("c")
        gate.set()
        while not rows.listing.query:
            await pilot.pause()
        assert (shown, app.lines()[1]) == (["soc"], "")
        await pilot.pause()
        assert str(line.render()) == "/soc   1"


async def test_enter_waits_for_what_the_letters_before_it_find(gate: asyncio.Event) -> None:
    async with bench() as (app, pilot):
        for key in ("slash", "m", "d", "down", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.chosen == []
        gate.set()
        while not app.chosen:
            await pilot.pause()
        assert app.chosen == ["docs/guide.md"]


async def test_escape_does_not_wait_for_it(gate: asyncio.Event) -> None:
    async with bench() as (app, pilot):
        tree = app.lines()
        await pilot.press("slash", "m", "escape")
        assert (app.lines(), app.query_one(PathList).listing.is_found) == (tree, True)
        gate.set()
        await app.workers.wait_for_complete()
        assert app.lines() == tree


async def test_hits_follow_the_paths_and_the_cursor_stays_on_its_own() -> None:
    async with bench() as (app, pilot):
        await pilot.press("slash", "m", "d", "down")
        app.file_tree.set_paths(["README.md", "docs/a.md", "docs/guide.md", "z.md"])
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.file_tree.cursor_path == "docs/guide.md"
        assert sorted(line for line in app.lines() if line) == [" README.md", " docs/a.md", " docs/guide.md", " z.md"]


async def test_the_query_is_drawn_with_its_count_and_can_be_cleared() -> None:
    async with bench() as (app, pilot):
        line = app.file_tree.query_one("#query", Static)
        await pilot.press("slash", "s", "space", "t")
        assert str(line.render()) == "/s t   1"
        await pilot.press("ctrl+w")
        assert str(line.render()) == "/s   3"
        await pilot.press("ctrl+u")
        assert str(line.render()) == "/ "
        app.query_one(PathList).post_message(events.Paste("guide\n\x1b"))
        await pilot.pause()
        assert str(line.render()).startswith("/guide")


async def test_escape_is_left_to_the_program_while_there_is_no_filter() -> None:
    async with bench() as (app, _pilot):
        assert app.file_tree.check_action("close_filter", ()) is False


async def test_what_the_user_changed_meanwhile_has_a_sign_of_its_own() -> None:
    async with bench() as (app, pilot):
        app.file_tree.set_changes({"src/app.py": ChangeMark(1, 1, Mark.PENDING)})
        app.file_tree.set_status({"README.md": "M", "src/app.py": "M"}, ["README.md"])
        await pilot.pause()
        assert [line.split() for line in app.lines()[:5] if "README" in line or "src" in line] == [
            ["▹", "src", "+1", "−1", "●", "•"],
            ["README.md", "M✎"],
        ]
        app.file_tree.set_status({"README.md": "M", "src/app.py": "M"}, ["src/app.py"])
        await pilot.pause()
        assert any(line.endswith("•✎") for line in app.lines())


async def test_o_opens_the_file_in_an_editor_and_is_a_letter_while_typing() -> None:
    async with bench() as (app, pilot):
        await pilot.press("o", "end", "o")
        assert app.opened == ["README.md"]
        await pilot.press("slash", "o")
        assert app.opened == ["README.md"]


async def test_marks_stand_at_the_right_and_folders_show_what_they_hide() -> None:
    async with bench() as (app, pilot):
        app.file_tree.set_status({"docs/guide.md": "U", "src/app.py": "M"})
        app.file_tree.set_changes({"src/app.py": ChangeMark(12, 3, Mark.PENDING)})
        await pilot.pause()
        assert [line.split() for line in app.lines()[:2]] == [
            ["▹", "docs", "•"],
            ["▹", "src", "+12", "−3", "●", "•"],
        ]
        app.file_tree.reveal("src/app.py")
        assert app.lines()[3].split() == ["app.py", "+12", "−3", "●", "M"]


async def test_created_files_appear_and_t_lists_the_change_set_first() -> None:
    async with bench() as (app, pilot):
        app.file_tree.set_changes({"new.py": ChangeMark(5, 0, Mark.STREAMING)})
        await pilot.press("t")
        assert app.lines()[0].split() == ["new.py", "+5", "▸"]
        assert app.file_tree.cursor_path == "new.py"
        await pilot.press("down")
        assert app.file_tree.cursor_path == "docs"
        await pilot.press("up", "enter", "t")
        assert app.chosen == ["new.py"]
        assert app.lines()[2].split() == ["README.md"]


async def test_cursor_folds_and_height_stay_when_paths_change() -> None:
    paths = [f"f{number:03}" for number in range(100)]
    async with bench(paths) as (app, pilot):
        rows = app.query_one(PathList)
        await pilot.press("end", "up")
        height = rows.cursor - rows.scroll_offset.y
        app.file_tree.set_paths(["a/1", "a/2", "e", *paths])
        await pilot.pause()
        assert app.file_tree.cursor_path == "f098"
        assert rows.cursor - rows.scroll_offset.y == height
        app.file_tree.set_paths(["x"])
        await pilot.pause()
        assert app.file_tree.cursor_path == "x"
        app.file_tree.set_paths([])
        await pilot.press("up", "down", "left", "right", "enter", "pagedown", "t")
        assert app.file_tree.cursor_path is None


async def test_paging_keeps_the_cursor_in_sight() -> None:
    async with bench([f"f{number:03}" for number in range(100)]) as (app, pilot):
        rows = app.query_one(PathList)
        for key in ("pagedown", "pagedown", "end", "pageup", "home"):
            await pilot.press(key)
            assert 0 <= rows.cursor - rows.scroll_offset.y < rows.size.height


async def test_hostile_and_wide_names_stay_in_their_row() -> None:
    names = ["evil\x1b[31m\nname.py", "日本語の長い名前のファイルです、とても長い名前.py", "x" * 200]
    async with bench(names, size=(24, 6)) as (app, _pilot):
        rows = app.query_one(PathList)
        for y in range(3):
            strip = rows.render_line(y)
            assert strip.cell_length == 24
            assert "\x1b" not in strip.text
            assert "\n" not in strip.text


async def test_the_cursor_can_be_seen_in_the_terminals_own_colours() -> None:
    async with bench() as (app, pilot):
        app.theme = "ansi-light"
        await pilot.pause()
        rows = app.query_one(PathList)
        assert all(style is not None and style.reverse for _, style, _ in rows.render_line(0))
        app.set_focus(None)
        await pilot.pause()
        assert all(style is not None and style.underline and not style.reverse for _, style, _ in rows.render_line(0))


async def test_an_empty_tree_says_why() -> None:
    async with bench([]) as (app, pilot):
        app.file_tree.set_empty_text("reading the tree …")
        await pilot.pause()
        assert app.lines()[0] == " reading the tree …"


async def test_a_huge_tree_builds_only_the_rows_that_are_open() -> None:
    paths = [f"d{number // 1000:03}/f{number:06}" for number in range(200_000)]
    async with bench(paths) as (app, pilot):
        await pilot.press("right")
        assert len(app.query_one(PathList).listing.rows) == 200 + 1000
