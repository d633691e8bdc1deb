"""What every request carries stays short: the model reads it each time, and so may the user."""

from __future__ import annotations

import json

import pytest

from spark_tui.app.pairing.instructions import default_instructions
from spark_tui.app.pairing.tools import Pending, ToolBox
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.search import SearchQuery, SearchResult
from spark_tui.protocol.patch.grammar import grammar
from spark_tui.protocol.profiles import ToolShape

LIMIT = 5 * 1024
"""Bytes of the default instructions and all tool definitions together."""


async def propose(command: str, reason: str) -> str:
    return ""


def search(query: SearchQuery, pending: Pending) -> SearchResult:
    raise NotImplementedError


@pytest.mark.parametrize("shape", list(ToolShape))
def test_instructions_and_tools_are_short(shape: ToolShape) -> None:
    box = ToolBox(
        read=lambda path: FileSnapshot(path, None),
        pending=dict,
        list_files=list,
        search=search,
        grammar=grammar(),
        propose=propose,
    )
    tools = box.definitions(shape)
    assert "propose_command" in [tool.get("name") for tool in tools]
    size = len(default_instructions().encode()) + len(json.dumps(tools).encode())
    assert size < LIMIT
