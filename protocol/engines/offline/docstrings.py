"""Docstring skeletons: the place, the style of the language, and the names that have to be described."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from spark_tui.protocol.engines.offline.lexing import definitions
from spark_tui.protocol.patch.edits import LineEdit, split_lines

SLASHES = ("rs", "go", "swift", "zig")
BLOCKS = ("js", "jsx", "ts", "tsx", "mjs", "java", "kt", "c", "h", "cc", "cpp", "hpp", "cs", "php", "scala", "dart")
HASHES = ("rb", "sh", "bash", "pl", "r", "jl", "ex", "exs")


def add_docstrings(path: str, text: str) -> list[LineEdit] | None:
    """Return the insertions that describe what ``path`` defines; ``None`` where the language is not known."""
    suffix = path.rsplit(".", 1)[-1].lower()
    if suffix in ("py", "pyi"):
        return _python(text)
    if suffix in BLOCKS:
        return _above(path, text, lambda name: f"/** {name}: describe what it does. */")
    if suffix in SLASHES:
        mark = "//" if suffix == "go" else "///"
        return _above(path, text, lambda name: f"{mark} {name} ...: describe what it does.")
    if suffix in HASHES:
        return _above(path, text, lambda name: f"# {name}: describe what it does.")
    return None


def _python(text: str) -> list[LineEdit]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    edits = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and ast.get_docstring(node) is None
        ):
            first = node.body[0]
            start = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))]) - 1
            if start > node.lineno - 1 and start >= _header_end(node):
                edits.append(LineEdit(start, start, tuple(_skeleton(node, first.col_offset))))
    return sorted(edits, key=lambda edit: edit.start)


def _header_end(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The first line (0-based) behind the header; a body on the header's own line has no room for a docstring."""
    inner = [node.lineno]
    if not isinstance(node, ast.ClassDef):
        inner += [arg.end_lineno or arg.lineno for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
        if node.returns is not None:
            inner.append(node.returns.end_lineno or node.returns.lineno)
    return max(inner)


def _skeleton(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, indent: int) -> list[str]:
    pad = " " * indent
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", node.name).replace("_", " ").strip().capitalize() or node.name
    if isinstance(node, ast.ClassDef):
        return [f'{pad}"""{title}."""\n', "\n"]
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    names = [arg.arg for arg in arguments if arg.arg not in ("self", "cls")]
    if not names:
        return [f'{pad}"""{title}."""\n']
    lines = [f'{pad}"""{title}.\n', "\n", f"{pad}Args:\n"]
    lines += [f"{pad}    {name}: ...\n" for name in names]
    return [*lines, f'{pad}"""\n']


def _above(path: str, text: str, comment: Callable[[str], str]) -> list[LineEdit]:
    lines = split_lines(text)
    edits: list[LineEdit] = []
    for definition in definitions(path, text):
        if definition.line >= len(lines):
            continue
        line = lines[definition.line]
        before = lines[definition.line - 1].strip() if definition.line else ""
        described = before.startswith(("/", "*", "#", "@")) or before.endswith("*/")
        if described or (edits and edits[-1].start == definition.line):
            continue
        pad = line[: len(line) - len(line.lstrip())]
        edits.append(LineEdit(definition.line, definition.line, (f"{pad}{comment(definition.name)}\n",)))
    return edits
