"""The engine's edits on code: names by the lexer, docstrings and imports by the language."""

from __future__ import annotations

import ast

import pytest

from spark_tui.protocol.engines.offline.docstrings import add_docstrings
from spark_tui.protocol.engines.offline.imports import remove_unused_imports
from spark_tui.protocol.engines.offline.lexing import definitions, rename
from spark_tui.protocol.patch.edits import LineEdit, apply_edits, split_lines


def made(text: str, edits: list[LineEdit] | None) -> str:
    assert edits is not None
    return "".join(apply_edits(split_lines(text), edits))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", 'x = 1  # x\nprint("x", x.x, f"{x}")\n', 'y = 1  # x\nprint("x", y.y, f"{y}")\n'),
        ("a.js", "let x = `x ${x}`; // x\n", "let y = `x ${y}`; // x\n"),
        ("a.rs", 'let x = "x"; // x\nxx(x);\n', 'let y = "x"; // x\nxx(y);\n'),
        ("a.go", "x := x_y + x\n", "y := x_y + y\n"),
        ("a.unknown", "x = x\n", "x = x\n"),
        ("a.py", "", ""),
    ],
)
def test_rename_touches_names_only(path: str, text: str, expected: str) -> None:
    assert rename(path, text, "x", "y", deep=False) == expected


def test_rename_deep_touches_words_in_strings_and_comments() -> None:
    assert rename("a.py", 'x = "x xx"  # x!\n', "x", "y", deep=True) == 'y = "y xx"  # y!\n'
    assert rename("notes.unknown", "x, x-ray and xx", "x", "y", deep=True) == "y, y-ray and xx"


def test_crlf_and_odd_text_survive() -> None:
    text = "x = 1\r\n\r\nprint(x)\t\x0c\r\n\u2028x = 2"
    assert rename("a.py", text, "absent", "y", deep=True) == text
    assert rename("a.py", text, "x", "y", deep=False).replace("y", "x") == text


def test_definitions_have_lines() -> None:
    found = definitions("a.py", "import x\n\nclass A:\n    def f(self):\n        pass\n\nasync def g(): ...\n")
    assert [(d.name, d.kind, d.line) for d in found] == [
        ("A", "class", 2),
        ("f", "function", 3),
        ("g", "function", 6),
    ]


def test_python_docstrings_are_put_where_there_are_none() -> None:
    text = 'class A:\n    def f(self, a, *, b):\n        return a\n\n    def g(self):\n        "Has one."\n'
    text += "\ndef one(): pass\n"
    after = made(text, add_docstrings("a.py", text))
    tree = ast.parse(after)
    documented = {
        n.name: ast.get_docstring(n) for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef)
    }
    assert documented["A"] == "A."
    assert documented["f"] == "F.\n\nArgs:\n    a: ...\n    b: ..."
    assert documented["g"] == "Has one."
    assert documented["one"] is None
    assert add_docstrings("a.py", after) == []


def test_other_languages_get_their_own_comment_and_only_once() -> None:
    text = "function f(a) {\n  return a;\n}\n"
    after = made(text, add_docstrings("a.js", text))
    assert after.startswith("/** f: describe what it does. */\nfunction f")
    assert add_docstrings("a.js", after) == []
    assert add_docstrings("a.csv", "a,b\n") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os\nimport sys\n\nprint(sys)\n", "import sys\n\nprint(sys)\n"),
        ("from a import b, c as d\nd()\n", "from a import c as d\nd()\n"),
        ("from a import (\n    b,\n    c,\n)\nc()\n", "from a import (\n    c,\n)\nc()\n"),
        ("from __future__ import annotations\nfrom x import *\n", None),
        ("import os  # noqa\n", None),
        ('import a\n__all__ = ["a"]\n', None),
        ("try:\n    import fast\nexcept ImportError:\n    fast = 1\n", None),
        ("import a.b\na.b()\n", None),
        ("if x:\n    import os\n", None),
        ("def broken(:\n", None),
        ("import a; import b\n", None),
    ],
)
def test_unused_python_imports(text: str, expected: str | None) -> None:
    after = made(text, remove_unused_imports("a.py", text))
    assert after == (text if expected is None else expected)


def test_unused_imports_of_other_languages() -> None:
    script = "import React, { useState, useMemo } from 'react';\nimport gone from './gone';\nReact(useMemo);\n"
    after = "import React, { useMemo } from 'react';\nReact(useMemo);\n"
    assert made(script, remove_unused_imports("a.ts", script)) == after
    java = "import a.B;\nimport a.C;\nimport a.*;\nclass D extends C {}\n"
    assert made(java, remove_unused_imports("D.java", java)) == "import a.C;\nimport a.*;\nclass D extends C {}\n"
    assert remove_unused_imports("a.txt", "x") is None
    assert remove_unused_imports("pkg/__init__.py", "import os\n") == []
