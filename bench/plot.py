"""Lag against rate as an SVG: one line a program, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from bench.figures import median

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 420, 72, 40, 120, 56
COLORS = ("#525b66", "#0a58a8", "#b0191d", "#186a35", "#855400")
RATES = (1_000, 2_000, 5_000, 10_000, 20_000)
TICKS = (0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0)
SHAPE = "prose"
INK, QUIET, RULE, FAINT = "#23282e", "#525b66", "#d0d0c9", "#ecece7"
LABEL_DISTANCE = 15
"""Pixels between the names of two lines that end in one place."""

Point = tuple[int, float]


def lag_plot(results: Mapping[str, Any]) -> str:
    """The p95 of the lag in ms, median of the runs, for each rate and program."""
    series = {program: points for program, found in results["runs"].items() if (points := _points(found))}
    return "\n".join([*_frame(), *_lines(series), "</svg>", ""])


def _points(found: Mapping[str, Any]) -> list[Point]:
    measured = [(rate, median([run.get("lag_p95_ms") for run in found.get(f"{SHAPE}/{rate}", ())])) for rate in RATES]
    return [(rate, lag) for rate, lag in measured if lag is not None and lag > 0]


def _frame() -> Iterator[str]:
    """The ground, the grid and the axes."""
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    yield _text(LEFT, 22, "Lag behind the server, p95 in ms (median of the runs)", INK, "start")
    right, foot = WIDTH - RIGHT, HEIGHT - BOTTOM
    for tick in TICKS:
        for part in range(2, 10):
            if tick * part < TICKS[-1]:
                yield _rule(LEFT, _y(tick * part), right, _y(tick * part), FAINT)
        yield _rule(LEFT, _y(tick), right, _y(tick), RULE)
        yield _text(LEFT - 8, _y(tick) + 4, f"{tick:,.1f}".removesuffix(".0"), QUIET, "end")
    for rate in RATES:
        yield _rule(_x(rate), TOP, _x(rate), foot, RULE)
        yield _text(_x(rate), foot + 18, f"{rate:,}", QUIET, "middle")
    yield _text((LEFT + right) / 2, HEIGHT - 12, "tokens a second", INK, "middle")


def _lines(series: Mapping[str, list[Point]]) -> Iterator[str]:
    """Each program's line in a colour of its own, its name at the end."""
    heights = _label_heights({program: _y(points[-1][1]) for program, points in series.items()})
    for (program, points), color in zip(series.items(), COLORS, strict=False):
        line = " ".join(f"{_x(rate):.1f},{_y(lag):.1f}" for rate, lag in points)
        yield f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>'
        for rate, lag in points:
            yield f'<circle cx="{_x(rate):.1f}" cy="{_y(lag):.1f}" r="3.5" fill="{color}"/>'
            yield _text(_x(rate), _y(lag) - 8, f"{lag:,.0f}" if lag >= 10 else f"{lag:.1f}", color, "middle", 11)
        yield _text(_x(points[-1][0]) + 10, heights[program] + 4, program, color, "start")


def _label_heights(wanted: Mapping[str, float]) -> dict[str, float]:
    """Where names stand, none upon another: as wanted, or pushed down by the one above."""
    placed: dict[str, float] = {}
    free = 0.0
    for program, height in sorted(wanted.items(), key=lambda item: item[1]):
        placed[program] = max(height, free)
        free = placed[program] + LABEL_DISTANCE
    return placed


def _text(x: float, y: float, text: str, color: str, anchor: str, size: int = 13) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}" font-size="{size}">{text}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, color: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>'


def _x(rate: float) -> float:
    return LEFT + _share(rate, RATES[0], RATES[-1]) * (WIDTH - LEFT - RIGHT)


def _y(lag: float) -> float:
    return HEIGHT - BOTTOM - _share(lag, TICKS[0], TICKS[-1]) * (HEIGHT - TOP - BOTTOM)


def _share(value: float, low: float, high: float) -> float:
    """How far ``value`` is on a logarithmic axis, from 0 to 1."""
    return math.log(min(max(value, low), high) / low) / math.log(high / low)
