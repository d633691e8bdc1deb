"""The results as tables of Markdown, put between two marks of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.bounds import BOUNDS, PROGRAM, Bound, bound_of
from bench.figures import median
from bench.results import Run, Runs
from bench.tables import TABLES, Table

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def number(value: float) -> str:
    """A figure with no more digits than mean anything."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(runs: Sequence[Run], name: str) -> str:
    """The median of ``name`` over ``runs``, and its spread; empty where it was not looked for."""
    values = [float(run[name]) for run in runs if run.get(name) is not None]
    middle = median(values)
    if middle is None:
        return "never seen" if any(name in run for run in runs) else ""
    low, high = number(min(values)), number(max(values))
    spread = f" ({low} to {high})" if low != high else ""
    missing = f", {len(runs) - len(values)} of {len(runs)} not seen" if len(values) < len(runs) else ""
    return number(middle) + spread + missing


def tables(results: Mapping[str, Any]) -> str:
    """What it was measured with, what was promised and what was reached, then everything."""
    runs: Runs = results["runs"]
    return "\n".join(
        [
            *_provenance(results["parts"]),
            *_promises(runs),
            *(line for table in TABLES for line in _table(table, results["scenarios"], runs)),
            *_failures(runs),
            *_other_work(runs),
        ]
    )


def write_into(document: Path, results: Mapping[str, Any]) -> None:
    """Put the tables between the marks of ``document``. Raises :exc:`ValueError` where it has none."""
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for results: {BEGIN} ... {END}")
    document.write_text(f"{before}{BEGIN}\n{tables(results)}\n{END}{after}", encoding="utf-8")


def _provenance(parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for part in parts:
        machine = part["machine"]
        yield (
            f"{part['date']}, `{part['command']}`, {machine['cpu']}, {machine['cores']} cores, "
            f"Linux {machine['kernel']}, Python {machine['python']}."
        )
        yield ""
    yield "Medians, and from the least to the most. ✓ and ✗: whether the median keeps to what must be."


def _promises(runs: Runs) -> Iterator[str]:
    """Each bound beside what every program reached."""
    programs = [PROGRAM, *(program for program in runs if program != PROGRAM)]
    rows = []
    for bound in BOUNDS:
        if bound.is_measured(runs):
            limit = ("at least " if bound.at_least else "") + number(bound.limit)
            reached = [_reached(bound, runs, program) for program in programs]
            reached[0] += " ✓" if bound.holds(bound.value(runs)) else " ✗"
            rows.append(f"| {bound.what} | {limit} | " + " | ".join(reached) + " |")
    if rows:
        kept = sum("✓" in row for row in rows)
        yield from ("", f"### What must be: {kept} of {len(rows)} hold", "")
        yield "| | must | " + " | ".join(programs) + " |"
        yield "|---|---|" + "---|" * len(programs)
        yield from rows


def _reached(bound: Bound, runs: Runs, program: str) -> str:
    if not bound.is_measured(runs, program):
        return ""
    value = bound.value(runs, program)
    return "never seen" if value is None else number(value)


def _table(table: Table, scenarios: Sequence[str], runs: Runs) -> Iterator[str]:
    rows = [
        (scenario, program, runs[program][scenario])
        for scenario in scenarios
        if scenario.partition("/")[0] in table.subjects
        for program in runs
        if scenario in runs[program]
    ]
    columns = [(name, head) for name, head in table.columns if any(cell(found, name) for _, _, found in rows)]
    if not rows:
        return
    yield from ("", f"### {table.title}", "")
    yield "| | program | runs | " + " | ".join(head for _, head in columns) + " |"
    yield "|---|---|---|" + "---|" * len(columns)
    for scenario, program, found in rows:
        cells = [_bounded(scenario, program, found, name) for name, _ in columns]
        yield f"| {scenario} | {program} | {len(found)} | " + " | ".join(cells) + " |"


def _bounded(scenario: str, program: str, found: Sequence[Run], name: str) -> str:
    """A cell, with the bound on it if it has one."""
    text = cell(found, name)
    bound = bound_of(scenario, name) if program == PROGRAM else None
    if bound is None or not text:
        return text
    least = "≥" if bound.at_least else "≤"
    mark = "✓" if bound.holds(median([run.get(name) for run in found])) else "✗"
    return f"{text} {mark} {least} {number(bound.limit)}"


def _failures(runs: Runs) -> Iterator[str]:
    for program, found in runs.items():
        for scenario, each in found.items():
            for error in dict.fromkeys(str(run["error"]).splitlines()[0] for run in each if "error" in run):
                yield f"\n{scenario}, {program}: {error}"


def _other_work(runs: Runs) -> Iterator[str]:
    busy = [run["other_cores"] for found in runs.values() for each in found.values() for run in each]
    if busy:
        yield from ("", f"Other work took {number(median(busy) or 0.0)} of the cores meanwhile (median).")
