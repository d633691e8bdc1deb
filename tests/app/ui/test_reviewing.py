"""The keys of the diff in the program: what they do to the files, and to what is shown of them."""

from __future__ import annotations

from spark_tui.app.changes.hunk import HunkState
from spark_tui.widgets.file_tree import FileTree
from tests.app.conftest import MakeWorkTree
from tests.app.ui.running import lines, running, shows, stage, until
from tests.app.work_tree import WorkTree

NUMBERS = "".join(f"{number}\n" for number in range(1, 41))


def with_lines(**changes: str) -> str:
    """``NUMBERS`` with ``n20="..."`` in place of line 20."""
    texts = NUMBERS.splitlines(keepends=True)
    for name, text in changes.items():
        texts[int(name[1:]) - 1] = text
    return "".join(texts)


def read(tree: WorkTree, path: str) -> str:
    return (tree.root / path).read_text()


async def test_only_the_chosen_lines_are_written(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", with_lines(n20="twenty\nand one\n"))
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "and one"))
        diff.focus()
        diff.reveal(hunk)
        await pilot.press("down", "down", "down", "down", "space", "space", "a")
        await until(pilot, lambda: read(tree, "a.txt") != NUMBERS)
        assert read(tree, "a.txt") == with_lines(n20="twenty\n")
        left = list(app.bench.changes.hunks(HunkState.PENDING))
        assert [(h.removed, h.added) for h in left] == [([], ["and one\n"])]


async def test_only_the_chosen_lines_are_rejected(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", with_lines(n20="twenty\nand one\n"))
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "and one"))
        diff.focus()
        diff.reveal(hunk)
        await pilot.press("down", "down", "down", "down", "down", "down", "space", "x")
        assert [h.added for h in app.bench.changes.hunks(HunkState.REJECTED)] == [["and one\n"]]
        assert [h.added for h in app.bench.changes.hunks(HunkState.PENDING)] == [["twenty\n"]]
        assert read(tree, "a.txt") == NUMBERS


async def test_lines_of_a_text_that_has_changed_since_are_not_written(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, _pilot):
        (hunk,) = stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        app.bench.changes.set_lines(hunk, ["other\n"])
        assert not await app.bench.review.accept_lines(hunk, frozenset({1}), 0)
        assert read(tree, "a.txt") == NUMBERS


async def test_plus_minus_and_w_change_how_much_is_shown(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree, size=(120, 80)) as (app, pilot):
        stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "twenty"))
        diff.focus()

        def around() -> list[str]:
            return [line.split()[-1] for line in lines(diff)[2:] if line.endswith(tuple("0123456789"))]

        assert around()[0] == "17"
        await pilot.press("plus")
        await until(pilot, lambda: around()[0] == "14")
        await pilot.press("minus", "minus")
        await until(pilot, lambda: around()[0] == "19")
        await pilot.press("w")
        await until(pilot, lambda: around()[0:3] == ["1", "2", "3"])
        assert around()[-1] == "40"
        await pilot.press("w")
        await until(pilot, lambda: around()[0] == "19")


async def test_moved_lines_and_respaced_ones_are_marked_and_counted(make_work_tree: MakeWorkTree) -> None:
    body = "def area(radius):\n    side = radius * radius\n    return PI * side\n"
    tree = make_work_tree({"a.py": f"x=1\n\n\n{body}", "b.py": "PI = 3\n"})
    async with running(tree) as (app, pilot):
        stage(app, tree, "a.py", "x = 1\n\n\n")
        stage(app, tree, "b.py", f"PI = 3\n{body}")
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "+»def area"))
        assert shows(diff, "-»def area")
        assert shows(diff, "-␣x=1")
        assert "6 real, 2 formatting" in str(app.panes.header.render())


async def test_side_by_side_takes_the_room_of_the_tree_and_is_saved(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "twenty"))
        diff.focus()
        await pilot.press("v")
        await until(pilot, lambda: any("20" in line and "twenty" in line for line in lines(diff)))
        assert app.bench.side_by_side
        assert not app.query_one(FileTree).display
        await pilot.press("v")
        await until(pilot, lambda: bool(app.query_one(FileTree).display))


async def test_side_by_side_on_a_narrow_screen_is_refused_in_one_line(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree, size=(80, 24)) as (app, pilot):
        stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        await until(pilot, lambda: shows(app.panes.diff, "twenty"))
        app.panes.diff.focus()
        await pilot.press("v")
        await pilot.pause()
        assert "110 columns" in app.export_screenshot().replace("&#160;", " ")


async def test_ctrl_f_finds_a_file_by_a_few_letters(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"deep/inside/target.txt": NUMBERS, "b.txt": "b\n"})
    async with running(tree) as (app, pilot):
        stage(app, tree, "deep/inside/target.txt", with_lines(n20="twenty\n"))
        stage(app, tree, "b.txt", "B\n")
        await until(pilot, lambda: bool(app.bench.survey.paths) and shows(app.panes.diff, "twenty"))
        await pilot.press("ctrl+f", *"targ", "enter")
        await until(pilot, lambda: app.focused is app.panes.diff)
        assert app.panes.diff.current_path == "deep/inside/target.txt"


async def test_what_a_new_request_brings_is_followed_and_the_review_begins_at_its_start(
    make_work_tree: MakeWorkTree,
) -> None:
    tree = make_work_tree({"a.txt": NUMBERS, "b.txt": NUMBERS * 20})
    async with running(tree, size=(100, 20)) as (app, pilot):
        (first,) = stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "twenty"))
        await pilot.press("escape")
        await until(pilot, lambda: diff.has_focus)
        assert diff.current_hunk == first
        await pilot.press("down", "escape", *"more", "enter")
        stage(app, tree, "b.txt", NUMBERS * 19 + with_lines(n40="the last line\n"))
        await until(pilot, lambda: shows(diff, "the last line"))
        await pilot.press("ctrl+x")
        await until(pilot, lambda: not app.bench.session.working)
        await pilot.press("escape")
        await until(pilot, lambda: diff.has_focus)
        assert diff.current_hunk == first
