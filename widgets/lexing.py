"""Highlighting one line at a time with Pygments' lexers, so that a text can be coloured while it grows.

Pygments lexes whole texts; its regex lexers are stack machines, and here the stack is kept between lines. The few
lexers that are not (some templates) see each line alone. Importing this module imports Pygments: views do it off
the event loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pygments.lexer import Lexer, RegexLexer
from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

from spark_tui.widgets.highlight import START, LexState, NamedSpan

LINE_MAX = 1000
"""Longer lines are left plain: they are data, and some lexers are slow on them."""

STACK_MAX = 60

_ROLES: dict[_TokenType, str | None] = {
    Token: None,
    Token.Comment: "syntax--comment",
    Token.Comment.Preproc: "syntax--decorator",
    Token.Keyword: "syntax--keyword",
    Token.Keyword.Type: "syntax--type",
    Token.Keyword.Constant: "syntax--number",
    Token.Literal.Number: "syntax--number",
    Token.Literal.String: "syntax--string",
    Token.Literal.String.Doc: "syntax--comment",
    Token.Name.Attribute: "syntax--function",
    Token.Name.Builtin: "syntax--builtin",
    Token.Name.Class: "syntax--type",
    Token.Name.Decorator: "syntax--decorator",
    Token.Name.Exception: "syntax--type",
    Token.Name.Function: "syntax--function",
    Token.Name.Namespace: None,
    Token.Name.Tag: "syntax--tag",
    Token.Operator.Word: "syntax--keyword",
    Token.Generic.Heading: "syntax--keyword",
    Token.Generic.Subheading: "syntax--keyword",
    Token.Generic.Inserted: "syntax--string",
    Token.Generic.Deleted: "syntax--tag",
}

_Tokens = Iterator[tuple[int, _TokenType, str]]


class LineLexer:
    """One language. Holds no state of its own: the state goes in and comes out with each line."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer: Any = lexer
        # ExtendedRegexLexer and DelegatingLexer override the loop that is mirrored here.
        self._keeps_state = (
            isinstance(lexer, RegexLexer) and type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed
        )

    def lex(self, line: str, state: LexState = START) -> tuple[tuple[NamedSpan, ...], LexState]:
        """Highlight ``line`` (no line break), begun in ``state``; returns its spans and the state at its end."""
        if len(line) > LINE_MAX:
            return (), state
        if state.comment:
            end = line.find("*/")
            if end < 0:
                return ((0, len(line), "syntax--comment"),) if line else (), state
            spans, after = self.lex(" " * (end + 2) + line[end + 2 :], LexState(state.stack))
            return ((0, end + 2, "syntax--comment"), *spans), after
        stack = list(state.stack)
        text = line + "\n"
        tokens = self._step(text, stack) if self._keeps_state else self._lexer.get_tokens_unprocessed(text)
        spans_found: list[NamedSpan] = []
        comment = False
        for start, kind, value in tokens:
            # Comments of the C family are one pattern there, which a line alone sees as never closed.
            comment = kind is Token.Comment.Multiline and value.startswith("/*") and not value.rstrip().endswith("*/")
            role = _role(kind)
            end = min(start + len(value), len(line))
            if role is None or start >= end:
                continue
            if spans_found and spans_found[-1][1] == start and spans_found[-1][2] == role:
                spans_found[-1] = (spans_found[-1][0], end, role)
            else:
                spans_found.append((start, end, role))
        return tuple(spans_found), LexState(tuple(stack), comment)

    def _step(self, text: str, stack: list[str]) -> _Tokens:
        """The loop of ``RegexLexer.get_tokens_unprocessed`` (Pygments 2), with the stack in the caller's hands."""
        tables = self._lexer._tokens
        position, size = 0, len(text)
        steps = 4 * size + 100
        while position < size and steps:
            steps -= 1
            for match, action, new_state in tables[stack[-1]]:
                found = match(text, position)
                if not found:
                    continue
                if action is not None:
                    if type(action) is _TokenType:
                        yield position, action, found.group()
                    else:
                        yield from action(self._lexer, found)
                position = found.end()
                if new_state is not None:
                    _change_state(stack, new_state)
                break
            else:
                if text[position] == "\n":
                    stack[:] = ["root"]
                position += 1


def _change_state(stack: list[str], change: object) -> None:
    if isinstance(change, tuple):
        for state in change:
            if state == "#pop":
                if len(stack) > 1:
                    stack.pop()
            else:
                stack.append(stack[-1] if state == "#push" else state)
    elif isinstance(change, int):
        del stack[max(len(stack) + change, 1) :]
    elif change == "#push":
        stack.append(stack[-1])
    if len(stack) > STACK_MAX:
        stack[:] = ["root"]


def _role(kind: _TokenType) -> str | None:
    if kind in _ROLES:
        return _ROLES[kind]
    role = _role(kind.parent) if kind.parent is not None else None
    _ROLES[kind] = role
    return role


def lexer_for_path(path: str) -> LineLexer | None:
    """The lexer for a file of that name; ``None`` if Pygments knows none, or nothing but plain text."""
    found = find_lexer_class_for_filename(path.rpartition("/")[2])
    return _lines_of(found()) if found is not None else None


def lexer_for_language(name: str) -> LineLexer | None:
    """The lexer for the language a code fence names; ``None`` if Pygments knows none, or nothing but plain text."""
    try:
        return _lines_of(get_lexer_by_name(name))
    except ClassNotFound:
        return None


def _lines_of(lexer: Lexer) -> LineLexer | None:
    return None if isinstance(lexer, TextLexer) else LineLexer(lexer)
