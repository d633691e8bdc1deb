"""What the stories have in common: a small repository and the steps of a person at the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.app.work_tree import WorkTree
from tests.doubles.terminal import Terminal

MakeWorkTree = Callable[..., WorkTree]
"""Makes a work tree of some files; see the fixture ``make_work_tree``."""

OpenProgram = Callable[..., Terminal]
"""Opens the program in a work tree; see the fixture ``open_program``."""

FUNCTION = """def {name}(values):
    total = 0
    for value in values:
        pass
    # one
    # two
    # three
    # four
    # five
    # six
    # seven
    # eight
    return total


"""
CODE = {
    "src/cart.py": FUNCTION.format(name="price") + FUNCTION.format(name="weight"),
    "src/order.py": FUNCTION.format(name="sum_of_orders"),
    "tests/check_cart.py": "from src.cart import price\n\ntotal = price([])\nassert total == 0\n",
}
"""``total`` stands in seven places that are seven hunks when it is renamed: 4, 2 and 1."""

HUNKS = 7


def renamed(path: str, new: str = "amount") -> str:
    """The text of a file of :data:`CODE` once ``total`` is ``new``."""
    return re.sub(r"\btotal\b", new, CODE[path])


def ask(terminal: Terminal, words: str) -> None:
    """Say ``words`` once the program is ready."""
    terminal.wait_for("on main")
    terminal.send(words, "enter")


def go_to_diff(terminal: Terminal) -> None:
    """Once the turn is over, go from the prompt to the diff."""
    terminal.wait_for("esc Review")
    terminal.send("esc")
    terminal.wait_for("n Next")


def review(terminal: Terminal) -> None:
    """Once the turn is over, go from the prompt to the first hunk of the diff."""
    go_to_diff(terminal)
    terminal.send("home", "n")
    terminal.wait_for("┃ .*amount = 0")


def accept_all(terminal: Terminal) -> None:
    """With the focus on the diff, accept file by file until nothing waits."""
    while (found := re.search(r"● (\d+) to review", terminal.text)) is not None:
        terminal.send("A")
        terminal.wait_for(f"● {found[1]} to review", gone=True)


def text_of(work_tree: WorkTree, path: str) -> str:
    """What stands in a file."""
    return (work_tree.root / path).read_text()
