"""How much of a change is formatting alone: lines that differ by white space, breaks or trailing commas. Pure.

>>> formatting_lines(["f(a, b)\\n"], ["f(\\n", "    a,\\n", "    b,\\n", ")\\n"])
5
>>> formatting_lines(["x=1\\n", "y\\n"], ["x = 1\\n", "z\\n", "\\n"])
3
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_TRAILING_COMMA = re.compile(r",(?=[)\]}])")


def formatting_lines(removed: Sequence[str], added: Sequence[str]) -> int:
    """How many of the removed and added lines say nothing new, counted on both sides.

    Characters decide, not a language: where indentation means something, a changed indentation counts as formatting.
    """
    if removed and added and _joined(removed) == _joined(added):
        return len(removed) + len(added)
    before, after = Counter(map(_squeezed, removed)), Counter(map(_squeezed, added))
    blank = before.pop("", 0) + after.pop("", 0)
    return blank + 2 * (before & after).total()


def _joined(lines: Iterable[str]) -> str:
    return _TRAILING_COMMA.sub("", "".join(map(_squeezed, lines)))


def _squeezed(line: str) -> str:
    return "".join(line.split())
