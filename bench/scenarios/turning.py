"""Turns: many short ones on one connection, and a question on a lane of its own while a turn streams."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from bench.driving import ESCAPE, SENTINEL, settle, submit, wait_for_answer, wait_until_still
from bench.figures import Figures, lags, median, milliseconds, percentile
from bench.programs import Program
from bench.scenarios.scenario import Scenario
from bench.screen import Seen, play
from bench.workshop import Workshop

COMMIT = b"\x07"
"""ctrl+g: the commit form, for which the model is asked, aside, what it would call the change."""
ASIDE_TOKENS = 60


def scenarios() -> Iterator[Scenario]:
    """10 and 50 turns, and two lanes."""
    for count in (10, 50):
        most_runs = None if count == 10 else 1
        yield Scenario(f"turns/{count}", partial(turns, count=count), most_runs)
    yield Scenario("lanes/1000", lanes, most_runs=3, needs_review=True)


def turns(workshop: Workshop, program: Program, count: int) -> Figures:
    """``count`` prompts in one session, each answered by 20 tokens at 1,000 a second: 19 ms of sending."""
    with workshop.session(program) as session:
        settle(session)
        model, terminal = session.model, session.terminal
        entered = []
        for index in range(count):
            entered.append(submit(terminal))
            wait_for_answer(session, index + 1, 20)
            time.sleep(0.4)
        seen = Seen(SENTINEL)
        play(list(terminal.chunks), seen)
        streams, requests = model.events("stream", main=True), model.events("req")
        took = [
            milliseconds(seen.at.get(record["sent"][-1][0]), at) for record, at in zip(streams, entered, strict=False)
        ]
        asked = [request["bytes"] for request in requests if request["main"]]
        _, memory = terminal.usage()
        return {
            "turn_p50_ms": median(took),
            "turn_max_ms": max((value for value in took if value is not None), default=None),
            "turns_shown": float(sum(value is not None for value in took)),
            "bytes_first": float(asked[0]),
            "bytes_last": float(asked[-1]),
            "bytes_all": float(sum(request["bytes"] for request in requests)),
            "connections": float(len(model.events("conn"))),
            "memory_mb": memory / 1e6,
        }


def lanes(workshop: Workshop, program: Program) -> Figures:
    """A turn streams at 1,000 tokens a second; the commit form is opened, for which the model names the change.

    That is the one way to a second lane that the program has. The turn before it was a patch, which was accepted.
    """
    with workshop.session(program, rate=1000, tokens="90,8000", shape="patch,prose", aside=ASIDE_TOKENS) as session:
        onlooker = settle(session)
        model, terminal = session.model, session.terminal
        asked_first = submit(terminal)
        onlooker.wait_for("1 to review.*on main")
        wait_for_answer(session)
        wait_until_still(terminal, asked_first, 0.3)
        terminal.write(ESCAPE)
        onlooker.wait_for("a Accept")
        terminal.write(b"A")
        onlooker.wait_for("1 accepted")
        terminal.write(b"i")
        onlooker.wait_for("Send")
        submit(terminal)
        time.sleep(2)
        opened = terminal.write(COMMIT)
        if not terminal.wait(lambda: model.events("stream", main=False, end="done")[-1]["sent"], 20):
            raise TimeoutError(f"nothing was asked aside; the screen:\n{onlooker.text}")
        time.sleep(1)
        closed = terminal.write(ESCAPE)
        wait_for_answer(session, 2)
        wait_until_still(terminal, closed)
        form, seen = Seen("(?i)commit message|Message", after=opened), Seen(SENTINEL)
        play(list(terminal.chunks), form, seen)
        sent: list[tuple[str, int]] = [tuple(mark) for mark in model.events("stream", main=True)[1]["sent"]]
        aside: list[tuple[str, int]] = [tuple(mark) for mark in model.events("stream", main=False)[-1]["sent"]]
        asked = [request["ns"] for request in model.events("req", main=False) if request["ns"] > opened]
        uncovered = [mark for mark in sent if mark[1] < opened - 500_000_000 or mark[1] > closed + 500_000_000]
        behind = lags(uncovered, seen.at)
        took = (sent[-1][1] - sent[0][1]) / 1e9
        return {
            "form_shown_ms": milliseconds(form.first, opened),
            "aside_asked_ms": milliseconds(asked[0], opened) if asked else None,
            "aside_shown_ms": milliseconds(seen.at.get(aside[0][0]), aside[-1][1]),
            "uncovered_ms": _uncovered(seen, closed),
            "lag_p95_ms": percentile(behind, 95),
            "drain_ms": milliseconds(seen.at.get(sent[-1][0]), sent[-1][1]),
            "on_time_percent": 100 * (8000 - 1) / 1000 / took,
            "connections": float(len(model.events("conn"))),
            **session.probe.figures(opened, terminal.chunks[-1][0]),
        }


def _uncovered(seen: Seen, closed: int) -> float | None:
    """From the key that closed the form to the first new text of the turn."""
    return milliseconds(min((at for at in seen.at.values() if at > closed), default=None), closed)
