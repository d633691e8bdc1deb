"""The colours of the streaming views by meaning, as component classes that a theme or a stylesheet can set.

A role is the name of a component class. The states' own colours are those of
:mod:`spark_tui.widgets.theme`; grounds are mixed from the theme, so that they suit any. Shapes (marks, rails, bars)
tell states apart too; colour only helps.
"""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from spark_tui.widgets.rows import Mark

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
"""Goes inside a view's ``DEFAULT_CSS`` rule: all that the views share. The others add what is a pane's own."""

TRANSCRIPT_ROLES = {
    "transcript--user-mark",
    "transcript--user",
    "transcript--model",
    "transcript--reasoning",
    "transcript--tool-mark",
    "transcript--tool",
    "transcript--notice",
    "transcript--error-mark",
    "transcript--error",
    "transcript--code",
    "markdown--heading",
    "markdown--strong",
    "markdown--emphasis",
    "markdown--code",
    "markdown--link",
    "markdown--target",
    "markdown--item",
    "markdown--quote",
}

TRANSCRIPT_CSS = """
    & > .transcript--user-mark { color: $accent; }
    & > .transcript--user { color: $foreground; text-style: bold; }
    & > .transcript--model { color: $foreground 92%; }
    & > .transcript--reasoning { color: $foreground 52%; text-style: italic; }
    & > .transcript--tool-mark { color: $text-secondary; }
    & > .transcript--tool { color: $foreground 68%; }
    & > .transcript--notice { color: $foreground 55%; }
    & > .transcript--error-mark { color: $text-error; text-style: bold; }
    & > .transcript--error { color: $text-error; }
    & > .transcript--code { background: $foreground 6%; }
    & > .markdown--heading { color: $text-primary; text-style: bold; }
    & > .markdown--strong { text-style: bold; }
    & > .markdown--emphasis { text-style: italic; }
    & > .markdown--code { color: $text-warning; background: $foreground 7%; }
    & > .markdown--link { color: $text-primary; text-style: underline; }
    & > .markdown--target { color: $foreground 45%; }
    & > .markdown--item { color: $text-accent; }
    & > .markdown--quote { color: $foreground 60%; }
"""

DIFF_ROLES = {
    *(f"diff--{mark.value}" for mark in Mark),
    "diff--file",
    "diff--hunk",
    "diff--hunk-current",
    "diff--context",
    "diff--added",
    "diff--added-sign",
    "diff--added-emphasis",
    "diff--added-settled",
    "diff--removed",
    "diff--removed-sign",
    "diff--removed-emphasis",
    "diff--removed-settled",
    "diff--refused",
    "diff--note",
    "diff--cursor",
    "diff--found",
    "diff--moved",
    "diff--absent",
    "diff--place",
}

DIFF_CSS = """
    & > .diff--streaming { color: $hunk-streaming; text-style: bold; }
    & > .diff--pending { color: $hunk-pending; text-style: bold; }
    & > .diff--accepted { color: $hunk-accepted; text-style: bold; }
    & > .diff--rejected { color: $hunk-rejected; }
    & > .diff--conflicted { color: $hunk-conflicted; text-style: bold; }
    & > .diff--retired { color: $hunk-retired; }
    & > .diff--file { background: $foreground 12%; color: $foreground; text-style: bold; }
    & > .diff--hunk { background: $foreground 4%; color: $foreground 60%; }
    & > .diff--hunk-current { background: $primary 22%; color: $foreground; text-style: bold; }
    & > .diff--context { color: $foreground 80%; }
    & > .diff--added { background: $success 13%; }
    & > .diff--added-sign { color: $diff-added; text-style: bold; }
    & > .diff--added-emphasis { background: $success 36%; }
    & > .diff--added-settled { background: $success 5%; color: $foreground 75%; }
    & > .diff--removed { background: $error 15%; }
    & > .diff--removed-sign { color: $diff-removed; text-style: bold; }
    & > .diff--removed-emphasis { background: $error 42%; }
    & > .diff--removed-settled { background: $error 5%; color: $foreground 55%; }
    & > .diff--refused { color: $foreground 42%; text-style: strike; }
    & > .diff--note { color: $text-warning; text-style: italic; }
    & > .diff--cursor { background: $foreground 9%; }
    & > .diff--found { color: $match; text-style: bold underline; }
    & > .diff--moved { color: $diff-moved; }
    & > .diff--absent { background: $foreground 3%; }
    & > .diff--place { color: $text-quiet; text-style: none; }
"""


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
        ground = self._widget.background_colors[1]
        drawn = styles.text_style
        if self._widget.app.current_theme.ansi:
            # The terminal's own colours cannot be mixed: a tint would come out at full strength.
            color = styles.color.rich_color if styles.has_rule("color") else None
            return drawn + Style(color=color, dim=role in _FAINT or None, underline=role in _EMPHASIS or None)
        if styles.has_rule("background") and styles.background.a:
            ground = ground + styles.background
            drawn = drawn + Style(bgcolor=ground.rich_color)
        if styles.has_rule("color"):
            drawn = drawn + Style(color=(ground + styles.color).rich_color)
        return drawn


_FAINT = {"view--faint", "view--muted", "diff--refused", "transcript--reasoning", "markdown--target"}
_EMPHASIS = {"diff--added-emphasis", "diff--removed-emphasis", "markdown--code"}
