from __future__ import annotations

import pytest

from spark_tui.app.workspace.sorting import Sorter


@pytest.mark.parametrize(
    ("name", "sorted_as"),
    [
        ("src/a.py", "src/a.py"),
        (".git/HEAD", "/head"),
        (".git/HEAD.lock", None),
        (".git/refs/heads/main", "/head"),
        (".git/rebase-merge", "/head"),
        (".git/index", "/index"),
        (".git/index.lock", None),
        (".git/spark-tui/journal", None),
        (".git/objects/ab/cdef", None),
        ("inner/.git/index", None),
        (".github/workflow.yml", ".github/workflow.yml"),
    ],
)
def test_gits_own_files_are_told_apart(name: str, sorted_as: str | None) -> None:
    sorter = Sorter("/tree", ["/tree/.git", "/tree/.git"])
    assert sorter.sort(f"/tree/{name}") == sorted_as
    assert sorter.sort(f"/elsewhere/{name}") is None
