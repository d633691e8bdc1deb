"""The colours that have a meaning, by theme. Nothing is imported here, since the first frame waits for it."""

from __future__ import annotations

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

DARK_GROUND: dict[str, str] = {
    "primary": "#7cc0ff",
    "foreground": "#d9dee6",
    "background": "#11151b",
    "surface": "#161b22",
    "panel": "#1d232c",
}
"""What the dark theme stands on."""

LIGHT_GROUND: dict[str, str] = {
    "primary": "#0a58a8",
    "foreground": "#23282e",
    "background": "#fbfbf8",
    "surface": "#f4f4f0",
    "panel": "#ebebe6",
}
"""What the light theme stands on."""
