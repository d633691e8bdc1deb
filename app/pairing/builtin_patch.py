"""The built-in ``apply_patch`` tool's operations, as text of the patch language (protocol.md, section 3)."""

from __future__ import annotations

from spark_tui.protocol.wire.updates import Item

HEADERS = {"create_file": "Add", "update_file": "Update", "delete_file": "Delete"}


def envelope(item: Item) -> str:
    """Return the patch that an ``apply_patch_call`` item means.

    An item without a usable operation gives a text that the parser refuses with a line of its own.

    >>> print(envelope({"operation": {"type": "delete_file", "path": "a.py"}}))
    *** Begin Patch
    *** Delete File: a.py
    *** End Patch
    """
    operation = item.get("operation")
    if not isinstance(operation, dict):
        operation = {}
    header = HEADERS.get(str(operation.get("type")), str(operation.get("type")))
    lines = ["*** Begin Patch", f"*** {header} File: {operation.get('path', '')}"]
    diff = str(operation.get("diff") or "")
    if diff and header != "Delete":
        lines.append(diff.rstrip("\n"))
    return "\n".join([*lines, "*** End Patch"])
