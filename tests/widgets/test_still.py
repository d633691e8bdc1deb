"""A widget that keeps what it drew draws again when it has to, and only then."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from spark_tui.widgets.still import Still


class Counted(Vertical):
    """Counts how often it is drawn."""

    drawn = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.drawn += 1
        return super().render_lines(crop)


class Behind(Still, Counted):
    """A container."""

    DEFAULT_CSS = "Behind { background: $surface; border-right: solid $primary; }"


class Word(Still, Widget):
    """Says one word."""

    DEFAULT_CSS = "Word { height: 1; color: $foreground; }"
    word = "one"

    def render(self) -> Content:
        return Content(self.word)


class StillApp(App[None]):
    def compose(self) -> ComposeResult:
        with Behind():
            yield Static("", id="busy")
            yield Word()


def line(word: Word) -> Strip:
    return word.render_lines(Region(0, 0, *word.size))[0]


async def test_it_is_drawn_again_after_a_refresh_or_for_another_look_and_not_for_what_is_in_front_of_it() -> None:
    app = StillApp()
    async with app.run_test(size=(40, 6)) as pilot:
        behind, word, busy = app.query_one(Behind), app.query_one(Word), app.query_one("#busy", Static)
        await pilot.pause()
        before = behind.drawn
        assert before
        for number in range(5):
            busy.update(str(number))
            await pilot.pause()
        assert behind.drawn == before

        assert line(word).text.startswith("one")
        word.word = "two"
        assert line(word).text.startswith("one"), "nobody has asked for it yet"
        word.refresh()
        assert line(word).text.startswith("two")

        dark = list(line(word))
        app.theme = "textual-light"
        await pilot.pause()
        assert line(word).text.startswith("two")
        assert list(line(word)) != dark
        assert behind.drawn > before
        before = behind.drawn
        await pilot.resize_terminal(30, 6)
        await pilot.pause()
        assert behind.drawn > before
        assert line(word).cell_length == 29


async def test_styles_are_those_of_the_container() -> None:
    app = StillApp()
    async with app.run_test():
        behind = app.query_one(Behind)
        assert behind.styles.border_right[0] == "solid"
        assert {"Behind", "Vertical"} <= behind._css_type_names


async def test_another_part_of_what_was_drawn_is_not_drawn_again() -> None:
    app = StillApp()
    async with app.run_test(size=(40, 6)) as pilot:
        behind = app.query_one(Behind)
        await pilot.pause()
        whole = behind.render_lines(Region(0, 0, 40, 6))
        before = behind.drawn
        assert behind.render_lines(Region(0, 2, 40, 3)) == whole[2:5]
        assert behind.drawn == before
        narrow = behind.render_lines(Region(30, 0, 10, 6))
        assert [strip.cell_length for strip in narrow] == [10] * 6
        assert behind.drawn == before + 1
