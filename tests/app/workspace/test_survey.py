from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.survey import Survey, Surveyor
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


class Asked:
    """The git commands that were run to look."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[str] = []
        real = Repository.look

        def look(repository: Repository, *arguments: str, **options: Any) -> Any:
            self.commands.append(arguments[0])
            return real(repository, *arguments, **options)

        monkeypatch.setattr(Repository, "look", look)

    def take(self) -> list[str]:
        taken, self.commands = self.commands, []
        return taken


def test_it_lists_what_list_files_lists(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "gone.txt": "g\n", ".gitignore": "*.o\n", "both.txt": "1\n"})
    tree.git("switch", "--quiet", "--create", "other")
    tree.git("rm", "--quiet", "both.txt")
    tree.commit_all("Gone")
    tree.git("switch", "--quiet", "main")
    tree.write("both.txt", "2\n")
    tree.commit_all("Changed")
    with pytest.raises(Exception, match="merge"):
        tree.git("merge", "other")
    (tree.root / "gone.txt").unlink()
    tree.write("new/b.txt", "b\n")
    tree.write("new/c.o", "c\n")
    survey = Surveyor(tree.repository).look()
    assert (
        list(survey.paths) == list(tree.repository.list_files()) == [".gitignore", "a.txt", "both.txt", "new/b.txt"]
    )
    assert survey.letters == {"both.txt": "U", "gone.txt": "D", "new/b.txt": "?"}
    (tree.root / "both.txt").unlink()
    assert "both.txt" not in Surveyor(tree.repository).look().paths


def test_the_tracked_files_are_there_before_the_work_tree_was_looked_at(
    make_work_tree: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    asked = Asked(monkeypatch)
    assert Surveyor(tree.repository).list_tracked() == Survey(["a.txt"])
    assert asked.take() == ["ls-files"]


def test_an_edit_costs_no_list_of_all_files(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n"})
    surveyor = Surveyor(tree.repository)
    first = surveyor.look()
    asked = Asked(monkeypatch)
    tree.write("a.txt", "b\n")
    tree.write("c.txt", "c\n")
    second = surveyor.look({"a.txt", "c.txt"})
    assert asked.take() == ["status"]
    assert list(second.paths) == ["a.txt", "b.txt", "c.txt"]
    (tree.root / "c.txt").unlink()
    third = surveyor.look({"c.txt"})
    assert third.paths == first.paths
    assert third.letters == {"a.txt": "M"}
    tree.write("a.txt", "c\n")
    assert surveyor.look({"a.txt"}).paths is third.paths


def test_a_written_index_is_read_again_whatever_changed(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    surveyor = Surveyor(tree.repository)
    surveyor.look()
    tree.write("b.txt", "b\n")
    tree.git("add", "b.txt")
    survey = surveyor.look({"a.txt"})
    assert (list(survey.paths), survey.letters) == (["a.txt", "b.txt"], {"b.txt": "A"})


def test_trouble_is_told_and_passes(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    surveyor = Surveyor(tree.repository)
    index = tree.root / ".git/index"
    whole = index.read_bytes()
    index.write_bytes(b"broken")
    assert surveyor.list_tracked().trouble
    assert surveyor.look().trouble
    index.write_bytes(whole)
    assert list(surveyor.look({"a.txt"}).paths) == ["a.txt"]
