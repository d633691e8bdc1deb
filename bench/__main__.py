"""``python -m bench``: run scenarios, and write the results as JSON, tables and a plot."""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import plot, report
from bench.programs import PROGRAMS, Program
from bench.results import Results, fresh, load, merged, record, save
from bench.scenarios import scenarios
from bench.scenarios.scenario import Scenario
from bench.terminal import favour
from bench.workshop import Workshop

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results.json"
DOCUMENT = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "lag.svg"
ISOLATED = "SPARK_TUI_BENCH_ISOLATED"


def main() -> int:
    """Run what the command line asks for; returns the exit code."""
    options = _options()
    known = scenarios()
    chosen = {name: known[name] for name in known if any(name.startswith(asked) for asked in options.scenarios)}
    if not chosen:
        return _say(f"no scenario begins with {options.scenarios}; there are {', '.join(known)}", 2)
    before = load(options.results) if options.add else None
    if options.add and before is None:
        return _say(f"there are no results in {options.results} to add to; run without --add first", 2)
    programs = [PROGRAMS[name] for name in options.programs]
    for program in [program for program in programs if program.missing()]:
        _say(f"{program.name} is left out: {program.missing()}")
        programs.remove(program)
    _isolate()

    def keep(found: Results) -> Results:
        results = found if before is None else merged(before, found, list(known))
        save(options.results, results)
        return results

    found = fresh(_part())
    favour()
    for _ in _run(Workshop(options.work), programs, chosen, options.runs, found):
        keep(found)
    favour(0)
    results = keep(found)
    if options.document:
        report.write_into(DOCUMENT, results)
        PLOT.write_text(plot.lag_plot(results), encoding="utf-8")
    return _say(report.tables(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure terminal programs from outside.")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=["floor", "spark-tui"])
    parser.add_argument("--scenarios", nargs="+", default=[""], metavar="PREFIX", help="those whose name begins so")
    parser.add_argument("--runs", type=int, default=5, help="of each scenario (5), fewer of long ones; 0: none")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help="bench/results.json")
    parser.add_argument("--add", action="store_true", help="keep what FILE has of other scenarios and programs")
    parser.add_argument("--work", type=Path, default=ROOT / ".venv" / "bench", help="homes and repositories")
    parser.add_argument("--document", action="store_true", help="write docs/performance.md and the plot too")
    return parser.parse_args()


def _isolate() -> None:
    """Go on in a network namespace with nothing but loopback, where the system lets us."""
    if os.environ.get(ISOLATED) or subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode:
        return
    os.environ[ISOLATED] = "1"
    script = 'ip link set lo up; exec "$@"'
    os.execvp("unshare", ["unshare", "-n", "sh", "-c", script, "sh", sys.executable, "-m", "bench", *sys.argv[1:]])


def _run(
    workshop: Workshop, programs: list[Program], chosen: dict[str, Scenario], runs: int, results: Results
) -> Iterator[None]:
    """Measure, the programs by turns, after one start of each that does not count; yields after each figure.

    What was found is put into ``results``.
    """
    for program in programs if runs else ():
        _measured(scenarios()["launch/small"], workshop, program)
    for number in range(runs):
        for name, scenario in chosen.items():
            for program in programs:
                most = min(most for most in (runs, scenario.most_runs, program.most_runs) if most is not None)
                if number < most and scenario.is_for(program):
                    figures = _measured(scenario, workshop, program)
                    record(results, program.name, name, figures)
                    shown = " ".join(f"{key}={_short(value)}" for key, value in figures.items())
                    _say(f"{name} {program.name} {shown}")
                    yield


def _part() -> dict[str, Any]:
    """When, how and where this call measures."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "command": " ".join(["python -m bench", *sys.argv[1:]]),
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "kernel": platform.release().partition("-")[0],
            "python": platform.python_version(),
        },
    }


def _measured(scenario: Scenario, workshop: Workshop, program: Program) -> dict[str, Any]:
    """The figures of one run, and what else the machine did meanwhile; a failed run says why."""
    before = _busy()
    try:
        figures: dict[str, Any] = dict(scenario.measure(workshop, program))
    except (TimeoutError, IndexError) as error:
        figures = {"error": str(error) or repr(error)}
    wall, cores, ours = (after - start for start, after in zip(before, _busy(), strict=True))
    return {**figures, "other_cores": max(0.0, (cores - ours) / wall), "took_s": wall}


def _busy() -> tuple[float, float, float]:
    """In seconds: the time, what all processes of the machine have used, what this one and its children have."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    used = (sum(ticks[:3]) + sum(ticks[5:7])) / os.sysconf("SC_CLK_TCK")
    ours = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.monotonic(), used, sum(usage.ru_utime + usage.ru_stime for usage in ours)


def _cpu() -> str:
    found = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _short(value: object) -> str:
    return report.number(value) if isinstance(value, int | float) else str(value)


def _say(line: str, code: int = 0) -> int:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
