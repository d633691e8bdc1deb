"""From a changed text to a patch: chunks with enough context that the first match is the right place."""

from __future__ import annotations

from collections.abc import Sequence

from spark_tui.protocol.patch.edits import LineEdit, split_lines

CONTEXT = 3
"""Lines around a change, as the patch language's readers expect."""


def line_edits(old: str, new: str) -> list[LineEdit]:
    """The lines that differ between two texts of as many lines; else one edit of everything between the ends.

    >>> line_edits("a\\nb\\n", "a\\nc\\n")
    [LineEdit(start=1, end=2, lines=('c\\n',))]
    """
    before, after = split_lines(old), split_lines(new)
    if len(before) != len(after):
        head = next(
            (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
        )
        tail = 0
        while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
            tail += 1
        return [LineEdit(head, len(before) - tail, tuple(after[head : len(after) - tail]))]
    edits: list[LineEdit] = []
    for number, (a, b) in enumerate(zip(before, after, strict=True)):
        if a == b:
            continue
        if edits and edits[-1].end == number:
            edits[-1] = LineEdit(edits[-1].start, number + 1, (*edits[-1].lines, b))
        else:
            edits.append(LineEdit(number, number + 1, (b,)))
    return edits


def update_patch(path: str, text: str, edits: Sequence[LineEdit]) -> str:
    """The patch that makes ``edits`` (ascending, not overlapping, at least one) on a file of ``text``."""
    lines = [line.rstrip("\r\n") for line in split_lines(text)]
    body: list[str] = []
    cursor = 0
    for group in _groups(edits):
        chunk, cursor = _chunk(lines, group, cursor)
        body += ["@@", *chunk]
    return _envelope([f"*** Update File: {path}", *body])


def add_patch(path: str, text: str) -> str:
    """The patch that creates a file; empty for an empty text."""
    return _envelope([f"*** Add File: {path}", *("+" + line.rstrip("\r\n") for line in split_lines(text))])


def delete_patch(path: str) -> str:
    """The patch that deletes a file."""
    return _envelope([f"*** Delete File: {path}"])


def move_patch(path: str, to: str, text: str) -> str:
    """The patch that moves a file; a line of context goes with it, which some readers insist on."""
    context = ["@@", *(" " + line.rstrip("\r\n") for line in split_lines(text)[:1])]
    return _envelope([f"*** Update File: {path}", f"*** Move to: {to}", *(context if text else [])])


def _envelope(body: list[str]) -> str:
    return "\n".join(["*** Begin Patch", *body, "*** End Patch"]) + "\n"


def _groups(edits: Sequence[LineEdit]) -> list[list[LineEdit]]:
    """Edits whose contexts would touch belong to one chunk."""
    groups: list[list[LineEdit]] = []
    for edit in edits:
        if groups and edit.start - groups[-1][-1].end <= 2 * CONTEXT:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def _chunk(lines: list[str], group: list[LineEdit], cursor: int) -> tuple[list[str], int]:
    """The chunk's lines, and where the search for the next one begins.

    Context above grows until the first match at or behind ``cursor`` is the place that is meant.
    """
    end = min(len(lines), group[-1].end + CONTEXT)
    start = max(cursor, group[0].start - CONTEXT)
    while start > cursor and _first_match(lines, lines[start:end], cursor) != start:
        start -= 1
    chunk: list[str] = []
    position = start
    for edit in group:
        chunk += [" " + line for line in lines[position : edit.start]]
        chunk += ["-" + line for line in lines[edit.start : edit.end]]
        chunk += ["+" + line.rstrip("\r\n") for line in edit.lines]
        position = edit.end
    return [*chunk, *(" " + line for line in lines[position:end])], end


def _first_match(lines: list[str], block: list[str], cursor: int) -> int:
    for start in range(cursor, len(lines) - len(block) + 1):
        if lines[start] == block[0] and lines[start : start + len(block)] == block:
            return start
    return -1
