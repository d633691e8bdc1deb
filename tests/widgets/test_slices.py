from __future__ import annotations

import asyncio

from spark_tui.widgets.slices import SLICE, Slices


async def test_others_get_their_turn_when_a_slice_is_over() -> None:
    now = [0.0]
    slices = Slices(clock=lambda: now[0])
    served: list[float] = []
    asyncio.get_running_loop().call_soon(lambda: served.append(now[0]))
    await slices.turn()
    assert not served
    now[0] = SLICE
    await slices.turn()
    assert served == [SLICE]
    asyncio.get_running_loop().call_soon(lambda: served.append(now[0]))
    now[0] = 1.5 * SLICE
    await slices.turn()
    assert served == [SLICE]


async def test_a_slice_may_be_shorter() -> None:
    now = [0.0]
    slices = Slices(SLICE / 2, clock=lambda: now[0])
    now[0] = 0.4 * SLICE
    assert not await slices.turn()
    now[0] = 0.6 * SLICE
    assert await slices.turn()
