"""The built-in ``apply_patch`` tool's operations, as text of the patch language (protocol.md, section 3).

An operation is one section. Its diff may come in pieces, between :func:`opening` and :func:`closing`.
"""

from __future__ import annotations

from spark_tui.protocol.wire.updates import Item

HEADERS = {"create_file": "Add", "update_file": "Update", "delete_file": "Delete"}
_BREAK = "\x1f"
"""Stands for a line break in a path, so that it cannot end the header; no path with it is ever written."""


def opening(item: Item) -> str | None:
    """The patch up to the section's first line; ``None`` while the item does not say what it is about.

    >>> opening({"operation": {"type": "update_file", "path": "a.py"}})
    '*** Begin Patch\\n*** Update File: a.py\\n'
    """
    operation = item.get("operation")
    if not isinstance(operation, dict):
        return None
    header, path = HEADERS.get(str(operation.get("type"))), operation.get("path")
    if header is None or not isinstance(path, str) or not path:
        return None
    return f"*** Begin Patch\n*** {header} File: {path.replace(chr(10), _BREAK).replace(chr(13), _BREAK)}\n"


def diff(item: Item) -> str:
    """The whole diff of an operation; empty where it has none, as a deletion."""
    operation = item.get("operation")
    if not isinstance(operation, dict) or operation.get("type") == "delete_file":
        return ""
    return str(operation.get("diff") or "")


def closing(before: str) -> str:
    """What ends the patch behind ``before``, the last piece that came."""
    return "*** End Patch\n" if not before or before.endswith("\n") else "\n*** End Patch\n"


def envelope(item: Item) -> str:
    """Return the whole patch that an ``apply_patch_call`` item means.

    An item without a usable operation gives a text that the parser refuses with a line of its own.

    >>> print(envelope({"operation": {"type": "delete_file", "path": "a.py"}}), end="")
    *** Begin Patch
    *** Delete File: a.py
    *** End Patch
    """
    begun = opening(item)
    if begun is None:
        return "*** Begin Patch\n*** an operation without a type or a path\n*** End Patch\n"
    text = diff(item).rstrip("\n")
    return begun + text + closing(text)
