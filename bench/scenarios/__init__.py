"""What is measured. Each scenario starts the program anew, drives it by keys, and returns figures.

Times are in ms, memory in MB (10^6), CPU in seconds; each name ends in its unit.
"""

from __future__ import annotations

from bench.scenarios import big_repository, deciding, keys, long_session, starting, streaming, turning
from bench.scenarios.scenario import Scenario


def scenarios() -> dict[str, Scenario]:
    """All of them, by name, in the order in which they are run."""
    modules = (starting, streaming, keys, turning, deciding, big_repository, long_session)
    return {scenario.name: scenario for module in modules for scenario in module.scenarios()}
