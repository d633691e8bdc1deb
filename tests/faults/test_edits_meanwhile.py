"""Someone edits a file while it is being written: whatever the moment, their bytes are somewhere afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from spark_tui.app.workspace.errors import WriteConflict

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Expectation, Faults, Scene

MOST = 400


def append(path: Path) -> bytes:
    """Edit in place, as ``>>`` does."""
    edited = path.read_bytes() + b"mine\n"
    path.write_bytes(edited)
    return edited


def save_by_rename(path: Path) -> bytes:
    """Edit as editors save: another file under the same name."""
    edited = path.read_bytes() + b"mine\n"
    other = path.with_name("editor.tmp")
    other.write_bytes(edited)
    other.replace(path)
    return edited


@pytest.mark.parametrize("edit", [append, save_by_rename])
@pytest.mark.parametrize("name", ["run.sh", "sub/target.txt", "gone.txt"])
def test_an_edit_at_each_step_survives(
    build: Callable[[], Scene],
    expectation: Expectation,
    faults: Faults,
    name: str,
    edit: Callable[[Path], bytes],
) -> None:
    if edit is save_by_rename and name != "gone.txt" and not faults.swaps:
        pytest.skip("without swapping, a rename between two of our calls cannot be seen")
    conflicts = 0
    for number in range(1, MOST):
        scene = build()
        saved: list[bytes] = []

        def change(path: Path = scene.root / name, saved: list[bytes] = saved) -> None:
            if path.exists():
                saved.append(edit(path))

        conflicting: tuple[str, ...] = ()
        with faults.at(number, change):
            try:
                scene.commit()
            except WriteConflict as error:
                conflicting = error.paths
            reached = faults.reached
        conflict = bool(conflicting)
        conflicts += conflict
        assert conflicting in ((), ("link" if name == "sub/target.txt" else name,))
        for edited in saved:
            path = scene.root / name
            assert (path.exists() and path.read_bytes() == edited) or edited in scene.kept_bytes()
        tree = {other: node for other, node in scene.tree().items() if other != name}
        whole = expectation.old if conflict else expectation.new
        assert tree == {other: node for other, node in whole.items() if other != name}
        assert scene.litter() == []
        if not reached:
            break
    assert conflicts


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    build: Callable[[], Scene], expectation: Expectation, faults: Faults
) -> None:
    conflicts = 0
    for number in range(1, MOST):
        scene = build()
        path = scene.root / "made/of/late.txt"

        def appear(path: Path = path) -> None:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"mine\n")

        with faults.at(number, appear):
            try:
                scene.commit()
            except WriteConflict:
                conflicts += 1
                assert path.read_bytes() == b"mine\n"
                tree = {name: node for name, node in scene.tree().items() if not name.startswith("made")}
                assert tree == expectation.old
            reached = faults.reached
        if not reached:
            break
    assert conflicts
