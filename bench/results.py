"""Results: what was measured, when and how; parts from several runs are put together into one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Run = Mapping[str, Any]
Runs = Mapping[str, Mapping[str, Sequence[Run]]]
"""Program, then scenario, then one record a run."""
Results = dict[str, Any]
"""``parts`` (date, command and machine of each call that some of it is from), ``scenarios`` in their order, ``runs``.

Each record of a run names its part by its index."""


def fresh(part: Mapping[str, Any]) -> Results:
    """Results that ``part`` will fill."""
    return {"parts": [dict(part)], "scenarios": [], "runs": {}}


def record(results: Results, program: str, scenario: str, figures: Mapping[str, Any]) -> None:
    """Add one run to the last part."""
    if scenario not in results["scenarios"]:
        results["scenarios"].append(scenario)
    runs = results["runs"].setdefault(program, {}).setdefault(scenario, [])
    runs.append({**figures, "part": len(results["parts"]) - 1})


def merged(old: Results, new: Results, order: Sequence[str]) -> Results:
    """``old`` with ``new`` put in: what ``new`` has of a program in a scenario takes the place of what was there.

    Scenarios come in ``order``. Parts of which nothing is left are dropped.
    """
    parts = [*old["parts"], *new["parts"]]
    runs: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for offset, source in ((0, old), (len(old["parts"]), new)):
        for program, found in source["runs"].items():
            for scenario, records in found.items():
                shifted = [{**run, "part": run["part"] + offset} for run in records]
                runs.setdefault(program, {})[scenario] = shifted
    used = sorted({run["part"] for found in runs.values() for records in found.values() for run in records})
    for found in runs.values():
        for records in found.values():
            for run in records:
                run["part"] = used.index(run["part"])
    measured = {scenario for found in runs.values() for scenario in found}
    return {
        "parts": [parts[index] for index in used],
        "scenarios": [scenario for scenario in order if scenario in measured],
        "runs": runs,
    }


def load(path: Path) -> Results | None:
    """What is in ``path``; ``None`` where there is nothing, or nothing that can be added to."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) and "parts" in found else None


def save(path: Path, results: Results) -> None:
    """Write ``path``."""
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
