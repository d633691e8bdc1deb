"""Deciding on a change: by lines, against edits of one's own, tried before it is taken; and reading a branch."""

from __future__ import annotations

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal
from tests.stories.model import ScriptedModel, told, update
from tests.stories.steps import MakeWorkTree, OpenProgram, go_to_diff, text_of

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]


def numbers(texts: dict[int, str]) -> str:
    """``line 1`` to ``line 30``, with other texts in the place of some."""
    return "".join(texts.get(number, f"line {number}\n") for number in range(1, 31))


UNCHANGED = numbers({})
TEN = "-line 10\n+ten\n"
TWENTY_FIVE = "-line 25\n+twenty-five\n"


@pytest.fixture
def work_tree(make_work_tree: MakeWorkTree) -> WorkTree:
    return make_work_tree({"a.txt": UNCHANGED})


def propose(terminal: Terminal, model: ScriptedModel, *changes: str) -> None:
    """Ask, let the model change ``a.txt``, and go to the first hunk of it once the turn is over."""
    terminal.wait_for("on main")
    terminal.send("change it", "enter")
    model.begin("r1")
    model.patch("r1", update("a.txt", *changes))
    finish(model, "r2")
    go_to_diff(terminal)
    terminal.send("home", "n")


def finish(model: ScriptedModel, response_id: str) -> None:
    """Let the model say nothing more to what became of its patch."""
    model.begin(response_id, "That was it.")
    model.end(response_id)


def test_only_the_chosen_lines_are_written_and_the_rest_is_still_pending(
    work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel
) -> None:
    terminal = open_program(work_tree, *model.options())
    propose(terminal, model, "-line 10\n+ten\n+and a half\n+nearly eleven\n")
    go_to_line(terminal, "and a half")
    terminal.send("space")
    terminal.wait_for("1 line chosen")
    terminal.wait_for(r"■ .*and a half")
    assert text_of(work_tree, "a.txt") == UNCHANGED

    terminal.send("a")
    terminal.wait_for("✓ 1 accepted")
    terminal.wait_for("● 2 to review")
    assert text_of(work_tree, "a.txt") == numbers({10: "line 10\nand a half\n"})
    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    assert text_of(work_tree, "a.txt") == numbers({10: "ten\nand a half\nnearly eleven\n"})
    assert work_tree.git("status", "--porcelain") == " M a.txt\n"


def go_to_line(terminal: Terminal, line: str) -> None:
    """Go to the first line of the diff that holds ``line``, by a search; an escape key is read alone."""
    terminal.send(f"/{line}", "enter")
    terminal.wait_for(f"/{line} .*1 of")
    terminal.send("esc")
    terminal.wait_for(f"/{line} ", gone=True)


def comment(terminal: Terminal, where: str, words: str) -> None:
    """In a review, say ``words`` about the line under the cursor, which is at ``where``."""
    terminal.send("c")
    terminal.wait_for(f"╭─ {where} ")
    terminal.send(words, "enter")
    terminal.wait_for(f"╰ {words}")


MINE = numbers({10: "mine\n"})


def conflicted(terminal: Terminal, model: ScriptedModel, work_tree: WorkTree) -> None:
    """Two hunks, of which the user's own edit contradicts the first; the cursor is on that."""
    propose(terminal, model, TEN, TWENTY_FIVE)
    terminal.wait_for("● 2 to review")
    work_tree.write("a.txt", MINE)
    terminal.wait_for("‼ .*the file changed here")
    for side in ("1 keeps it as it is", " mine", "what the change was made on", "line 10", "2 takes it", r"\+ ten"):
        assert terminal.wait_for(side)
    terminal.send("a")
    terminal.wait_for("the file changed here; edit or reject it first")
    assert text_of(work_tree, "a.txt") == MINE


def accept(terminal: Terminal, added: str) -> None:
    """Once the hunk under the cursor is pending with the line ``added``, accept it; another one is left."""
    terminal.wait_for(rf"┃ .*\+ +{added}")
    terminal.wait_for("‼", gone=True)
    terminal.send("a")
    terminal.wait_for("● 1 to review")


def test_a_conflict_that_keeps_the_file(work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel) -> None:
    terminal = open_program(work_tree, *model.options())
    conflicted(terminal, model, work_tree)
    terminal.send("1")
    terminal.wait_for("● 1 to review")
    assert text_of(work_tree, "a.txt") == MINE

    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    assert text_of(work_tree, "a.txt") == numbers({10: "mine\n", 25: "twenty-five\n"})


def test_a_conflict_that_takes_the_change(
    work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel
) -> None:
    terminal = open_program(work_tree, *model.options())
    conflicted(terminal, model, work_tree)
    terminal.send("2")
    terminal.wait_for(r"- +mine")
    assert text_of(work_tree, "a.txt") == MINE
    accept(terminal, "ten")
    assert text_of(work_tree, "a.txt") == numbers({10: "ten\n"})


def test_a_conflict_that_is_resolved_in_the_editor(
    work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = work_tree.script(".git/editor", f"cp $1 {work_tree.root}/.git/shown", "echo 'ten, and mine' > $1")
    monkeypatch.setenv("EDITOR", str(editor))
    terminal = open_program(work_tree, *model.options())
    conflicted(terminal, model, work_tree)
    terminal.send("e")
    terminal.wait_for(r"\+ +ten, and mine")
    assert text_of(work_tree, ".git/shown").splitlines()[1::2] == ["mine", "line 10", "ten"]
    assert text_of(work_tree, "a.txt") == MINE
    accept(terminal, "ten, and mine")
    assert text_of(work_tree, "a.txt") == numbers({10: "ten, and mine\n"})


def test_a_conflict_that_goes_back_to_the_model(
    work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel
) -> None:
    terminal = open_program(work_tree, *model.options())
    conflicted(terminal, model, work_tree)
    terminal.send("3")
    words = told(model.begin("r3"))
    assert "Your change to a.txt at line 10 no longer fits" in words
    for side in ("In the file now:\n```\nmine\n", "changed:\n```\nline 10\n", "made of it:\n```\nten\n"):
        assert side in words
    model.patch("r3", update("a.txt", "-mine\n+ten of mine\n"))
    finish(model, "r4")
    terminal.wait_for("◆ done.*● 2 to review")
    assert text_of(work_tree, "a.txt") == MINE
    terminal.send("home", "n", "n")
    accept(terminal, "ten of mine")
    assert text_of(work_tree, "a.txt") == numbers({10: "ten of mine\n"})


def test_the_tests_run_on_the_change_before_it_is_accepted(
    work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel
) -> None:
    terminal = open_program(work_tree, *model.options())
    propose(terminal, model, TEN, TWENTY_FIVE)
    terminal.send("i", "/test grep -n ten a.txt && touch made-by-the-test", "enter")
    terminal.wait_for(r"made-by-the-test +\(in the pending .*exit 0")
    terminal.wait_for(r"│ 10:ten")
    terminal.wait_for(r"a\.txt.*tests✓")
    assert work_tree.git("status", "--porcelain") == ""
    assert text_of(work_tree, "a.txt") == UNCHANGED

    terminal.send("!grep -c ten a.txt", "enter")
    terminal.wait_for("exit 1")
    terminal.wait_for(r"a\.txt.*tests✓")
    terminal.send("/test test -e missing", "enter")
    terminal.wait_for("test -e missing.*exit 1")
    terminal.wait_for(r"a\.txt.*tests✗")

    go_to_diff(terminal)
    terminal.send("home", "n", "x")
    terminal.wait_for(r"a\.txt.*untested")
    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    assert text_of(work_tree, "a.txt") == numbers({25: "twenty-five\n"})
    assert work_tree.git("status", "--porcelain") == " M a.txt\n"


@pytest.mark.parametrize(
    ("checked_out", "change", "title"),
    [("main", "topic", "HEAD..topic"), ("topic", "main", "since main"), ("topic", "main..topic", "main..topic")],
)
def test_a_branch_is_reviewed_and_the_comments_are_a_request_to_the_model(
    work_tree: WorkTree,
    open_program: OpenProgram,
    model: ScriptedModel,
    checked_out: str,
    change: str,
    title: str,
) -> None:
    work_tree.git("checkout", "--quiet", "-b", "topic")
    work_tree.write("a.txt", numbers({10: "ten\n", 25: "twenty-five\n"}))
    work_tree.commit_all("Change")
    work_tree.git("checkout", "--quiet", checked_out)
    before = text_of(work_tree, "a.txt")

    terminal = open_program(work_tree, "review", change, *model.options())
    terminal.wait_for(title)
    terminal.wait_for(r"\+ +ten")
    terminal.send("a")
    terminal.wait_for("these changes are in the files already")
    terminal.send("n", "n", *["down"] * 5)
    comment(terminal, "a.txt:25", "no hyphen")
    go_to_line(terminal, "ten")
    comment(terminal, "a.txt:10", "why not 10")
    terminal.send("S")
    assert told(model.begin("r1")).endswith(
        f"Review of {title}. Please do what each of these comments asks for:\n\n"
        "a.txt:25\n> +twenty-five\nno hyphen\n\na.txt:10\n> +ten\nwhy not 10"
    )
    assert text_of(work_tree, "a.txt") == before

    old = before.splitlines()[9]
    model.patch("r1", update("a.txt", f"-{old}\n+10\n"))
    finish(model, "r2")
    terminal.wait_for("◆ done.*● 1 to review")
    go_to_diff(terminal)
    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    assert text_of(work_tree, "a.txt") == before.replace(f"{old}\n", "10\n")
