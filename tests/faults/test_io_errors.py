"""The system refuses a step: the exit is honest, the tree is whole, and nothing is left behind."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from spark_tui.app.workspace.errors import WorkspaceError, WriteFailed

if TYPE_CHECKING:
    from .conftest import Expectation, Faults, Scene

MOST = 400


def failing(code: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EMFILE, errno.EACCES])
def test_one_error_at_each_step(
    build: Callable[[], Scene], expectation: Expectation, faults: Faults, code: int
) -> None:
    failures = 0
    for number in range(1, MOST):
        scene = build()
        with faults.at(number, failing(code)):
            try:
                scene.commit()
                failed = ""
            except WorkspaceError as error:
                failed = str(error)
            reached = faults.reached
        expectation.check_untorn(scene.tree())
        failures += bool(failed)
        if not failed:
            assert scene.without_slots() == expectation.new
        elif "--recover" not in failed:
            assert scene.without_slots() == expectation.old
        assert "\n" not in failed
        scene.recover()
        expectation.check_settled(scene)
        if not reached:
            break
    assert failures > 10


@pytest.mark.parametrize("code", [errno.EIO, errno.EROFS])
def test_an_error_that_lasts_is_mended_by_a_recovery(
    build: Callable[[], Scene], expectation: Expectation, faults: Faults, code: int
) -> None:
    for number in range(1, MOST):
        scene = build()
        with faults.at(number, failing(code), lasting=True):
            try:
                scene.commit()
                failed = False
            except WriteFailed:
                failed = True
            reached = faults.reached
        expectation.check_untorn(scene.tree())
        assert failed or scene.without_slots() == expectation.new
        scene.recover()
        expectation.check_settled(scene)
        if not reached:
            break
