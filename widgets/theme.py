"""The two themes, the colours that have a meaning, and the shapes that go with them.

Style sheets name meanings (``$hunk-pending``, ``$diff-added-bg``), never colours. A theme that is not ours has no
such names; :class:`ThemedApp` fills them in, so that every theme of Textual works, also those that use the
terminal's own sixteen colours.
"""

from __future__ import annotations

from typing import TypeVar

from textual.app import App
from textual.theme import Theme

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

DARK: dict[str, str] = {
    "hunk-streaming": "#7cc0ff",
    "hunk-pending": "#e8bd6d",
    "hunk-accepted": "#84cf91",
    "hunk-rejected": "#c99aa6",
    "hunk-conflicted": "#ff8178",
    "hunk-retired": "#838d9c",
    "diff-added": "#84cf91",
    "diff-added-bg": "#14291d",
    "diff-added-word-bg": "#1f4c2a",
    "diff-removed": "#f0918f",
    "diff-removed-bg": "#321a1e",
    "diff-removed-word-bg": "#6b2a32",
    "diff-header-bg": "#1d232c",
    "diff-moved": "#838d9c",
    "line-number": "#7a8494",
    "text-quiet": "#a3acb9",
    "text-faint": "#838d9c",
    "rule": "#303845",
    "cursor-bg": "#26405f",
    "cursor-bg-blurred": "#232a35",
    "selection-bg": "#2d4568",
    "match": "#ffd479",
    "git-modified": "#e8bd6d",
    "git-added": "#84cf91",
    "git-deleted": "#f0918f",
    "git-untracked": "#8fc7c2",
    "git-renamed": "#bda4f2",
    "git-unmerged": "#ff8178",
}
"""On a dark ground."""

LIGHT: dict[str, str] = {
    "hunk-streaming": "#0a58a8",
    "hunk-pending": "#855400",
    "hunk-accepted": "#186a35",
    "hunk-rejected": "#8b4257",
    "hunk-conflicted": "#b0191d",
    "hunk-retired": "#646c77",
    "diff-added": "#186a35",
    "diff-added-bg": "#e4f5e7",
    "diff-added-word-bg": "#b5e3bf",
    "diff-removed": "#a8262b",
    "diff-removed-bg": "#fcebea",
    "diff-removed-word-bg": "#f6c3c1",
    "diff-header-bg": "#ebebe6",
    "diff-moved": "#646c77",
    "line-number": "#646c77",
    "text-quiet": "#525b66",
    "text-faint": "#646c77",
    "rule": "#d0d0c9",
    "cursor-bg": "#cfe2f8",
    "cursor-bg-blurred": "#e6e8ea",
    "selection-bg": "#bcd7f5",
    "match": "#8a4b00",
    "git-modified": "#855400",
    "git-added": "#186a35",
    "git-deleted": "#a8262b",
    "git-untracked": "#0f6464",
    "git-renamed": "#6a3fb5",
    "git-unmerged": "#b0191d",
}
"""On a light ground."""

ANSI: dict[str, str] = {
    "hunk-streaming": "ansi_blue",
    "hunk-pending": "ansi_yellow",
    "hunk-accepted": "ansi_green",
    "hunk-rejected": "ansi_magenta",
    "hunk-conflicted": "ansi_red",
    "hunk-retired": "ansi_bright_black",
    "diff-added": "ansi_green",
    "diff-added-bg": "ansi_default",
    "diff-added-word-bg": "ansi_default",
    "diff-removed": "ansi_red",
    "diff-removed-bg": "ansi_default",
    "diff-removed-word-bg": "ansi_default",
    "diff-header-bg": "ansi_default",
    "diff-moved": "ansi_bright_black",
    "line-number": "ansi_bright_black",
    "text-quiet": "ansi_default",
    "text-faint": "ansi_bright_black",
    "rule": "ansi_bright_black",
    "cursor-bg": "ansi_bright_black",
    "cursor-bg-blurred": "ansi_default",
    "selection-bg": "ansi_cyan",
    "match": "ansi_magenta",
    "git-modified": "ansi_yellow",
    "git-added": "ansi_green",
    "git-deleted": "ansi_red",
    "git-untracked": "ansi_cyan",
    "git-renamed": "ansi_magenta",
    "git-unmerged": "ansi_red",
}
"""In the terminal's own colours; white and black are left out, for which of them can be read is not known."""

SPARK_DARK = Theme(
    name="spark-dark",
    primary="#7cc0ff",
    secondary="#8fc7c2",
    accent="#e8bd6d",
    warning="#e8bd6d",
    error="#ff8178",
    success="#84cf91",
    foreground="#d9dee6",
    background="#11151b",
    surface="#161b22",
    panel="#1d232c",
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
    primary="#0a58a8",
    secondary="#0f6464",
    accent="#855400",
    warning="#855400",
    error="#b0191d",
    success="#186a35",
    foreground="#23282e",
    background="#fbfbf8",
    surface="#f4f4f0",
    panel="#ebebe6",
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

    def get_theme_variable_defaults(self) -> dict[str, str]:
        theme = self.current_theme
        if theme.ansi:
            return ANSI
        return DARK if theme.dark else LIGHT
