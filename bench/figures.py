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
