"""Line diffs for the tests: git's own, and a quick one without a process."""

from __future__ import annotations

import re
import subprocess
from difflib import SequenceMatcher
from pathlib import Path

from spark_tui.protocol.patch.edits import LineEdit

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def git_diff(folder: Path, old: list[str], new: list[str]) -> list[LineEdit]:
    """The diff that ``git merge-file`` computes inside: Myers, without the indent heuristic."""
    (folder / "old").write_bytes("".join(old).encode())
    (folder / "new").write_bytes("".join(new).encode())
    command = ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--text", "-U0", "--no-indent-heuristic"]
    shown = subprocess.run(
        [*command, "--diff-algorithm=myers", "--", "old", "new"], cwd=folder, capture_output=True, check=False
    )
    assert shown.returncode in (0, 1), shown.stderr
    edits = []
    for header in _HUNK.finditer(shown.stdout):
        start, size, begin, length = (int(n) if n is not None else 1 for n in header.groups())
        first = start if size == 0 else start - 1
        begin = begin if length == 0 else begin - 1
        edits.append(LineEdit(first, first + size, tuple(new[begin : begin + length])))
    return edits


def quick_diff(old: list[str], new: list[str]) -> list[LineEdit]:
    """A diff by difflib."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [LineEdit(i1, i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]


def never_diff(old: list[str], new: list[str]) -> list[LineEdit]:
    """For tests in which nobody may ask for a diff."""
    raise AssertionError("a diff was asked for")
