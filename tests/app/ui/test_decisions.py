"""Every key that decides on a hunk, on each state that a hunk may have: what becomes of it, and of the file."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.ui.app import SparkApp
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.widgets.notice_bar import NoticeBar
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import running, shows, stage, until
from tests.app.work_tree import WorkTree

PENDING, ACCEPTED, REJECTED = HunkState.PENDING, HunkState.ACCEPTED, HunkState.REJECTED
CONFLICTED, RETIRED = HunkState.CONFLICTED, HunkState.RETIRED


def numbers(**changes: str) -> str:
    """Lines 1 to 40, with ``n20="..."`` in place of line 20."""
    return "".join(f"{changes.get(f'n{number}', number)}\n" for number in range(1, 41))


OLD, MINE, FIRST, SECOND = numbers(), numbers(n10="mine"), numbers(n10="ten"), numbers(n30="thirty")
BOTH, MINE_AND_SECOND = numbers(n10="ten", n30="thirty"), numbers(n10="mine", n30="thirty")

STAYS = {PENDING: OLD, ACCEPTED: FIRST, REJECTED: OLD, CONFLICTED: MINE, RETIRED: MINE}
"""The file while the first of two hunks is in a state and nothing more is decided."""

MEANT: dict[tuple[HunkState, str], tuple[HunkState, HunkState, str]] = {
    (PENDING, "a"): (ACCEPTED, PENDING, FIRST),
    (PENDING, "x"): (REJECTED, PENDING, OLD),
    (PENDING, "A"): (ACCEPTED, ACCEPTED, BOTH),
    (PENDING, "X"): (REJECTED, REJECTED, OLD),
    (ACCEPTED, "r"): (PENDING, PENDING, OLD),
    (ACCEPTED, "u"): (PENDING, PENDING, OLD),
    (ACCEPTED, "A"): (ACCEPTED, ACCEPTED, BOTH),
    (ACCEPTED, "X"): (ACCEPTED, REJECTED, FIRST),
    (REJECTED, "r"): (PENDING, PENDING, OLD),
    (REJECTED, "A"): (REJECTED, ACCEPTED, SECOND),
    (REJECTED, "X"): (REJECTED, REJECTED, OLD),
    (CONFLICTED, "x"): (REJECTED, PENDING, MINE),
    (CONFLICTED, "1"): (RETIRED, PENDING, MINE),
    (CONFLICTED, "2"): (PENDING, PENDING, MINE),
    (CONFLICTED, "3"): (REJECTED, PENDING, MINE),
    (CONFLICTED, "A"): (CONFLICTED, ACCEPTED, MINE_AND_SECOND),
    (CONFLICTED, "X"): (REJECTED, REJECTED, MINE),
    (RETIRED, "r"): (CONFLICTED, PENDING, MINE),
    (RETIRED, "A"): (RETIRED, ACCEPTED, MINE_AND_SECOND),
    (RETIRED, "X"): (RETIRED, REJECTED, MINE),
}
"""What a key makes of both hunks and of the file. Any other key on a hunk of that state changes nothing."""


async def bring_to(app: SparkApp, pilot: Pilot[int], tree: WorkTree, state: HunkState) -> tuple[str, str]:
    """Stage two hunks in ``a.txt``, bring the first to ``state`` and put the cursor on it; the ids."""
    first, second = stage(app, tree, "a.txt", BOTH)
    diff, changes = app.panes.diff, app.bench.changes
    await until(pilot, lambda: shows(diff, "ten"))
    diff.focus()
    diff.reveal(first)
    if state in (CONFLICTED, RETIRED):
        tree.write("a.txt", MINE)
        await app.bench.review.look_at(["a.txt"])
        await until(pilot, lambda: shows(diff, "mine"))
    await pilot.press(*{ACCEPTED: "a", REJECTED: "x", RETIRED: "1"}.get(state, ""))
    await until(pilot, lambda: changes.hunk(first).state is state)
    app.query_one(NoticeBar).clear()
    diff.reveal(first)
    await pilot.pause()
    return first, second


@pytest.mark.parametrize("state", STAYS)
@pytest.mark.parametrize("key", "axAXruU123m")
async def test_a_key_does_to_a_hunk_what_its_state_allows(
    make_work_tree: MakeWorkTree, state: HunkState, key: str
) -> None:
    tree = make_work_tree({"a.txt": OLD})
    async with running(tree) as (app, pilot):
        first, second = await bring_to(app, pilot, tree, state)
        changes, notices = app.bench.changes, app.query_one(NoticeBar)
        meant = MEANT.get((state, key))
        await pilot.press(key)
        if meant is None:
            await until(pilot, lambda: notices.current is not None)
        else:
            await until(pilot, lambda: (changes.hunk(first).state, changes.hunk(second).state) == meant[:2])
        assert (changes.hunk(first).state, changes.hunk(second).state, (tree.root / "a.txt").read_text()) == (
            meant or (state, PENDING, STAYS[state])
        )
        assert bool(app.bench.sent) == ((state, key) == (CONFLICTED, "3"))


async def test_the_change_taken_in_a_conflict_stands_in_the_place_of_mine(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": OLD})
    async with running(tree) as (app, pilot):
        first, _ = await bring_to(app, pilot, tree, CONFLICTED)
        await pilot.press("2")
        await until(pilot, lambda: app.bench.changes.hunk(first).state is PENDING)
        assert app.bench.changes.hunk(first).removed == ["mine\n"]
        await pilot.press("a")
        await until(pilot, lambda: (tree.root / "a.txt").read_text() == FIRST)


async def test_capital_u_does_again_what_u_took_back(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": OLD})
    file = tree.root / "a.txt"
    async with running(tree) as (app, pilot):
        await bring_to(app, pilot, tree, PENDING)
        for key, text in (("a", FIRST), ("a", BOTH), ("u", FIRST), ("u", OLD), ("U", FIRST), ("U", BOTH)):
            await pilot.press(key)
            await until(pilot, lambda: file.read_text() == text)  # noqa: B023


async def test_m_moves_a_hunk_to_its_next_place_and_round(make_work_tree: MakeWorkTree) -> None:
    twin = "one\ntwo\nthree\n"
    tree = make_work_tree({"a.txt": twin * 3})
    async with running(tree) as (app, pilot):
        patch = LivePatch(app.bench.changes, "call", turn=1)
        patch.feed("*** Begin Patch\n*** Update File: a.txt\n one\n-two\n+TWO\n three\n*** End Patch\n")
        patch.provide(read_snapshot(tree.root, "a.txt"))
        assert patch.finish().is_whole
        app.changed()
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "1 of 3 places, m moves it"))
        diff.focus()
        await pilot.press("n", "m", "m", "m", "m")
        await until(pilot, lambda: shows(diff, "2 of 3 places, m moves it"))
        await pilot.press("a")
        await until(pilot, lambda: (tree.root / "a.txt").read_text() == twin + "one\nTWO\nthree\n" + twin)


async def test_capital_f_follows_a_file_that_was_moved(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": OLD})
    async with running(tree) as (app, pilot):
        first, _ = await bring_to(app, pilot, tree, PENDING)
        await pilot.press("F")
        await until(pilot, lambda: app.query_one(NoticeBar).current is not None)
        (tree.root / "a.txt").rename(tree.root / "b.txt")
        await app.bench.review.look_at(["a.txt"], ["b.txt"])
        diff = app.panes.diff
        await until(pilot, lambda: app.bench.changes.hunk(first).state is CONFLICTED)
        diff.reveal(first)
        await pilot.press("F")
        await until(pilot, lambda: app.bench.changes.hunk(first).path == "b.txt")
        assert app.bench.changes.hunk(first).state is PENDING
        await until(pilot, lambda: shows(diff, "b.txt"))
        await pilot.press("A")
        await until(pilot, lambda: (tree.root / "b.txt").read_text() == BOTH)
        assert not (tree.root / "a.txt").exists()
