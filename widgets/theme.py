"""The two themes, the colours that have a meaning, and the shapes that go with them.

Style sheets name meanings (``$hunk-pending``, ``$diff-added-bg``), never colours. A theme that is not ours has no
such names; :class:`ThemedApp` fills them in, so that every theme of Textual works, also those that use the
terminal's own sixteen colours.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TypeVar

from textual import events
from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import Worker

from spark_tui.widgets.colors import ANSI, DARK, DARK_GROUND, LIGHT, LIGHT_GROUND
from spark_tui.widgets.key_order import KeyOrder
from spark_tui.widgets.rows import Mark

Answer = TypeVar("Answer")

SHAPES: dict[Mark, str] = {
    Mark.STREAMING: "▸",
    Mark.PENDING: "●",
    Mark.ACCEPTED: "✓",
    Mark.REJECTED: "✗",
    Mark.CONFLICTED: "‼",
    Mark.RETIRED: "⌀",
}
"""One shape of one cell for each state, the same in every pane."""

SPARK_DARK = Theme(
    name="spark-dark",
    secondary="#8fc7c2",
    accent="#e8bd6d",
    warning="#e8bd6d",
    error="#ff8178",
    success="#84cf91",
    primary=DARK_GROUND["primary"],
    foreground=DARK_GROUND["foreground"],
    background=DARK_GROUND["background"],
    surface=DARK_GROUND["surface"],
    panel=DARK_GROUND["panel"],
    dark=True,
    variables={
        **DARK,
        "footer-background": "#161b22",
        "footer-key-foreground": "#7cc0ff",
        "footer-description-foreground": "#a3acb9",
        "border": "#7cc0ff",
        "border-blurred": "#303845",
        "input-selection-background": "#2d4568",
        "block-cursor-background": "#26405f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#232a35",
        "scrollbar": "#3a4452",
        "scrollbar-hover": "#566275",
        "scrollbar-active": "#7cc0ff",
        "scrollbar-background": "#161b22",
        "scrollbar-background-hover": "#161b22",
        "scrollbar-background-active": "#161b22",
    },
)

SPARK_LIGHT = Theme(
    name="spark-light",
    secondary="#0f6464",
    accent="#855400",
    warning="#855400",
    error="#b0191d",
    success="#186a35",
    primary=LIGHT_GROUND["primary"],
    foreground=LIGHT_GROUND["foreground"],
    background=LIGHT_GROUND["background"],
    surface=LIGHT_GROUND["surface"],
    panel=LIGHT_GROUND["panel"],
    dark=False,
    variables={
        **LIGHT,
        "footer-background": "#f4f4f0",
        "footer-key-foreground": "#0a58a8",
        "footer-description-foreground": "#525b66",
        "border": "#0a58a8",
        "border-blurred": "#d0d0c9",
        "input-selection-background": "#bcd7f5",
        "block-cursor-background": "#cfe2f8",
        "block-cursor-foreground": "#101418",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e6e8ea",
        "scrollbar": "#c3c3bb",
        "scrollbar-hover": "#9c9c94",
        "scrollbar-active": "#0a58a8",
        "scrollbar-background": "#f4f4f0",
        "scrollbar-background-hover": "#f4f4f0",
        "scrollbar-background-active": "#f4f4f0",
    },
)


class ThemedApp(App[Answer]):
    """A Textual app that knows both themes, starts in ``spark-dark``, and knows the meanings under any theme."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(SPARK_DARK)
        self.register_theme(SPARK_LIGHT)
        self.theme = SPARK_DARK.name
        self._keys = KeyOrder(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._keys.take(event)
        else:
            await super().on_event(event)

    async def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.is_finished:
            await self._keys.worker_ended(event.worker)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        for theme, title in ((SPARK_DARK, "Dark theme"), (SPARK_LIGHT, "Light theme")):
            if theme.name != self.theme:
                yield SystemCommand(title, f"Draw in {theme.name}", partial(setattr, self, "theme", theme.name))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        theme = self.current_theme
        if theme.ansi:
            return ANSI
        return DARK if theme.dark else LIGHT
