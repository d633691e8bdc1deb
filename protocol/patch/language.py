"""The words of the patch language: its dialects, marks, white space and the messages about its frame.

White space and folding as observed on Codex 0.169.0; Python's own ``str.strip`` also strips U+001C to U+001F.
"""

from __future__ import annotations

from enum import Enum

from spark_tui.protocol.patch.events import Op, SectionKind

BEGIN = "*** Begin Patch"
END = "*** End Patch"
END_OF_FILE = "*** End of File"
MOVE_TO = "*** Move to: "
ENVIRONMENT = "*** Environment ID:"
SECTION_MARKS = {
    "*** Add File: ": SectionKind.ADD,
    "*** Delete File: ": SectionKind.DELETE,
    "*** Update File: ": SectionKind.UPDATE,
}
HEREDOC_OPENERS = ("<<EOF", "<<'EOF'", '<<"EOF"')
HEREDOC_END = "EOF"
OPS = {op.value: op for op in Op}

NO_BEGIN = f"Invalid patch: The first line of the patch must be '{BEGIN}'"
NO_END = f"Invalid patch: The last line of the patch must be '{END}'"

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


class Dialect(Enum):
    """How strictly a patch is read.

    ``CODEX`` is what ``spark-tui apply`` speaks. ``LENIENT`` is for what models stream: text around the envelope
    is skipped, ``@@`` headers may be stacked, and an Update that only moves needs no chunk.
    """

    CODEX = "codex"
    LENIENT = "lenient"
