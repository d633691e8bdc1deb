"""Both themes can be read, by people who see colours and by people who do not."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.color import Color
from textual.theme import Theme
from textual.widgets import Static

from spark_tui.widgets.colors import ANSI, DARK, LIGHT
from spark_tui.widgets.rows import Mark
from spark_tui.widgets.theme import SHAPES, SPARK_DARK, SPARK_LIGHT, ThemedApp

GROUNDS = ("-bg", "-bg-blurred")
LINES = {"rule"}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2 (1 to 21)."""

    def luminance(value: str) -> float:
        parts = (part / 255 for part in Color.parse(value).rgb)
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_state_has_a_shape_of_its_own_one_cell_wide() -> None:
    assert set(SHAPES) == set(Mark)
    assert len(set(SHAPES.values())) == len(Mark)
    assert all(cell_len(shape) == 1 for shape in SHAPES.values())


def test_the_three_sets_of_meanings_have_the_same_names() -> None:
    assert DARK.keys() == LIGHT.keys() == ANSI.keys()
    assert all(f"hunk-{mark.value}" in DARK for mark in Mark)


@pytest.mark.parametrize("theme", [SPARK_DARK, SPARK_LIGHT], ids=lambda theme: theme.name)
def test_words_can_be_read_on_every_ground_they_stand_on(theme: Theme) -> None:
    assert theme.background is not None
    assert theme.surface is not None
    assert theme.foreground is not None
    meanings = DARK if theme.dark else LIGHT
    words = {name: value for name, value in meanings.items() if not name.endswith(GROUNDS) and name not in LINES}
    faint = {
        name: round(contrast(value, ground), 2)
        for name, value in words.items()
        for ground in (theme.background, theme.surface)
        if contrast(value, ground) < 4.5
    }
    assert faint == {}
    grounds = {name: value for name, value in meanings.items() if name.endswith(GROUNDS)}
    assert {name for name, value in grounds.items() if contrast(theme.foreground, value) < 7} == set()


@pytest.mark.parametrize("name", ["spark-dark", "spark-light", "nord", "textual-light", "ansi-dark", "ansi-light"])
async def test_meanings_are_known_under_any_theme(name: str) -> None:
    class Bench(ThemedApp[None]):
        CSS = "Static { color: $hunk-pending; background: $diff-added-bg; }"

        def compose(self) -> ComposeResult:
            yield Static("text")

    app = Bench()
    async with app.run_test() as pilot:
        app.theme = name
        await pilot.pause()
        assert app.query_one(Static).styles.color is not None
        assert "hunk-conflicted" in app.theme_variables


async def test_the_other_theme_is_a_command() -> None:
    app = ThemedApp[None]()
    async with app.run_test():
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        assert "Dark theme" not in commands
        commands["Light theme"]()
        assert app.theme == SPARK_LIGHT.name
        assert "Dark theme" in {command.title for command in app.get_system_commands(app.screen)}
