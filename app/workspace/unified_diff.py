"""The hunks of a unified diff, as bytes: files need not be UTF-8. Pure.

A hunk's lines keep their line breaks, and the last line of a file may have none, as the two files have them; the
``\\ No newline at end of file`` of the text form is not among them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

_HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)", re.DOTALL)

KEEP, REMOVE, ADD = b" ", b"-", b"+"
"""What a line of a hunk does; the text form's own marks."""


@dataclass(frozen=True, slots=True)
class DiffHunk:
    """One hunk. Starts are 1-based; on a count of 0 the start is the line *before*, as in the text form.

    ``lines`` are pairs of a mark (:data:`KEEP`, :data:`REMOVE`, :data:`ADD`) and the line's bytes. ``section`` is
    what stands behind the second ``@@``: the function around, if git found one.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: bytes
    lines: tuple[tuple[bytes, bytes], ...]

    @property
    def old_lines(self) -> list[bytes]:
        """The lines that must be there."""
        return [line for mark, line in self.lines if mark != ADD]

    @property
    def new_lines(self) -> list[bytes]:
        """The lines that will be there."""
        return [line for mark, line in self.lines if mark != REMOVE]


def split_lines(data: bytes) -> list[bytes]:
    """Cut after each ``\\n``; the parts joined are ``data`` again."""
    lines = data.split(b"\n")
    tail = lines.pop()
    return [line + b"\n" for line in lines] + ([tail] if tail else [])


def is_hunk_header(line: bytes) -> bool:
    """Whether a hunk begins with this line."""
    return _HEADER.match(line) is not None


def parse_header(line: bytes) -> tuple[int, int, int, int, bytes]:
    """The numbers of ``@@ -a,b +c,d @@`` as (old start, old count, new start, new count) and what follows.

    Raises :exc:`ValueError` on any other line.
    """
    found = _HEADER.match(line.removesuffix(b"\n"))
    if found is None:
        raise ValueError(f"not a hunk header: {line[:80]!r}")
    old, new = (1 if found[group] is None else int(found[group]) for group in (2, 4))
    return int(found[1]), old, int(found[3]), new, found[5]


def parse_hunks(lines: Sequence[bytes], start: int = 0) -> tuple[list[DiffHunk], int]:
    """Read the hunks that begin at ``lines[start]``; return them and the index of the first line after them.

    ``lines`` keep their breaks. The counts in the headers decide where a hunk ends, so a line of content that looks
    like a header is content. Raises :exc:`ValueError` on a hunk that ends before its counts are met.
    """
    hunks: list[DiffHunk] = []
    position = start
    while position < len(lines) and is_hunk_header(lines[position]):
        old_start, old_count, new_start, new_count, section = parse_header(lines[position])
        body: list[tuple[bytes, bytes]] = []
        position += 1
        old_left, new_left = old_count, new_count
        while position < len(lines) and (old_left or new_left or lines[position].startswith(b"\\")):
            mark, text = lines[position][:1], lines[position][1:]
            position += 1
            if mark == b"\\":
                if not body:
                    raise ValueError("a hunk begins with a note about its last line")
                body[-1] = (body[-1][0], body[-1][1].removesuffix(b"\n"))
                continue
            if mark not in (KEEP, REMOVE, ADD):
                raise ValueError(f"not a line of a hunk: {lines[position - 1][:80]!r}")
            old_left -= mark != ADD
            new_left -= mark != REMOVE
            body.append((mark, text))
        if old_left or new_left:
            raise ValueError("a hunk is shorter than its header says")
        hunks.append(DiffHunk(old_start, old_count, new_start, new_count, section, tuple(body)))
    return hunks, position


def apply_hunks(data: bytes, hunks: Sequence[DiffHunk]) -> bytes:
    """``data`` with ``hunks`` made, each at the old lines its header names; any choice of one diff's hunks will do.

    Raises :exc:`ValueError` where the old lines are not what the hunk says: it is of another file.
    """
    lines = split_lines(data)
    result: list[bytes] = []
    position = 0
    for hunk in sorted(hunks, key=_first_line):
        first = _first_line(hunk)
        last = first + hunk.old_count
        if first < position or lines[first:last] != hunk.old_lines:
            raise ValueError(f"the hunk at line {hunk.old_start} does not fit the file")
        result += lines[position:first]
        result += hunk.new_lines
        position = last
    result += lines[position:]
    return b"".join(result)


def narrow(hunk: DiffHunk, chosen: Collection[int]) -> DiffHunk:
    """The hunk with only some of its changed lines, by their number among these; the others stay as they were.

    As with ``git add -p``, a removed line that is not chosen stays above the added ones. A line that was the last of
    its file, without a break, gets one where another comes to stand behind it.
    """
    lines: list[tuple[bytes, bytes]] = []
    changed = 0
    for mark, line in hunk.lines:
        if mark == KEEP:
            lines.append((mark, line))
            continue
        if changed in chosen:
            lines.append((mark, line))
        elif mark == REMOVE:
            lines.append((KEEP, line))
        changed += 1
    staying = [index for index, (mark, _) in enumerate(lines) if mark != REMOVE]
    for index in reversed(staying[:-1]):
        mark, line = lines[index]
        if not line.endswith(b"\n"):
            lines[index : index + 1] = (
                [(REMOVE, line), (ADD, line + b"\n")] if mark == KEEP else [(ADD, line + b"\n")]
            )
    new_count = sum(mark != REMOVE for mark, _ in lines)
    return replace(hunk, new_count=new_count, lines=tuple(lines))


def cut(hunk: DiffHunk, parts: Sequence[DiffHunk]) -> list[DiffHunk]:
    """``hunk`` in pieces, one for each of ``parts``: the hunks of the same diff with less context, in order.

    Each piece but the first begins where its part does; the first takes what stands before it too.
    """
    pieces: list[DiffHunk] = []
    begin = 0
    old, new = _first_line(hunk), _first_new_line(hunk)
    at = old, new
    starts = [(_first_line(part), _first_new_line(part)) for part in parts[1:]]
    for index, (mark, _) in enumerate(hunk.lines):
        if len(pieces) < len(starts) and (old, new) == starts[len(pieces)]:
            pieces.append(_piece(hunk.lines[begin:index], at, parts[len(pieces)].section))
            begin, at = index, (old, new)
        old += mark != ADD
        new += mark != REMOVE
    return [*pieces, _piece(hunk.lines[begin:], at, parts[len(pieces)].section)]


def _piece(lines: tuple[tuple[bytes, bytes], ...], at: tuple[int, int], section: bytes) -> DiffHunk:
    """A hunk of ``lines``, the first of which is at ``at`` of the old and of the new lines, from 0."""
    old_count = sum(mark != ADD for mark, _ in lines)
    new_count = sum(mark != REMOVE for mark, _ in lines)
    return DiffHunk(at[0] + (old_count > 0), old_count, at[1] + (new_count > 0), new_count, section, lines)


def _first_new_line(hunk: DiffHunk) -> int:
    """The 0-based new line that the hunk begins at."""
    return hunk.new_start - 1 if hunk.new_count else hunk.new_start


def _first_line(hunk: DiffHunk) -> int:
    """The 0-based old line that the hunk begins at."""
    return hunk.old_start - 1 if hunk.old_count else hunk.old_start
