"""Which words differ between a removed line and the added line that takes its place. Text in, ranges out.

>>> emphasise("total = count(lines)", "sum = count(lines)")
(((0, 5),), ((0, 3),))
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Ranges = tuple[tuple[int, int], ...]

CELLS_MAX = 10_000
"""The largest comparison, in words of the one line times words of the other; beyond it the whole middle differs."""

LINE_MAX = 2000
PAIRS_MAX = 900
"""The largest pairing, in removed times added lines; beyond it lines are paired in order."""

LIKENESS_MIN = 0.3
"""Lines that share less are another line each: marking every word of them would say nothing."""

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def emphasise(old: str, new: str) -> tuple[Ranges, Ranges]:
    """The ``[start, end)`` ranges of ``old`` and of ``new`` that differ; none for lines with little in common."""
    if old == new or len(old) > LINE_MAX or len(new) > LINE_MAX:
        return (), ()
    before, after = _WORD.findall(old), _WORD.findall(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    kept_before, kept_after = _kept(before[head : len(before) - tail], after[head : len(after) - tail])
    flags_before = [True] * head + kept_before + [True] * tail
    flags_after = [True] * head + kept_after + [True] * tail
    shared = sum(len(word) for word, kept in zip(before, flags_before, strict=True) if kept and not word.isspace())
    longest = max(len("".join(old.split())), len("".join(new.split())))
    if longest and shared / longest < LIKENESS_MIN:
        return (), ()
    return _ranges(before, flags_before), _ranges(after, flags_after)


def pair_lines(removed: Sequence[str], added: Sequence[str]) -> list[tuple[int, int]]:
    """Match each removed line of a change with the added line that is most like it, without crossings.

    Returns pairs of indices in ascending order; lines that have no like are in no pair.
    """
    rows, columns = len(removed), len(added)
    if rows * columns > PAIRS_MAX:
        return [(index, index) for index in range(min(rows, columns))]
    likeness = [[_likeness(old, new) for new in added] for old in removed]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            best[row][column] = max(
                best[row + 1][column], best[row][column + 1], best[row + 1][column + 1] + likeness[row][column]
            )
    pairs: list[tuple[int, int]] = []
    row = column = 0
    while row < rows and column < columns:
        if likeness[row][column] and best[row][column] == best[row + 1][column + 1] + likeness[row][column]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return pairs


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _kept(before: list[str], after: list[str]) -> tuple[list[bool], list[bool]]:
    """Which words of each list are in a longest common subsequence."""
    rows, columns = len(before), len(after)
    kept_before, kept_after = [False] * rows, [False] * columns
    if rows * columns > CELLS_MAX:
        return kept_before, kept_after
    # Words count by their length, so that a shared name outweighs shared blanks and brackets.
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        below, here, word = best[row + 1], best[row], before[row]
        for column in range(columns - 1, -1, -1):
            if word == after[column]:
                here[column] = below[column + 1] + len(word)
            else:
                here[column] = max(below[column], here[column + 1])
    row = column = 0
    while row < rows and column < columns:
        if before[row] == after[column]:
            kept_before[row] = kept_after[column] = True
            row, column = row + 1, column + 1
        elif best[row + 1][column] >= best[row][column + 1]:
            row += 1
        else:
            column += 1
    return kept_before, kept_after


def _ranges(words: list[str], kept: list[bool]) -> Ranges:
    """The ranges of the words not kept; blanks between two of them belong to the change."""
    ranges: list[tuple[int, int]] = []
    position = 0
    blank_since: int | None = None
    for word, stays in zip(words, kept, strict=True):
        end = position + len(word)
        if stays and word.isspace() and ranges and ranges[-1][1] == position:
            blank_since = position
        elif not stays:
            if ranges and ranges[-1][1] in (position, blank_since):
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((position, end))
            blank_since = None
        else:
            blank_since = None
        position = end
    return tuple(ranges)


def _likeness(old: str, new: str) -> float:
    """0 for lines with little in common, up to 1 for equal ones; cheap, by what both begin and end with."""
    one, other = old.strip(), new.strip()
    longest = max(len(one), len(other))
    if not longest:
        return 1.0
    head = _common(one, other)
    tail = _common(one[head:][::-1], other[head:][::-1])
    words_one, words_other = set(_WORD.findall(one)), set(_WORD.findall(other))
    shared = sum(map(len, words_one & words_other)) / max(sum(map(len, words_one | words_other)), 1)
    likeness = max((head + tail) / longest, shared)
    return likeness if likeness >= LIKENESS_MIN else 0.0
