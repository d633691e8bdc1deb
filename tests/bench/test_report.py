from __future__ import annotations

from pathlib import Path

import pytest

from bench.report import BEGIN, END, cell, number, write_into

RESULTS = {
    "date": "2026-01-02",
    "command": "python -m bench",
    "machine": {"cpu": "a cpu", "cores": 2, "kernel": "6.1", "python": "3.11"},
    "scenarios": ["keys/idle"],
    "runs": {
        "spark-tui": {"keys/idle": [{"key_p50_ms": 3.0, "other_cores": 0.5}, {"key_p50_ms": 5.0, "other_cores": 0.5}]}
    },
}


def test_a_cell_shows_the_median_the_spread_and_what_is_missing() -> None:
    assert cell([{"a": 1.0}, {"a": 9.0}, {"a": 2.0}], "a") == "2 (1 to 9)"
    assert cell([{"a": 1.0}, {"a": None}], "a") == "1, 1 of 2 not seen"
    assert cell([{"b": 1.0}], "a") == ""


@pytest.mark.parametrize(("value", "text"), [(1234.5, "1,234"), (12.34, "12.3"), (0.126, "0.13"), (3.0, "3")])
def test_a_figure_has_no_more_digits_than_mean_anything(value: float, text: str) -> None:
    assert number(value) == text


def test_the_tables_replace_what_stood_between_the_marks(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_into(document, RESULTS)
    text = document.read_text()
    assert text.startswith(f"before\n{BEGIN}\n2026-01-02")
    assert text.endswith(f"{END}\nafter\n")
    assert "| keys/idle | spark-tui | 4 (3 to 5) |" in text
    assert "old" not in text


def test_a_document_without_a_place_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "other.md"
    document.write_text("text")
    with pytest.raises(ValueError, match="no place"):
        write_into(document, RESULTS)
    assert document.read_text() == "text"
