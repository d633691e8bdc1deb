"""The tools that the model is offered, and running those that only read.

Everything is read through the pending edits: what the model proposed and nobody has judged yet is what it sees. The
tools give plain text, bounded in size, and say how to get the rest. ``apply_patch`` is defined here and run by the
session, which streams it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import msgspec

from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.paths import matches_glob
from spark_tui.app.workspace.search import SearchQuery, SearchResult
from spark_tui.protocol.patch.edits import split_lines
from spark_tui.protocol.profiles import ToolShape
from spark_tui.protocol.wire.updates import Item

READ_LIMIT = 64 * 1024
"""Characters of a file in one answer."""

LIST_LIMIT = 1000
"""Paths in one answer."""

MATCH_LIMIT = 200
"""Lines that match in one answer."""

OTHERS_LIMIT = 2000
"""Further files with matches that one answer names."""

LINE_LIMIT = 400
"""Characters of one matching line; generated files have lines of megabytes."""

Pending = Mapping[str, bytes | None]
"""The content that each path of the change set would have, ``None`` where the file would be gone."""


class ReadFile(msgspec.Struct, frozen=True):
    """Arguments of ``read_file``; lines are 1-based, and the last is included."""

    path: str
    start_line: Annotated[int, msgspec.Meta(ge=1)] | None = None
    end_line: Annotated[int, msgspec.Meta(ge=1)] | None = None


class ListFiles(msgspec.Struct, frozen=True):
    """Arguments of ``list_files``."""

    pattern: str | None = None


class Search(msgspec.Struct, frozen=True):
    """Arguments of ``search``."""

    pattern: str
    path: str | None = None
    regex: bool | None = None


class ProposeCommand(msgspec.Struct, frozen=True):
    """Arguments of ``propose_command``."""

    command: str
    reason: str = ""


_Arguments = TypeVar("_Arguments", ReadFile, ListFiles, Search, ProposeCommand)

_DESCRIPTIONS = {
    "read_file": "Read a text file of the repository, with your pending edits applied.",
    "list_files": "List the repository's files (not ignored ones). pattern is a glob, such as src/**/*.py.",
    "propose_command": "Propose a shell command. Only the user can run it; you are told the result if they do.",
    "search": (
        "Find lines in the repository's files, pending edits included. Answers path:line:text, "
        "then, when there are too many, the names of the further files that match."
    ),
    "apply_patch": (
        "Propose edits. The patch is shown to the user while you write it and is staged for review; "
        "nothing is written to disk until the user accepts. Paths are relative to the repository's root."
    ),
}

_PARAMETERS: dict[str, dict[str, Any]] = {
    "read_file": {
        "path": {"type": "string", "description": "Relative to the repository's root"},
        "start_line": {"type": "integer", "description": "First line, from 1"},
        "end_line": {"type": "integer", "description": "Last line, included"},
    },
    "list_files": {"pattern": {"type": "string"}},
    "search": {
        "pattern": {"type": "string"},
        "path": {"type": "string", "description": "File or folder to search in"},
        "regex": {"type": "boolean", "description": "pattern is a Perl-style regular expression"},
    },
    "propose_command": {"command": {"type": "string"}, "reason": {"type": "string"}},
}

_REQUIRED = {"read_file": ["path"], "list_files": [], "search": ["pattern"], "propose_command": ["command", "reason"]}


class ToolBox:
    """The tools over one work tree.

    ``read`` gives a file as it is on disk, with a ``refusal`` where the path may not be read; ``pending`` the change
    set's contents at this moment, asked on the event loop; ``list_files`` the files on disk; ``search`` the lines
    that match, with the pending contents in place. These but ``pending`` may block and are called in a thread.
    ``propose`` puts a command and its reason before the user and answers for the model; without it none is offered.
    ``on_read`` is told of each file that the model is shown as it is on disk.
    """

    def __init__(
        self,
        *,
        read: Callable[[str], FileSnapshot],
        pending: Callable[[], Pending],
        list_files: Callable[[], Sequence[str]],
        search: Callable[[SearchQuery, Pending], SearchResult],
        grammar: str,
        propose: Callable[[str, str], Awaitable[str]] | None = None,
        on_read: Callable[[FileSnapshot], None] = lambda snapshot: None,
    ) -> None:
        self._read = read
        self._pending = pending
        self._list_files = list_files
        self._search = search
        self._grammar = grammar
        self._propose = propose
        self._on_read = on_read

    def definitions(self, shape: ToolShape) -> list[Item]:
        """The ``tools`` of a request, for a model that is given ``apply_patch`` in this shape."""
        tools = [_function(name, _PARAMETERS[name], _REQUIRED[name]) for name in self._names]
        match shape:
            case ToolShape.CUSTOM:
                tools.append(
                    {
                        "type": "custom",
                        "name": "apply_patch",
                        "description": _DESCRIPTIONS["apply_patch"],
                        "format": {"type": "grammar", "syntax": "lark", "definition": self._grammar},
                    }
                )
            case ToolShape.BUILT_IN:
                tools.append({"type": "apply_patch"})
            case ToolShape.FUNCTION:
                patch = {"type": "string", "description": "*** Begin Patch ... *** End Patch"}
                tools.append(_function("apply_patch", {"patch": patch}, ["patch"]))
            case ToolShape.TEXT:
                pass
        return tools

    @property
    def _names(self) -> list[str]:
        """The tools that are run here."""
        return [name for name in _PARAMETERS if name != "propose_command" or self._propose is not None]

    async def run(self, name: str, arguments: str) -> str:
        """Run a reading tool on its JSON arguments. Never raises: what went wrong is one line for the model."""
        try:
            match name:
                case "read_file":
                    return await self._run_read(_decode(arguments, ReadFile))
                case "list_files":
                    return await self._run_list(_decode(arguments, ListFiles))
                case "search":
                    return await self._run_search(_decode(arguments, Search))
                case "propose_command" if self._propose is not None:
                    wanted = _decode(arguments, ProposeCommand)
                    return await self._propose(wanted.command, wanted.reason)
        except (msgspec.DecodeError, UnicodeError, GitError, OSError, _Refusal) as error:
            return f"error: {' '.join(str(error).split())}"
        return f"error: there is no tool {name[:80]!r}; there are {', '.join(self._names)} and apply_patch"

    async def _run_read(self, wanted: ReadFile) -> str:
        pending = self._pending()
        snapshot = await asyncio.to_thread(self._read, _plain(wanted.path, "path"))
        data = pending.get(snapshot.path, snapshot.data)
        if snapshot.path not in pending and snapshot.refusal is not None:
            raise _Refusal(f"{snapshot.path}: {snapshot.refusal}")
        if data is None:
            gone = " (your pending edits delete it)" if snapshot.path in pending else ""
            raise _Refusal(f"there is no file {snapshot.path}{gone}; list_files shows what there is")
        if snapshot.path not in pending:
            self._on_read(snapshot)
        return excerpt(snapshot.path, data.decode("utf-8"), wanted.start_line, wanted.end_line)

    async def _run_list(self, wanted: ListFiles) -> str:
        pending = self._pending()
        pattern = _plain(wanted.pattern or "", "pattern")

        def matching() -> list[str]:
            paths = (set(self._list_files()) | pending.keys()) - {
                path for path, data in pending.items() if data is None
            }
            return sorted(path for path in paths if matches_glob(path, pattern))

        found = await asyncio.to_thread(matching)
        if not found:
            return f"no file matches {pattern}" if pattern else "the repository has no files"
        shown = [_one_line(path) for path in found[:LIST_LIMIT]]
        if len(found) > LIST_LIMIT:
            shown.append(f"({LIST_LIMIT} of {len(found)} files; narrow the pattern to see others)")
        return "\n".join(shown)

    async def _run_search(self, wanted: Search) -> str:
        pending = dict(self._pending())
        pattern = _plain(wanted.pattern, "pattern")
        if not pattern or "\n" in pattern:
            raise _Refusal("the pattern must be one line that is not empty")
        scope = _plain(wanted.path or "", "path").removeprefix("./").rstrip("/")
        if scope.startswith("/") or ".." in scope.split("/"):
            raise _Refusal(f"{scope} is not in the repository; give a path relative to its root")
        query = SearchQuery(
            pattern, path=None if scope in ("", ".") else scope, regex=bool(wanted.regex), limit=MATCH_LIMIT
        )
        result = await asyncio.to_thread(self._search, query, pending)
        if not result.matches:
            return "no line matches"
        lines = [f"{_one_line(match.path)}:{match.line}:{_clipped(match.text)}" for match in result.matches]
        if result.truncated:
            lines.append(f"(the first {len(lines)} lines; narrow the pattern or give a path to see others)")
            lines += _other_files(result)
        return "\n".join(lines)


class _Refusal(Exception):
    """A call that cannot be answered; the line says why."""


def excerpt(path: str, text: str, start: int | None = None, end: int | None = None) -> str:
    """Lines ``start`` to ``end`` (1-based, included) under a line that says which they are.

    Cut at :data:`READ_LIMIT` characters after a whole line, with a note how to read on.
    """
    lines = split_lines(text)
    name = _one_line(path)
    if not lines:
        return f"{name} is empty\n"
    first = start or 1
    last = min(end or len(lines), len(lines))
    if first > last:
        raise _Refusal(f"{path} has {len(lines)} lines; lines {first}-{end or len(lines)} are not in it")
    size = 0
    for number in range(first - 1, last):
        size += len(lines[number])
        if size > READ_LIMIT:
            last = number
            break
    if last < first:
        cut = lines[first - 1][:READ_LIMIT]
        return f"{name}: the first {READ_LIMIT} of {len(lines[first - 1])} characters of line {first}\n{cut}"
    more = f"; read on with start_line {last + 1}" if last < (end or len(lines)) and last < len(lines) else ""
    header = f"{name}: lines {first}-{last} of {len(lines)}{more}\n"
    return header + "".join(lines[first - 1 : last])


def _other_files(result: SearchResult) -> list[str]:
    """The files behind the lines that were shown, one a line, so that none of them is overlooked."""
    if not result.others:
        return []
    lines = ["also in:", *(_one_line(path) for path in result.others[:OTHERS_LIMIT])]
    if result.others_truncated or len(result.others) > OTHERS_LIMIT:
        lines.append(f"(the first {len(lines) - 1} files; give a path to see others)")
    return lines


def _function(name: str, properties: dict[str, Any], required: list[str]) -> Item:
    return {
        "type": "function",
        "name": name,
        "description": _DESCRIPTIONS[name],
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        "strict": False,
    }


def _decode(arguments: str, shape: type[_Arguments]) -> _Arguments:
    """The arguments as ``shape``; numbers and booleans may come as text, and no arguments at all are ``{}``."""
    return msgspec.json.decode(arguments.encode("utf-8") or b"{}", type=shape, strict=False)


def _plain(text: str, what: str) -> str:
    """``text``, if it can be handed to the system at all."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _Refusal(f"the {what} holds characters that cannot be in one")
    if len(text) > 4096:
        raise _Refusal(f"the {what} is longer than 4096 characters")
    return text


def _one_line(path: str) -> str:
    """A path that cannot be taken for several; as Python would write it where it is unusual."""
    return path if path.isprintable() else ascii(path)


def _clipped(text: str) -> str:
    return text if len(text) <= LINE_LIMIT else f"{text[:LINE_LIMIT]} ... ({len(text)} characters)"
