"""Keys: how long until a letter shows, idle, while a stream is drawn, and on a slow terminal; and the escape key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from bench.driving import (
    ESCAPE,
    SENTINEL,
    reachable,
    settle,
    submit,
    wait_for_answer,
    wait_for_token,
    wait_until_still,
)
from bench.figures import Figures, caught_up, handed_over, lags, milliseconds, percentile
from bench.programs import Program
from bench.scenarios.scenario import Scenario
from bench.screen import Seen, Typed, play
from bench.terminal import Terminal
from bench.workshop import Session, Workshop

KEYS_FOR = 4.0
"""Seconds of typing."""
KEY_GAP = 0.15
INTERRUPT_LIMIT = 10
PAUSED_FOR = 1.5
CAUGHT_UP_NS = 100_000_000
"""The screen has caught up once it shows what was sent this short ago."""
SLOW_LINE = 125_000
"""Bytes a second that the slow terminal takes: 1 Mbit/s."""


def scenarios() -> Iterator[Scenario]:
    """Idle and under load; pausing a fast stream; a slow terminal."""
    for rate in (0, 1000, 5000):
        yield Scenario(f"keys/{rate or 'idle'}", partial(keys, rate=rate))
    for rate in (20_000, 0):
        yield Scenario(f"pause/{rate or 'unlimited'}", partial(pause, rate=rate), most_runs=3)
    yield Scenario("slow terminal/5000", slow_terminal, most_runs=3)


def keys(workshop: Workshop, program: Program, rate: int) -> Figures:
    """A letter every 150 ms, idle (``rate`` 0) or while an answer streams, which ends with the escape key."""
    tokens = int(rate * (KEYS_FOR + INTERRUPT_LIMIT + 4)) or 20
    with workshop.session(program, tokens=tokens, rate=rate or 1000) as session:
        settle(session)
        terminal = session.terminal
        if rate:
            submit(terminal)
            wait_for_token(session)
            time.sleep(0.5)
        pressed = _type_letters(terminal)
        if not rate:
            typed = Typed("QJ", pressed)
            play(list(terminal.chunks), typed)
            return {**_echoes(typed, pressed), **session.probe.figures(pressed[0][0])}
        escape = terminal.write(ESCAPE)
        time.sleep(1.5)
        typed, seen, shown = Typed("QJ", pressed), Seen(SENTINEL), Seen(program.stopped, after=escape)
        play(list(terminal.chunks), typed, seen, shown)
        return {
            **_echoes(typed, pressed),
            **_stop(escape, shown, seen),
            **session.probe.figures(pressed[0][0], escape),
        }


def pause(workshop: Workshop, program: Program, rate: int) -> Figures:
    """The escape key in a stream of 24,000 tokens, or 30,000 without a limit; and going on, where there is that."""
    with workshop.session(program, tokens=24_000 if rate else 30_000, rate=rate) as session:
        settle(session)
        terminal = session.terminal
        submit(terminal)
        wait_for_token(session)
        time.sleep(0.2)
        escape = terminal.write(ESCAPE)
        time.sleep(PAUSED_FOR)
        shown, seen = Seen(program.stopped, after=escape), Seen(SENTINEL)
        play(list(terminal.chunks), shown, seen)
        figures = _stop(escape, shown, seen)
        return {**figures, **(_resume(session) if program.reviews else {})}


def _resume(session: Session) -> Figures:
    """Press escape again: how long until the screen has caught up, and how much of the text is there."""
    terminal = session.terminal
    resumed = terminal.write(ESCAPE)
    wait_for_answer(session)
    wait_until_still(terminal, resumed)
    sent: list[tuple[str, int]] = [tuple(mark) for mark in session.model.events("stream", main=True)[0]["sent"]]
    seen = Seen(SENTINEL)
    play(list(terminal.chunks), seen)
    moving = milliseconds(min((at for at in seen.at.values() if at > resumed), default=None), resumed)
    return {
        "resume_shown_ms": moving,
        "caught_up_ms": milliseconds(caught_up(sent, seen.at, resumed, CAUGHT_UP_NS), resumed),
        **session.probe.figures(resumed, terminal.chunks[-1][0]),
        "reachable_percent": reachable(session, [word for word, _ in sent]),
    }


def slow_terminal(workshop: Workshop, program: Program) -> Figures:
    """Letters while 5,000 tokens a second stream to a terminal that takes 1 Mbit/s.

    What the pseudo-terminal itself holds back, some 8 KB, takes such a line 65 ms: so an echo is timed twice, as it
    is read by the terminal, and as the program is rid of it (its probe tells how many bytes were taken, and when).
    """
    rate = 5_000
    with workshop.session(program, tokens=int(rate * (KEYS_FOR + 3)), rate=rate) as session:
        settle(session)
        terminal = session.terminal
        taken = session.probe.taken()
        untold = sum(size for _, size in _written(terminal.chunks)) - (taken[-1][1] if taken else 0)
        terminal.bytes_per_second = SLOW_LINE
        entered = submit(terminal)
        wait_for_token(session)
        time.sleep(0.5)
        pressed = _type_letters(terminal)
        wait_for_answer(session)
        wait_until_still(terminal, pressed[-1][0])
        sent: list[tuple[str, int]] = [tuple(mark) for mark in session.model.events("stream", main=True)[0]["sent"]]
        chunks, typed, seen = list(terminal.chunks), Typed("QJ", pressed), Seen(SENTINEL)
        play(chunks, typed, seen)
        behind = lags(sent, seen.at)
        written = handed_over(typed.shown, _written(chunks), session.probe.taken(), untold)
        echoes = [(at - press) / 1e6 for at, (press, _) in zip(written, pressed, strict=False)]
        told = {"p50": percentile(echoes, 50), "p95": percentile(echoes, 95), "max": max(echoes, default=None)}
        return {
            **_echoes(typed, pressed),
            **({f"key_written_{name}_ms": value for name, value in told.items()} if taken else {}),
            "lag_p50_ms": percentile(behind, 50),
            "lag_p95_ms": percentile(behind, 95),
            "lag_max_ms": max(behind, default=None),
            "drain_ms": milliseconds(seen.at.get(sent[-1][0]), sent[-1][1]),
            "bytes_per_s": _speed(chunks, entered),
            **session.probe.figures(entered, chunks[-1][0]),
        }


def _type_letters(terminal: Terminal) -> list[tuple[int, str]]:
    """Type for :data:`KEYS_FOR` after the letters ``QJ``; returns when each letter was."""
    terminal.type("QJ", KEY_GAP)
    time.sleep(0.5)
    pressed: list[tuple[int, str]] = []
    due = time.monotonic()
    for index in range(int(KEYS_FOR / KEY_GAP)):
        letter = "QJXZVKWHY"[index * 5 % 9]
        pressed.append((terminal.write(letter.encode()), letter))
        due += KEY_GAP
        time.sleep(max(0.0, due - time.monotonic()))
    time.sleep(0.5)
    return pressed


def _echoes(typed: Typed, pressed: list[tuple[int, str]]) -> Figures:
    return {
        "key_p50_ms": percentile(typed.echoes, 50),
        "key_p95_ms": percentile(typed.echoes, 95),
        "key_max_ms": max(typed.echoes, default=None),
        "keys_lost": float(len(pressed) - len(typed.echoes)),
    }


def _stop(escape: int, shown: Seen, seen: Seen) -> Figures:
    newest = milliseconds(max(seen.at.values(), default=escape), escape)
    return {
        "esc_shown_ms": milliseconds(shown.first, escape),
        "esc_last_text_ms": max(0.0, newest or 0.0),
    }


def _written(chunks: list[tuple[int, bytes]]) -> list[tuple[int, int]]:
    """How many bytes were read when, as the program wrote them: the pseudo-terminal adds one to each line break."""
    return [(at, len(data) - data.count(b"\n")) for at, data in chunks]


def _speed(chunks: list[tuple[int, bytes]], since: int) -> float:
    """Bytes a second from ``since`` on."""
    later = [(at, len(data)) for at, data in chunks if at >= since]
    return sum(size for _, size in later) / max(1e-9, (later[-1][0] - since) / 1e9) if later else 0.0
