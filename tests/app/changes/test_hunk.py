from __future__ import annotations

import itertools

import pytest

from spark_tui.app.changes.errors import IllegalStep
from spark_tui.app.changes.hunk import Hunk, HunkEvent, HunkKind, HunkState, advance
from spark_tui.protocol.patch.edits import LineEdit

LEGAL = {
    (HunkState.STREAMING, HunkEvent.CLOSE): HunkState.PENDING,
    (HunkState.PENDING, HunkEvent.ACCEPT): HunkState.ACCEPTED,
    (HunkState.ACCEPTED, HunkEvent.UNDO): HunkState.PENDING,
    (HunkState.PENDING, HunkEvent.CONFLICT): HunkState.CONFLICTED,
    (HunkState.CONFLICTED, HunkEvent.RESOLVE): HunkState.PENDING,
    (HunkState.REJECTED, HunkEvent.RESTORE): HunkState.PENDING,
    (HunkState.RETIRED, HunkEvent.RESTORE): HunkState.PENDING,
    (HunkState.RETIRED, HunkEvent.LAND): HunkState.ACCEPTED,
}


@pytest.mark.parametrize(("state", "event"), itertools.product(HunkState, HunkEvent))
def test_every_step_is_legal_or_named(state: HunkState, event: HunkEvent) -> None:
    if (state, event) in LEGAL:
        assert advance(state, event) is LEGAL[state, event]
    elif event is HunkEvent.REJECT and state in (HunkState.PENDING, HunkState.CONFLICTED):
        assert advance(state, event) is HunkState.REJECTED
    elif event is HunkEvent.RETIRE and state not in (HunkState.REJECTED, HunkState.RETIRED):
        assert advance(state, event) is HunkState.RETIRED
    else:
        with pytest.raises(IllegalStep, match=f"{event.value} a hunk that is {state.value}"):
            advance(state, event)


def test_an_accepted_hunk_is_an_edit_that_takes_it_out() -> None:
    hunk = Hunk("h1", "a", HunkKind.EDIT, HunkState.PENDING, 3, ["old\n"], ["new\n", "more\n"])
    assert (hunk.edit, hunk.end) == (LineEdit(3, 4, ("new\n", "more\n")), 4)
    hunk.step(HunkEvent.ACCEPT)
    assert (hunk.edit, hunk.end) == (LineEdit(3, 5, ("old\n",)), 5)
