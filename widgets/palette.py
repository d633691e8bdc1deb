"""The colours of the streaming views by meaning, as component classes that a theme or a stylesheet can set.

A role is the name of a component class. Shapes (marks, rails, bars) tell states apart too; colour only helps.
"""

from __future__ import annotations

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

SYNTAX_ROLES = {
    "syntax--keyword",
    "syntax--string",
    "syntax--number",
    "syntax--comment",
    "syntax--function",
    "syntax--type",
    "syntax--builtin",
    "syntax--decorator",
    "syntax--tag",
}
VIEW_ROLES = SYNTAX_ROLES | {
    "view--scrollbar",
    "view--more",
    "view--muted",
    "view--faint",
    "view--heading",
    "view--key",
}

VIEW_CSS = """
    & > .view--scrollbar { color: $foreground 30%; }
    & > .view--more { color: $text-accent; text-style: bold; }
    & > .view--muted { color: $foreground 60%; }
    & > .view--faint { color: $foreground 38%; }
    & > .view--heading { color: $text-primary; text-style: bold; }
    & > .view--key { color: $text-accent; text-style: bold; }
    & > .syntax--keyword { color: $text-accent; }
    & > .syntax--string { color: $text-success; }
    & > .syntax--number { color: $text-warning; }
    & > .syntax--comment { color: $foreground 55%; text-style: italic; }
    & > .syntax--function { color: $text-primary; }
    & > .syntax--type { color: $text-primary; text-style: bold; }
    & > .syntax--builtin { color: $text-secondary; }
    & > .syntax--decorator { color: $text-warning; }
    & > .syntax--tag { color: $text-error; }
"""
"""Goes inside a view's ``DEFAULT_CSS`` rule: all that the views share."""


class Palette:
    """Roles as Rich styles for one widget, computed once a theme.

    Textual drops its own cache of component styles on every refresh, which is once a frame here.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}
        self._base: Style | None = None

    @property
    def base(self) -> Style:
        """The widget's own colours, which every cell starts from."""
        if self._base is None:
            self._base = self._widget.rich_style
        return self._base

    def __getitem__(self, role: str) -> Style:
        """The style to lay over :attr:`base` for ``role``; several roles may be given, separated by spaces."""
        style = self._styles.get(role)
        if style is None:
            style = Style.combine([self._resolve(name) for name in role.split()])
            self._styles[role] = style
        return style

    def clear(self) -> None:
        """Forget everything; called when the theme or the stylesheet changed."""
        self._styles.clear()
        self._base = None

    def _resolve(self, role: str) -> Style:
        styles = self._widget.get_component_styles(role)
        _, behind = self._widget.background_colors
        background: Color | None = None
        if styles.has_rule("background") and styles.background.a:
            background = behind + styles.background
        color: Color | None = None
        if styles.has_rule("color"):
            color = (background or behind) + styles.color
        drawn = Style(
            color=color.rich_color if color is not None else None,
            bgcolor=background.rich_color if background is not None else None,
        )
        return drawn + styles.text_style
