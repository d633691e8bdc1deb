"""Paths as git prints them, and patterns over them. Pure.

A path of the work tree is a ``str`` relative to its root, with ``/`` between parts. Bytes that are not UTF-8 are
kept as lone surrogates (:pep:`383`), so every path can be given back to the system unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

_ESCAPES = {
    ord("a"): 7,
    ord("b"): 8,
    ord("t"): 9,
    ord("n"): 10,
    ord("v"): 11,
    ord("f"): 12,
    ord("r"): 13,
    ord('"'): 34,
    ord("\\"): 92,
}
"""The escapes of git's ``quote.c``; every other byte is three octal digits."""


def from_git(raw: bytes) -> str:
    """The path that git printed with ``-z``."""
    return raw.decode("utf-8", "surrogateescape")


def to_git(path: str) -> bytes:
    """The path as git wants it with ``-z``; undoes :func:`from_git`."""
    return path.encode("utf-8", "surrogateescape")


def split_nul(output: bytes) -> list[bytes]:
    """The records of an output made with ``-z``."""
    records = output.split(b"\0")
    if records[-1] == b"":
        records.pop()
    return records


def parents(path: str) -> Iterator[str]:
    """The folders that ``path`` lies in, outermost first."""
    position = path.find("/")
    while position > 0:
        yield path[:position]
        position = path.find("/", position + 1)


def unquote(raw: bytes) -> str:
    r"""The path in a line that git printed without ``-z``, where unusual ones are quoted as in C.

    >>> unquote(b'"na\\303\\257ve\\t.txt"')
    'naïve\t.txt'
    """
    if len(raw) < 2 or not (raw.startswith(b'"') and raw.endswith(b'"')):
        return from_git(raw)
    result = bytearray()
    body = raw[1:-1]
    position = 0
    while position < len(body):
        byte = body[position]
        position += 1
        if byte != ord("\\") or position == len(body):
            result.append(byte)
        elif (octal := body[position : position + 3]).isdigit() and len(octal) == 3:
            result.append(int(octal, 8) & 0xFF)
            position += 3
        else:
            result.append(_ESCAPES.get(body[position], body[position]))
            position += 1
    return from_git(bytes(result))


def matches_glob(path: str, pattern: str) -> bool:
    """Whether ``pattern`` names ``path``, by the rules people know from ``.gitignore``.

    ``*``, ``?`` and ``[...]`` stay within one part, ``**`` stands for any number of parts, a pattern without ``/``
    is looked for in every folder, and one that names a folder names all that is in it. Letters count as written.
    Takes time proportional to the product of the two lengths, whatever the pattern.
    """
    wanted = pattern.removeprefix("./").strip("/")
    if not wanted:
        return True
    parts = tuple(wanted.split("/"))
    if len(parts) == 1 and not pattern.startswith("/"):
        parts = ("**", *parts)
    return _matches(tuple(path.split("/")), parts)


def _matches(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether the parts match; ``reached`` holds how many parts of ``path`` the pattern so far may cover."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached), len(path) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(path) and _part_matches(path[at], part)}
        if not reached:
            return False
    # What is left of the path lies in the folder that the pattern names.
    return True


@lru_cache(maxsize=4096)
def _part_matches(part: str, pattern: str) -> bool:
    return fnmatchcase(part, pattern)
