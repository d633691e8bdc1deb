"""What the user asked for, by rules: a task from a message, and a task changed by a later message."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase


class Kind(Enum):
    """What the engine can do."""

    RENAME = "rename"
    REPLACE = "replace"
    DOCSTRINGS = "docstrings"
    IMPORTS = "imports"
    CREATE = "create"
    DELETE = "delete"
    MOVE = "move"
    OUTLINE = "outline"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do.

    ``old`` and ``new`` are names or texts (or paths, for a move), ``path`` the file that is meant, ``text`` the
    content of a new file. ``only`` and ``never`` are path patterns that limit it. ``deep`` includes strings and
    comments.
    """

    kind: Kind
    old: str = ""
    new: str = ""
    path: str = ""
    text: str = ""
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    deep: bool = False

    def covers(self, path: str) -> bool:
        """Whether the task may touch ``path``."""
        if self.path and self.kind in (Kind.DOCSTRINGS, Kind.IMPORTS) and not _under(path, self.path):
            return False
        if any(_under(path, pattern) for pattern in self.never):
            return False
        return not self.only or any(_under(path, pattern) for pattern in self.only)


NAME = r"[^\W\d][\w$]*(?:-[\w$]+)*"
PATH = r"[\w.@+~/*?\[\]-]*[\w*/\]~+]"
QUOTES = "`'\"“”‘’"
SORT_OF_NAME = (
    r"(?:the\s+)?(?:(?:function|variable|method|class|constant|identifier|symbol|field|parameter|argument|attribute"
    r"|type|name|property)\s+)?"
)
_Q = f"[{QUOTES}]?"

_RENAME = re.compile(
    rf"(?:rename|change\s+the\s+name\s+of)\s+{SORT_OF_NAME}{_Q}(?P<old>{NAME}){_Q}(?:\(\))?\s*(?:to|into|as|->|→)\s*"
    rf"{_Q}(?P<new>{NAME}){_Q}(?:\(\))?(?P<rest>.*)",
    re.I | re.S,
)
_MOVE = re.compile(
    rf"(?:rename|move)\s+(?:the\s+)?(?:file\s+)?{_Q}(?P<old>{PATH}){_Q}\s+(?:to|->|→)\s+{_Q}(?P<new>{PATH}){_Q}[.!]?\s*$",
    re.I,
)
_REPLACE = re.compile(
    rf"(?:replace|substitute|change)\s+(?:the\s+)?(?:text\s+)?(?P<q>[{QUOTES}])(?P<old>.+?)[{QUOTES}]\s+"
    rf"(?:with|by|to|->|→)\s+[{QUOTES}](?P<new>.*?)[{QUOTES}](?P<rest>.*)",
    re.I | re.S,
)
_REPLACE_WORD = re.compile(
    r"(?:replace|substitute)\s+(?P<old>\S+)\s+(?:with|by)\s+(?P<new>\S+)(?P<rest>.*)", re.I | re.S
)
_DOCSTRINGS = re.compile(
    r"(?:add|write|insert)\s+(?:\w+\s+){0,2}?doc(?:string|umentation|\s*comment)s?\b(?P<rest>.*)", re.I | re.S
)
_IMPORTS = re.compile(
    r"(?:remove|delete|drop|clean\s+up)\s+(?:all\s+|the\s+)?unused\s+imports?\b(?P<rest>.*)", re.I | re.S
)
_CREATE = re.compile(
    rf"(?:create|add|make|write)\s+(?:a\s+|the\s+)?(?:new\s+)?(?:file\s+)?(?:called\s+|named\s+)?{_Q}(?P<path>{PATH}){_Q}"
    r"(?:\s*(?::|\bwith(?:\s+the)?(?:\s+(?:text|content|contents))?:?|\bcontaining:?|\bsaying:?)"
    r"[ \t]*\n?(?P<text>.*))?\s*$",
    re.I | re.S,
)
_DELETE = re.compile(rf"(?:delete|remove)\s+(?:the\s+)?(?:file\s+)?{_Q}(?P<path>{PATH}){_Q}[.!]?\s*$", re.I)
_OUTLINE = re.compile(
    rf"(?:outline|list\s+the\s+(?:functions|classes|symbols)\s+(?:in|of))\s+(?:the\s+)?(?:file\s+)?{_Q}(?P<path>{PATH}){_Q}",
    re.I,
)

_WHERE = (
    r"(?:in|under|inside|within|below|to|for|from|at)\s+(?:the\s+)?(?:file\s+|folder\s+|directory\s+)?"
    rf"{_Q}(?P<path>{PATH}){_Q}"
)
_NEVER = re.compile(
    r"(?:\bnot|\bexcept|\bexcluding|\bbut\s+not|\bwithout)\s+(?:(?:for|in|under|inside)\s+)?(?:the\s+)?"
    rf"{_Q}(?P<path>{PATH}){_Q}",
    re.I,
)
_ONLY = re.compile(rf"\b{_WHERE}", re.I)
_CALL_IT = re.compile(rf"\b(?:call|name)\s+it\s+{_Q}(?P<new>{NAME}){_Q}", re.I)
_TO_INSTEAD = re.compile(rf"^(?:no[,.]?\s+)?(?:to\s+)?{_Q}(?P<new>{NAME}){_Q}\s+instead\b", re.I)
_DEEP = re.compile(r"\b(?:strings?|comments?|docstrings?|everywhere)\b", re.I)
_SHALLOW = re.compile(r"\b(?:names?\s+only|only\s+names?|not\s+(?:in\s+)?(?:strings?|comments?))\b", re.I)
NOT_PATHS = frozenset(
    {"strings", "string", "comments", "comment", "docstrings", "everywhere", "all", "the", "repo", "repository"}
    | {"project", "files", "file", "code", "it", "this", "that", "too", "also", "well", "and", "only", "names"}
    | {"functions", "classes", "everything", "every", "a", "an"}
)
"""Words behind ``in`` or ``to`` that name no path."""


def understand(message: str) -> Task | None:
    """Return the task that ``message`` asks for; ``None`` where it asks for nothing the engine knows.

    >>> understand("rename total to amount, only under src/").only
    ('src/',)
    """
    text = re.sub(r"^(?:please|can you|could you|now|then|and|ok|okay)[,\s]+", "", message.strip(), flags=re.I)
    if (found := _MOVE.match(text)) and _looks_like_path(found["old"]) and _looks_like_path(found["new"]):
        return Task(Kind.MOVE, old=found["old"], new=found["new"], path=found["old"])
    if found := _RENAME.match(text):
        return _limited(Task(Kind.RENAME, old=found["old"], new=found["new"]), found["rest"])
    if found := _REPLACE.match(text) or _REPLACE_WORD.match(text):
        return _limited(Task(Kind.REPLACE, old=found["old"], new=found["new"], deep=True), found["rest"])
    if found := _DOCSTRINGS.match(text):
        return _limited(Task(Kind.DOCSTRINGS), found["rest"])
    if found := _IMPORTS.match(text):
        return _limited(Task(Kind.IMPORTS), found["rest"])
    if found := _OUTLINE.match(text):
        return Task(Kind.OUTLINE, path=found["path"])
    if found := _DELETE.match(text):
        return Task(Kind.DELETE, path=found["path"])
    if (found := _CREATE.match(text)) and (found["text"] is not None or _looks_like_path(found["path"])):
        return Task(Kind.CREATE, path=found["path"], text=(found["text"] or "").strip("\n"))
    return None


def refine(task: Task, message: str) -> Task | None:
    """Return ``task`` as a later ``message`` changes it; ``None`` where the message changes nothing known."""
    changed = task
    if found := _CALL_IT.search(message) or _TO_INSTEAD.match(message.strip()):
        changed = replace(changed, new=found["new"])
    changed = _limited(changed, message)
    return None if changed == task else changed


def _limited(task: Task, words: str) -> Task:
    """Add the limits that ``words`` name: ``only under src/``, ``not in tests``, ``in strings too``."""
    if _SHALLOW.search(words):
        task = replace(task, deep=False)
    elif _DEEP.search(words):
        task = replace(task, deep=True)
    never = tuple(found["path"] for found in _NEVER.finditer(words) if _is_path(found["path"]))
    rest = _NEVER.sub(" ", words)
    only = tuple(found["path"] for found in _ONLY.finditer(rest) if _is_path(found["path"]))
    return replace(task, never=task.never + never, only=only or task.only)


def _is_path(word: str) -> bool:
    return word.lower() not in NOT_PATHS


def _looks_like_path(word: str) -> bool:
    return "/" in word or bool(re.search(r"\.[\w+-]+$", word)) or word in ("Makefile", "Dockerfile", "LICENSE")


def _under(path: str, pattern: str) -> bool:
    """Whether ``path`` is ``pattern``, lies under it, or matches it as a glob; a bare name matches at any depth."""
    pattern = pattern.removeprefix("./").rstrip("/")
    if not pattern or pattern == ".":
        return True
    if path == pattern or path.startswith(pattern + "/") or fnmatchcase(path, pattern):
        return True
    return "/" not in pattern and (fnmatchcase(path.rsplit("/", 1)[-1], pattern) or f"/{pattern}/" in f"/{path}")
