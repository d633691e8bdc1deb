"""The place that a line is in."""

from __future__ import annotations

import pytest

from spark_tui.widgets.enclosing import SEARCHED, enclosing

PYTHON = [
    "import os\n",
    "\n",
    "class Cart:\n",
    "    limit = 3\n",
    "\n",
    "    def total(self):\n",
    "        if self:\n",
    "            return 1\n",
    "\n",
    "    def clear(self):\n",
    "        pass\n",
]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (7, "def total(self):"),
        (5, "class Cart:"),
        (9, "class Cart:"),
        (10, "def clear(self):"),
        (3, "class Cart:"),
        (2, "import os"),
        (0, ""),
        (99, "def clear(self):"),
    ],
)
def test_python(line: int, expected: str) -> None:
    assert enclosing(PYTHON, line) == expected


@pytest.mark.parametrize(
    "head", ["pub fn go(x: u8) {", "export async function go() {", "func (s *S) Go() {", "go: {"]
)
def test_others(head: str) -> None:
    assert enclosing([f"{head}\n", "    a;\n", "    b;\n"], 2) == head


def test_far_away_is_nowhere() -> None:
    assert enclosing(["def f():\n", *["    x\n"] * SEARCHED], SEARCHED) == ""
