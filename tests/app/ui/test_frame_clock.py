"""The frame clock draws at once when idle, once a frame under load, and never after it was closed."""

from __future__ import annotations

import asyncio

import pytest

from spark_tui.app.ui.frame_clock import FLOOD, FLOOD_FRAME, FrameClock


async def test_many_requests_are_one_frame() -> None:
    frames = []
    done = asyncio.Event()

    def draw() -> None:
        frames.append(1)
        done.set()

    clock = FrameClock(draw, interval=3600)
    for _ in range(100):
        clock.request()
    await done.wait()
    clock.request()
    await asyncio.sleep(0)
    assert len(frames) == 1
    clock.close()


async def test_a_request_after_a_frame_gets_the_next_one() -> None:
    frames: asyncio.Queue[int] = asyncio.Queue()
    clock = FrameClock(lambda: frames.put_nowait(1), interval=0.001)
    for _ in range(3):
        clock.request()
        await frames.get()
    clock.close()


async def test_who_waits_gets_a_frame_at_once() -> None:
    frames: asyncio.Queue[int] = asyncio.Queue()
    clock = FrameClock(lambda: frames.put_nowait(1), interval=3600)
    clock.request()
    await frames.get()
    clock.request()
    clock.request(at_once=True)
    clock.request(at_once=True)
    await frames.get()
    await asyncio.sleep(0)
    assert frames.empty()
    clock.close()


async def test_frames_are_skipped_while_the_terminal_is_behind() -> None:
    frames: asyncio.Queue[int] = asyncio.Queue()
    behind = True
    clock = FrameClock(lambda: frames.put_nowait(1), is_behind=lambda: behind, interval=0)
    clock.request()
    for _ in range(3):
        await asyncio.sleep(0)
        clock.request(at_once=True)
    assert frames.empty()
    behind = False
    clock.caught_up()
    clock.caught_up()
    await frames.get()
    await asyncio.sleep(0)
    assert frames.empty()
    clock.close()


async def test_a_terminal_that_caught_up_is_owed_nothing_where_no_frame_was_skipped() -> None:
    frames: asyncio.Queue[int] = asyncio.Queue()
    clock = FrameClock(lambda: frames.put_nowait(1), interval=0)
    clock.caught_up()
    clock.request()
    await frames.get()
    clock.caught_up()
    await asyncio.sleep(0)
    assert frames.empty()
    clock.close()


async def test_a_closed_clock_is_still() -> None:
    frames = []
    clock = FrameClock(lambda: frames.append(1), interval=0)
    clock.request()
    clock.close()
    clock.request()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert frames == []


async def test_a_flood_gets_fewer_frames_until_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: asyncio.Queue[int] = asyncio.Queue()
    clock = FrameClock(lambda: frames.put_nowait(1), interval=0)
    delays: list[float] = []
    schedule = clock._schedule

    def schedule_now(delay: float) -> None:
        delays.append(delay)
        schedule(0.0)

    monkeypatch.setattr(clock, "_schedule", schedule_now)
    for requests in (FLOOD, FLOOD + 1, 1, 1):
        for _ in range(requests):
            clock.request()
        await frames.get()
    quick, _, after_flood, after = delays
    assert quick == float("-inf")
    assert after_flood > FLOOD_FRAME / 2
    assert after <= 0
    clock.close()
