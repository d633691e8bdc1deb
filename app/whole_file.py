"""Writing a small file so that whoever reads it finds all of the old text or all of the new."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Let ``path`` be ``text``, with the folders on the way; raises :exc:`OSError` where that cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
