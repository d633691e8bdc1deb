"""The result of matching: line edits on one file's text.

Lines of a *file* are strings **with** their line break, as ``str.splitlines(keepends=True)`` would cut them if it
knew only ``\\n`` (so ``"a\\r\\n"`` is one line, and only the last may lack a break). Line numbers are 0-based.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Replace the source lines ``[start, end)`` by ``lines``; ``start == end`` inserts before ``start``."""

    start: int
    end: int
    lines: tuple[str, ...]


OTHER_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What ``str.splitlines`` takes for the end of a line too."""


def split_lines(text: str) -> list[str]:
    """Cut ``text`` after each ``\\n``; the parts joined are ``text`` again, and ``""`` has no line."""
    if any(character in text for character in OTHER_BREAKS):
        return StringIO(text, newline="\n").readlines()
    return text.splitlines(keepends=True)  # in half the time: no copy of four bytes a character is made


def apply_edits(lines: Sequence[str], edits: Sequence[LineEdit]) -> list[str]:
    """Return ``lines`` with ``edits`` made; they must be in ascending order and must not overlap.

    Lines put behind a last line that lacks its break give it one, of their own kind.

    >>> apply_edits(["a\\n", "b\\n"], [LineEdit(1, 2, ("B\\n", "c\\n"))])
    ['a\\n', 'B\\n', 'c\\n']
    """
    result: list[str] = []
    position = 0
    for edit in edits:
        if edit.start < position:
            raise ValueError(f"edits overlap at line {edit.start}")
        result.extend(lines[position : edit.start])
        if edit.lines and result and not result[-1].endswith("\n"):
            result[-1] += "\r\n" if edit.lines[0].endswith("\r\n") else "\n"
        result.extend(edit.lines)
        position = edit.end
    result.extend(lines[position:])
    return result
