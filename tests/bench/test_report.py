from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.report import BEGIN, END, cell, number, tables, write_into

MACHINE = {"cpu": "a cpu", "cores": 2, "kernel": "6.1", "python": "3.11"}


def results(**runs: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    scenarios = list(dict.fromkeys(scenario for found in runs.values() for scenario in found))
    programs = {program.replace("_", "-"): found for program, found in runs.items()}
    part = {"date": "2026-01-02", "command": "python -m bench", "machine": MACHINE}
    return {"parts": [part], "scenarios": scenarios, "runs": programs}


def run(**figures: float | None) -> dict[str, Any]:
    return {**figures, "other_cores": 0.5, "part": 0}


def test_a_cell_shows_the_median_the_spread_and_what_is_missing() -> None:
    assert cell([{"a": 1.0}, {"a": 9.0}, {"a": 2.0}], "a") == "2 (1 to 9)"
    assert cell([{"a": 1.0}, {"a": None}], "a") == "1, 1 of 2 not seen"
    assert cell([{"a": None}], "a") == "never seen"
    assert cell([{"b": 1.0}], "a") == ""


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1,234"), (12.34, "12.3"), (0.126, "0.13"), (3.0, "3")])
def test_a_figure_has_no_more_digits_than_mean_anything(value: float, text: str) -> None:
    assert number(value) == text


def test_a_figure_with_a_bound_says_whether_it_holds() -> None:
    kept = tables(results(spark_tui={"keys/idle": [run(key_p95_ms=3.0), run(key_p95_ms=5.0)]}))
    assert "| keys/idle | spark-tui | 2 | 4 (3 to 5) ✓ ≤ 4 |" in kept
    missed = tables(results(spark_tui={"keys/idle": [run(key_p95_ms=4.5)]}))
    assert "| keys/idle | spark-tui | 1 | 4.50 ✗ ≤ 4 |" in missed


def test_what_must_be_comes_first_beside_what_the_others_reached() -> None:
    text = tables(results(floor={"keys/idle": [run(key_p95_ms=1.0)]}, spark_tui={"keys/idle": [run(key_p95_ms=4.0)]}))
    assert "### What must be: 1 of 1 hold" in text
    assert "| | must | spark-tui | floor |" in text
    assert "| keys idle: echo p95, ms | 4 | 4 ✓ | 1 |" in text


def test_a_figure_of_another_program_is_held_against_nothing() -> None:
    text = tables(results(floor={"keys/idle": [run(key_p95_ms=99.0)]}))
    assert "| keys/idle | floor | 1 | 99 |" in text
    assert "What must be" not in text


def test_what_was_never_seen_is_not_kept() -> None:
    text = tables(results(spark_tui={"patch/unlimited": [run(drain_ms=None, lag_p95_ms=1.0)]}))
    assert "### What must be: 0 of 1 hold" in text
    assert "| 250 | never seen ✗ |" in text


def test_a_bound_on_the_difference_needs_both_scenarios() -> None:
    small, large = [run(first_token_ms=400.0)], [run(first_token_ms=460.0)]
    both = tables(results(spark_tui={"launch/small": small, "launch/large": large}))
    assert "| the same in 20,000 files: more by, ms | 50 | 60 ✗ |" in both
    assert "more by" not in tables(results(spark_tui={"launch/large": large}))


def test_a_run_that_failed_says_why() -> None:
    text = tables(results(spark_tui={"keys/idle": [{**run(), "error": "it was never ready\nits screen"}]}))
    assert "keys/idle, spark-tui: it was never ready\n" in text
    assert "its screen" not in text


def test_the_tables_replace_what_stood_between_the_marks(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_into(document, results(spark_tui={"keys/idle": [run(key_p50_ms=3.0)]}))
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\n2026-01-02")
    assert text.endswith(f"{END}\nafter\n")
    assert "| keys/idle | spark-tui | 1 | 3 |" in text
    assert "old" not in text


def test_a_document_without_a_place_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "other.md"
    document.write_text("text")
    with pytest.raises(ValueError, match="no place"):
        write_into(document, results())
    assert document.read_text() == "text"
