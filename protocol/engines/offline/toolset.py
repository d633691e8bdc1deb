"""The client's tools as the engine uses them: whatever it offers for searching, reading and patching.

Two families are known: tools named for what they do (``search``, ``read_file``, ``list_files``), and one that runs a
shell command. Each says how to ask and how to read the answer.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Protocol

from spark_tui.protocol.wire.updates import CallKind, Item

PATCH_TOOL = "apply_patch"
SHELL_TOOLS = {"exec_command": "cmd", "shell_command": "command", "shell": "command", "local_shell": "command"}
_SEARCH_LINE = re.compile(r"^(?P<path>.+?):\d+:")
_HEADER = re.compile(r"^\S.*?: lines (?P<first>\d+)-(?P<last>\d+) of (?P<all>\d+)\b[^\n]*\n")
_REFUSED = re.compile(r"did not fit|\bfailed\b|invalid patch|\brefused\b|\berror\b|not staged|unsupported call", re.I)


@dataclass(frozen=True, slots=True)
class Ask:
    """A call to one of the client's function tools; ``arguments`` is JSON."""

    name: str
    arguments: str


class Reading(Protocol):
    """How to search, list and read with the client's tools."""

    def search(self, text: str) -> Ask:
        """Ask which files hold ``text``."""

    def list_files(self) -> Ask:
        """Ask for the names of all files."""

    def read(self, path: str) -> Ask:
        """Ask for a file's whole content."""

    def paths_in(self, ask: Ask, output: str) -> list[str] | None:
        """The files that an answer to :meth:`search` or :meth:`list_files` names; ``None`` for another call."""

    def content_in(self, ask: Ask, output: str) -> tuple[str, str | None] | None:
        """``(path, content)`` of an answer to :meth:`read`, ``None`` as content when it failed; else ``None``."""


class NamedTools:
    """``search``, ``list_files`` and ``read_file``."""

    def search(self, text: str) -> Ask:
        return Ask("search", json.dumps({"pattern": text}))

    def list_files(self) -> Ask:
        return Ask("list_files", "{}")

    def read(self, path: str) -> Ask:
        return Ask("read_file", json.dumps({"path": path}))

    def paths_in(self, ask: Ask, output: str) -> list[str] | None:
        if ask.name == "search":
            found = (_SEARCH_LINE.match(line) for line in output.splitlines())
            return list(dict.fromkeys(match["path"] for match in found if match))
        if ask.name == "list_files":
            return [line for line in output.splitlines() if line and not line.startswith("[")]
        return None

    def content_in(self, ask: Ask, output: str) -> tuple[str, str | None] | None:
        if ask.name != "read_file":
            return None
        path = str(_arguments(ask).get("path", ""))
        header = _HEADER.match(output)
        if header is None or header["first"] not in ("0", "1") or header["last"] != header["all"]:
            return path, None
        return path, output[header.end() :]


class ShellTool:
    """A tool that runs a command line: ``name`` with the command under ``argument``, as text or as a list."""

    def __init__(self, name: str, argument: str, *, as_list: bool) -> None:
        self._name = name
        self._argument = argument
        self._as_list = as_list

    def search(self, text: str) -> Ask:
        word = shlex.quote(text)
        return self._ask(f"git grep -lIF --untracked -e {word} || grep -rlIF --exclude-dir=.git -e {word} .")

    def list_files(self) -> Ask:
        return self._ask("git ls-files --cached --others --exclude-standard")

    def read(self, path: str) -> Ask:
        return self._ask(f"cat -- {shlex.quote(path)}")

    def paths_in(self, ask: Ask, output: str) -> list[str] | None:
        if not self._command(ask).startswith("git "):
            return None
        return [line.removeprefix("./") for line in _shell_output(output)[0].splitlines() if line]

    def content_in(self, ask: Ask, output: str) -> tuple[str, str | None] | None:
        command = self._command(ask)
        if not command.startswith("cat -- "):
            return None
        text, code = _shell_output(output)
        path = shlex.split(command)[2]
        return path, text if code == 0 else None

    def _ask(self, command: str) -> Ask:
        value = ["bash", "-c", command] if self._as_list else command
        return Ask(self._name, json.dumps({self._argument: value}))

    def _command(self, ask: Ask) -> str:
        value = _arguments(ask).get(self._argument, "")
        return str(value[-1] if isinstance(value, list) and value else value)


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
        return str(_parse(arguments).get(self.patch_argument, ""))


def was_refused(output: str) -> bool:
    """Whether the answer to a patch says that some of it was not taken."""
    return bool(_REFUSED.search(output)) and "Exit code: 0" not in output


def _shell_output(output: str) -> tuple[str, int]:
    """Text and exit code of a shell tool's answer: JSON, or text with a header before ``Output:``."""
    if output.startswith("{"):
        answer = _parse(output)
        metadata = answer.get("metadata")
        return str(answer.get("output", "")), int(metadata.get("exit_code", 0) if isinstance(metadata, dict) else 0)
    head, mark, text = output.partition("Output:\n")
    if not mark:
        return output, 0
    code = re.search(r"(?:exited with code|[Ee]xit code:?)\s*(-?\d+)", head)
    return text, int(code[1]) if code else 0


def _arguments(ask: Ask) -> Item:
    return _parse(ask.arguments)


def _parse(text: str) -> Item:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _properties(tool: Item) -> Item:
    parameters = tool.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, dict) else None
    return properties if isinstance(properties, dict) else {}


def _takes_list(tool: Item, argument: str) -> bool:
    declared = _properties(tool).get(argument)
    return isinstance(declared, dict) and declared.get("type") == "array"
