"""Moved lines are found when a patch is whole, and most of the work is done while it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from spark_tui.app.changes import moves
from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.ui.diff_presenter import DiffPresenter
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.widgets.rows import DiffBlock

BODY = "def area(radius):\n    side = radius * radius\n    return PI * side\n"
FILE = BODY + "".join(f"line {number}\n" for number in range(40))
TAKEN = "".join(f"-{line}\n" for line in BODY.splitlines())
PUT = "".join(f"+{line}\n" for line in BODY.splitlines())
PATCH = (
    f"*** Begin Patch\n*** Update File: a.txt\n@@\n{TAKEN}@@\n line 10\n{PUT}"
    "@@\n-line 20\n+line twenty\n*** End Patch\n"
)


def test_the_end_of_a_patch_only_compares_what_was_looked_at_before(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    windows = moves._windows

    def watched(lines: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        looked.append(len(lines))
        return windows(lines)

    monkeypatch.setattr(moves, "_windows", watched)
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", FILE.encode(), 0o644))
    presenter, patch = DiffPresenter(changes), LivePatch(changes, "call", turn=1)
    blocks: dict[str, DiffBlock] = {}
    for line in PATCH.splitlines(keepends=True):
        patch.feed(line)
        blocks |= {block.key: block for splice in presenter.refresh(patch).splices for block in splice.blocks}
    assert looked == [3, 0, 0, 3, 1, 1]
    patch.finish()
    presenter.refresh(None)
    assert looked[6:] == [3, 0, 0, 3]  # which lines it is, in the two hunks that have some
    moved = [row.text for block in blocks.values() for row in block.rows if row.moved]
    assert moved == BODY.splitlines() * 2
