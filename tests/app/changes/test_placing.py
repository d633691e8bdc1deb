"""Moving a chunk with ambiguous context from place to place."""

from __future__ import annotations

import json

import pytest

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.errors import ChangeError, PlanRefused
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.workspace.files import FileSnapshot
from tests.app.changes.line_diffs import quick_diff

TWIN = "def one():\n    x = 1\n    y = 2\n    return x\n\n"
TEXT = TWIN * 3
PATCH = "*** Begin Patch\n*** Update File: a.py\n     x = 1\n-    y = 2\n+    y = 3\n     return x\n*** End Patch\n"
FAR = PATCH.replace("     x = 1\n", "-    x = 1\n+    x = 0\n").replace(
    "-    y = 2\n+    y = 3\n     return x\n", "     y = 2\n-    return x\n+    return 0\n"
)


def staged(patch: str, text: str = TEXT) -> tuple[ChangeSet, list[Hunk]]:
    changes = ChangeSet()
    live = LivePatch(changes, "call", turn=1)
    live.feed(patch)
    live.provide(FileSnapshot("a.py", text.encode(), 0o644))
    assert live.finish().is_whole
    return changes, list(changes.hunks(HunkState.PENDING))


def proposed(changes: ChangeSet) -> str:
    data = changes.files[0].proposed
    assert data is not None
    return data.decode()


def with_change_at(place: int) -> str:
    return TWIN * place + TWIN.replace("y = 2", "y = 3") + TWIN * (2 - place)


def test_a_chunk_goes_round_all_its_places() -> None:
    changes, (hunk,) = staged(PATCH)
    assert (hunk.places, hunk.ambiguity and hunk.ambiguity.place) == (3, 1)
    for place in (1, 2, 0, 1):
        changes.move_on(hunk.id)
        moved = changes.hunk(hunk.id)
        assert proposed(changes) == with_change_at(place)
        assert (moved.places, moved.ambiguity and moved.ambiguity.place) == (3, place + 1)
        assert [h.id for h in changes.hunks()] == [hunk.id]


def test_what_was_seen_elsewhere_is_not_accepted_here() -> None:
    changes, (hunk,) = staged(PATCH)
    seen = {hunk.id: hunk.revision}
    changes.move_on(hunk.id)
    with pytest.raises(PlanRefused, match="look at it again"):
        changes.plan_accept([hunk.id], seen)


def test_the_hunks_of_a_chunk_move_together() -> None:
    changes, hunks = staged(FAR)
    assert len(hunks) == 2
    changes.move_on(hunks[1].id)
    changed = TWIN.replace("x = 1", "x = 0").replace("return x", "return 0")
    assert proposed(changes) == TWIN + changed + TWIN
    assert [h.id for h in changes.hunks()] == [h.id for h in hunks]


def test_it_moves_after_a_restart_and_after_an_edit_from_outside() -> None:
    changes, (hunk,) = staged(PATCH)
    changes = ChangeSet.from_json(json.loads(json.dumps(changes.to_json())))
    changes.rebase(FileSnapshot("a.py", ("top\n" + TEXT).encode(), 0o644), quick_diff)
    changes.move_on(hunk.id)
    assert proposed(changes) == "top\n" + with_change_at(1)


def test_a_place_that_another_hunk_has_taken_is_passed_over() -> None:
    twice = PATCH.replace("*** End Patch\n", PATCH.partition("a.py\n")[2].replace("     x", "@@\n     x", 1))
    changes, hunks = staged(twice)
    assert proposed(changes) == TWIN.replace("y = 2", "y = 3") * 2 + TWIN
    changes.move_on(hunks[0].id)
    assert proposed(changes) == TWIN + TWIN.replace("y = 2", "y = 3") * 2


@pytest.mark.parametrize("spoil", ["edit", "accept", "unambiguous"])
def test_what_cannot_move_says_so_and_stays(spoil: str) -> None:
    changes, (hunk,) = staged(PATCH, TWIN if spoil == "unambiguous" else TEXT)
    if spoil == "edit":
        changes.set_lines(hunk.id, ["    y = 4\n"])
    elif spoil == "accept":
        changes.accepted(changes.plan_accept([hunk.id]))
    before = changes.to_json()
    with pytest.raises(ChangeError):
        changes.move_on(hunk.id)
    assert changes.to_json() == before
