"""A conflict as text: for the editor in which it is resolved by hand, and for the model that is asked again."""

from __future__ import annotations

from spark_tui.app.changes.errors import IllegalStep
from spark_tui.app.changes.hunk import Conflict, Hunk
from spark_tui.protocol.patch.edits import split_lines

THEIRS_MARK = "<<<<<<< in the file now\n"
BASE_MARK = "||||||| what the change was made on\n"
OURS_MARK = "=======\n"
END_MARK = ">>>>>>> the change\n"
_MARKS = frozenset((THEIRS_MARK, BASE_MARK, OURS_MARK, END_MARK))
_BEGIN, _MIDDLE, _END = "<<<<<<< ", "=======", ">>>>>>> "

MOST_LINES = 200
"""Lines of each side that the model is sent."""


def marked(conflict: Conflict) -> str:
    """All three sides between marks, as git writes them with ``merge.conflictStyle=diff3``.

    >>> marked(Conflict(("b\\n",), ("t\\n",), ("o\\n",))).splitlines()[:4]
    ['<<<<<<< in the file now', 't', '||||||| what the change was made on', 'b']
    >>> marked(Conflict(("b\\n",), ("t\\n",), ("o\\n",))).splitlines()[4:]
    ['=======', 'o', '>>>>>>> the change']
    """
    sides = (THEIRS_MARK, conflict.theirs, BASE_MARK, conflict.base, OURS_MARK, conflict.ours)
    parts = [side if isinstance(side, str) else _closed(side) for side in sides]
    return "".join(parts) + END_MARK


def resolved(text: str) -> list[str]:
    """The lines of an edited conflict; raises :exc:`IllegalStep` while one of our marks is left."""
    lines = split_lines(text)
    if any(line in _MARKS for line in lines):
        raise IllegalStep("the marks of the conflict are still in it; leave only the lines that the file should have")
    return lines


def request(hunk: Hunk, conflict: Conflict) -> str:
    """What to say to the model whose hunk no longer fits."""
    if conflict.deleted:
        return f"{hunk.path} was deleted while your change to it was pending. Say what to do instead, or leave it."
    return (
        f"Your change to {hunk.path} at line {hunk.start + 1} no longer fits: I have edited these lines meanwhile.\n"
        f"In the file now:\n{_fenced(conflict.theirs)}"
        f"What you had changed:\n{_fenced(conflict.base)}"
        f"What you made of it:\n{_fenced(conflict.ours)}"
        "Read the file again and send the change anew, so that my edit stays."
    )


def has_conflict_marks(text: str) -> bool:
    """Whether git left a conflict in ``text``: its three marks at the beginning of lines, in order."""
    if _BEGIN not in text:
        return False
    waited = iter((_BEGIN, _MIDDLE, _END))
    mark = next(waited)
    for line in text.splitlines():
        if line.startswith(mark):
            following = next(waited, None)
            if following is None:
                return True
            mark = following
    return False


def _closed(lines: tuple[str, ...]) -> str:
    text = "".join(lines)
    return text if not text or text.endswith("\n") else text + "\n"


def _fenced(lines: tuple[str, ...]) -> str:
    shown = _closed(lines[:MOST_LINES])
    more = f"... and {len(lines) - MOST_LINES} more lines\n" if len(lines) > MOST_LINES else ""
    fence = "`" * max(3, 1 + max((len(line) - len(line.lstrip("`")) for line in lines), default=0))
    return f"{fence}\n{shown}{more}{fence}\n"
