from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from spark_tui.app.ui.garbage import AWAY, GarbageClock


class Loop:
    """Garbage that is found only by looking."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _as_found() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


@pytest.fixture
def generations() -> Iterator[list[int]]:
    """The generations that were looked through."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_only_what_is_young_is_looked_through_while_somebody_is_there(generations: list[int]) -> None:
    now = [0.0]
    clock = GarbageClock(clock=lambda: now[0])
    gc.disable()
    clock.begin()
    # By default this many objects that stay bring about several looks through all of them.
    kept = [[number] for number in range(300_000)]
    assert len(kept) == 300_000
    assert set(generations) == {0, 1}
    now[0] = AWAY - 1
    assert not clock.look()
    now[0] = AWAY
    clock.touch()
    assert not clock.look()
    assert 2 not in generations


def test_all_is_looked_through_once_nobody_is_there() -> None:
    now = [0.0]
    clock = GarbageClock(clock=lambda: now[0])
    gc.disable()
    clock.begin()
    gone = weakref.ref(Loop())
    gc.collect(1)
    kept = [[number] for number in range(50_000)]
    now[0] = AWAY
    assert clock.look()
    assert gone() is None
    assert not clock.look()
    assert kept


def test_what_start_up_made_is_never_looked_through() -> None:
    gc.disable()
    made = weakref.ref(Loop())
    now = [0.0]
    clock = GarbageClock(clock=lambda: now[0])
    clock.begin()
    gc.collect()
    assert made() is not None


def test_it_leaves_python_as_it_was_found() -> None:
    before = gc.get_threshold()
    clock = GarbageClock()
    clock.end()
    assert gc.get_threshold() == before
    clock.begin()
    assert gc.get_threshold() != before
    clock.end()
    assert gc.get_threshold() == before
    assert not clock.look()
