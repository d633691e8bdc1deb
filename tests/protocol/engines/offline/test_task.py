"""What the offline engine understands of plain words."""

from __future__ import annotations

import pytest

from spark_tui.protocol.engines.offline.task import Kind, Task, refine, understand


@pytest.mark.parametrize(
    ("words", "task"),
    [
        ("rename total to amount", Task(Kind.RENAME, old="total", new="amount")),
        ("Please rename the function `get_x` into `fetch_x`.", Task(Kind.RENAME, old="get_x", new="fetch_x")),
        ("rename Foo -> Bar everywhere", Task(Kind.RENAME, old="Foo", new="Bar", deep=True)),
        ("rename a to b only under src/", Task(Kind.RENAME, old="a", new="b", only=("src/",))),
        ("rename a to b, but not in tests", Task(Kind.RENAME, old="a", new="b", never=("tests",))),
        ("rename a to b in strings and comments too", Task(Kind.RENAME, old="a", new="b", deep=True)),
        ("rename a to b in all files", Task(Kind.RENAME, old="a", new="b")),
        ("rename --main-color to --accent", None),
        ("rename main-color to accent-color", Task(Kind.RENAME, old="main-color", new="accent-color")),
        ("rename größe to size", Task(Kind.RENAME, old="größe", new="size")),
        ("rename a.txt to b.txt", Task(Kind.MOVE, old="a.txt", new="b.txt", path="a.txt")),
        ("move src/a.py to lib/a.py", Task(Kind.MOVE, old="src/a.py", new="lib/a.py", path="src/a.py")),
        ('replace "old text" with "new"', Task(Kind.REPLACE, old="old text", new="new", deep=True)),
        ("replace 'x' with '' in a.py", Task(Kind.REPLACE, old="x", new="", only=("a.py",), deep=True)),
        ("replace foo by bar", Task(Kind.REPLACE, old="foo", new="bar", deep=True)),
        ("add docstrings to app/x.py", Task(Kind.DOCSTRINGS, only=("app/x.py",))),
        ("add docstring skeletons", Task(Kind.DOCSTRINGS)),
        ("remove unused imports", Task(Kind.IMPORTS)),
        ("remove the unused imports in a.py", Task(Kind.IMPORTS, only=("a.py",))),
        ("create notes.md: some text", Task(Kind.CREATE, path="notes.md", text="some text")),
        ("create notes.md", Task(Kind.CREATE, path="notes.md")),
        ("create docs/a b.md: x", None),
        ("create a file called x.txt with the text hello", Task(Kind.CREATE, path="x.txt", text="hello")),
        ("create a.txt:\none\ntwo", Task(Kind.CREATE, path="a.txt", text="one\ntwo")),
        ("delete notes.md", Task(Kind.DELETE, path="notes.md")),
        ("outline app/x.py", Task(Kind.OUTLINE, path="app/x.py")),
        ("why is the sky blue?", None),
        ("", None),
    ],
)
def test_understand(words: str, task: Task | None) -> None:
    assert understand(words) == task


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("only under src/", {"only": ("src/",)}),
        ("only in a.py please", {"only": ("a.py",)}),
        ("not in tests/", {"never": ("tests/",)}),
        ("no, call it total", {"new": "total"}),
        ("sum_all instead", {"new": "sum_all"}),
        ("in strings and comments too", {"deep": True}),
    ],
)
def test_refine(words: str, change: dict[str, object]) -> None:
    task = Task(Kind.RENAME, old="a", new="b")
    refined = refine(task, words)
    assert refined is not None
    assert {name: getattr(refined, name) for name in change} == change


def test_what_says_nothing_new_refines_nothing() -> None:
    assert refine(Task(Kind.RENAME, old="a", new="b"), "thanks!") is None


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("src/", "src/a.py", True),
        ("src", "lib/src/a.py", True),
        ("src/", "srcs/a.py", False),
        ("a.py", "x/a.py", True),
        ("*.py", "x/a.py", True),
        ("x/a.py", "x/a.py.bak", False),
        (".", "anything", True),
    ],
)
def test_covers(pattern: str, path: str, covered: bool) -> None:
    assert Task(Kind.RENAME, only=(pattern,)).covers(path) is covered
    assert Task(Kind.RENAME, never=(pattern,)).covers(path) is not covered
