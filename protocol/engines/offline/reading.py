"""How the engine searches and reads with the client's tools, and what it takes from their answers.

Two families are known: tools named for what they do (``search``, ``read_file``, ``list_files``), and one that runs a
shell command. Both answer in parts when there is much: what says how to go on comes with each part.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Protocol

from spark_tui.protocol.wire.updates import Item

NAMES_AT_ONCE = 200
"""Lines of a shell's list of files that are asked for at once."""

LINES_AT_ONCE = 500
"""Lines of a file that are asked of a shell at once."""

SMALLER = 4
"""How much less is asked for when the client cut an answer short."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call to one of the client's function tools; ``arguments`` is JSON."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Names of files. ``more`` asks for those that come next; ``trouble`` says why there may be others unnamed."""

    paths: list[str]
    more: Ask | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a file, or none of it when ``trouble`` says why. ``more`` asks for what comes next."""

    path: str
    text: str = ""
    is_first: bool = True
    more: Ask | None = None
    trouble: str = ""


class Reading(Protocol):
    """How to search, list and read with the client's tools."""

    def search(self, text: str) -> Ask:
        """Ask which files hold ``text``, which may be several lines."""

    def list_files(self) -> Ask:
        """Ask for the names of all files."""

    def read(self, path: str) -> Ask:
        """Ask for a file's beginning."""

    def listing_in(self, ask: Ask, output: str) -> Listing | None:
        """What an answer to :meth:`search` or :meth:`list_files` tells; ``None`` for another call."""

    def excerpt_in(self, ask: Ask, output: str) -> Excerpt | None:
        """What an answer to :meth:`read` tells; ``None`` for another call."""


class NamedTools:
    """``search``, ``list_files`` and ``read_file``."""

    def search(self, text: str) -> Ask:
        return Ask("search", json.dumps({"pattern": _longest_line(text)}))

    def list_files(self) -> Ask:
        return Ask("list_files", "{}")

    def read(self, path: str) -> Ask:
        return Ask("read_file", json.dumps({"path": path}))

    def listing_in(self, ask: Ask, output: str) -> Listing | None:
        if ask.name not in ("search", "list_files"):
            return None
        if output.startswith("error: "):
            return Listing([], trouble=_reason(output, ""))
        if ask.name == "list_files":
            names, paths = output.splitlines(), []
        else:
            matches, _, others = output.partition(f"\n{ALSO_IN}\n")
            found = (_SEARCH_LINE.match(line) for line in matches.splitlines())
            names, paths = others.splitlines(), [match["path"] for match in found if match]
        is_cut = bool(names) and _NOTE.fullmatch(names[-1]) is not None
        paths += names[:-1] if is_cut else names
        return Listing(list(dict.fromkeys(paths)), trouble="the list of files was cut short" if is_cut else "")

    def excerpt_in(self, ask: Ask, output: str) -> Excerpt | None:
        if ask.name != "read_file":
            return None
        arguments = parse_object(ask.arguments)
        path = str(arguments.get("path", ""))
        is_first = "start_line" not in arguments
        head, _, text = output.partition("\n")
        if not text and head.endswith(" is empty"):
            return Excerpt(path)
        header = _HEADER.fullmatch(head)
        if header is None:
            return Excerpt(path, trouble=_reason(head, path))
        if header["next"] is None:
            return Excerpt(path, text, is_first)
        more = Ask("read_file", json.dumps({"path": path, "start_line": int(header["next"])}))
        return Excerpt(path, text, is_first, more)


class ShellTool:
    """A tool that runs a command line: ``name`` with the command under ``argument``, as text or as a list.

    Such a tool may cut the middle out of a long answer, and its answer may be another than the file's bytes. So each
    part of a file comes with its size in bytes; where that does not fit, less is asked for.
    """

    def __init__(self, name: str, argument: str, *, as_list: bool) -> None:
        self._name = name
        self._argument = argument
        self._as_list = as_list

    def search(self, text: str) -> Ask:
        word = shlex.quote(_longest_line(text))
        return self._names(f"grep -lIF --untracked -e {word}", f"grep -rlIF --exclude-dir=.git -e {word} .")

    def list_files(self) -> Ask:
        return self._names(
            "ls-files --cached --others --exclude-standard", "find . -type f -not -path '*/.git/*' -print"
        )

    def read(self, path: str) -> Ask:
        return self._part(path, 1, LINES_AT_ONCE)

    def listing_in(self, ask: Ask, output: str) -> Listing | None:
        command = self._command(ask)
        window = _WINDOW.search(command)
        if not command.startswith(_IN_GIT) or window is None:
            return None
        start, count = int(window["start"]), int(window["count"])
        text, _ = _shell_output(output)
        names = [line.removeprefix("./") for line in text.splitlines() if line]
        if _CUT.search(text):
            if count < SMALLER:
                return Listing([], trouble="the list of files does not come through the shell")
            return Listing([], self._names_from(command, window, start, count // SMALLER))
        more = self._names_from(command, window, start + count, count) if len(names) >= count else None
        return Listing(names, more)

    def excerpt_in(self, ask: Ask, output: str) -> Excerpt | None:
        place = _place_of(self._command(ask))
        if place is None:
            return None
        path, start, count = place
        text, code = _shell_output(output)
        if code != 0:
            return Excerpt(path, trouble=_reason(text, path))
        sizes = _SIZES.match(text)
        part = text[sizes.end() :] if sizes else ""
        if sizes is None or not _is_whole(part, int(sizes["part"])):
            if count < SMALLER:
                return Excerpt(path, trouble=f"line {start} does not come through the shell as it is")
            return Excerpt(path, is_first=start == 1, more=self._part(path, start, count // SMALLER))
        if len(part.encode()) < int(sizes["part"]):
            part += "\n"
        is_all = start == 1 and sizes["part"] == sizes["whole"]
        more = None if is_all or part.count("\n") < count else self._part(path, start + count, count)
        return Excerpt(path, part, start == 1, more)

    def _names(self, git: str, other: str) -> Ask:
        listing = f"{_IN_GIT}; then git -c core.quotePath=false {git}; else {other}; fi"
        return self._ask(f"{listing} | tail -n +1 | head -n {NAMES_AT_ONCE}")

    def _names_from(self, command: str, window: re.Match[str], start: int, count: int) -> Ask:
        return self._ask(f"{command[: window.start()]}| tail -n +{start} | head -n {count}")

    def _part(self, path: str, start: int, count: int) -> Ask:
        name = shlex.quote(path)
        part = f"tail -n +{start} < {name} | head -n {count}"
        return self._ask(f"wc -c < {name} && {part} | wc -c && {part}")

    def _ask(self, command: str) -> Ask:
        value = ["bash", "-c", command] if self._as_list else command
        return Ask(self._name, json.dumps({self._argument: value}))

    def _command(self, ask: Ask) -> str:
        value = parse_object(ask.arguments).get(self._argument, "")
        return str(value[-1] if isinstance(value, list) and value else value)


def parse_object(text: str) -> Item:
    """The JSON object in ``text``; an empty one where there is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


ALSO_IN = "also in:"
"""The line of a search's answer behind which further files are named, one a line."""

_NOTE = re.compile(r"\((?:the first )?\d+ .*\)")
_SEARCH_LINE = re.compile(r"(?P<path>.+?):\d+:")
_HEADER = re.compile(r".*: lines \d+-\d+ of \d+(?:; read on with start_line (?P<next>\d+))?")
_IN_GIT = "if git rev-parse --git-dir >/dev/null 2>&1"
_WINDOW = re.compile(r"\| tail -n \+(?P<start>\d+) \| head -n (?P<count>\d+)\Z")
_SIZES = re.compile(r"[ \t]*(?P<whole>\d+)\r?\n[ \t]*(?P<part>\d+)\r?(?:\n|\Z)")
_CUT = re.compile(r"…\s*\d+ \w+ truncated\s*…|\[\.\.\. omitted \d+ of \d+ \w+ \.\.\.\]")
_REASON_LIMIT = 160


def _longest_line(text: str) -> str:
    """Tools look for one line at a time; a file that holds all of ``text`` holds its longest line."""
    return max(text.split("\n"), key=len)


def _place_of(command: str) -> tuple[str, int, int] | None:
    """Path, first line and number of lines of a command made by :meth:`ShellTool._part`."""
    if not command.startswith("wc -c < "):
        return None
    try:
        words = shlex.split(command)
        return words[3], int(words[7]), int(words[13])
    except (ValueError, IndexError):
        return None


def _is_whole(part: str, size: int) -> bool:
    """Whether ``part`` has ``size`` bytes; a line break at its end may have got lost."""
    missing = size - len(part.encode("utf-8", "replace"))
    return missing == 0 or (missing == 1 and not part.endswith("\n"))


def _shell_output(output: str) -> tuple[str, int]:
    """Text and exit code of a shell tool's answer: JSON, or text with a header before ``Output:``."""
    if output.startswith("{"):
        answer = parse_object(output)
        metadata = answer.get("metadata")
        return str(answer.get("output", "")), int(metadata.get("exit_code", 0) if isinstance(metadata, dict) else 0)
    head, mark, text = output.partition("Output:\n")
    if not mark:
        return output, 0
    code = re.search(r"(?:exited with code|[Ee]xit code:?)\s*(-?\d+)", head)
    return text, int(code[1]) if code else 0


def _reason(answer: str, path: str) -> str:
    """Why a file could not be read, as the tool says it."""
    line = answer.strip().partition("\n")[0].removeprefix("error: ").removeprefix(f"{path}: ")
    return line[:_REASON_LIMIT] or "no answer"
