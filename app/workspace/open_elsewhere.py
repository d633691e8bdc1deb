"""Signs that an editor has a file open: the files that editors lay beside it. They warn; they never forbid."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_SIGNS = (
    (".{name}.swp", "Vim"),
    (".#{name}", "Emacs"),
    ("#{name}#", "Emacs"),
    (".~lock.{name}#", "LibreOffice"),
)


def open_elsewhere(root: Path, paths: Iterable[str]) -> list[tuple[str, str]]:
    """Of ``paths`` below ``root``, those that seem to be open, each with the editor's name; never raises."""
    found = []
    for path in paths:
        parts = PurePosixPath(path)
        for pattern, editor in _SIGNS:
            if _is_there(root / parts.parent / pattern.format(name=parts.name)):
                found.append((path, editor))
                break
    return found


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
