"""The keys of the diff in the program: what they do to the files, and to what is shown of them."""

from __future__ import annotations

from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.ui.app import SparkApp
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.widgets.file_tree import FileTree
from spark_tui.widgets.key_bar import KeyBar
from spark_tui.widgets.notice_bar import NoticeBar
from spark_tui.widgets.path_list import PathList
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


def told(app: SparkApp) -> str:
    """What the notice says that is shown."""
    notice = app.query_one(NoticeBar).current
    return notice.text if notice is not None else ""


def offered(app: SparkApp) -> list[str]:
    """What the row of keys says."""
    return [hint.description for hint in app.query_one(KeyBar).hints]


async def test_the_row_of_keys_shows_what_does_something_to_the_hunk(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        diff = app.panes.diff
        await until(pilot, lambda: app.bench.survey.status is not None and "Commit" not in offered(app))
        assert "Review" not in offered(app)
        diff.focus()
        await until(pilot, lambda: offered(app) == ["Prompt", "Help"])
        one, two = stage(app, tree, "a.txt", with_lines(n10="ten", n30="thirty"))
        await until(pilot, lambda: shows(diff, "thirty"))
        diff.reveal(one)
        await until(pilot, lambda: offered(app)[:4] == ["Accept", "Reject", "Next", "Prev"])
        await pilot.press("a")
        await until(pilot, lambda: {"Undo", "Commit"} <= set(offered(app)))
        assert diff.current_hunk == two
        diff.reveal(one)
        await until(pilot, lambda: offered(app)[:2] == ["Restore", "Undo"])
        await pilot.press("u")
        await until(pilot, lambda: offered(app)[:4] == ["Accept", "Reject", "Next", "Prev"])
        await pilot.press("u")
        await until(pilot, lambda: "left to undo" in told(app))


async def test_a_narrow_window_still_shows_the_ways_out_of_the_diff(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("b.txt", "b\n")
    async with running(tree, size=(80, 24)) as (app, pilot):
        one, _ = stage(app, tree, "a.txt", with_lines(n10="ten", n30="thirty"))
        await until(pilot, lambda: shows(app.panes.diff, "ten"))
        app.panes.diff.focus()
        app.panes.diff.reveal(one)
        await pilot.press("a")
        leading = ["Accept", "Reject", "Undo", "Next", "Comment", "Prompt", "Commit", "Help"]
        await until(pilot, lambda: offered(app) == leading)


async def test_the_row_of_keys_tells_what_a_decision_is_about(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", with_lines(n20="twenty\nand one\n"))
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "and one"))
        diff.focus()
        diff.reveal(hunk)
        await until(pilot, lambda: offered(app)[:2] == ["Accept", "Reject"])
        await pilot.press("space", "space")
        await until(pilot, lambda: offered(app)[:2] == ["Accept lines", "Reject lines"])
        await pilot.press("escape")
        await until(pilot, lambda: offered(app)[:2] == ["Accept", "Reject"])
        await pilot.press("slash")
        await until(pilot, lambda: "End search" in offered(app))
        assert not {"Accept", "Reject", "Next match", "Comment"} & set(offered(app))


async def test_a_part_of_a_new_file_is_written_and_the_rest_stays_pending(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        app.bench.changes.open(read_snapshot(tree.root, "new.txt"))
        made = app.bench.changes.stage_file("new.txt", ["one\n", "two\n", "three\n"], section="call:0", turn=1)
        app.changed()
        diff = app.panes.diff
        await until(pilot, lambda: shows(diff, "three"))
        assert made is not None
        diff.focus()
        diff.reveal(made.id)
        await pilot.press("space", "space", "down", "space", "a")
        await until(pilot, lambda: (tree.root / "new.txt").exists())
        assert read(tree, "new.txt") == "one\nthree\n"
        assert [h.added for h in app.bench.changes.hunks(HunkState.PENDING)] == [["two\n"]]
        await until(pilot, lambda: diff.current_hunk in app.bench.review.acceptable("new.txt"))
        await pilot.press("a")
        await until(pilot, lambda: read(tree, "new.txt") == "one\ntwo\nthree\n")
        await pilot.press("u", "u")
        await until(pilot, lambda: not (tree.root / "new.txt").exists())


async def test_lines_of_a_deletion_are_refused_with_what_to_do(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": "one\ntwo\n"})
    async with running(tree) as (app, pilot):
        app.bench.changes.open(read_snapshot(tree.root, "a.txt"))
        gone = app.bench.changes.stage_file("a.txt", None, section="call:0", turn=1)
        assert gone is not None
        assert app.bench.review.part(gone.id, frozenset({0}), gone.revision) == []
        await until(pilot, lambda: "accept or reject the hunk" in str(app.query_one(NoticeBar).render()))


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


async def test_side_by_side_comes_when_the_window_has_become_wide_enough(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree, size=(80, 24)) as (app, pilot):
        stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        diff, files = app.panes.diff, app.query_one(FileTree)
        await until(pilot, lambda: shows(diff, "twenty"))
        diff.focus()
        await pilot.press("v")
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: diff.state.side_by_side)
        assert not files.display
        await pilot.press("ctrl+b")
        await until(pilot, lambda: bool(files.display) and not diff.state.side_by_side)
        await pilot.press("ctrl+b")
        await until(pilot, lambda: not files.display and diff.state.side_by_side)
        await pilot.press("ctrl+f")
        await until(pilot, lambda: bool(files.display))
        await pilot.press("escape", "escape")
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: bool(files.display) and diff.state.side_by_side)


async def test_a_tree_that_the_user_hid_stays_hidden_after_side_by_side(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        diff, files = app.panes.diff, app.query_one(FileTree)
        await until(pilot, lambda: shows(diff, "twenty"))
        await pilot.press("ctrl+b")
        diff.focus()
        await pilot.press("v")
        await until(pilot, lambda: diff.state.side_by_side)
        await pilot.press("v")
        await until(pilot, lambda: not diff.state.side_by_side)
        assert not files.display


async def test_ctrl_f_finds_a_file_by_a_few_letters(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"deep/inside/target.txt": NUMBERS, "b.txt": "b\n"})
    async with running(tree) as (app, pilot):
        stage(app, tree, "deep/inside/target.txt", with_lines(n20="twenty\n"))
        stage(app, tree, "b.txt", "B\n")
        await until(pilot, lambda: bool(app.bench.survey.paths) and shows(app.panes.diff, "twenty"))
        await pilot.press("ctrl+f", *"targ", "enter")
        await until(pilot, lambda: app.focused is app.panes.diff)
        assert app.panes.diff.current_path == "deep/inside/target.txt"


async def test_the_tree_tells_what_the_user_changed_meanwhile(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS, "b.txt": "b\n", "c.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        (hunk,) = stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        stage(app, tree, "c.txt", with_lines(n20="twenty\n"))
        files = app.panes.tree.query_one(PathList)

        def rows() -> list[str]:
            return [files.render_line(y).text.strip() for y in range(3)]

        await until(pilot, lambda: rows() == ["a.txt           +1 −1 ●", "b.txt", "c.txt           +1 −1 ●"])
        await app.bench.review.accept([hunk])

        def probed() -> bool:
            """Write until it is seen: from then on somebody watches."""
            tree.write("d.txt", "d\n")
            return files.render_line(3).text.strip().startswith("d.txt")

        await until(pilot, probed)
        tree.write("b.txt", "B\n")
        await until(pilot, lambda: rows()[:2] == ["a.txt                 ✓ M", "b.txt                   M✎"])
        tree.write("c.txt", with_lines(n1="one\n"))
        await until(pilot, lambda: rows()[2] == "c.txt           +1 −1 ● M✎")
        tree.write("b.txt", "b\n")
        await until(pilot, lambda: rows()[1] == "b.txt")


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


async def test_an_undo_says_what_it_took_out_of_which_file(make_work_tree: MakeWorkTree) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    async with running(tree) as (app, pilot):
        stage(app, tree, "a.txt", with_lines(n20="twenty\n"))
        await until(pilot, lambda: shows(app.panes.diff, "twenty"))
        app.panes.diff.begin()
        await pilot.press("a")
        await until(pilot, lambda: read(tree, "a.txt") != NUMBERS)
        await pilot.press("u")
        await until(pilot, lambda: read(tree, "a.txt") == NUMBERS)
        await until(pilot, lambda: app.query_one(NoticeBar).current is not None)
        notice = app.query_one(NoticeBar).current
        assert notice is not None
        assert notice.text == "taken back: 1 hunk in a.txt; U accepts again"
