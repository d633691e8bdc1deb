"""The client's tools as the engine uses them: whatever it offers for searching, reading and patching."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from spark_tui.protocol.engines.offline.reading import NamedTools, Reading, ShellTool, parse_object
from spark_tui.protocol.wire.updates import CallKind, Item

PATCH_TOOL = "apply_patch"
SHELL_TOOLS = {"exec_command": "cmd", "shell_command": "command", "shell": "command", "local_shell": "command"}
_REFUSED = re.compile(r"did not fit|\bfailed\b|invalid patch|\brefused\b|\berror\b|not staged|unsupported call", re.I)


@dataclass(frozen=True, slots=True)
class Toolset:
    """What a client offers: how to read (``None``: not at all), and the shape of its patch tool (``None``: none)."""

    reading: Reading | None
    patching: CallKind | None
    patch_argument: str = "patch"

    @classmethod
    def of(cls, tools: list[Item]) -> Toolset:
        """Look through a request's ``tools``."""
        by_name = {str(tool.get("name")): tool for tool in tools}
        reading: Reading | None = None
        if "read_file" in by_name and "search" in by_name:
            reading = NamedTools()
        else:
            for name, argument in SHELL_TOOLS.items():
                if name in by_name:
                    reading = ShellTool(name, argument, as_list=_takes_list(by_name[name], argument))
                    break
        patch = by_name.get(PATCH_TOOL)
        if patch is None:
            return cls(reading, None)
        if patch.get("type") == "custom":
            return cls(reading, CallKind.CUSTOM)
        properties = _properties(patch)
        return cls(reading, CallKind.FUNCTION, next((n for n in ("patch", "input") if n in properties), "patch"))

    def patch_input(self, patch: str) -> str:
        """``patch`` as the patch tool wants it."""
        return patch if self.patching is CallKind.CUSTOM else json.dumps({self.patch_argument: patch})

    def patch_in(self, arguments: str) -> str:
        """The patch in a past call's input."""
        if self.patching is CallKind.CUSTOM:
            return arguments
        return str(parse_object(arguments).get(self.patch_argument, ""))


def was_refused(output: str) -> bool:
    """Whether the answer to a patch says that some of it was not taken."""
    return bool(_REFUSED.search(output)) and "Exit code: 0" not in output


def _properties(tool: Item) -> Item:
    parameters = tool.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    return properties if isinstance(properties, dict) else {}


def _takes_list(tool: Item, argument: str) -> bool:
    declared = _properties(tool).get(argument)
    return isinstance(declared, dict) and declared.get("type") == "array"
