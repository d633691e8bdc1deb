"""How text that we did not write reaches the screen: everything a terminal might obey, hide or stack is made visible.

One form is used throughout: ``‹ ›`` encloses what cannot be drawn as it is.

=====================  =================  ==========================================================
``\\x1b``               ``‹1B›``           controls, bidi controls, invisible characters: their code point
``\\udc9b``             ``‹9B›``           a byte that was not UTF-8 (see :func:`decode`)
a family emoji         ``‹👩+👧›``         joined emoji: their parts, because terminals disagree on the width
a flag                 ``‹CH›``           the two letters it is made of, for the same reason
300 accents on an a    ``á̂̃̄‹+296›``        the first few combining marks, then how many more there were
=====================  =================  ==========================================================

The selector that asks for an emoji's coloured form is left out after an emoji: terminals disagree on the width of
the two together. Line feed and tab are layout. Nothing here reads markup: what is drawn is never parsed again.
Views keep the text as it came; :class:`DrawnLine` maps columns back, so that copying gives the original.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache

from rich.cells import cell_len

MARKS_KEPT = 4
"""How many combining marks a character may carry; no living language's ordinary text needs more."""

_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

# Latin, Greek, Cyrillic, punctuation, symbols, kana, Han and Hangul that need no second look. It keeps the common
# case to one scan in C; whatever lies outside is judged by its Unicode category.
_PLAIN = (
    r"\t\n\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u03ff\u0400-\u0482\u048a-\u052f"
    r"\u2000-\u200a\u2010-\u2027\u202f-\u205f\u20a0-\u20bf\u2100-\u23ff\u2440-\u244a\u2460-\u27ff"
    r"\u2900-\u2bff\u3000-\u3029\u3030-\u3096\u309b-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff9f"
    r"\U0001f300-\U0001f3fa\U0001f400-\U0001fa6f"
)
_EMOJI = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    r"\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff"
)
_EMOJI_PART = rf"[{_EMOJI}][\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?"
_UNIT = (
    rf"(?P<joined>{_EMOJI_PART}(?:\u200d{_EMOJI_PART})+)"
    rf"|(?P<styled>[{_EMOJI}])[\ufe0e\ufe0f]"
    r"|(?P<keycap>[0-9#*])\ufe0f(?=\u20e3)"
    r"|(?P<flag>[\U0001f1e6-\U0001f1ff]{1,2})"
    rf"|(?P<other>[^{_PLAIN}]+)"
)

# Compiled when first needed: together they take longer than the rest of a start is allowed for this module.


@cache
def _second_look() -> re.Pattern[str]:
    return re.compile(rf"[^{_PLAIN}]")


@cache
def _unit() -> re.Pattern[str]:
    return re.compile(_UNIT)


@cache
def _tab_or_unit() -> re.Pattern[str]:
    return re.compile(rf"(?P<tab>\t)|(?P<feed>\n)|{_UNIT}")


_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2028\u2029\U0001d159")
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


def safe(text: str) -> str:
    """Make ``text`` fit to be drawn; line feeds and tabs stay. Plain text is returned as the same object.

    >>> safe("\\x1b[2J")
    '‹1B›[2J'
    """
    if text.isascii():
        if _ASCII_CONTROL.search(text) is None:
            return text
    elif _second_look().search(text) is None:
        return text
    return _unit().sub(_visible_match, text)


def safe_line(text: str, tab_size: int = 4) -> str:
    """:func:`safe` for one line, with tabs expanded to stops every ``tab_size`` cells and line feeds made visible."""
    return draw_line(text, tab_size).text


def decode(data: bytes) -> str:
    """Decode UTF-8; each byte that is not part of it becomes ``‹XX›``, so the result holds no surrogate.

    >>> decode(b"caf\\xe9")
    'caf‹E9›'
    """
    text = data.decode("utf-8", "surrogateescape")
    if text.isascii():
        return text
    return re.sub("[\udc80-\udcff]", lambda match: _code(match[0]), text)


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line as drawn, and where each drawn character came from.

    ``origins[i]`` is the index in the raw line of what ``text[i]`` stands for; the last element is the raw length.
    ``None`` means that both are the same text.
    """

    text: str
    origins: array[int] | None = None

    def raw_index(self, drawn: int) -> int:
        """The raw index of the drawn character ``drawn``; past the end, the raw length."""
        if self.origins is None:
            return min(drawn, len(self.text))
        return self.origins[min(drawn, len(self.origins) - 1)]

    def drawn_index(self, raw: int) -> int:
        """Where the drawing of raw character ``raw`` begins; inside a unit drawn as a whole, where the unit ends."""
        if self.origins is None:
            return min(raw, len(self.text))
        return min(bisect_left(self.origins, raw), len(self.text))

    def unit_end(self, raw: int) -> int:
        """The raw index at which the unit that holds ``raw`` ends: a selection never cuts an emoji or an escape."""
        if self.origins is None:
            return min(raw + 1, len(self.text))
        return self.origins[min(bisect_right(self.origins, raw), len(self.origins) - 1)]


def draw_line(text: str, tab_size: int = 4) -> DrawnLine:
    """Draw one line: as :func:`safe_line`, with the map back to ``text``."""
    if text.isprintable() and text.isascii():
        return DrawnLine(text)
    if "\t" not in text and "\n" not in text and safe(text) is text:
        return DrawnLine(text)
    parts: list[str] = []
    origins: array[int] = array("I")
    column = end = 0
    for match in _tab_or_unit().finditer(text):
        start = match.start()
        if start > end:
            plain = text[end:start]
            parts.append(plain)
            origins.extend(range(end, start))
            column += cell_len(plain)
        for raw, drawn in _units(match, column, tab_size):
            parts.append(drawn)
            origins.extend([raw] * len(drawn))
            column += cell_len(drawn)
        end = match.end()
    parts.append(text[end:])
    origins.extend(range(end, len(text) + 1))
    return DrawnLine("".join(parts), origins)


def _units(match: re.Match[str], column: int, tab_size: int) -> list[tuple[int, str]]:
    """What ``match`` is drawn as, in pieces that each stand for the raw text from their index on."""
    start = match.start()
    if match.lastgroup == "tab":
        return [(start, " " * (tab_size - column % tab_size))]
    if match.lastgroup == "feed":
        return [(start, _code("\n"))]
    if match.lastgroup != "other":
        return [(start, _visible_match(match))]
    return [(start + offset, drawn) for offset, drawn in _visible_run(match[0], _before(match))]


def _visible_match(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "joined":
        # Skin tones are left out here: the bracket says already that it is more than its parts.
        return f"‹{'+'.join([part[0] for part in match[0].split(chr(0x200D))])}›"
    if kind in ("styled", "keycap"):
        return match[kind]
    if kind == "flag":
        return f"‹{''.join(chr(ord(letter) - 0x1F1E6 + ord('A')) for letter in match[0])}›"
    return "".join([drawn for _, drawn in _visible_run(match[0], _before(match))])


def _before(match: re.Match[str]) -> str:
    return match.string[match.start() - 1] if match.start() else "\n"


def _visible_run(run: str, before: str) -> list[tuple[int, str]]:
    """Judge the characters of ``run`` one by one; ``before`` is what the first one's combining marks would sit on."""
    drawn: list[tuple[int, str]] = []
    marks = 0
    has_base = before not in "\t\n›"
    for index, character in enumerate(run):
        kind = _kind(character)
        if kind == _MARK:
            marks += 1
            if marks <= MARKS_KEPT:
                drawn.append((index, character if has_base else "◌" + character))
                has_base = True
            continue
        if marks > MARKS_KEPT:
            drawn.append((index - marks + MARKS_KEPT, f"‹+{marks - MARKS_KEPT}›"))
        marks = 0
        has_base = kind == _LETTER
        drawn.append((index, character if has_base else _code(character)))
    if marks > MARKS_KEPT:
        drawn.append((len(run) - marks + MARKS_KEPT, f"‹+{marks - MARKS_KEPT}›"))
    return drawn


_LETTER, _MARK, _HIDDEN = range(3)


@lru_cache(4096)
def _kind(character: str) -> int:
    """Whether ``character`` is drawn as it is, stacks on the one before, or would not be seen."""
    point = ord(character)
    if character in _INVISIBLE_LETTERS or 0xFE00 <= point <= 0xFE0F or 0x180B <= point <= 0x180F:
        return _HIDDEN
    if 0xE0000 <= point <= 0xE0FFF or 0x1F3FB <= point <= 0x1F3FF:
        return _HIDDEN
    if 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE:
        return _HIDDEN
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Mc") or 0x1161 <= point <= 0x11FF or 0xD7B0 <= point <= 0xD7FF:
        return _MARK
    if category == "Cf":
        return _LETTER if character in _VISIBLE_FORMATS else _HIDDEN
    return _HIDDEN if category in ("Cc", "Cs", "Zl", "Zp") else _LETTER


def _code(character: str) -> str:
    point = ord(character)
    return f"‹{point - 0xDC00 if 0xDC80 <= point <= 0xDCFF else point:02X}›"
