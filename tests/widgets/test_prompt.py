"""The prompt's keys, its history, and what it makes of hostile text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events, on
from textual._xterm_parser import XTermParser
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from spark_tui.widgets.prompt import AWAY_HINT, IDLE_HINT, WORKING_HINT, Prompt
from spark_tui.widgets.terminal_keys import learn_alt_enter
from spark_tui.widgets.theme import ThemedApp


class Pane(Widget, can_focus=True):
    """Something beside the prompt that takes keys, and text only while it is ``typing``."""

    typing = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.typing


class Bench(ThemedApp[None]):
    BINDINGS = [("escape", "pause_stream"), ("ctrl+x", "stop_stream")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.prompt = Prompt()
        self.told: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.prompt
        yield Input()
        yield Pane()

    @on(Prompt.Submitted)
    @on(Prompt.Queued)
    @on(Prompt.DraftChanged)
    def tell(self, event: Prompt.Submitted | Prompt.Queued | Prompt.DraftChanged) -> None:
        self.told.append((type(event).__name__, event.text))

    def action_pause_stream(self) -> None:
        self.told.append(("pause", ""))

    def action_stop_stream(self) -> None:
        self.told.append(("stop", ""))

    def row(self, y: int) -> str:
        return self.prompt.render_lines(self.prompt.outer_size.region)[y].text.rstrip()


@asynccontextmanager
async def bench(*sent: str) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    app = Bench()
    app.prompt.sent = sent
    async with app.run_test(size=(40, 20)) as pilot:
        app.prompt.focus()
        await pilot.pause()
        yield app, pilot


async def test_enter_sends_and_empties_the_prompt() -> None:
    async with bench() as (app, pilot):
        await pilot.press("h", "i", "space", "enter")
        assert app.told[-2:] == [("Submitted", "hi"), ("DraftChanged", "")]
        assert app.prompt.text == ""


async def test_a_blank_prompt_is_not_sent_and_stays() -> None:
    async with bench() as (app, pilot):
        await pilot.press("space", "enter")
        assert app.told == [("DraftChanged", " ")]
        assert app.prompt.text == " "


@pytest.mark.parametrize("key", ["shift+enter", "ctrl+j", "alt+enter", "shift+\r", "alt+\r"])
async def test_new_line_keys_do_not_send(key: str) -> None:
    async with bench() as (app, pilot):
        await pilot.press("a", key, "b")
        assert app.prompt.text == "a\nb"
        assert app.prompt.size.height == 2


def test_terminals_without_the_kitty_protocol_have_alt_enter() -> None:
    learn_alt_enter()
    parser = XTermParser(False)
    events_read = [*parser.feed("\x1b\r\x1b[A\r"), *parser.feed("")]
    assert [event.key for event in events_read if isinstance(event, events.Key)] == ["alt+enter", "up", "enter"]


async def test_tab_queues_only_while_the_model_works() -> None:
    async with bench() as (app, pilot):
        await pilot.press("a", "tab")
        assert isinstance(app.focused, Input)
        app.prompt.focus()
        app.prompt.working = True
        await pilot.press("tab")
        assert app.told[-2:] == [("Queued", "a"), ("DraftChanged", "")]
        assert app.prompt.has_focus


async def test_the_first_row_begins_with_the_glyph_and_the_hint_says_what_enter_does() -> None:
    async with bench() as (app, pilot):
        assert app.row(0) == f"❯ {IDLE_HINT}"
        app.prompt.working = True
        await pilot.pause()
        assert app.row(0) == f"❯ {WORKING_HINT}"
        await pilot.press("x")
        assert app.row(0) == "❯ x"


async def test_it_grows_to_eight_rows_and_no_further() -> None:
    async with bench() as (app, pilot):
        for rows in (1, 2, 8, 8):
            app.prompt.set_draft("\n".join("x" * rows))
            await pilot.pause()
            assert app.prompt.size.height == rows
        app.prompt.set_draft("\n".join("x" * 12))
        await pilot.pause()
        assert app.prompt.size.height == 8


async def test_history_is_reached_at_the_edges_and_the_unsent_text_comes_back() -> None:
    async with bench("first", "second\nline two") as (app, pilot):
        await pilot.press("d", "up")
        assert app.prompt.text == "second\nline two"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("down", "up", "down")
        assert app.prompt.text == "second\nline two"
        await pilot.press("down")
        assert app.prompt.text == "d"
        await pilot.press("down")
        assert app.prompt.text == "d"


async def test_an_edited_entry_becomes_the_draft() -> None:
    async with bench("first", "second") as (app, pilot):
        await pilot.press("up", "up", "!", "down")
        assert app.prompt.text == "first!"
        await pilot.press("up", "down")
        assert app.prompt.text == "first!"


async def test_a_history_that_shrank_does_no_harm() -> None:
    async with bench("a", "b", "c") as (app, pilot):
        await pilot.press("up")
        app.prompt.sent = ["z"]
        await pilot.press("down", "up", "up")
        assert app.prompt.text == "z"


async def test_what_was_not_applied_returns_in_front_of_the_draft() -> None:
    async with bench() as (app, pilot):
        app.prompt.put_back("one")
        await pilot.pause()
        assert app.prompt.text == "one"
        app.prompt.set_draft("typed")
        await pilot.press("home", "right")
        app.prompt.put_back("not applied")
        await pilot.press("X")
        assert app.prompt.text == "not applied\ntXyped"
        assert app.told[-1] == ("DraftChanged", "not applied\ntXyped")


async def test_escape_and_a_cut_of_nothing_are_left_to_the_program() -> None:
    async with bench() as (app, pilot):
        await pilot.press("a", "escape", "ctrl+x")
        assert app.prompt.text == "a"
        assert app.told[-2:] == [("pause", ""), ("stop", "")]
        await pilot.press("shift+home", "ctrl+x")
        assert app.prompt.text == ""
        assert app.told[-2] == ("stop", "")


async def test_a_paste_goes_where_the_cursor_is_with_nothing_hidden() -> None:
    async with bench() as (app, pilot):
        await pilot.press("a", "b", "left")
        app.prompt.post_message(events.Paste("1\x1b[2J\r\n2\u202e"))
        await pilot.press("X")
        assert app.prompt.text == "a1‹1B›[2J\n2‹202E›Xb"
        assert ("Submitted", "") not in app.told


async def test_keys_pressed_in_one_breath_keep_their_order() -> None:
    async with bench() as (app, pilot):
        for key in ("a", "ctrl+j", "b", "backspace", "c", "enter", "d"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        while app.prompt.text != "d":
            await pilot.pause()
        assert ("Submitted", "a\nc") in app.told


async def test_the_keys_that_are_offered_say_what_they_do_now() -> None:
    async with bench() as (app, pilot):
        assert offered(app) == {"enter": "Send"}
        app.prompt.working = True
        await pilot.pause()
        assert offered(app) == {"enter": "Redirect", "tab": "Review"}
        await pilot.press("x")
        assert offered(app) == {"enter": "Redirect", "tab": "Queue"}
        await pilot.press("enter")
        assert app.told[-2:] == [("Submitted", "x"), ("DraftChanged", "")]
        assert offered(app) == {"enter": "Redirect", "tab": "Review"}


async def test_what_is_offered_is_looked_at_again_once_something_is_written() -> None:
    async with bench() as (app, pilot):
        app.prompt.working = True
        await pilot.pause()
        looked: list[object] = []
        app.screen.bindings_updated_signal.subscribe(app.prompt, looked.append, immediate=True)
        await pilot.press("x")
        await pilot.pause()
        assert looked


async def test_without_the_focus_it_says_how_to_come_back_but_not_to_one_who_writes_elsewhere() -> None:
    async with bench() as (app, pilot):
        app.query_one(Pane).focus()
        await pilot.pause()
        assert app.row(0) == f"❯ {AWAY_HINT}"
        app.prompt.working = True
        await pilot.pause()
        assert app.row(0) == f"❯ {AWAY_HINT}"
        app.query_one(Input).focus()
        await pilot.pause()
        assert app.row(0) == "❯"


async def test_nor_to_one_who_begins_to_write_in_the_pane_that_has_the_keys() -> None:
    async with bench() as (app, pilot):
        pane = app.query_one(Pane)
        pane.focus()
        await pilot.pause()
        for pane.typing, hint in ((True, ""), (False, f" {AWAY_HINT}")):
            pane.refresh_bindings()
            await pilot.pause()
            assert app.row(0) == f"❯{hint}"


def offered(app: Bench) -> dict[str, str]:
    bindings = app.screen.active_bindings.values()
    return {b.binding.key: b.binding.description for b in bindings if b.node is app.prompt and b.binding.show}
