"""A long session: 5,000 pending hunks and 200,000 lines of conversation, and what the program holds then."""

from __future__ import annotations

from collections.abc import Iterator

from bench.driving import memory, settle, submit, wait_for_answer, wait_until_still
from bench.figures import Figures
from bench.mock_model import TOKENS_PER_LINE
from bench.programs import Program
from bench.repositories import MANY_FILES
from bench.scenarios.scenario import Scenario
from bench.workshop import Workshop

HUNKS, HUNK_LINES = 5_000, 2
LINES, TURNS = 200_000, 10
TURN_LIMIT = 120
"""Seconds that an answer of 20,000 lines is waited for."""


def scenarios() -> Iterator[Scenario]:
    """One."""
    yield Scenario("long session/200000", long_session, most_runs=1, needs_review=True)


def long_session(workshop: Workshop, program: Program) -> Figures:
    """A patch of 5,000 hunks over 50 files, then ten answers of 20,000 lines of prose, as fast as they are taken."""
    patch = HUNKS * HUNK_LINES * TOKENS_PER_LINE["patch"]
    prose = LINES // TURNS * TOKENS_PER_LINE["prose"]
    with workshop.session(
        program,
        "many",
        tokens=f"{patch},{prose}",
        shape="patch,prose",
        rate=0,
        every=1000,
        hunk_lines=HUNK_LINES,
        files=MANY_FILES,
    ) as session:
        onlooker = settle(session)
        terminal = session.terminal
        began = submit(terminal)
        wait_for_answer(session, 1, TURN_LIMIT)
        onlooker.wait_for(f"{HUNKS:,} (to review|pending)|{HUNKS} (to review|pending)", seconds=TURN_LIMIT)
        wait_until_still(terminal, began)
        after_patch = memory(session)["memory_mb"]
        for turn in range(TURNS):
            asked = submit(terminal)
            wait_for_answer(session, turn + 2, TURN_LIMIT)
            wait_until_still(terminal, asked, seconds=TURN_LIMIT)
            terminal.usage()
        cpu, _ = terminal.usage()
        return {
            **memory(session),
            "patch_memory_mb": after_patch,
            "cpu_s": cpu,
            "whole_s": (terminal.chunks[-1][0] - began) / 1e9,
            **session.probe.figures(began, terminal.chunks[-1][0]),
        }
