"""Freezing, redirecting and stopping the model in mid-stream."""

from __future__ import annotations

import re

import pytest

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal
from tests.stories.model import ScriptedModel, told, update
from tests.stories.steps import (
    CODE,
    FUNCTION,
    HUNKS,
    MakeWorkTree,
    OpenProgram,
    accept_all,
    ask,
    go_to_diff,
    renamed,
    review,
    text_of,
)

pytestmark = [pytest.mark.story, pytest.mark.timeout(90)]

SLOW = ("--rate", "120")
UNLIMITED = ("--rate", "0")
MANY = {"src/many.py": "".join(FUNCTION.format(name=f"sum{index}") for index in range(300))}
"""600 hunks: a second or more of work, so that it cannot be over before a key arrives."""


def counted(terminal: Terminal, pattern: str) -> int:
    """The number on the screen that ``pattern`` has as its group; 0 where there is none."""
    found = re.search(pattern, terminal.text)
    return int(found[1].replace(",", "")) if found else 0


def held(terminal: Terminal) -> int:
    return counted(terminal, r"([\d,]+) held")


def panes(terminal: Terminal) -> list[str]:
    """The screen above the status line."""
    return terminal.text.splitlines()[:-2]


def test_escape_freezes_and_goes_on_with_nothing_lost(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("esc")
    terminal.wait_for(r"‖ paused +[1-9]\d* held back")
    frozen, waiting = panes(terminal), held(terminal)
    while held(terminal) <= waiting:
        terminal.wait_for("held back")
    assert panes(terminal) == frozen

    terminal.send("esc")
    terminal.wait_for(f"◆ done.*● {HUNKS} to review")
    go_to_diff(terminal)
    accept_all(terminal)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path)


def test_an_unlimited_stream_freezes_steps_and_goes_on_with_nothing_lost(
    make_work_tree: MakeWorkTree, open_program: OpenProgram
) -> None:
    work_tree = make_work_tree(MANY)
    terminal = open_program(work_tree, *UNLIMITED)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("esc")
    terminal.wait_for(r"‖ paused.*held")
    frozen = panes(terminal)
    waiting = counted(terminal, r"● ([\d,]+)")
    terminal.wait_for(r"[1-9]\d{2,} held")
    assert panes(terminal) == frozen
    terminal.send(".")
    terminal.wait_for(rf"‖ paused.*● ({waiting + 1:,}|{waiting + 2:,}) to review")

    terminal.send("esc")
    terminal.wait_for("◆ done")
    assert held(terminal) == 0
    review(terminal)
    accept_all(terminal)
    for path, text in MANY.items():
        assert text_of(work_tree, path) == re.sub(r"\btotal\b", "amount", text)


def line_of_answer(number: int) -> str:
    """A line like no other."""
    return " ".join(f"{number * factor % 99_991:05}" for factor in range(1, 10))


def test_a_long_answer_without_a_limit_can_be_read_from_its_first_word_to_its_last(
    work_tree: WorkTree, open_program: OpenProgram, model: ScriptedModel
) -> None:
    """The second half comes while the screen is frozen, and is more than the program keeps before it lets the
    server wait."""
    lines = [line_of_answer(number) for number in range(1, 6001)]
    terminal = open_program(work_tree, *model.options(), rows=60, columns=200)
    ask(terminal, "tell me everything")
    model.begin("r1", "")
    sent = model.flood(f"{line}\n" for line in lines[:1000])
    terminal.wait_for(r"\d{5}( \d{5}){8}")
    terminal.send("esc")
    terminal.wait_for("‖ paused")
    frozen = panes(terminal)
    more = model.flood(f"{line}\n" for line in lines[1000:])
    terminal.wait_for(r"[1-9],\d{3} held")
    assert panes(terminal) == frozen

    terminal.send("esc")
    terminal.wait_for(lines[-1])
    assert sent.done()
    assert more.done()
    assert held(terminal) == 0

    # Before the answer ends: its end brings the whole text once more, and would hide a loss.
    terminal.send("tab", "tab", "home")
    terminal.wait_for("▌ tell me everything")
    seen: list[str] = []
    while len(seen) < len(lines):
        shown = re.findall(r"\d{5}(?: \d{5}){8}", terminal.wait_for(lines[len(seen)]))
        first = lines.index(shown[0])
        if shown == lines[first : first + len(shown)]:  # else it is half of one page and half of the next
            seen += shown[len(seen) - first :]
            terminal.send("pgdn")
    assert seen == lines
    model.end("r1")
    terminal.wait_for("◆ done")


@pytest.mark.parametrize("name", ["some-model", "gpt-6-fast"])
def test_a_message_in_mid_hunk_redirects_and_tells_what_was_accepted_and_rejected(
    make_work_tree: MakeWorkTree, open_program: OpenProgram, model: ScriptedModel, name: str
) -> None:
    """A model that cannot be steered is stopped and asked anew; one of the other kind answers on."""
    work_tree = make_work_tree({"a.txt": "".join(f"line {number}\n" for number in range(1, 31))})
    terminal = open_program(work_tree, *model.options(name))
    ask(terminal, "write the numbers out")
    model.begin("r1")
    model.begin_patch(
        "r1",
        "*** Begin Patch\n*** Update File: a.txt\n"
        "@@\n-line 5\n+five\n@@\n-line 15\n+fifteen\n@@\n line 24\n-line 25\n+twenty-f",
    )
    terminal.wait_for(r"\+ +twenty-f▏")
    terminal.send("tab", "home", "n", "a")
    terminal.wait_for("✓ 1 accepted")
    accepted = text_of(work_tree, "a.txt")
    assert accepted == "".join(f"{'five' if number == 5 else f'line {number}'}\n" for number in range(1, 31))
    terminal.send("x")
    terminal.wait_for("✗ 1 rejected")
    assert "▸ 1 streaming" in terminal.text

    terminal.send("i", "no, in capitals", "enter")
    heard = model.heard()
    if heard["type"] == "response.steer":
        assert heard["previous_response_id"] == "r1"
        words = heard["input"] if isinstance(heard["input"], str) else told(heard)
        model.steered("r1", "r2")
    else:
        words = told(heard)
        model.answer("r2", "In capitals.")
    for part in ("accepted: a.txt:5 `five`", "rejected: a.txt:15 `fifteen`", "no, in capitals"):
        assert part in words

    model.patch("r2", update("a.txt", "-line 25\n+TWENTY-FIVE\n"))
    model.begin("r3", "That was it.")
    model.end("r3")
    terminal.wait_for("◆ done.*● 1 to review")
    assert text_of(work_tree, "a.txt") == accepted
    go_to_diff(terminal)
    terminal.send("A")
    terminal.wait_for("to review", gone=True)
    assert text_of(work_tree, "a.txt") == accepted.replace("line 25", "TWENTY-FIVE")


def test_a_message_in_mid_stream_renames_to_another_name(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("no, call it result", "enter")
    terminal.wait_for("no, call it result.*reached|reached.*no, call it result")
    terminal.wait_for("◆ done")
    go_to_diff(terminal)
    accept_all(terminal)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path, "result")


def test_a_message_in_mid_stream_limits_the_work_to_a_folder(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"\+ +amount = 0")
    terminal.send("only under src/", "enter")
    terminal.wait_for("only under src/")
    terminal.wait_for("◆ done")
    go_to_diff(terminal)
    accept_all(terminal)
    assert text_of(work_tree, "tests/check_cart.py") == CODE["tests/check_cart.py"]
    for path in ("src/cart.py", "src/order.py"):
        assert text_of(work_tree, path) == renamed(path)


def test_stopping_keeps_the_whole_hunks_and_the_next_turn_works(
    work_tree: WorkTree, open_program: OpenProgram
) -> None:
    terminal = open_program(work_tree, *SLOW)
    ask(terminal, "rename total to amount")
    terminal.wait_for(r"● \d to review")
    terminal.send("ctrl+x")
    terminal.wait_for("○ idle")
    assert "stopped" in terminal.text
    found = re.search(r"● (\d) to review", terminal.text)
    assert found is not None
    assert 0 < int(found[1]) < HUNKS
    assert work_tree.git("status", "--porcelain") == ""

    terminal.send("create notes.md: hello", "enter")
    terminal.wait_for("◆ done")
    terminal.wait_for(f"● {int(found[1]) + 1} to review")


def test_a_comment_on_a_line_gets_the_fix(work_tree: WorkTree, open_program: OpenProgram) -> None:
    terminal = open_program(work_tree, *UNLIMITED)
    ask(terminal, "rename total to amount")
    terminal.wait_for("◆ done")
    review(terminal)
    terminal.send("c")
    terminal.wait_for("enter sends")
    terminal.send("no, call it result", "enter")
    terminal.wait_for(r"╰ line \d.*no, call it result")
    terminal.wait_for(r"╰ .*no, call it result \(answered\)")
    terminal.wait_for("◆ done")
    accept_all(terminal)
    for path in CODE:
        assert text_of(work_tree, path) == renamed(path, "result")
