"""Keys in one breath go where they would have gone one by one."""

from __future__ import annotations

import asyncio

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from spark_tui.widgets.theme import ThemedApp


class Pane(Widget, can_focus=True):
    BINDINGS = [Binding("c", "comment"), Binding("a", "accept")]  # noqa: RUF012

    class CommentRequested(Message):
        """A line to write in is wanted."""

    def action_comment(self) -> None:
        self.post_message(self.CommentRequested())

    def action_accept(self) -> None:
        self.app.log_of_accepts.append("a")  # type: ignore[attr-defined]


class Question(ModalScreen[str]):
    BINDINGS = [Binding("a", "answer('a')"), Binding("escape", "answer('')")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Input()

    def action_answer(self, text: str) -> None:
        self.dismiss(text)


class Bench(ThemedApp[None]):
    BINDINGS = [  # noqa: RUF012
        Binding("i", "write"),
        Binding("s", "ask"),
        Binding("l", "ask_later"),
        Binding("ctrl+s", "save", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.known, self.there = asyncio.Event(), asyncio.Event()
        self.there.set()
        self.left = 0
        self.saved: list[str] = []
        self.log_of_accepts: list[str] = []
        self.answers: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield Pane()
        yield Input()

    def on_pane_comment_requested(self) -> None:
        self.query_one(Input).focus()

    def action_write(self) -> None:
        self.query_one(Input).focus()

    def action_ask(self) -> None:
        self.push_screen(Question(), self.answers.append)

    def action_ask_later(self) -> None:
        self._keys.hold(self.ask_later())

    @work
    async def ask_later(self) -> None:
        await self.known.wait()
        await self.push_screen(Question(), self.answers.append)
        await self.there.wait()

    def action_save(self) -> None:
        self.saved.append(self.query_one(Input).value)

    async def action_quit(self) -> None:
        self.left += 1


def in_one_breath(app: Bench, *keys: str) -> None:
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


async def test_what_follows_a_key_that_moves_the_focus_is_text() -> None:
    for key in ("c", "i"):
        app = Bench()
        async with app.run_test() as pilot:
            app.query_one(Pane).focus()
            await pilot.pause()
            in_one_breath(app, key, *"a cat")
            app.post_message(events.Paste(" pasted"))
            in_one_breath(app, *"ab")
            while app.query_one(Input).value != "a cat pastedab":
                await pilot.pause()
            assert app.log_of_accepts == []


async def test_a_text_of_any_length_may_follow() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await pilot.pause()
        in_one_breath(app, "i", *"long" * 500)
        while app.query_one(Input).value != "long" * 500:
            await pilot.pause()


async def test_what_is_written_is_there_when_a_key_acts_on_it_before_all_widgets() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        in_one_breath(app, *"a cat", "ctrl+s", *"s", "ctrl+s")
        while len(app.saved) < 2:
            await pilot.pause()
        assert app.saved == ["a cat", "a cats"]


async def test_keys_go_on_when_a_key_has_opened_or_closed_a_screen() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await pilot.pause()
        in_one_breath(app, "a", "s", "escape", "s", "escape", "a", "a")
        while app.log_of_accepts != ["a", "a", "a"]:
            await pilot.pause()
        assert app.answers == ["", ""]


async def test_keys_are_held_for_a_screen_that_takes_its_time() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await pilot.pause()
        in_one_breath(app, "l", *"a cat")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        app.known.set()
        while len(app.screen_stack) == 1 or app.screen.query_one(Input).value != "a cat":
            await pilot.pause()
        assert app.log_of_accepts == []


async def test_escape_gives_up_what_is_not_there_yet_and_what_was_typed_for_it() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await pilot.pause()
        in_one_breath(app, "l", "i", "i")
        await pilot.pause()
        in_one_breath(app, "escape", "a")
        while not app.log_of_accepts:
            await pilot.pause()
        app.known.set()
        await pilot.pause()
        assert (len(app.screen_stack), app.query_one(Input).value) == (1, "")


async def test_escape_is_for_the_screen_once_there_is_one() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        app.known.set()
        app.there.clear()
        await pilot.pause()
        in_one_breath(app, "l")
        while len(app.screen_stack) == 1:
            await pilot.pause()
        in_one_breath(app, "escape", "a")
        await pilot.pause()
        assert app.answers == []
        app.there.set()
        while not app.log_of_accepts:
            await pilot.pause()
        assert app.answers == [""]


async def test_the_key_that_ends_the_program_is_never_held() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.query_one(Pane).focus()
        await pilot.pause()
        in_one_breath(app, "l", "ctrl+q")
        while not app.left:
            await pilot.pause()


async def test_without_a_focus_keys_go_on_too() -> None:
    app = Bench()
    async with app.run_test() as pilot:
        app.set_focus(None)
        in_one_breath(app, "x", "i", "y")
        while app.query_one(Input).value != "y":
            await pilot.pause()
