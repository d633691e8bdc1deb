"""200,000 tracked files: the start, and finding a file."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.driving import Onlooker, settle, wait_until_still
from bench.figures import Figures, milliseconds, percentile
from bench.programs import Program
from bench.repositories import HUGE
from bench.scenarios.scenario import Scenario
from bench.scenarios.starting import hurry
from bench.screen import Drawn, Seen, Typed, play
from bench.workshop import Session, Workshop

FIND = b"\x06"
"""ctrl+f"""
QUERY = "file123456"
"""Its first four letters match every file."""
FOUND = r"file123456\.py"
HIT = r"^.{0,29}file\d{6}\.py"
"""A row of the tree that is a hit; each key has them drawn anew, if only for what is bold in them."""
KEY_GAP = 0.15


def scenarios() -> Iterator[Scenario]:
    """One."""
    yield Scenario(f"big repository/{HUGE}", big_repository, most_runs=2)


def big_repository(workshop: Workshop, program: Program) -> Figures:
    """First paint, key and token, then the fuzzy finder's time a key; and what held the event loop meanwhile."""
    with workshop.session(program, "huge") as session:
        figures = hurry(session)
        onlooker = settle(session)
        terminal = session.terminal
        if program.reviews:
            terminal.wait(lambda: onlooker.shows("on main") and onlooker.shows("pkg000"), 30, every=0.05)
            terminal.wait(lambda: terminal.quiet_for() > 1, 10, every=0.05)
            reading = session.probe.figures(terminal.started, terminal.chunks[-1][0])
            figures |= {"start_" + name: value for name, value in reading.items()}
            figures |= _find(session, onlooker)
        cpu, memory = terminal.usage()
        return {**figures, "cpu_s": cpu, "memory_mb": memory / 1e6, "peak_memory_mb": terminal.peak_bytes / 1e6}


def _find(session: Session, onlooker: Onlooker) -> Figures:
    terminal = session.terminal
    opened = terminal.write(FIND)
    wait_until_still(terminal, opened, 0.3, 5)
    pressed = []
    for letter in QUERY:
        pressed.append((terminal.write(letter.encode()), letter))
        time.sleep(KEY_GAP)
    onlooker.wait_for(FOUND, seconds=30)
    typed, found = Typed("/", pressed), Seen(FOUND, after=pressed[-1][0])
    drawn = Drawn(HIT, [at for at, _ in pressed])
    play(list(terminal.chunks), typed, drawn, found)
    took = list(drawn.after.values())
    return {
        "find_echo_p95_ms": percentile(typed.echoes, 95),
        "find_p50_ms": percentile(took, 50),
        "find_p95_ms": percentile(took, 95),
        "find_max_ms": max(took, default=None),
        "found_ms": milliseconds(found.first, pressed[-1][0]),
        **session.probe.figures(opened, terminal.chunks[-1][0]),
    }
