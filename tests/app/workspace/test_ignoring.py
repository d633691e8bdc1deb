from __future__ import annotations

from collections.abc import Callable

import pytest

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitTimeout
from spark_tui.app.workspace.ignoring import IgnoreRules
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


def test_a_known_ignored_folder_costs_no_process(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_work_tree({".gitignore": "build/\n"})
    rules = IgnoreRules(tree.repository)
    tree.write("build/deep/a.o", "")
    assert rules.keep_visible({"build/deep/a.o", "b.txt"}) == {"b.txt"}
    monkeypatch.setattr(Repository, "look", None)
    assert rules.keep_visible({"build/deep/b.o", "build/c.o"}) == set()


def test_new_rules_are_taken_up(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "build/\n"})
    rules = IgnoreRules(tree.repository)
    tree.write("build/a.o", "")
    assert rules.keep_visible({"build/a.o"}) == set()
    tree.write(".gitignore", "")
    assert rules.keep_visible({"build/a.o", ".gitignore"}) == {"build/a.o", ".gitignore"}


def test_where_git_cannot_say_everything_is_visible(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow(*_: object, **__: object) -> None:
        raise GitTimeout("git check-ignore did not end in time")

    rules = IgnoreRules(make_work_tree({".gitignore": "*.log\n"}).repository)
    monkeypatch.setattr(Repository, "look", too_slow)
    assert rules.keep_visible({"a.log"}) == {"a.log"}
