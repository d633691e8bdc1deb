"""Death at every step of a commit and of a recovery: no file is torn, and the set is old or new after a recovery."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from spark_tui.app.workspace.publishing import Outcome

if TYPE_CHECKING:
    from .conftest import Expectation, Faults, Scene

MOST = 400
"""More steps than a commit has; a loop that gets here never ends."""


class Dead(BaseException):
    """From here on nothing that changes anything is done, as after a kill."""


def die() -> None:
    raise Dead


def crashed(build: Callable[[], Scene], faults: Faults, number: int) -> tuple[Scene, bool]:
    """A scene whose commit died at its ``number``-th step, and whether there was such a step."""
    scene = build()
    with faults.at(number, die, lasting=True):
        try:
            scene.commit()
        except Dead:
            return scene, True
    return scene, False


def test_the_scene_changes_every_file(expectation: Expectation) -> None:
    assert expectation.old != expectation.new
    assert expectation.new["run.sh"] == ("file", b"new run\n", 0o755)
    assert expectation.new["read_only.txt"] == ("file", b"new ro\n", 0o444)
    assert expectation.new["sub/target.txt"] == ("file", b"new target\n", 0o600)
    assert expectation.new["made/of/late.txt"] == ("file", b"late\n", 0o640)
    assert expectation.new["link"] == ("link", "sub/target.txt", 0)
    assert not {"gone.txt", "dead_link"} & set(expectation.new)
    assert "stays.txt" in expectation.new


def test_death_at_each_step_of_a_commit(build: Callable[[], Scene], expectation: Expectation, faults: Faults) -> None:
    outcomes = set()
    for number in range(1, MOST):
        scene, died = crashed(build, faults, number)
        expectation.check_untorn(scene.tree())
        report = scene.recover()
        assert report.kept == []
        is_new = expectation.check_settled(scene)
        assert is_new or report.outcome in (Outcome.CLEAN, Outcome.ROLLED_BACK)
        assert scene.recover().outcome is Outcome.CLEAN
        outcomes.add(report.outcome)
        if not died:
            break
        if not is_new:
            scene.commit()
            assert expectation.check_settled(scene)
    assert not died
    assert outcomes == {Outcome.CLEAN, Outcome.ROLLED_FORWARD}


def test_death_at_each_step_of_a_recovery(
    build: Callable[[], Scene], expectation: Expectation, faults: Faults
) -> None:
    for number in range(1, MOST, 4):
        for step in range(1, MOST, 3):
            scene, died = crashed(build, faults, number)
            if not died:
                return
            with faults.at(step, die, lasting=True):
                try:
                    scene.recover()
                    finished = True
                except Dead:
                    finished = False
            expectation.check_untorn(scene.tree())
            scene.recover()
            expectation.check_settled(scene)
            if finished:
                break


@pytest.mark.parametrize("name", ["run.sh", "sub/target.txt", "made/of/late.txt", "gone.txt"])
def test_an_edit_after_the_crash_is_kept(
    build: Callable[[], Scene], expectation: Expectation, faults: Faults, name: str
) -> None:
    seen = set()
    for number in range(1, MOST):
        scene, died = crashed(build, faults, number)
        if not died:
            break
        path = scene.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        edited = (path.read_bytes() if path.exists() else b"") + b"mine\n"
        path.write_bytes(edited)
        report = scene.recover()
        seen.add(report.outcome)
        assert path.read_bytes() == edited
        assert report.kept == ([name] if report.outcome is Outcome.CONFLICT else [])
        rest = {other: node for other, node in scene.tree().items() if not name.startswith(other)}
        allowed = [
            {other: node for other, node in tree.items() if not name.startswith(other)}
            for tree in (expectation.old, expectation.new)
        ]
        assert rest in allowed
        assert scene.litter() == []
    assert Outcome.CONFLICT in seen
