"""The theme: chosen by name, and kept for the next time wherever in the program it was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App

from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.settings import Settings
from spark_tui.app.theme_choice import choose_theme, starting_theme, theme_path
from spark_tui.widgets.completions import Completion
from spark_tui.widgets.theme import SPARK_DARK, SPARK_LIGHT


class Theming:
    """Draws ``app`` in the theme that it was drawn in the last time; one that is gone gives way to the default."""

    def __init__(self, app: App[Any], settings: Settings, notify: Notify) -> None:
        self._app = app
        self._configured = settings.theme
        self._notify = notify
        theme = starting_theme(settings)
        if theme in app.available_themes:
            app.theme = theme

    def begin(self) -> None:
        """From now on a change of the theme is the user's."""
        self._app.watch(self._app, "theme", self._keep, init=False)

    def choose(self, name: str) -> None:
        """Draw in the theme ``name``."""
        if name in self._app.available_themes:
            self._app.theme = name
        else:
            self._notify(f"there is no theme {name}; `/theme ` offers those there are", Severity.WARNING)

    def completions(self) -> Iterator[Completion]:
        """What the prompt offers behind the command, our own themes first."""
        ours = (SPARK_DARK.name, SPARK_LIGHT.name)
        themes = self._app.available_themes
        for name in (*ours, *sorted(name for name in themes if name not in ours)):
            ground = "dark" if themes[name].dark else "light"
            about = f"{ground}, in the terminal's own colours" if themes[name].ansi else ground
            yield Completion(f"/theme {name}", about)

    def _keep(self, theme: str) -> None:
        if self._configured is not None:
            told = f"drawn in {theme}; config.toml says {self._configured}, which comes back the next time"
            self._notify(told, Severity.INFORMATION)
        else:
            self._app.run_worker(partial(self._write, theme_path()), thread=True)

    def _write(self, path: Path) -> None:
        """Write what it is by now: of two changes in a row, either may come last."""
        choose_theme(path, self._app.theme)
