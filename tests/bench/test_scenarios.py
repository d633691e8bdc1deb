from __future__ import annotations

from bench.bounds import BOUNDS, PROGRAM
from bench.programs import PROGRAMS
from bench.scenarios import scenarios
from bench.tables import TABLES


def test_every_scenario_is_in_one_table() -> None:
    subjects = [subject for table in TABLES for subject in table.subjects]
    assert sorted(subjects) == sorted({name.partition("/")[0] for name in scenarios()})


def test_every_bound_is_on_a_figure_that_is_shown() -> None:
    shown = {(subject, name) for table in TABLES for subject in table.subjects for name, _ in table.columns}
    for bound in BOUNDS:
        assert bound.scenario in scenarios()
        assert (bound.scenario.partition("/")[0], bound.figure) in shown
        assert not bound.beyond or bound.beyond in scenarios()


def test_only_this_program_is_asked_to_review() -> None:
    asked = [scenario for scenario in scenarios().values() if scenario.needs_review]
    assert asked
    assert all(
        scenario.is_for(program) is (name == PROGRAM) for scenario in asked for name, program in PROGRAMS.items()
    )
