"""Text out of JSON that is still arriving: a tool call's input is shown while the model writes it."""

from __future__ import annotations

import re
from enum import Enum, auto

REPLACEMENT = "\ufffd"

_PLAIN = re.compile(r'[^"\\]*')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([^u]))", re.DOTALL)
_UNFINISHED_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3})?\Z")
_SPACE = re.compile(r"[ \t\n\r]*")
_STRUCTURE = re.compile(r'["{}\[\],]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR_OR_HALF = re.compile("([\ud800-\udbff])([\udc00-\udfff])|[\ud800-\udfff]")
_SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class SurrogateJoiner:
    """Joins the halves of UTF-16 surrogate pairs that a server split over deltas; a lone half becomes U+FFFD.

    >>> joiner = SurrogateJoiner()
    >>> joiner.feed("a\\ud83d"), joiner.feed("\\ude00b"), joiner.finish()
    ('a', '😀b', '')
    """

    def __init__(self) -> None:
        self._high = ""

    def feed(self, text: str) -> str:
        """Take the next piece; returns text without surrogates. A high half at the end waits for the next piece."""
        if not self._high and text.isascii():
            return text
        if self._high:
            text = self._high + text
            self._high = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return _PAIR_OR_HALF.sub(_join, text) if _SURROGATE.search(text) else text

    def finish(self) -> str:
        """The text is over: returns U+FFFD for a high half that still waits, else nothing."""
        held, self._high = self._high, ""
        return REPLACEMENT if held else ""


def _join(match: re.Match[str]) -> str:
    high, low = match.groups()
    if high is None:
        return REPLACEMENT
    return chr(0x10000 + ((ord(high) - 0xD800) << 10) + (ord(low) - 0xDC00))


class _State(Enum):
    """What comes next in the object."""

    START = auto()
    KEY_START = auto()
    KEY = auto()
    COLON = auto()
    VALUE = auto()
    WANTED = auto()
    SKIPPED = auto()
    SKIPPED_STRING = auto()
    DONE = auto()


class JsonStringField:
    """Decodes the string value of one top-level key of a JSON object, as the object's text arrives.

    The time is linear in the text, however it is cut. What is not JSON never raises: reading stops (``done``).

    >>> field = JsonStringField("input")
    >>> field.feed('{"n": [1], "input": "a\\\\'), field.feed('nb"}'), field.done
    ('a', '\\nb', True)
    """

    def __init__(self, key: str) -> None:
        self._wanted_key = key
        self._state = _State.START
        self._rest = ""
        self._key: list[str] = []
        self._depth = 0
        self._joiner = SurrogateJoiner()

    @property
    def done(self) -> bool:
        """Whether the value is complete, or can no longer come: there was none, or the text is not an object."""
        return self._state is _State.DONE

    def feed(self, text: str) -> str:
        """Take the next piece of the object's text; returns what it adds to the value."""
        text = self._rest + text
        self._rest = ""
        decoded: list[str] = []
        at = 0
        while at < len(text) and self._state is not _State.DONE:
            before, state = at, self._state
            at = self._step(text, at, decoded)
            if at == before and self._state is state:  # an escape that is not whole yet
                self._rest = text[at:]
                break
        return "".join(decoded)

    def _step(self, text: str, at: int, decoded: list[str]) -> int:
        """The transition: read some of ``text`` from ``at`` on; returns how far."""
        match self._state:
            case _State.KEY:
                return self._read_key(text, at)
            case _State.WANTED:
                return self._read_wanted(text, at, decoded)
            case _State.SKIPPED_STRING:
                _, at, closed = _read_string(text, at)
                if closed:
                    self._state = _State.SKIPPED
                return at
            case _State.SKIPPED:
                return self._skip(text, at)
            case _:
                return self._read_structure(text, at)

    def _read_structure(self, text: str, at: int) -> int:
        start = at
        at = _matched_end(_SPACE, text, at)
        if at == len(text):
            return at
        match self._state, text[at]:
            case _State.START, "{":
                self._state = _State.KEY_START
            case _State.KEY_START, '"':
                self._key.clear()
                self._state = _State.KEY
            case _State.KEY_START, ",":
                pass
            case _State.COLON, ":":
                self._state = _State.VALUE
            case _State.VALUE, '"' if "".join(self._key) == self._wanted_key:
                self._state = _State.WANTED
            case _State.VALUE, _:
                self._depth = 0
                self._state = _State.SKIPPED
                return at
            case _:
                self._state = _State.DONE
                return start
        return at + 1

    def _read_key(self, text: str, at: int) -> int:
        piece, at, closed = _read_string(text, at)
        self._key.append(piece)
        if closed:
            self._state = _State.COLON
        return at

    def _read_wanted(self, text: str, at: int, decoded: list[str]) -> int:
        piece, at, closed = _read_string(text, at)
        decoded.append(self._joiner.feed(piece))
        if closed:
            decoded.append(self._joiner.finish())
            self._state = _State.DONE
        return at

    def _skip(self, text: str, at: int) -> int:
        """Pass over a value that is not wanted, nested ones included."""
        found = _STRUCTURE.search(text, at)
        if found is None:
            return len(text)
        mark = found.group()
        if mark == '"':
            self._state = _State.SKIPPED_STRING
        elif mark in "{[":
            self._depth += 1
        elif mark in "}]":
            self._depth -= 1
            if self._depth < 0:
                self._state = _State.DONE
        elif self._depth == 0:
            self._state = _State.KEY_START
        return found.end()


def _matched_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _read_string(text: str, at: int) -> tuple[str, int, bool]:
    """Decode a string's inside from ``at`` on: the text, where it stopped, and whether the closing quote was read.

    It stops before an escape that is not whole yet. An escape that JSON does not know stands for its last character.
    """
    parts: list[str] = []
    while at < len(text):
        end = _matched_end(_PLAIN, text, at)
        parts.append(text[at:end])
        at = end
        if at == len(text):
            break
        if text[at] == '"':
            return "".join(parts), at + 1, True
        if _UNFINISHED_ESCAPE.match(text, at):
            break
        escape = _ESCAPE.match(text, at)
        if escape is None:  # "\u" without four digits
            parts.append(REPLACEMENT)
            at += 2
            continue
        code, short = escape.groups()
        parts.append(chr(int(code, 16)) if code else _SHORT_ESCAPES.get(short, short))
        at = escape.end()
    return "".join(parts), at, False
