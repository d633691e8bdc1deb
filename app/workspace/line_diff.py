"""The difference between two texts as line edits, by git's histogram algorithm.

git is not given the lines but one short token for each distinct line, so line endings, encodings, attributes, NUL
bytes and a missing final newline cannot change what it finds. A token begins with the line's own indentation, and
the empty line is the empty token, since git's indent heuristic shifts edits to where a person would put them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.git_process import run_git
from spark_tui.app.workspace.unified_diff import is_hunk_header, parse_header
from spark_tui.protocol.patch.edits import LineEdit

TIME_LIMIT = 5.0
"""Seconds that git may take for one pair of texts."""

_INDENT_LIMIT = 100
"""Characters of indentation that are told to git; a line may consist of megabytes of it."""


def git_line_diff(old: Sequence[str], new: Sequence[str]) -> list[LineEdit]:
    """The edits that make ``new`` of ``old``, in ascending order, none touching the next.

    Lines keep their breaks (:func:`~spark_tui.protocol.patch.edits.split_lines`). Blocks while git runs, which it
    does only when lines are both removed and added. Where git cannot answer in :data:`TIME_LIMIT`, everything
    between the first and the last difference is one edit: coarse, and right.
    """
    start = _common_prefix(old, new)
    old_end, new_end = len(old), len(new)
    while old_end > start and new_end > start and old[old_end - 1] == new[new_end - 1]:
        old_end -= 1
        new_end -= 1
    if start == old_end and start == new_end:
        return []
    middle = LineEdit(start, old_end, tuple(new[start:new_end]))
    if start in (old_end, new_end) or set(old[start:old_end]).isdisjoint(new[start:new_end]):
        return [middle]
    try:
        ranges = _histogram_diff(old[start:old_end], new[start:new_end])
    except GitError:
        return [middle]
    return [
        LineEdit(start + first, start + last, tuple(new[start + new_first : start + new_last]))
        for first, last, new_first, new_last in ranges
    ]


def _common_prefix(old: Sequence[str], new: Sequence[str]) -> int:
    for number, (before, after) in enumerate(zip(old, new, strict=False)):
        if before != after:
            return number
    return min(len(old), len(new))


def _histogram_diff(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """The ranges that differ: 0-based and half open, in the old lines and in the new."""
    numbers: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="spark-tui-diff-") as name:
        folder = Path(name)
        for file, lines in (("old", old), ("new", new)):
            tokens = "\n".join(_token(line, numbers.setdefault(line, len(numbers))) for line in lines)
            (folder / file).write_text(tokens + "\n", encoding="utf-8", newline="")
        output = run_git(
            folder,
            (
                *("diff", "--no-index", "--histogram", "--indent-heuristic", "--unified=0", "--inter-hunk-context=0"),
                *("--text", "--no-color", "--no-ext-diff", "--no-textconv", "--", "old", "new"),
            ),
            config=(("core.autocrlf", "false"), ("core.attributesFile", "/dev/null")),
            accept=(0, 1),
            timeout=TIME_LIMIT,
        ).stdout
    ranges = []
    for line in output.split(b"\n"):
        if is_hunk_header(line):
            old_start, old_count, new_start, new_count, _ = parse_header(line)
            first = old_start - 1 if old_count else old_start
            new_first = new_start - 1 if new_count else new_start
            ranges.append((first, first + old_count, new_first, new_first + new_count))
    return ranges


def _token(line: str, number: int) -> str:
    """What stands for ``line``: never the same for two lines, since only ``"\\n"`` itself is empty."""
    if line == "\n":
        return ""
    indent = len(line) - len(line.lstrip(" \t"))
    return f"{line[: min(indent, _INDENT_LIMIT)]}{number}"
