"""What the patch language counts as white space, and which punctuation it takes for the same.

Observed on Codex 0.169.0. Python's own ``str.strip`` differs: it also strips U+001C to U+001F.
"""

from __future__ import annotations

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters to give to ``str.strip``: Unicode's ``White_Space`` property."""

FOLDED_PUNCTUATION = {
    **dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-"),
    **dict.fromkeys(range(0x2018, 0x201C), "'"),
    **dict.fromkeys(range(0x201C, 0x2020), '"'),
    **dict.fromkeys([0x00A0, *range(0x2002, 0x200B), 0x202F, 0x205F, 0x3000], " "),
}
"""A table for ``str.translate``: typographic dashes, quotes and spaces to those of ASCII."""
