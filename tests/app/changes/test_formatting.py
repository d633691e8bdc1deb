"""How many lines of a change are formatting alone."""

from __future__ import annotations

import pytest

from spark_tui.app.changes.formatting import formatting_lines


@pytest.mark.parametrize(
    ("removed", "added", "expected"),
    [
        (["x=1\n"], ["x = 1\n"], 2),
        (["f(a, b)\n"], ["f(\n", "    a,\n", "    b,\n", ")\n"], 5),
        ([], ["\n", "\n"], 2),
        (["a\n"], ["b\n"], 0),
        ([], ["a\n"], 0),
        (["a\n"], [], 0),
        (["a\r\n"], ["a\n"], 2),
        (["x=1\n", "total()\n"], ["x = 1\n", "sum()\n"], 2),
        (["(1,)\n"], ["(1)\n"], 2),
        (["a,b\n"], ["ab\n"], 0),
    ],
)
def test_formatting(removed: list[str], added: list[str], expected: int) -> None:
    assert formatting_lines(removed, added) == expected
