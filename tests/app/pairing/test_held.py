"""What waits is kept in order and whole, in little memory, and counted as it was received."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_tui.app.pairing.held import MERGED_LIMIT, HeldUpdates
from spark_tui.protocol.wire.updates import CallDelta, Ended, ReasoningDelta, TextDelta, Update

ids = st.sampled_from("ab")
updates = st.one_of(
    st.builds(TextDelta, ids, st.text(max_size=3)),
    st.builds(ReasoningDelta, ids, st.text(max_size=3)),
    st.builds(CallDelta, ids, st.text(max_size=3)),
    st.just(Ended("r", "completed", None, None, None)),
)


def characters(found: list[Update]) -> list[tuple[str, ...]]:
    """Each character with its kind and item, so that merged and single deltas compare as equal."""
    spread: list[tuple[str, ...]] = []
    for update in found:
        match update:
            case TextDelta(one, text) | ReasoningDelta(one, text) | CallDelta(one, text):
                spread += [(type(update).__name__, one, character) for character in text]
            case _:
                spread.append((type(update).__name__,))
    return spread


@given(st.lists(updates))
def test_everything_comes_out_in_order(received: list[Update]) -> None:
    held = HeldUpdates()
    for update in received:
        held.add(update)
    assert held.count == len(received)
    taken = []
    while held:
        taken.append(held.take())
    assert characters(taken) == characters(received)
    assert (held.count, held.size) == (0, 0)


def test_merged_deltas_stay_small_steps() -> None:
    held = HeldUpdates()
    for _ in range(10 * MERGED_LIMIT):
        held.add(TextDelta("m", "x"))
    while held:
        update = held.take()
        assert isinstance(update, TextDelta)
        assert len(update.text) <= MERGED_LIMIT


def test_it_is_full_by_what_it_holds_also_when_that_is_nothing() -> None:
    held = HeldUpdates(limit=1000)
    held.add(TextDelta("m", "x" * 900))
    assert not held.is_full
    held.add(TextDelta("m", "x" * 100))
    assert held.is_full
    held.clear()
    for number in range(20):
        held.add(TextDelta(str(number), ""))
    assert held.is_full


def test_what_was_put_back_comes_first() -> None:
    held = HeldUpdates()
    held.add(CallDelta("c", "ab"))
    held.take()
    held.add(CallDelta("c", "c"))
    held.put_back(CallDelta("c", "b"))
    assert [held.take(), held.take()] == [CallDelta("c", "b"), CallDelta("c", "c")]
    with pytest.raises(IndexError):
        held.take()
