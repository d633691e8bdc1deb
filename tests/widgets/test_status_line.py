"""The status line tells the truth at every width."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import ComposeResult

from spark_tui.widgets.status_line import (
    LINK_SHAPES,
    TURN_SHAPES,
    Link,
    StatusFacts,
    StatusLine,
    TurnState,
    compose_line,
    seconds,
    tokens,
)
from spark_tui.widgets.theme import ThemedApp

BUSY = StatusFacts(
    link=Link.READY,
    model="gpt-oss-120b",
    turn=TurnState.STREAMING,
    rate=1234.4,
    ttft=0.085,
    context_used=48_000,
    context_limit=128_000,
    pending=3,
    branch="main",
)


def line(facts: StatusFacts, width: int) -> str:
    return "".join(text for text, _ in compose_line(facts, width))


facts_of_any_kind = st.builds(
    StatusFacts,
    link=st.sampled_from(Link),
    link_detail=st.text(max_size=60),
    model=st.text(max_size=60),
    turn=st.sampled_from(TurnState),
    turn_detail=st.text(max_size=60),
    waiting=st.none() | st.floats(0, 1e5),
    rate=st.none() | st.floats(0, 1e5),
    rate_exact=st.booleans(),
    ttft=st.none() | st.floats(0, 1e3),
    context_used=st.integers(0, 10**7),
    context_limit=st.integers(0, 10**7),
    pending=st.integers(0, 10**4),
    held=st.integers(0, 10**6),
    branch=st.text(max_size=60),
    limit=st.text(max_size=40),
    limit_seconds=st.none() | st.floats(0, 1e5),
)


@settings(max_examples=150)
@given(facts_of_any_kind, st.integers(0, 220))
def test_it_fills_its_row_and_never_more(facts: StatusFacts, width: int) -> None:
    text = line(facts, width)
    assert cell_len(text) <= width
    assert "\x1b" not in text
    if width >= 72:
        assert cell_len(text) >= width - 1
        assert facts.turn.value in text
        assert not facts.held or f"{facts.held:,} held" in text


def test_everything_is_shown_where_there_is_room() -> None:
    text = line(BUSY, 120)
    assert text.startswith("▸ streaming   ~1,234 tok/s   first token 85 ms ")
    assert text.endswith(" ● 3 to review   ▰▰▰▱▱▱▱▱ 38% of 128k   gpt-oss-120b   on main")


def test_the_least_important_gives_way_first() -> None:
    gone = []
    for width in range(120, 20, -1):
        text = line(BUSY, width)
        for word in ("main", "ttft", "gpt", "▰", "tok/s", "review"):
            if word not in text and word not in gone and (word != "ttft" or "first token" not in text):
                gone.append(word)
    assert gone == ["main", "ttft", "gpt", "▰", "tok/s", "review"]
    assert line(BUSY, 30).startswith("▸ streaming")
    assert "● 3" in line(BUSY, 30)


def test_at_80_columns_what_counts_is_there() -> None:
    paused = replace(BUSY, turn=TurnState.PAUSED, held=1204, rate=None)
    text = line(paused, 78)
    assert text.startswith("‖ paused  1,204 held back")
    full = replace(paused, held_is_full=True)
    assert "1,204 held back, the server waits" in line(full, 160)
    assert "1,204 held" in line(full, 40)
    assert "● 3 to review" in text
    assert "38%" in text


@pytest.mark.parametrize("turn", TurnState)
def test_every_state_has_a_shape_of_its_own_and_a_word(turn: TurnState) -> None:
    text = line(StatusFacts(link=Link.READY, turn=turn), 80)
    assert text.startswith(f"{TURN_SHAPES[turn]} {turn.value}")
    assert len(set(TURN_SHAPES.values())) == len(TurnState)
    assert all(cell_len(shape) == 1 for shape in [*TURN_SHAPES.values(), *LINK_SHAPES.values()])


@pytest.mark.parametrize("link", [link for link in Link if link is not Link.READY])
def test_a_link_that_is_not_ready_says_so_and_why(link: Link) -> None:
    text = line(StatusFacts(link=link, link_detail="connection refused by localhost"), 80)
    assert f"{link.value}: connection refused by localhost" in text
    assert link.value in line(StatusFacts(link=link, link_detail="x" * 300), 30)


def test_waiting_limits_and_failures_say_what_for_and_how_long() -> None:
    waiting = StatusFacts(link=Link.READY, turn=TurnState.WAITING, turn_detail="read_file", waiting=2.04)
    assert line(waiting, 80).startswith("◇ waiting for read_file 2.0 s")
    limited = StatusFacts(link=Link.READY, turn=TurnState.QUEUED, limit="tokens per minute", limit_seconds=12)
    assert line(limited, 80).startswith("◌ queued   ◷ limited by tokens per minute 12 s")
    failed = StatusFacts(link=Link.READY, turn=TurnState.FAILED, turn_detail="server\nsaid \x1b[31mno")
    assert line(failed, 80).startswith("▲ failed: server‹0A›said ‹1B›[31mno")


def test_an_exact_rate_has_no_tilde() -> None:
    assert " 1,234 tok/s" in line(replace(BUSY, rate_exact=True), 120)


def test_a_context_nearly_full_is_said_in_colour_and_kept_longer() -> None:
    styles = dict(compose_line(replace(BUSY, context_used=124_000), 120))
    assert styles["▰▰▰▰▰▰▰▰ 97% of 128k"] == "$error"
    assert "97%" in line(replace(BUSY, context_used=124_000), 30)
    assert "context 500" in line(StatusFacts(context_used=500), 80)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-1, "0 ms"),
        (0.0854, "85 ms"),
        (0.9996, "1.0 s"),
        (3.21, "3.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
    ],
)
def test_times_are_for_people(value: float, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (12_340, "12.3k"),
        (128_000, "128k"),
        (999_600, "1M"),
        (1_200_000, "1.2M"),
    ],
)
def test_token_counts_are_short(count: int, text: str) -> None:
    assert tokens(count) == text


async def test_the_widget_shows_what_it_is_given_and_brackets_are_no_markup() -> None:
    class Bench(ThemedApp[None]):
        def compose(self) -> ComposeResult:
            yield StatusLine()

    app = Bench()
    async with app.run_test(size=(120, 3)) as pilot:
        status = app.query_one(StatusLine)
        assert "⇢ connecting" in status.render_line(0).text
        status.show(replace(BUSY, branch="[red]x[/]"))
        await pilot.pause()
        assert status.facts.pending == 3
        assert "[red]x[/]" in status.render_line(0).text


def test_a_retry_is_counted_down_and_names_the_key_that_does_not_wait() -> None:
    waits = StatusFacts(link=Link.READY, turn=TurnState.QUEUED, turn_detail="overloaded", retry_in=12.0)
    assert line(waits, 80).startswith("◌ queued: overloaded · again in 12 s, ^r now")
    limited = StatusFacts(link=Link.READY, turn=TurnState.QUEUED, limit="requests", limit_seconds=12, retry_in=12.0)
    assert line(limited, 80).startswith("◌ queued · ^r retries now   ◷ limited by requests 12 s")


def test_another_way_to_the_server_is_told_while_it_works() -> None:
    assert "⇄ over HTTP: no WebSocket (426)" in line(
        StatusFacts(link=Link.READY, link_detail="over HTTP: no WebSocket (426)"), 80
    )


def test_what_the_server_had_kept_stands_beside_the_context() -> None:
    facts = StatusFacts(link=Link.READY, context_used=64_000, context_limit=128_000, context_cached=0.9)
    assert "50% of 128k, 90% cached" in line(facts, 80)
