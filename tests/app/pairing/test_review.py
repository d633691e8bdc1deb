"""Deciding on hunks while the files change: the scenarios of edits from outside, on a real repository."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.checkpoints.publisher import Publisher
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.checkpoints.undoing import Undoing
from spark_tui.app.pairing.notices import Severity
from spark_tui.app.pairing.review import Review
from spark_tui.app.workspace.files import FileSnapshot, FileWrite
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.open_elsewhere import open_elsewhere
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.writer import Writer
from spark_tui.protocol.patch.edits import LineEdit
from tests.app.conftest import MakeWorkTree
from tests.app.work_tree import WorkTree

TEN = "".join(f"line {n}\n" for n in range(10))
FIVE = LineEdit(5, 6, ("FIVE\n",))
TWO = LineEdit(2, 3, ("TWO\n",))


class MeddlingWriter(Writer):
    """Lets someone edit the tree between the look at a file and its write."""

    meddle: Callable[[], object] | None = None

    def commit(self, writes: Sequence[FileWrite], label: str = "") -> None:
        if self.meddle is not None:
            self.meddle()
        super().commit(writes, label)


class Scene:
    """One session with one file, of which hunks are staged."""

    def __init__(self, tree: WorkTree, session: str = "s1") -> None:
        self.tree = tree
        self.notices: list[str] = []
        self.changes = ChangeSet()
        repository = tree.repository
        self.writer = MeddlingWriter(repository.root, repository.state_dir)
        store = CheckpointStore(repository)
        self.review = Review(
            self.changes,
            Publisher(store, self.writer, session),
            Undoing(store, self.writer, self.read, git_line_diff),
            self.read,
            git_line_diff,
            lambda paths: open_elsewhere(tree.root, paths),
            notify=self.notify,
            on_change=lambda: None,
            on_decided=lambda: None,
        )

    def notify(self, text: str, severity: Severity) -> None:
        self.notices.append(text)

    def read(self, path: str) -> FileSnapshot:
        return read_snapshot(self.tree.root, path)

    def stage(self, edit: LineEdit, path: str = "a.txt", turn: int = 1) -> Hunk:
        self.changes.open(self.read(path))
        section = f"c{len(list(self.changes.hunks()))}"
        hunk = self.changes.stage(path, edit, section=section, turn=turn)
        assert hunk is not None
        return hunk

    @property
    def text(self) -> str:
        return (self.tree.root / "a.txt").read_text()

    def said(self, *words: str) -> bool:
        return any(all(word in notice for word in words) for notice in self.notices)


@pytest.fixture
def scene(make_work_tree: MakeWorkTree) -> Scene:
    return Scene(make_work_tree({"a.txt": TEN, "b.txt": TEN}))


async def test_accept_undo_redo(scene: Scene) -> None:
    five = scene.stage(FIVE)
    assert await scene.review.accept([five.id])
    assert scene.text == TEN.replace("line 5", "FIVE")
    assert await scene.review.undo()
    assert (scene.text, five.state) == (TEN, HunkState.PENDING)
    assert await scene.review.redo()
    assert scene.text == TEN.replace("line 5", "FIVE")
    assert not await scene.review.redo()
    assert scene.said("nothing to redo")


async def test_undo_of_one_hunk_of_a_turn_and_of_the_session(scene: Scene) -> None:
    first, second = scene.stage(TWO), scene.stage(FIVE)
    await scene.review.accept([first.id, second.id])
    third = scene.stage(LineEdit(8, 9, ("EIGHT\n",)), turn=2)
    await scene.review.accept([third.id])
    await scene.review.take_back(first.id)
    assert scene.text == TEN.replace("line 5", "FIVE").replace("line 8", "EIGHT")
    await scene.review.undo_turn()
    assert scene.text == TEN.replace("line 5", "FIVE")
    await scene.review.redo()
    await scene.review.undo_session()
    assert scene.text == TEN
    assert not await scene.review.undo()
    assert scene.said("/undo-earlier")


async def test_an_accept_of_an_earlier_session_is_taken_back_on_request(scene: Scene) -> None:
    await scene.review.accept([scene.stage(FIVE).id])
    later = Scene(scene.tree, "s2")
    two = later.stage(TWO)
    assert not await later.review.undo()
    assert await later.review.undo_earlier()
    assert scene.text == TEN
    assert two.state is HunkState.PENDING
    assert await later.review.redo()
    assert scene.text == TEN.replace("line 5", "FIVE")
    assert await later.review.accept([two.id])
    assert scene.text == TEN.replace("line 5", "FIVE").replace("line 2", "TWO")


async def test_29_undo_under_a_user_s_edit_is_refused_with_both_sides(scene: Scene) -> None:
    five = scene.stage(FIVE)
    await scene.review.accept([five.id])
    edited = scene.text.replace("FIVE", "mine")
    scene.tree.write("a.txt", edited)
    await scene.review.look_at_all()
    assert not await scene.review.undo()
    assert scene.said("cannot undo", "changed since")
    assert scene.text == edited
    assert five.conflict is not None
    assert (five.conflict.base, five.conflict.theirs, five.conflict.ours) == (("FIVE\n",), ("mine\n",), ("line 5\n",))


async def test_24_an_edit_between_the_key_and_the_write_wins(scene: Scene) -> None:
    five, two = scene.stage(FIVE), scene.stage(TWO, "b.txt")
    edited = TEN.replace("line 0", "mine")
    scene.writer.meddle = lambda: scene.tree.write("a.txt", edited)
    assert not await scene.review.accept([five.id, two.id])
    assert scene.text == edited
    assert (scene.tree.root / "b.txt").read_text() == TEN
    assert scene.said("a.txt changed in the meantime")
    assert (five.state, two.state) == (HunkState.PENDING, HunkState.PENDING)
    scene.writer.meddle = None
    assert await scene.review.accept([five.id, two.id])
    assert scene.text == edited.replace("line 5", "FIVE")


async def test_31_33_an_edit_without_an_event_is_seen_before_the_write(scene: Scene) -> None:
    five = scene.stage(FIVE)
    scene.tree.write("a.txt", "top\n" + TEN)
    assert await scene.review.accept([five.id], {five.id: five.revision})
    assert scene.text == "top\n" + TEN.replace("line 5", "FIVE")


async def test_r5_a_text_that_was_not_on_the_screen_is_not_written(scene: Scene) -> None:
    source = "def f():\n  one\n  two\n  three\n"
    scene.tree.write("c.py", source)
    hunk = scene.stage(LineEdit(2, 3, ("  2\n",)), "c.py")
    scene.tree.write("c.py", source.replace("  ", "    "))
    assert not await scene.review.accept([hunk.id])
    assert scene.said("look at it again")
    assert (scene.tree.root / "c.py").read_text() == source.replace("  ", "    ")
    assert await scene.review.accept([hunk.id])
    assert (scene.tree.root / "c.py").read_text() == "def f():\n    one\n    2\n    three\n"


async def test_4_a_conflict_is_resolved_each_way(scene: Scene) -> None:
    edited = TEN.replace("line 5", "mine")
    for way, expected in (("theirs", edited), ("ours", TEN.replace("line 5", "FIVE"))):
        scene.tree.write("a.txt", TEN)
        await scene.review.look_at_all()
        hunk = scene.stage(FIVE)
        scene.tree.write("a.txt", edited)
        await scene.review.look_at_all()
        assert scene.said("a.txt changed on disk where hunks are pending")
        scene.review.resolve(hunk.id, Side(way))
        if way == "ours":
            assert await scene.review.accept([hunk.id])
        assert scene.text == expected


async def test_4_a_conflict_is_edited_by_hand(scene: Scene) -> None:
    hunk = scene.stage(FIVE)
    scene.tree.write("a.txt", TEN.replace("line 5", "mine"))
    await scene.review.look_at_all()
    text = scene.review.text_to_edit(hunk.id)
    assert text == (
        "<<<<<<< in the file now\nmine\n||||||| what the change was made on\nline 5\n"
        "=======\nFIVE\n>>>>>>> the change\n"
    )
    scene.review.edited(hunk.id, text)
    assert hunk.state is HunkState.CONFLICTED
    assert scene.said("the marks of the conflict are still in it")
    scene.review.edited(hunk.id, "mine and FIVE\n")
    assert await scene.review.accept([hunk.id])
    assert scene.text == TEN.replace("line 5", "mine and FIVE")


async def test_4_the_model_is_asked_again(scene: Scene) -> None:
    hunk = scene.stage(FIVE)
    assert scene.review.ask_again(hunk.id) is None
    scene.tree.write("a.txt", TEN.replace("line 5", "mine"))
    await scene.review.look_at_all()
    words = scene.review.ask_again(hunk.id)
    assert words is not None
    assert all(line in words for line in ("a.txt at line 6", "mine", "line 5", "FIVE"))
    assert (hunk.state, hunk.note) == (HunkState.REJECTED, "asked for again")


async def test_9_a_moved_file_is_followed_on_request_only(scene: Scene) -> None:
    hunk = scene.stage(FIVE)
    (scene.tree.root / "a.txt").rename(scene.tree.root / "moved.txt")
    await scene.review.look_at(["a.txt"], ["a.txt", "moved.txt"])
    assert scene.said("a.txt seems to be moved.txt now")
    assert list(scene.changes.hunks(HunkState.CONFLICTED)) == [hunk]
    await scene.review.follow_move("a.txt")
    assert list(scene.changes.hunks(HunkState.PENDING)) == [hunk]
    assert await scene.review.accept([hunk.id])
    assert (scene.tree.root / "moved.txt").read_text() == TEN.replace("line 5", "FIVE")
    assert not (scene.tree.root / "a.txt").exists()


async def test_9_a_file_that_is_unlike_is_not_offered(scene: Scene) -> None:
    scene.stage(FIVE)
    (scene.tree.root / "a.txt").unlink()
    scene.tree.write("new.txt", "something else\n" * 10)
    await scene.review.look_at(["a.txt"], ["new.txt"])
    assert not scene.said("seems to be")
    await scene.review.follow_move("a.txt")
    assert scene.said("no file here has been moved")


async def test_16_a_switch_of_branches_holds_the_set(scene: Scene) -> None:
    five, two = scene.stage(FIVE), scene.stage(TWO, "b.txt")
    scene.tree.git("checkout", "-q", "-b", "other")
    scene.tree.write("a.txt", TEN.replace("line 5", "other's"))
    scene.tree.commit_all("Other")
    await scene.review.branch_changed("main", "other")
    await scene.review.look_at_all()
    assert [notice for notice in scene.notices if "branch changed, main → other" in notice] == scene.notices
    assert (five.state, two.state) == (HunkState.PENDING, HunkState.PENDING)
    assert not await scene.review.accept([two.id])
    assert scene.said("made on main; switch back")
    scene.tree.git("checkout", "-q", "main")
    await scene.review.branch_changed("other", "main")
    assert await scene.review.accept([five.id, two.id])
    assert scene.text == TEN.replace("line 5", "FIVE")


async def test_16_a_held_set_is_carried_over(scene: Scene) -> None:
    five, two = scene.stage(FIVE), scene.stage(TWO, "b.txt")
    scene.tree.git("checkout", "-q", "-b", "other")
    scene.tree.write("a.txt", TEN.replace("line 5", "other's"))
    scene.tree.commit_all("Other")
    await scene.review.branch_changed("main", "other")
    await scene.review.carry_over()
    assert [hunk.id for hunk in scene.changes.hunks(HunkState.CONFLICTED)] == [five.id]
    assert await scene.review.accept([two.id])


async def test_19_a_file_with_conflict_markers_is_frozen(scene: Scene) -> None:
    five = scene.stage(FIVE)
    scene.tree.write("a.txt", "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n" + TEN)
    await scene.review.look_at_all()
    assert not await scene.review.accept([five.id])
    assert scene.said("conflict markers")
    scene.tree.write("a.txt", "x\n" + TEN)
    await scene.review.look_at_all()
    assert await scene.review.accept([five.id])
    assert scene.text == "x\n" + TEN.replace("line 5", "FIVE")


@pytest.mark.parametrize(("sign", "editor"), [(".a.txt.swp", "Vim"), (".#a.txt", "Emacs"), ("#a.txt#", "Emacs")])
async def test_27_a_file_that_is_open_elsewhere_is_written_with_a_warning(
    scene: Scene, sign: str, editor: str
) -> None:
    scene.tree.write(sign, "")
    five = scene.stage(FIVE)
    assert await scene.review.accept([five.id])
    assert scene.said(f"a.txt seems to be open in {editor}")


async def test_28_an_autosave_that_takes_accepted_lines_back_is_noticed(scene: Scene) -> None:
    five = scene.stage(FIVE)
    await scene.review.accept([five.id])
    scene.tree.write("a.txt", TEN.replace("line 9", "typed on"))
    await scene.review.look_at_all()
    assert scene.said("a.txt: accepted lines were overwritten from outside")
    await scene.review.take_back(five.id)
    assert await scene.review.accept([five.id])
    assert scene.text == TEN.replace("line 9", "typed on").replace("line 5", "FIVE")


async def test_where_nothing_can_be_kept_nothing_is_written(scene: Scene) -> None:
    five = scene.stage(FIVE)
    (scene.tree.root / ".git/refs/spark-tui").write_text("in the way")
    assert not await scene.review.accept([five.id])
    assert scene.said("nothing was written, as what it replaces cannot be kept")
    assert scene.text == TEN
