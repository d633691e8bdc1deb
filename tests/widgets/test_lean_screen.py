"""A screen that opens without doing things twice, and looks as if it had."""

from __future__ import annotations

import pytest
from textual._compositor import Compositor
from textual.app import ComposeResult
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from spark_tui.widgets.lean_screen import LeanScreen
from spark_tui.widgets.theme import ThemedApp


class Pane(Widget, can_focus=True):
    COMPONENT_CLASSES = {"pane--mark"}  # noqa: RUF012
    DEFAULT_CSS = """
    Pane { height: 3; background: $surface; & > .pane--mark { color: $accent; } }
    Pane:focus { background: $primary; & > .pane--mark { color: $warning; } }
    """

    def render(self) -> str:
        return "pane"


class Lean(LeanScreen[None]):
    def compose(self) -> ComposeResult:
        yield Pane()
        yield Input()


class Bench(ThemedApp[None]):
    def get_default_screen(self) -> Screen[object]:
        return LeanScreen()


def styles(screen: Screen[None]) -> list[object]:
    """All that is known of how the widgets look."""
    return [
        (node, dict(node.styles.base.get_rules()), {name: dict(part.get_rules()) for name, part in parts.items()})
        for node in screen.walk_children(with_self=True)
        for parts in [node._component_styles]
    ]


async def test_a_widget_is_styled_as_it_is_mounted_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[DOMNode] = []
    apply = Stylesheet.apply

    def noted(self: Stylesheet, node: DOMNode, **how: object) -> None:
        styled.append(node)
        apply(self, node, **how)  # type: ignore[arg-type]

    async with Bench().run_test() as pilot:
        monkeypatch.setattr(Stylesheet, "apply", noted)
        screen = Lean()
        pilot.app.push_screen(screen)
        await pilot.pause()
        await pilot.pause()
        field = screen.query_one(Input)
        assert styled.count(field) == 1
        before = styles(screen)
        screen.update_node_styles(animate=False)
        assert styles(screen) == before


async def test_it_is_drawn_once_and_then_what_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bool] = []
    draw = Compositor.render_update

    def noted(self: Compositor, **how: object) -> object:
        is_all = self.size.region in self._dirty_regions
        update = draw(self, **how)  # type: ignore[arg-type]
        if update is not None:
            drawn.append(is_all)
        return update

    async with Bench().run_test() as pilot:
        monkeypatch.setattr(Compositor, "render_update", noted)
        screen = Lean()
        pilot.app.push_screen(screen)
        while not drawn:
            await pilot.pause()
        assert drawn == [True]
        screen.query_one(Input).focus()
        while len(drawn) == 1:
            await pilot.pause()
        assert drawn[:2] == [True, False]


async def test_a_theme_that_was_chosen_on_another_screen_is_seen() -> None:
    async with Bench().run_test() as pilot:
        first, second = Lean(), Lean()
        await pilot.app.push_screen(first)
        await pilot.app.push_screen(second)
        pilot.app.theme = "spark-light"
        await pilot.pause()
        second.dismiss()
        await pilot.pause()
        before = styles(first)
        first.update_node_styles(animate=False)
        assert styles(first) == before
