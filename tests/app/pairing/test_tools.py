from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.pairing import tools
from spark_tui.app.pairing.tools import Pending, ToolBox, excerpt
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.search import search
from spark_tui.protocol.patch.edits import split_lines
from spark_tui.protocol.profiles import ToolShape
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


def tool_box(tree: WorkTree, pending: Pending | None = None) -> ToolBox:
    repository = tree.repository

    def read(path: str) -> FileSnapshot:
        if ".." in path:
            return FileSnapshot(path, None, refusal="is outside the work tree")
        file = tree.root / path
        return FileSnapshot(path.removeprefix("./"), file.read_bytes() if file.is_file() else None)

    return ToolBox(
        read=read,
        pending=lambda: pending or {},
        list_files=repository.list_files,
        search=partial(search, repository),
        grammar="start: begin_patch",
    )


async def run(box: ToolBox, name: str, **arguments: Any) -> str:
    return await box.run(name, json.dumps(arguments))


async def test_a_file_is_read_with_the_pending_edits(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.py": "one\ntwo\n", "gone.py": "g\n"})
    box = tool_box(tree, {"a.py": b"one\nTWO\nthree", "new.py": b"n\n", "gone.py": None})
    assert await run(box, "read_file", path="./a.py") == "a.py: lines 1-3 of 3\none\nTWO\nthree"
    assert await run(box, "read_file", path="a.py", start_line=2, end_line=2) == "a.py: lines 2-2 of 3\nTWO\n"
    assert await run(box, "read_file", path="new.py") == "new.py: lines 1-1 of 1\nn\n"
    assert await run(box, "read_file", path="gone.py") == (
        "error: there is no file gone.py (your pending edits delete it); list_files shows what there is"
    )


def test_an_excerpt_says_what_it_is_and_how_to_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "READ_LIMIT", 7)
    assert excerpt("a", "aaa\nbbb\nccc\n") == "a: lines 1-1 of 3; read on with start_line 2\naaa\n"
    assert excerpt("a", "aaa\nbbb\n", 2) == "a: lines 2-2 of 2\nbbb\n"
    assert excerpt("a", "0123456789\nb\n") == "a: the first 7 of 11 characters of line 1\n0123456"
    assert excerpt("a", "a\nb\n", 1, 99) == "a: lines 1-2 of 2\na\nb\n"
    assert excerpt("a", "") == "a is empty\n"


@given(st.text(alphabet="ab\n\r", max_size=60), st.integers(1, 20))
def test_reading_on_gives_the_whole_file(text: str, limit: int) -> None:
    lines = split_lines(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tools, "READ_LIMIT", max(limit, max((len(line) for line in lines), default=1)))
        start, read = 1, ""
        while start <= len(lines):
            header, _, body = excerpt("f", text, start).partition("\n")
            read += body
            start = int(header.rpartition(" ")[2]) if "read on" in header else len(lines) + 1
    assert read == text


async def test_files_are_listed_by_glob_with_the_pending_ones(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.py": "", "src/b.py": "", "src/deep/c.py": "", "src/d.md": "", ".gitignore": "*.log\n"})
    tree.write("x.log", "")
    box = tool_box(tree, {"src/new.py": b"", "a.py": None})
    assert await run(box, "list_files") == ".gitignore\nsrc/b.py\nsrc/d.md\nsrc/deep/c.py\nsrc/new.py"
    assert await run(box, "list_files", pattern="*.py") == "src/b.py\nsrc/deep/c.py\nsrc/new.py"
    assert await run(box, "list_files", pattern="src/*.py") == "src/b.py\nsrc/new.py"
    assert await run(box, "list_files", pattern="src/**/*.py") == "src/b.py\nsrc/deep/c.py\nsrc/new.py"
    assert await run(box, "list_files", pattern="src/deep") == "src/deep/c.py"
    assert await run(box, "list_files", pattern="*.rs") == "no file matches *.rs"
    assert await box.run("list_files", "") == await run(box, "list_files")


async def test_long_lists_are_cut(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "LIST_LIMIT", 2)
    monkeypatch.setattr(tools, "MATCH_LIMIT", 2)
    tree = make_work_tree(dict.fromkeys("abc", "x\n"))
    box = tool_box(tree)
    assert await run(box, "list_files") == "a\nb\n(2 of 3 files; narrow the pattern to see others)"
    assert await run(box, "search", pattern="x") == (
        "a:1:x\nb:1:x\n(the first 2 lines; narrow the pattern or give a path to see others)\nalso in:\nc"
    )


async def test_search_sees_the_pending_edits(make_work_tree: Make) -> None:
    tree = make_work_tree(
        {"a.py": "total = 1\n", "gone.py": "total\n", ".gitignore": "*.log\n", "b/c.py": "x.total\n"}
    )
    tree.write("untracked.py", "total\n")
    tree.write("x.log", "total\n")
    box = tool_box(tree, {"a.py": b"sum = 1\n\ntotal_sum = 2\n", "gone.py": None, "b/new.py": b"my total\n"})
    assert await run(box, "search", pattern="total") == (
        "a.py:3:total_sum = 2\nb/c.py:1:x.total\nb/new.py:1:my total\nuntracked.py:1:total"
    )
    assert await run(box, "search", pattern="total", path="b/") == "b/c.py:1:x.total\nb/new.py:1:my total"
    assert await run(box, "search", pattern=r"\.to[a-t]al$", regex=True) == "b/c.py:1:x.total"
    assert await run(box, "search", pattern="nowhere to be found") == "no line matches"


async def test_a_search_that_is_cut_names_the_files_it_leaves_out(
    make_work_tree: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = make_work_tree({f"{name}.py": "x\nx\n" for name in "abcd"})
    monkeypatch.setattr(tools, "MATCH_LIMIT", 3)
    said = await run(tool_box(tree), "search", pattern="x")
    note = "(the first 3 lines; narrow the pattern or give a path to see others)"
    assert said == f"a.py:1:x\na.py:2:x\nb.py:1:x\n{note}\nalso in:\nc.py\nd.py"
    monkeypatch.setattr(tools, "OTHERS_LIMIT", 1)
    said = await run(tool_box(tree), "search", pattern="x")
    assert said.endswith("also in:\nc.py\n(the first 1 files; give a path to see others)")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("read_file", "{", "truncated"),
        ("read_file", "{}", "missing required field `path`"),
        ("read_file", '{"path": 3, "start_line": 0}', "`str`, got `int`"),
        ("read_file", '{"path": "a.py", "start_line": 0}', ">= 1"),
        ("read_file", '{"path": "a.py", "start_line": 9}', "a.py has 1 lines"),
        ("read_file", '{"path": "a\\u0000"}', "characters that cannot be"),
        ("read_file", '{"path": "../x"}', "is outside the work tree"),
        ("read_file", '{"path": "nowhere"}', "there is no file nowhere"),
        ("search", '{"pattern": ""}', "must be one line"),
        ("search", '{"pattern": "(", "regex": true}', "missing closing parenthesis"),
        ("search", '{"pattern": "x", "path": "../.."}', "is not in the repository"),
        ("search", '{"pattern": "x", "path": "/etc"}', "is not in the repository"),
        ("shell", "{}", "there is no tool 'shell'"),
    ],
)
async def test_what_goes_wrong_is_one_line(make_work_tree: Make, name: str, arguments: str, said: str) -> None:
    answer = await tool_box(make_work_tree({"a.py": "a\n"})).run(name, arguments)
    assert answer.startswith("error: ")
    assert said in answer
    assert "\n" not in answer


async def test_numbers_may_come_as_text(make_work_tree: Make) -> None:
    box = tool_box(make_work_tree({"a.py": "a\nb\n"}))
    assert await run(box, "read_file", path="a.py", start_line="2") == "a.py: lines 2-2 of 2\nb\n"


@given(arguments=st.text(max_size=40) | st.dictionaries(st.text(max_size=8), st.text(max_size=8)).map(json.dumps))
@settings(max_examples=60)
async def test_no_arguments_raise(arguments: str) -> None:
    box = ToolBox(
        read=lambda path: FileSnapshot(path, None),
        pending=dict,
        list_files=list,
        search=lambda *_: pytest.fail("nothing to search for"),
        grammar="",
    )
    for name in ("read_file", "list_files", "nothing"):
        assert await box.run(name, arguments)


async def test_an_expression_that_never_ends_is_given_up(make_work_tree: Make) -> None:
    box = tool_box(make_work_tree({"a.py": "a" * 5000 + "!\n"}))
    answer = await run(box, "search", pattern="(a|a?)+(a|a?)+$", regex=True)
    assert answer.startswith(("error: ", "no line matches"))


def test_definitions_in_every_shape_are_small(make_work_tree: Make) -> None:
    box = tool_box(make_work_tree({"a.py": "a\n"}))
    for shape in ToolShape:
        assert len(json.dumps(box.definitions(shape))) < 3000
    custom = box.definitions(ToolShape.CUSTOM)
    assert [(tool["type"], tool["name"]) for tool in custom] == [
        ("function", "read_file"),
        ("function", "list_files"),
        ("function", "search"),
        ("custom", "apply_patch"),
    ]
    assert custom[-1]["format"] == {"type": "grammar", "syntax": "lark", "definition": "start: begin_patch"}
    assert box.definitions(ToolShape.BUILT_IN)[-1] == {"type": "apply_patch"}
    assert len(box.definitions(ToolShape.TEXT)) == 3
