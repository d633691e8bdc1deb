"""The patch language as a tool for models: the grammar that keeps their output in the language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any


@cache
def grammar() -> str:
    """The language in Lark's syntax, as the Responses API takes it for a custom tool."""
    return files(__package__).joinpath("grammar.lark").read_text("utf-8")


def apply_patch_tool(description: str) -> dict[str, Any]:
    """The custom tool ``apply_patch``, whose input the server holds to :func:`grammar`."""
    return {
        "type": "custom",
        "name": "apply_patch",
        "description": description,
        "format": {"type": "grammar", "syntax": "lark", "definition": grammar()},
    }
