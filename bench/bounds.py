"""What was promised: the bounds that the program's figures must keep to, each in the median of its runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import median
from bench.results import Runs

PROGRAM = "spark-tui"
"""Whose figures are held against the bounds."""


@dataclass(frozen=True, slots=True)
class Bound:
    """``figure`` of ``scenario`` must be at most ``limit``, or with ``at_least`` no less.

    With ``beyond`` the limit is on how much it exceeds the same figure of that scenario.
    """

    scenario: str
    figure: str
    limit: float
    what: str
    at_least: bool = False
    beyond: str = ""

    def value(self, runs: Runs, program: str = PROGRAM) -> float | None:
        """What ``program`` reached; ``None`` where it was not measured, or never seen."""
        reached = _median(runs, program, self.scenario, self.figure)
        if not self.beyond or reached is None:
            return reached
        base = _median(runs, program, self.beyond, self.figure)
        return None if base is None else reached - base

    def is_measured(self, runs: Runs, program: str = PROGRAM) -> bool:
        """Whether it was looked for, in every scenario that it takes."""
        needed = [self.scenario, *([self.beyond] if self.beyond else [])]
        found = runs.get(program, {})
        return all(any(self.figure in run for run in found.get(scenario, ())) for scenario in needed)

    def holds(self, value: float | None) -> bool:
        """Whether ``value`` keeps to it; what was never seen does not."""
        if value is None:
            return False
        return value >= self.limit if self.at_least else value <= self.limit


def bound_of(scenario: str, figure: str) -> Bound | None:
    """The bound on ``figure`` in ``scenario`` itself; ``None`` where nothing was promised."""
    return next((b for b in BOUNDS if b.scenario == scenario and b.figure == figure and not b.beyond), None)


def _median(runs: Runs, program: str, scenario: str, figure: str) -> float | None:
    return median([run.get(figure) for run in runs.get(program, {}).get(scenario, ())])


def _bounds() -> Iterator[Bound]:
    yield Bound("launch/small", "first_paint_ms", 60, "start: first paint, ms")
    yield Bound("launch/small", "key_shown_ms", 500, "start: a typed key on the screen, ms")
    yield Bound("launch/small", "first_token_ms", 900, "start: first answer token, ms")
    yield Bound("launch/large", "first_token_ms", 50, "the same in 20,000 files: more by, ms", beyond="launch/small")
    for rate, lag in ((1_000, 20), (5_000, 25), (20_000, 50)):
        for shape in ("prose", "markdown", "patch"):
            yield Bound(f"{shape}/{rate}", "lag_p95_ms", lag, f"{shape} at {rate:,} tokens/s: lag p95, ms")
    for shape in ("prose", "markdown", "patch"):
        yield Bound(f"{shape}/unlimited", "drain_ms", 250, f"{shape} unlimited: drain, ms")
        yield Bound(f"{shape}/unlimited", "reachable_percent", 100, f"{shape} unlimited: reachable, %", at_least=True)
        for rate, cpu in ((1_000, 0.35), (5_000, 0.10)):
            what = f"{shape} at {rate:,} tokens/s: CPU s per 1,000"
            yield Bound(f"{shape}/{rate}", "cpu_s_per_1000", cpu, what)
        for rate_name in ("1000", "unlimited"):
            yield Bound(f"{shape}/{rate_name}", "peak_memory_mb", 120, f"{shape} {rate_name}: peak memory, MB")
    for load, echo in (("idle", 4), ("1000", 15), ("5000", 20)):
        yield Bound(f"keys/{load}", "key_p95_ms", echo, f"keys {load}: echo p95, ms")
    yield Bound("keys/5000", "esc_last_text_ms", 30, "esc at 5,000 tokens/s: last new text, ms")
    yield Bound("turns/10", "turn_p50_ms", 34, "a turn of 20 tokens: Enter to last token p50, ms")
    yield Bound("turns/10", "bytes_first", 5_000, "bytes of the first request")
    yield Bound("turns/10", "bytes_all", 55_000, "bytes in 10 turns")
    yield Bound("turns/10", "connections", 1, "connections in 10 turns")
    yield Bound("lanes/1000", "connections", 1, "connections of two lanes")
    yield Bound("big diff/20000", "lag_p95_ms", 50, "10,000 lines into 50,000 at 20,000 tokens/s: lag p95, ms")
    yield Bound("big diff/20000", "first_line_ms", 16, "the same: first hunk line after its newline, ms")
    yield Bound("big diff/20000", "peak_memory_mb", 120, "the same: peak memory, MB")
    yield Bound("slow terminal/5000", "key_written_p95_ms", 50, "terminal of 1 Mbit/s: echo written p95, ms")
    yield Bound("big repository/200000", "find_p95_ms", 30, "200,000 files: finder, a key p95, ms")
    yield Bound("big repository/200000", "loop_stall_max_ms", 16, "200,000 files: loop held while finding, ms")
    yield Bound("long session/200000", "memory_mb", 250, "200,000 lines and 5,000 hunks: memory, MB")
    yield Bound("long session/200000", "gc_pause_max_ms", 16, "the same: longest garbage collection, ms")


BOUNDS = tuple(_bounds())
