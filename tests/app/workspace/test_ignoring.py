from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def test_what_is_tracked_is_visible_whatever_the_rules_say(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "build/\n*.log\n"})
    for path in ("build/deep/kept.txt", "kept.log", "build/a.o", "b.log"):
        tree.write(path, "x\n")
    tree.git("add", "--force", "build/deep/kept.txt", "kept.log")
    rules = IgnoreRules(tree.repository)
    assert rules.keep_visible({"build/deep/kept.txt", "kept.log", "build/a.o", "b.log", "build/deep/b.o"}) == {
        "build/deep/kept.txt",
        "kept.log",
    }


def test_git_is_not_asked_to_search_its_index_once_a_path(
    make_work_tree: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ``--no-index`` 5,000 changed files in 200,000 took 13 s."""
    tree = make_work_tree({"a.txt": "a\n"})
    asked: list[tuple[str, ...]] = []
    real = Repository.look

    def look(repository: Repository, *arguments: str, **options: Any) -> Any:
        asked.append(arguments)
        return real(repository, *arguments, **options)

    monkeypatch.setattr(Repository, "look", look)
    IgnoreRules(tree.repository).keep_visible({"a.txt", "b/c.txt"})
    assert all("--no-index" in arguments for arguments in asked if arguments[0] == "check-ignore")
    assert len(asked) == 2


def test_a_submodule_is_tracked(make_work_tree: Make) -> None:
    inner = make_work_tree({"file.txt": "one\n"}, name="inner")
    tree = make_work_tree({".gitignore": "vendor/\n"}, name="outer")
    allowed = ("-c", "protocol.file.allow=always")
    tree.git(*allowed, "submodule", "--quiet", "add", "--force", str(inner.root), "vendor/lib")
    rules = IgnoreRules(tree.repository)
    for _ in range(2):
        assert rules.keep_visible({"vendor/lib/file.txt", "vendor/a.o"}) == {"vendor/lib"}
