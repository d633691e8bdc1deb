"""Answers that stream: how far the screen is behind, what it costs, and whether all of it can be read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.driving import SENTINEL, reachable, settle
from bench.figures import Figures, lags, milliseconds, percentile
from bench.mock_model import SHAPES
from bench.programs import Program
from bench.scenarios.scenario import Scenario
from bench.screen import Seen, play
from bench.workshop import Session, Workshop

TOKENS, FEWER_TOKENS = 6_000, 3_000
RATES = (1_000, 2_000, 5_000, 20_000, 0)
SLOW_RATES = (1_000, 2_000)
"""At which fewer tokens are enough, except for prose, which others were measured by."""
BIG_DIFF_LINES = 10_000
STREAM_LIMIT = 120
"""Seconds that a stream is waited for."""


def scenarios() -> Iterator[Scenario]:
    """Prose, Markdown with code, and a patch at each rate, and one large patch."""
    for shape in SHAPES:
        for rate in RATES:
            name = f"{shape}/{rate or 'unlimited'}"
            most_runs = None if shape == "prose" else 3
            yield Scenario(name, partial(stream, rate=rate, shape=shape), most_runs)
    yield Scenario("big diff/20000", big_diff, most_runs=3)


def stream(workshop: Workshop, program: Program, rate: int, shape: str) -> Figures:
    """One answer of 6,000 tokens, or 3,000."""
    tokens = FEWER_TOKENS if shape != "prose" and rate in SLOW_RATES else TOKENS
    with workshop.session(program, tokens=tokens, rate=rate, shape=shape) as session:
        settle(session)
        seen = follow(session)
        figures = seen.figures(tokens)
        if not rate and program.wheel is not None:  # elsewhere all is painted, or nearly, and it takes its time
            figures["reachable_percent"] = reachable(session, [word for word, _ in seen.sent], shape)
        return figures


def big_diff(workshop: Workshop, program: Program) -> Figures:
    """10,000 added lines in 1,000 hunks, at 20,000 tokens a second, in a file of 50,000 lines."""
    tokens = BIG_DIFF_LINES * 9
    with workshop.session(program, "long", tokens=tokens, rate=20_000, shape="patch") as session:
        settle(session)
        seen = follow(session)
        shown = milliseconds(min(seen.at.values(), default=None), seen.first_line)  # it may have scrolled past
        return {**seen.figures(tokens), "first_line_ms": None if shown is None else max(0.0, shown)}


@dataclass(frozen=True, slots=True)
class Followed:
    """A stream that was followed to its end. Times in nanoseconds."""

    session: Session
    entered: int
    chunks: list[tuple[int, bytes]]
    sent: list[tuple[str, int]]
    """Sentinels, and when each was handed to the socket."""
    first_line: int
    """When the end of the first line was."""
    at: dict[str, int]
    """When each was first on the screen."""
    cpu: float

    def figures(self, tokens: int) -> Figures:
        """The lag, the cost, and how the event loop fared, over a stream of ``tokens``."""
        behind = lags(self.sent, self.at)
        last_word, last_at = self.sent[-1]
        return {
            "lag_p50_ms": percentile(behind, 50),
            "lag_p95_ms": percentile(behind, 95),
            "lag_max_ms": max(behind, default=None),
            "drain_ms": milliseconds(self.at.get(last_word), last_at),
            "painted_percent": 100 * sum(word in self.at for word, _ in self.sent) / len(self.sent),
            "cpu_s_per_1000": self.cpu / tokens * 1000,
            "peak_memory_mb": self.session.terminal.peak_bytes / 1e6,
            "bytes_per_token": sum(len(data) for at, data in self.chunks if at > self.entered) / tokens,
            **self.session.probe.figures(self.entered, self.chunks[-1][0]),
        }


def follow(session: Session) -> Followed:
    """Ask, and wait until the answer is over and the screen is still. Raises :exc:`TimeoutError`."""
    model, terminal = session.model, session.terminal
    terminal.type("go")
    time.sleep(0.3)
    cpu_before, _ = terminal.usage()
    entered = terminal.write(b"\r")

    def finished() -> list[dict[str, Any]]:
        terminal.usage()
        return model.events("stream", main=True)

    if not terminal.wait(finished, STREAM_LIMIT, every=0.2):
        raise TimeoutError(f"{session.program.name} did not take the whole answer")
    record = finished()[0]
    sent: list[tuple[str, int]] = [(word, at) for word, at in record["sent"]]
    last = sent[-1][0].encode()
    terminal.wait(lambda: terminal.quiet_for() > 3 or last in terminal.raw_since(-300), STREAM_LIMIT, every=0.1)
    time.sleep(1)
    cpu_after, _ = terminal.usage()
    chunks, seen = list(terminal.chunks), Seen(SENTINEL)
    play(chunks, seen)
    return Followed(session, entered, chunks, sent, record["first_line_ns"], seen.at, cpu_after - cpu_before)
