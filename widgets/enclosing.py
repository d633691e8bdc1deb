"""The function, class or heading that a line is in, as git shows it in a hunk's header. Pure.

>>> lines = ["class Cart:\\n", "    def total(self):\\n", "        return 0\\n"]
>>> enclosing(lines, 2)
'def total(self):'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SEARCHED = 400
"""Lines above that are looked at; code further away is not what a reader would call the place."""

_WORDS = (
    r"(?:export|default|declare|public|private|protected|internal|static|final|abstract|async|override|pub(?:\([^)]*\))?"
    r"|unsafe|extern|inline|virtual|sealed|partial|open|data)"
)
_DEFINITION = re.compile(
    rf"[ \t]*(?:{_WORDS}\s+)*"
    r"(?:def|class|fn|func|fun|function|interface|trait|impl|struct|enum|module|namespace|object|record|protocol)\b"
)
_LINE_MAX = 500


def enclosing(lines: Sequence[str], line: int) -> str:
    """The nearest definition above ``line`` (0-based) that is indented less, else the nearest line at the margin.

    Without the blanks around it; empty where there is neither within :data:`SEARCHED` lines.
    """
    margin = ""
    inner = _indent(lines[line]) if line < len(lines) and lines[line].strip() else _LINE_MAX
    last = min(line, len(lines))
    for text in reversed(lines[max(0, line - SEARCHED + 1) : last]):
        begin = text[:_LINE_MAX]
        code = begin.lstrip(" \t")
        indent = len(begin) - len(code)
        if (indent >= inner and (indent or margin)) or not code or code.isspace():
            continue  # nothing that is around the line, as most lines are
        if indent < inner and _DEFINITION.match(code):
            return begin.strip()
        if indent == 0 and not margin and (code[0].isalpha() or code[0] in "_$"):
            margin = begin.rstrip()
            inner = min(inner, 1)
        elif code[0] != "#" or indent:
            inner = min(inner, max(indent, 1))
    return margin


def opens_in(lines: Sequence[str]) -> str:
    """The definition around the last of ``lines`` among those before it, without the blanks around it; else empty.

    >>> opens_in(["def main():\\n", "    cart = Cart()\\n", "    cart.add()\\n"])
    'def main():'
    """
    if not lines or not _indent(lines[-1]) or not lines[-1].strip():
        return ""
    found = enclosing(lines, len(lines) - 1)
    return found if _DEFINITION.match(found) else ""


def _indent(text: str) -> int:
    text = text[:_LINE_MAX]
    return len(text) - len(text.lstrip(" \t"))
