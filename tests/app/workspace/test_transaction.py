from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.workspace.transaction import (
    VERSION,
    Direction,
    Found,
    Manifest,
    Operation,
    OperationState,
    check_manifest,
    check_slot,
    classify,
    decide,
)

S = OperationState
REPLACE = Operation(("d",), "f", "old", "new", None, "0")
CREATE = Operation(("d",), "f", None, "new", None, "0")
DELETE = Operation(("d",), "f", "old", None, None, "0")


@pytest.mark.parametrize(
    ("operation", "target", "staged", "displaced", "state"),
    [
        (REPLACE, "old", "new", None, S.PENDING),
        (REPLACE, "old", "new", "old", S.PENDING),
        (REPLACE, "new", "old", None, S.DONE),
        (REPLACE, "new", None, "old", S.DONE),
        (REPLACE, "new", None, None, S.DONE),
        (REPLACE, "new", "edit", None, S.OVERTAKEN),
        (REPLACE, "new", None, "edit", S.OVERTAKEN),
        (REPLACE, "edit", "edit 2", None, S.OVERTAKEN),
        (REPLACE, "edit", "new", None, S.EDITED_BEFORE),
        (REPLACE, None, "new", None, S.EDITED_BEFORE),
        (REPLACE, "edit", "old", None, S.EDITED_AFTER),
        (REPLACE, "edit", None, None, S.EDITED_AFTER),
        (REPLACE, "old", None, None, S.UNSTAGED),
        (REPLACE, "old", "torn", None, S.UNSTAGED),
        (CREATE, None, "new", None, S.PENDING),
        (CREATE, "new", None, None, S.DONE),
        (CREATE, "new", "new", None, S.DONE),
        (CREATE, "edit", "new", None, S.EDITED_BEFORE),
        (CREATE, "edit", None, None, S.EDITED_AFTER),
        (CREATE, None, None, None, S.EDITED_AFTER),
        (DELETE, "old", None, None, S.PENDING),
        (DELETE, None, None, "old", S.DONE),
        (DELETE, None, None, None, S.DONE),
        (DELETE, None, None, "edit", S.OVERTAKEN),
        (DELETE, "edit", None, None, S.EDITED_BEFORE),
        (DELETE, "edit", None, "old", S.EDITED_AFTER),
        (DELETE, "old", None, "edit", S.UNSTAGED),
    ],
)
def test_classify(
    operation: Operation, target: str | None, staged: str | None, displaced: str | None, state: OperationState
) -> None:
    assert classify(operation, Found(target, staged, displaced)) is state


@pytest.mark.parametrize(
    ("states", "aborting", "direction"),
    [
        ([S.PENDING, S.DONE], False, Direction.FORWARD),
        ([S.PENDING, S.DONE], True, Direction.BACK),
        ([S.DONE, S.OVERTAKEN], False, Direction.BACK),
        ([S.DONE, S.UNSTAGED], False, Direction.BACK),
        ([S.PENDING, S.EDITED_BEFORE], False, Direction.BACK),
        ([S.PENDING, S.EDITED_AFTER], False, Direction.FORWARD),
        ([S.EDITED_BEFORE, S.EDITED_AFTER], False, Direction.FORWARD),
    ],
)
def test_decide(states: list[OperationState], aborting: bool, direction: Direction) -> None:
    assert decide(states, aborting=aborting) is direction


@settings(max_examples=200)
@given(
    st.sampled_from([REPLACE, CREATE, DELETE]),
    *[st.sampled_from([None, "old", "new", "edit"])] * 3,
)
def test_no_edit_is_taken_for_ours(
    operation: Operation, target: str | None, staged: str | None, displaced: str | None
) -> None:
    """A target that is neither old nor new is never in a state in which it would be swapped away unseen."""
    state = classify(operation, Found(target, staged, displaced))
    if target not in (operation.before, operation.after):
        assert state not in (S.PENDING, S.DONE, S.UNSTAGED)


@pytest.mark.parametrize(
    "change",
    [
        {"directory": ("..",)},
        {"directory": ("a/b/../..",)},
        {"name": "../../x"},
        {"name": ".git"},
        {"slot": "../x"},
        {"slot": "x"},
        {"slot_directory": ("..",), "slot": ".spark-tui-0a-1"},
        {"slot_directory": ("d",), "slot": "1"},
        {"after": "old"},
    ],
)
def test_a_hostile_manifest_is_not_followed(change: dict[str, object]) -> None:
    fields = {name: getattr(REPLACE, name) for name in REPLACE.__struct_fields__}
    check_manifest(Manifest("", (REPLACE,), (("d",),), VERSION))
    with pytest.raises(ValueError, match=r"."):
        check_manifest(Manifest("", (Operation(**{**fields, **change}),), (), VERSION))


def test_hostile_slots_and_directories_are_not_followed() -> None:
    check_slot((), ".spark-tui-0a-1.new")
    for directory, name in (((), "README.md"), ((), "../.spark-tui-0a-1.new"), (("..",), ".spark-tui-0a-1.old")):
        with pytest.raises(ValueError, match=r"."):
            check_slot(directory, name)
    with pytest.raises(ValueError, match=r"."):
        check_manifest(Manifest("", (), (("..", "x"),), VERSION))
    with pytest.raises(ValueError, match="version"):
        check_manifest(Manifest("", (), (), VERSION + 1))
