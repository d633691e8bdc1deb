from __future__ import annotations

from pathlib import Path

import pytest

from bench.probe import Probe

TOLD = "loop 100 5000000\nloop 200 17000000\nout 250 10\ngc 300 2000000 2\nout 350 5\nloop 900 90000000\nloop 95"


@pytest.fixture
def probe(tmp_path: Path) -> Probe:
    (tmp_path / "probe").write_text(TOLD)
    return Probe(tmp_path / "probe", patience=0)


def test_figures_are_of_what_began_in_the_time_asked_for(probe: Probe) -> None:
    assert probe.figures(100, 500) == {"loop_stall_max_ms": 17.0, "loop_over_16ms": 1.0, "gc_pause_max_ms": 2.0}
    assert probe.figures(150)["loop_stall_max_ms"] == 90.0
    assert probe.figures(400, 500) == {"loop_stall_max_ms": 0.0, "loop_over_16ms": 0.0, "gc_pause_max_ms": 0.0}


def test_what_the_terminal_took_adds_up(probe: Probe) -> None:
    assert probe.taken() == [(250, 10), (350, 15)]


def test_a_program_without_a_probe_has_no_such_figures(tmp_path: Path) -> None:
    assert Probe(tmp_path / "none").figures() == {}
    assert Probe(tmp_path / "none").taken() == []
