"""The menu of commands above the prompt: what it offers, and what the keys do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from spark_tui.widgets.completion_menu import ROWS, CompletionMenu
from spark_tui.widgets.completions import Completion
from spark_tui.widgets.prompt import Prompt
from spark_tui.widgets.theme import ThemedApp

NAMES = ("commit", "uncommit", "undo", "undo-turn", "redo", "theme ", "theme spark-dark", "theme nord")


class Pane(Static, can_focus=True):
    """What the menu is drawn over."""

    DEFAULT_CSS = "Pane { height: 1fr; }"


class Bench(ThemedApp[None]):
    CSS = "Screen { layers: base box; } #foot { dock: bottom; height: auto; }"
    BINDINGS = [("escape", "pause_stream")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.menu = CompletionMenu()
        self.prompt = Prompt(menu=self.menu)
        self.prompt.completions = [Completion(f"/{name}", f"does {name}") for name in NAMES]
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield Pane()
        with Vertical(id="foot"):
            yield self.prompt
            yield Static("status")
        yield self.menu

    @on(Prompt.Submitted)
    @on(Prompt.Queued)
    def tell(self, event: Prompt.Submitted | Prompt.Queued) -> None:
        self.told.append(event.text)

    @on(CompletionMenu.Chosen)
    def choose(self) -> None:
        self.prompt.action_choose()

    def action_pause_stream(self) -> None:
        self.told.append("pause")

    @property
    def names(self) -> list[str]:
        return [completion.text for completion in self.menu.offered]

    def rows(self) -> list[str]:
        strips = self.menu.render_lines(self.menu.outer_size.region)
        return [strip.text.rstrip() for strip in strips] if self.menu.display else []


@asynccontextmanager
async def bench(width: int = 40, height: int = 20) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    async with app.run_test(size=(width, height)) as pilot:
        app.prompt.focus()
        await pilot.pause()
        yield app, pilot


async def settled(pilot: Pilot[None]) -> None:
    """The menu takes its place behind the next frame, and is laid out in the one after it."""
    for _ in range(3):
        await pilot.pause()


async def test_a_slash_shows_the_commands_above_the_prompt_and_letters_narrow_them() -> None:
    async with bench() as (app, pilot):
        await pilot.press("/")
        await settled(pilot)
        assert app.names == ["/commit", "/uncommit", "/undo", "/undo-turn", "/redo", "/theme "]
        assert app.menu.region.bottom == app.prompt.region.y
        assert app.rows()[1] == "  /uncommit   does uncommit"
        await pilot.press("u", "n", "d")
        await settled(pilot)
        assert app.rows() == ["  /undo       does undo", "  /undo-turn  does undo-turn"]
        assert app.menu.region.bottom == app.prompt.region.y
        await pilot.press("x")
        await settled(pilot)
        assert not app.menu.display


async def test_the_panes_keep_their_place() -> None:
    async with bench() as (app, pilot):
        before = app.query_one(Pane).region
        await pilot.press("/")
        await settled(pilot)
        assert app.menu.display
        assert app.query_one(Pane).region == before


async def test_enter_runs_what_is_chosen_and_empties_the_prompt() -> None:
    async with bench() as (app, pilot):
        await pilot.press("/", "u", "n", "down", "enter")
        assert app.told == ["/undo"]
        assert app.prompt.text == ""
        await settled(pilot)
        assert not app.menu.display


async def test_the_cursor_goes_round() -> None:
    async with bench() as (app, pilot):
        await pilot.press("/", "u", "n", "d", "up")
        assert app.menu.chosen == app.menu.offered[-1]
        await pilot.press("down", "tab")
        assert app.prompt.text == "/undo"


@pytest.mark.parametrize("working", [False, True])
async def test_tab_writes_the_chosen_one_out_and_enter_sends_it(working: bool) -> None:
    async with bench() as (app, pilot):
        app.prompt.working = working
        await pilot.press("/", "r", "e", "tab")
        assert app.prompt.text == "/redo"
        assert app.prompt.has_focus
        assert app.names == []
        await pilot.press("enter")
        assert app.told == ["/redo"]


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_a_command_that_wants_more_offers_what_that_may_be(key: str) -> None:
    async with bench() as (app, pilot):
        await pilot.press("/", "t", "h", key)
        assert app.prompt.text == "/theme "
        assert app.names == ["/theme spark-dark", "/theme nord"]
        await pilot.press("n", "enter")
        assert app.told == ["/theme nord"]


async def test_escape_closes_it_for_this_text_and_is_the_programs_again() -> None:
    async with bench() as (app, pilot):
        await pilot.press("/", "u", "escape")
        assert app.names == []
        assert app.prompt.text == "/u"
        assert app.told == []
        await pilot.press("n", "escape")
        assert app.names == []
        assert app.told == ["pause"]
        await pilot.press("enter", "/")
        assert app.told == ["pause", "/un"]
        assert app.names


@pytest.mark.parametrize("working", [False, True])
async def test_the_keys_that_are_offered_are_the_menus(working: bool) -> None:
    async with bench() as (app, pilot):
        app.prompt.working = working
        await pilot.press("/")
        shown = [
            hint for hint in app.screen.active_bindings.values() if hint.node is app.prompt and hint.binding.show
        ]
        offered = {hint.binding.key: hint.binding.description for hint in shown}
        assert offered == {"enter": "Run", "tab": "Complete", "escape": "Close"}


async def test_keys_in_one_breath_choose_from_what_they_have_narrowed() -> None:
    async with bench() as (app, pilot):
        for key in ("/", "u", "n", "d", "o", "minus", "enter"):
            app.post_message(events.Key(key, {"minus": "-"}.get(key, key if len(key) == 1 else None)))
        while not app.told:
            await pilot.pause()
        assert app.told == ["/undo-turn"]


async def test_what_was_sent_before_offers_nothing_so_that_the_arrows_go_on() -> None:
    async with bench() as (app, pilot):
        app.prompt.sent = ["first", "/undo"]
        await pilot.press("up")
        assert (app.prompt.text, app.names) == ("/undo", [])
        await pilot.press("up")
        assert app.prompt.text == "first"


async def test_it_closes_when_the_keys_go_elsewhere() -> None:
    async with bench() as (app, pilot):
        await pilot.press("/")
        app.query_one(Pane).focus()
        await settled(pilot)
        assert not app.menu.display


async def test_a_click_runs_a_command_and_leaves_the_keys_to_the_prompt() -> None:
    async with bench() as (app, pilot):
        await pilot.press("/")
        await settled(pilot)
        await pilot.click(CompletionMenu, offset=(6, 4))
        assert app.told == ["/redo"]
        assert app.prompt.has_focus


async def test_more_than_there_is_room_for_come_with_the_cursor() -> None:
    async with bench(height=30) as (app, pilot):
        app.prompt.completions = [Completion(f"/c{number:02}", "") for number in range(ROWS + 5)]
        await pilot.press("/")
        await settled(pilot)
        shown = app.rows()
        assert len(shown) == ROWS
        assert (shown[0].split(), shown[-1].split()) == (["/c00"], [f"/c{ROWS - 1:02}", "↓"])
        await pilot.press(*["down"] * ROWS)
        shown = app.rows()
        assert (shown[0].split(), shown[-1].split()) == (["/c01", "↑"], [f"/c{ROWS:02}", "↓"])
        await pilot.press("up", *["up"] * ROWS)
        assert app.rows()[-1].split() == [f"/c{ROWS + 4:02}"]


@pytest.mark.parametrize("width", [10, 14, 20])
async def test_a_narrow_window_cuts_what_it_says(width: int) -> None:
    async with bench(width=width, height=6) as (app, pilot):
        await pilot.press("/")
        await settled(pilot)
        assert 0 < len(app.rows()) <= 4
        assert app.menu.region.right <= width
        assert all(len(row) <= width for row in app.rows())


async def test_the_window_is_laid_out_only_where_the_number_of_rows_changes() -> None:
    async with bench() as (app, pilot):
        app.prompt.completions = [Completion("/undo-turn", ""), Completion("/undo", "")]
        await pilot.press("/", "u", "n", "d")
        await settled(pilot)
        laid_out: list[Screen[object]] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.prompt, laid_out.append, immediate=True)
        await pilot.press("o", "down", "up")
        await settled(pilot)
        assert app.names == ["/undo", "/undo-turn"]
        assert laid_out == []


@pytest.mark.parametrize("theme", ["spark-dark", "spark-light", "ansi-dark", "nord"])
async def test_the_chosen_row_looks_different_under_every_theme(theme: str) -> None:
    async with bench() as (app, pilot):
        app.theme = theme
        await pilot.press("/", "u", "n")
        await settled(pilot)
        chosen, other = (next(iter(strip)).style for strip in app.menu.render_lines(app.menu.size.region)[:2])
        assert chosen is not None
        assert other is not None
        assert chosen.bgcolor != other.bgcolor


def test_it_cannot_take_the_keys() -> None:
    widget: Widget = CompletionMenu()
    assert not widget.can_focus
