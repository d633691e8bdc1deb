"""The theme that the user chose last, in any repository: one word in a file of the platform's state folder.

It has a file of its own since the first frame is drawn in it, and what reads
:mod:`spark_tui.app.remembered` takes longer to import than that frame may take.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from spark_tui.app.settings import DEFAULT_THEME, DIRS, Settings
from spark_tui.app.whole_file import write_whole

FILE = "theme"


def theme_path() -> Path:
    """Where the file is."""
    return DIRS.user_state_path / FILE


def starting_theme(settings: Settings) -> str:
    """What the program is drawn in at first: as the config file says, else as it was chosen last."""
    return settings.theme or chosen_theme(theme_path()) or DEFAULT_THEME


def chosen_theme(path: Path) -> str | None:
    """What :func:`choose_theme` wrote last; ``None`` where there is nothing, or nothing that can be read."""
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def choose_theme(path: Path, theme: str) -> None:
    """Keep ``theme``. Where the folder cannot be written, it is forgotten with the program."""
    with contextlib.suppress(OSError):
        write_whole(path, f"{theme}\n")
