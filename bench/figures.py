"""From times to figures: milliseconds, percentiles, and the lag behind the server."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

Figures = dict[str, float | None]
"""What one run of a scenario gave; ``None``: it could not be measured."""


def milliseconds(at: int | None, since: int) -> float | None:
    """From ``since`` to ``at``, both in nanoseconds."""
    return None if at is None else (at - since) / 1e6


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The value below which ``percent`` of ``values`` are; ``None`` without any."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def lags(sent: Sequence[tuple[str, int]], seen: Mapping[str, int]) -> list[float]:
    """For each sentinel: milliseconds until it, or a later one, was on the screen.

    A later one counts because text may scroll past between two paints; what never came that far is left out.

    >>> lags([("a", 0), ("b", 1_000_000)], {"b": 3_000_000})
    [2.0, 3.0]
    """
    found: list[float] = []
    caught: int | None = None
    for word, at in reversed(sent):
        if word in seen:
            caught = seen[word] if caught is None else min(seen[word], caught)
        if caught is not None:
            found.append((caught - at) / 1e6)
    return found


def median(values: Sequence[float | None]) -> float | None:
    """The median of what was measured; ``None`` when nothing was."""
    measured = [value for value in values if value is not None]
    return statistics.median(measured) if measured else None


def caught_up(sent: Sequence[tuple[str, int]], seen: Mapping[str, int], since: int, within: int) -> int | None:
    """When, from ``since`` on, the screen first showed a sentinel sent at most ``within`` before, or the last of all.

    Times in nanoseconds; ``None`` when it never did.

    >>> caught_up([("a", 0), ("b", 50), ("c", 60)], {"a": 100, "b": 120, "c": 180}, since=90, within=80)
    120
    """
    last = sent[-1][0] if sent else ""
    found = [
        seen[word]
        for word, at in sent
        if word in seen and seen[word] >= since and (seen[word] - at <= within or word == last)
    ]
    return min(found, default=None)


def handed_over(
    shown: Sequence[int], read: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]], untold: int
) -> list[int]:
    """For each time of ``shown``, in order: when the program was rid of the last byte that had been read by then.

    ``read`` says when the terminal read how many bytes, ``taken`` when the pseudo-terminal had taken how many in all,
    beside ``untold`` that came before.

    >>> handed_over([30], [(10, 3), (30, 2)], [(5, 3), (20, 4), (40, 9)], untold=1)
    [20]
    """
    found: list[int] = []
    total = piece = index = 0
    for at in shown:
        while index < len(read) and read[index][0] <= at:
            total += read[index][1]
            index += 1
        while piece < len(taken) and taken[piece][1] < total - untold:
            piece += 1
        if piece < len(taken):
            found.append(min(taken[piece][0], at))
    return found
