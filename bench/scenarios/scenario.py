"""A scenario: what is measured, for which programs, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figures
from bench.programs import Program
from bench.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Scenario:
    """``name`` is ``subject/case``; ``measure`` runs the program once."""

    name: str
    measure: Callable[[Workshop, Program], Figures]
    most_runs: int | None = None
    """Runs at most, however many are asked for, where one takes long or says it all; ``None``: as many as asked."""
    needs_review: bool = False
    """Whether it is about reviewing hunks or several lanes, which only this project's program can do."""

    def is_for(self, program: Program) -> bool:
        """Whether ``program`` can do it at all."""
        return program.reviews or not self.needs_review
