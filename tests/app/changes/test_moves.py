"""What counts as moved."""

from __future__ import annotations

from spark_tui.app.changes.moves import LINES_MOST, Edited, Moved, find_moves

BODY = ["def area(r):\n", "    side = r * r\n", "    return PI * side\n"]


def test_a_block_put_elsewhere_is_moved_on_both_sides() -> None:
    gone, come = find_moves([Edited(removed=["x = 1\n", *BODY]), Edited(added=[*BODY, "y = 2\n"])])
    assert gone == Moved(removed=frozenset({1, 2, 3}))
    assert come == Moved(added=frozenset({0, 1, 2}))


def test_another_indentation_is_still_a_move() -> None:
    assert find_moves([Edited(BODY, ["  " + line for line in BODY])])[0].added == frozenset({0, 1, 2})


def test_two_lines_in_a_row_are_none() -> None:
    assert not any(find_moves([Edited(removed=BODY[:2]), Edited(added=BODY[:2])]))


def test_lines_that_are_alike_everywhere_are_none() -> None:
    closing = ["        )\n", "    )\n", ")\n", "\n"]
    assert not any(find_moves([Edited(removed=closing), Edited(added=closing)]))


def test_only_what_is_at_both_places_is_moved() -> None:
    gone, come = find_moves([Edited(removed=[*BODY, "    print(side)\n"]), Edited(added=BODY)])
    assert gone.removed == come.added == frozenset({0, 1, 2})


def test_a_huge_change_is_not_searched() -> None:
    huge = BODY * (LINES_MOST // 3)
    assert not any(find_moves([Edited(removed=huge), Edited(added=huge)]))
