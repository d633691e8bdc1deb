"""Code as pygments sees it: where a name stands, and where things are defined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import contains as covers

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, String, _TokenType
from pygments.util import ClassNotFound

WORDS_IN = (String, Comment)
"""Kinds of token in which a name stands as a word rather than as a name."""


FUNCTION_WORDS = frozenset({"function", "def", "fn", "func", "fun", "sub", "proc"})
CLASS_WORDS = frozenset({"class", "struct", "interface", "trait", "enum"})
"""Keywords behind which a name is being introduced."""


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
        if old in value and (covers(Name, kind) or (deep and any(covers(group, kind) for group in WORDS_IN))):
            value = pattern.sub(lambda _: new, value)
        parts.append(value)
    parts.append(text[end:])
    return "".join(parts)


def definitions(path: str, text: str) -> list[Definition]:
    """What the file defines, in order: names that pygments marks as a function's or a class's, or that follow a
    word which introduces one (some lexers mark no definitions)."""
    found = []
    line = position = 0
    introduced = ""
    for offset, kind, value in tokens(path, text):
        if covers(Name, kind) and (introduced or covers(Name.Function, kind) or covers(Name.Class, kind)):
            line += text.count("\n", position, offset)
            position = offset
            is_class = covers(Name.Class, kind) or introduced in CLASS_WORDS
            found.append(Definition(value.strip(), "class" if is_class else "function", line))
        if value.strip():
            introduced = value if covers(Keyword, kind) and value in FUNCTION_WORDS | CLASS_WORDS else ""
    return found
