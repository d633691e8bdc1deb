"""From the start of the process to the first token."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from bench.driving import SENTINEL, submit, wait_for_token
from bench.figures import Figures, milliseconds
from bench.page_cache import evict
from bench.programs import Program
from bench.scenarios.scenario import Scenario
from bench.screen import Seen, play
from bench.workshop import Session, Workshop


def scenarios() -> Iterator[Scenario]:
    """In a small repository, in one of 20,000 files, and as after a reboot."""
    for repository in ("small", "large"):
        yield Scenario(f"launch/{repository}", partial(launch, repository=repository))
    yield Scenario("launch/cold", launch_cold)


def launch_cold(workshop: Workshop, program: Program) -> Figures:
    """With none of the program's files in the page cache, nor of the libraries that it brings or needs."""
    evict(program.files())
    return launch(workshop, program, "small")


def launch(workshop: Workshop, program: Program, repository: str) -> Figures:
    """First paint, a key that was typed at once, and the first token."""
    with workshop.session(program, repository, probed=False) as session:
        figures = hurry(session)
        cpu, memory = session.terminal.usage()
        return {**figures, "cpu_s": cpu, "memory_mb": memory / 1e6}


def hurry(session: Session) -> Figures:
    """Type a key once anything is painted, and ask as soon as it shows; returns when each was.

    The prompt is sent 0.36 s after the key was seen: that is typing, and part of the last figure.
    """
    model, terminal = session.model, session.terminal
    terminal.wait(lambda: terminal.raw_since(0).strip(), 60, every=0.001)
    for _ in range(5):  # again only if a starting program threw it away
        terminal.write("Ø".encode())
        if terminal.wait(lambda: "Ø".encode() in terminal.raw_since(0), 2, every=0.001):
            break
    terminal.write(b"\x7f")
    submit(terminal)
    wait_for_token(session)
    time.sleep(0.5)
    paint, echo, answer = Seen(r"\S"), Seen("Ø"), Seen(SENTINEL)
    play(list(terminal.chunks), paint, echo, answer)
    connected = model.events("conn")
    return {
        "first_paint_ms": milliseconds(paint.first, terminal.started),
        "key_shown_ms": milliseconds(echo.first, terminal.started),
        "first_token_ms": milliseconds(answer.first, terminal.started),
        "connected_ms": milliseconds(connected[0]["ns"], terminal.started) if connected else None,
    }
