"""Lag against rate as an SVG: one line a program, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bench.figures import median

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 360, 64, 24, 110, 48
COLORS = ("#0a58a8", "#b0191d", "#186a35", "#855400", "#6a3fb5")
RATES = (1000, 5000, 20_000)
TICKS = (0.1, 1, 10, 100, 1000, 10_000)
SHAPE = "prose"


def lag_plot(results: Mapping[str, Any]) -> str:
    """The p95 of the lag in ms, median of the runs, for each rate and program."""
    series: dict[str, list[tuple[int, float]]] = {}
    for program, found in results["runs"].items():
        for rate in RATES:
            value = median([run.get("lag_p95_ms") for run in found.get(f"{SHAPE}/{rate}", ())])
            if value is not None and value > 0:
                series.setdefault(program, []).append((rate, value))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="14" fill="#23282e">lag behind the server, p95 in ms</text>',
    ]
    for tick in TICKS:
        y = _y(tick)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#d0d0c9"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#525b66">{tick:,}</text>')
    for rate in RATES:
        parts.append(
            f'<text x="{_x(rate):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#525b66">{rate:,}</text>'
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle" fill="#23282e">'
        "tokens a second</text>"
    )
    for (program, points), color in zip(series.items(), COLORS, strict=False):
        line = " ".join(f"{_x(rate):.1f},{_y(lag):.1f}" for rate, lag in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{_x(rate):.1f}" cy="{_y(lag):.1f}" r="3" fill="{color}"/>' for rate, lag in points]
        rate, lag = points[-1]
        parts.append(f'<text x="{_x(rate) + 8:.1f}" y="{_y(lag) + 4:.1f}" fill="{color}">{program}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _x(rate: float) -> float:
    low, high = math.log(RATES[0]), math.log(RATES[-1])
    return LEFT + (math.log(rate) - low) / (high - low) * (WIDTH - LEFT - RIGHT)


def _y(lag: float) -> float:
    low, high = math.log(TICKS[0]), math.log(TICKS[-1])
    share = (math.log(min(max(lag, TICKS[0]), TICKS[-1])) - low) / (high - low)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
