from __future__ import annotations

from pathlib import Path

from bench.results import fresh, load, merged, record, save

ORDER = ["launch/small", "keys/idle", "prose/1000"]


def results(date: str, *measured: tuple[str, str, float]) -> dict[str, object]:
    found = fresh({"date": date})
    for program, scenario, figure in measured:
        record(found, program, scenario, {"figure": figure})
    return found


def test_a_second_part_takes_the_place_of_what_it_measured_and_keeps_the_rest() -> None:
    old = results("monday", ("a", "prose/1000", 1.0), ("a", "keys/idle", 2.0), ("b", "keys/idle", 3.0))
    new = results("tuesday", ("a", "keys/idle", 4.0), ("a", "keys/idle", 5.0))
    both = merged(old, new, ORDER)
    assert both["parts"] == [{"date": "monday"}, {"date": "tuesday"}]
    assert both["scenarios"] == ["keys/idle", "prose/1000"]
    assert both["runs"]["a"]["keys/idle"] == [{"figure": 4.0, "part": 1}, {"figure": 5.0, "part": 1}]
    assert both["runs"]["a"]["prose/1000"] == [{"figure": 1.0, "part": 0}]
    assert both["runs"]["b"]["keys/idle"] == [{"figure": 3.0, "part": 0}]


def test_a_part_of_which_nothing_is_left_is_not_told() -> None:
    old = results("monday", ("a", "keys/idle", 1.0))
    both = merged(old, results("tuesday", ("a", "keys/idle", 2.0)), ORDER)
    assert both["parts"] == [{"date": "tuesday"}]
    assert both["runs"]["a"]["keys/idle"] == [{"figure": 2.0, "part": 0}]


def test_what_was_put_in_keeps_the_results_that_it_was_made_from(tmp_path: Path) -> None:
    old = results("monday", ("a", "keys/idle", 1.0), ("a", "prose/1000", 1.0))
    merged(old, results("tuesday", ("a", "keys/idle", 2.0)), ORDER)
    assert old == results("monday", ("a", "keys/idle", 1.0), ("a", "prose/1000", 1.0))


def test_results_are_read_as_they_were_written_and_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert load(path) is None
    save(path, results("monday", ("a", "keys/idle", 1.0)))
    assert load(path) == results("monday", ("a", "keys/idle", 1.0))
    path.write_text('{"runs": {}}')
    assert load(path) is None
    path.write_text("{")
    assert load(path) is None
