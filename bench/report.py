"""The results as tables of Markdown, put between two marks of a document, and as a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures import median

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"

TABLES: Sequence[tuple[str, Sequence[str], Sequence[tuple[str, str]]]] = (
    (
        "Start",
        ("launch/",),
        (
            ("first_paint_ms", "first paint, ms"),
            ("key_shown_ms", "key on the screen, ms"),
            ("connected_ms", "connected, ms"),
            ("first_token_ms", "first token, ms"),
            ("cpu_s", "CPU, s"),
            ("memory_mb", "memory, MB"),
        ),
    ),
    (
        "Streams of 6,000 tokens",
        ("prose/", "markdown/", "patch/"),
        (
            ("lag_p50_ms", "lag p50, ms"),
            ("lag_p95_ms", "lag p95, ms"),
            ("lag_max_ms", "lag max, ms"),
            ("drain_ms", "drain, ms"),
            ("painted_percent", "painted, %"),
            ("reachable_percent", "reachable, %"),
            ("cpu_s_per_1000", "CPU s per 1,000"),
            ("peak_memory_mb", "peak memory, MB"),
        ),
    ),
    (
        "Keys",
        ("keys/",),
        (
            ("key_p50_ms", "echo p50, ms"),
            ("key_p95_ms", "echo p95, ms"),
            ("keys_lost", "lost"),
            ("esc_shown_ms", "esc to `paused`, ms"),
            ("esc_last_text_ms", "esc to the last new text, ms"),
        ),
    ),
    (
        "Turns of 20 tokens",
        ("turns/",),
        (
            ("turn_p50_ms", "Enter to last token p50, ms"),
            ("turn_max_ms", "max, ms"),
            ("bytes_first", "bytes, first turn"),
            ("bytes_last", "bytes, last turn"),
            ("bytes_all", "bytes, all requests"),
            ("connections", "connections"),
            ("memory_mb", "memory, MB"),
        ),
    ),
)

Runs = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
"""Program, then scenario, then one record a run."""


def number(value: float) -> str:
    """A figure with no more digits than mean anything."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cell(runs: Sequence[Mapping[str, Any]], name: str) -> str:
    """The median of ``name`` over ``runs``, and its spread."""
    values = [float(run[name]) for run in runs if run.get(name) is not None]
    middle = median(values)
    if middle is None:
        return ""
    low, high = number(min(values)), number(max(values))
    spread = f" ({low} to {high})" if low != high else ""
    missing = f", {len(runs) - len(values)} of {len(runs)} not seen" if len(values) < len(runs) else ""
    return number(middle) + spread + missing


def tables(results: Mapping[str, Any]) -> str:
    """All tables, each figure the median of its runs."""
    machine = results["machine"]
    lines = [
        f"{results['date']}, `{results['command']}`, {machine['cpu']}, {machine['cores']} cores, "
        f"Linux {machine['kernel']}, Python {machine['python']}. Medians, and from the least to the most."
    ]
    runs: Runs = results["runs"]
    for title, prefixes, columns in TABLES:
        rows = [
            (scenario, program, runs[program][scenario])
            for scenario in results["scenarios"]
            if scenario.startswith(tuple(prefixes))
            for program in runs
            if scenario in runs[program]
        ]
        if rows:
            lines += ["", f"### {title}", "", "| | program | " + " | ".join(head for _, head in columns) + " |"]
            lines.append("|---|---|" + "---|" * len(columns))
            lines += [
                f"| {scenario} | {program} | " + " | ".join(cell(found, name) for name, _ in columns) + " |"
                for scenario, program, found in rows
            ]
    busy = [run["other_cores"] for found in runs.values() for each in found.values() for run in each]
    if busy:
        lines += ["", f"Other work took {number(median(busy) or 0.0)} of the cores meanwhile (median)."]
    return "\n".join(lines)


def write_into(document: Path, results: Mapping[str, Any]) -> None:
    """Put the tables between the marks of ``document``. Raises :exc:`ValueError` where it has none."""
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no place for results: {BEGIN} ... {END}")
    document.write_text(f"{before}{BEGIN}\n{tables(results)}\n{END}{after}", encoding="utf-8")
