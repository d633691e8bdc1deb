"""Code as pygments sees it: where a name stands, and where things are defined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.token import Comment, Name, String, _TokenType
from pygments.util import ClassNotFound

WORDS_IN = (String, Comment)
"""Kinds of token in which a name stands as a word rather than as a name."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Something defined: its ``name``, ``kind`` (``function`` or ``class``) and 0-based ``line``."""

    name: str
    kind: str
    line: int


def lexer_for(path: str) -> Lexer:
    """The lexer for a file of this name; one that knows no names where pygments knows no such file."""
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def tokens(path: str, text: str) -> Iterator[tuple[int, _TokenType, str]]:
    """Yield ``(offset, kind, value)`` covering ``text`` without gaps; the values joined are ``text``."""
    return iter(lexer_for(path).get_tokens_unprocessed(text))


def word(name: str) -> re.Pattern[str]:
    """A pattern for ``name`` as a whole word; a hyphen ends a word unless the name has one itself."""
    edge = r"[\w$-]" if "-" in name else r"[\w$]"
    return re.compile(rf"(?<!{edge}){re.escape(name)}(?!{edge})")


def rename(path: str, text: str, old: str, new: str, *, deep: bool) -> str:
    """Return ``text`` with the name ``old`` changed to ``new``; with ``deep`` also in strings and comments.

    A file that pygments has no lexer for has no names: it changes only with ``deep``, and then as words.
    """
    if old not in text:
        return text
    pattern = word(old)
    if deep and isinstance(lexer_for(path), TextLexer):
        return pattern.sub(lambda _: new, text)
    parts = []
    end = 0
    for offset, kind, value in tokens(path, text):
        parts.append(text[end:offset])
        end = offset + len(value)
        if old in value and (kind in Name or (deep and any(kind in group for group in WORDS_IN))):
            value = pattern.sub(lambda _: new, value)
        parts.append(value)
    parts.append(text[end:])
    return "".join(parts)


def uses(path: str, text: str, name: str) -> bool:
    """Whether ``name`` stands in ``text`` as a name."""
    return name in text and any(kind in Name and value == name for _, kind, value in tokens(path, text))


def definitions(path: str, text: str) -> list[Definition]:
    """What the file defines, in order: where pygments sees a function's or a class's name being introduced."""
    found = []
    line = position = 0
    for offset, kind, value in tokens(path, text):
        if kind in Name.Function or kind in Name.Class:
            line += text.count("\n", position, offset)
            position = offset
            sort = "class" if kind in Name.Class else "function"
            if kind not in Name.Function.Magic or value.startswith("__"):
                found.append(Definition(value.strip(), sort, line))
    return found
