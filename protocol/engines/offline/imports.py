"""Unused imports: which lines bring in names that nothing in the file uses."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable

from spark_tui.protocol.patch.edits import LineEdit, split_lines

SCRIPTS = ("js", "jsx", "ts", "tsx", "mjs")
DOTTED = ("java", "kt", "scala", "groovy")
_WORD = re.compile(r"[^\W\d]\w*")
_SCRIPT_IMPORT = re.compile(r"^\s*import\s+(?P<what>[^'\"]+?)\s+from\s+['\"][^'\"]+['\"];?\s*$")
_DOTTED_IMPORT = re.compile(r"^\s*import\s+(?:static\s+)?[\w.]+\.(?P<name>\w+)\s*;?\s*$")


def remove_unused_imports(path: str, text: str) -> list[LineEdit] | None:
    """Return the edits that take unused imports out of ``path``; ``None`` where the language is not known."""
    suffix = path.rsplit(".", 1)[-1].lower()
    if suffix in ("py", "pyi"):
        return [] if path.rsplit("/", 1)[-1] == "__init__.py" else _python(text)
    if suffix in SCRIPTS:
        return _by_line(text, _script_line)
    if suffix in DOTTED:
        return _by_line(text, _dotted_line)
    return None


def _python(text: str) -> list[LineEdit]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    lines = split_lines(text)
    used = _used_names(tree)
    edits = []
    for parent in ast.walk(tree):
        for body in (getattr(parent, name, None) for name in ("body", "orelse", "finalbody")):
            if not isinstance(body, list) or (isinstance(parent, ast.Try) and body is parent.body):
                continue
            statements = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
            gone = [edit for node in statements if (edit := _python_edit(node, used, lines)) is not None]
            emptied = sum(1 for edit in gone if not edit.lines) == len(body)
            if not (emptied and not isinstance(parent, ast.Module)):
                edits += gone
    return sorted(edits, key=lambda edit: edit.start)


def _used_names(tree: ast.Module) -> set[str]:
    """Every name that is read, also in annotations given as strings and in ``__all__``."""
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used.update(re.findall(r"[^\W\d]\w*", node.value) if len(node.value) < 200 else ())
    return used


def _python_edit(node: ast.Import | ast.ImportFrom, used: set[str], lines: list[str]) -> LineEdit | None:
    start, end = node.lineno - 1, node.end_lineno or node.lineno
    source = "".join(lines[start:end])
    if isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*"):
        return None
    kept = [alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) in used]
    shared = ";" in source or source[: node.col_offset].strip() or "#" in source
    if len(kept) == len(node.names) or shared or not _starts_line(node, lines):
        return None
    if not kept:
        return LineEdit(start, end, ())
    names = [alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in kept]
    pad = " " * node.col_offset
    head = f"from {'.' * node.level}{node.module or ''} import " if isinstance(node, ast.ImportFrom) else "import "
    if end - start == 1:
        return LineEdit(start, end, (f"{pad}{head}{', '.join(names)}\n",))
    return LineEdit(start, end, (f"{pad}{head}(\n", *(f"{pad}    {name},\n" for name in names), f"{pad})\n"))


def _starts_line(node: ast.stmt, lines: list[str]) -> bool:
    return not lines[node.lineno - 1].encode()[: node.col_offset].strip()


def _by_line(text: str, judge: Callable[[str, Counter[str]], str | None]) -> list[LineEdit]:
    """Judge each line against how often each word stands outside the imports; a word in a comment counts as used."""
    lines = split_lines(text)
    counts = Counter(word for line in lines if not line.lstrip().startswith("import") for word in _WORD.findall(line))
    edits = []
    for number, line in enumerate(lines):
        kept = judge(line, counts)
        if kept is not None and kept != line:
            edits.append(LineEdit(number, number + 1, (kept,) if kept else ()))
    return edits


def _script_line(line: str, counts: Counter[str]) -> str | None:
    found = _SCRIPT_IMPORT.match(line)
    if found is None or found["what"].startswith("type "):
        return None
    what = found["what"]
    braces = re.search(r"\{(?P<names>[^}]*)\}", what)
    if braces is None:
        name = what.split(" as ")[-1].strip()
        return "" if name.isidentifier() and not counts[name] else None
    names = [part.strip() for part in braces["names"].split(",") if part.strip()]
    kept = [name for name in names if counts[name.split(" as ")[-1].strip()]]
    if len(kept) == len(names):
        return None
    if kept:
        return line.replace(braces[0], "{ " + ", ".join(kept) + " }")
    default = what[: braces.start()].rstrip(", \t")
    return line.replace(what, default) if default and counts[default] else ""


def _dotted_line(line: str, counts: Counter[str]) -> str | None:
    found = _DOTTED_IMPORT.match(line)
    return "" if found is not None and found["name"] != "*" and not counts[found["name"]] else None
