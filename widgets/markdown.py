"""Just enough Markdown for a model's words, a line at a time, so that a stream can be shown as it comes.

A line is looked at on its own: its form (heading, list item, quote, table, fence) and then its inline marks. Nothing
is ever nested deeper than that, and every scan is linear in the line. Marks that never close are shown as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

LINK_TEXT_MAX = 300
LINK_TARGET_MAX = 2000


class Form(Enum):
    """What kind of line it is."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    TABLE = "table"
    RULE = "rule"
    FENCE = "fence"


@dataclass(frozen=True, slots=True)
class LineForm:
    """``skip`` raw characters at the start are drawn as ``mark``; later rows of the line hang below the text."""

    form: Form
    skip: int = 0
    mark: str = ""


PLAIN = LineForm(Form.TEXT)
_FORM = re.compile(
    r"(?P<heading>#{1,6}) +(?=\S)"
    r"|(?P<item>[ ]{0,12}(?:[-*+]|[0-9]{1,9}[.)]) )(?=\S)"
    r"|(?P<quote>(?:> ?){1,6})"
    r"|(?P<rule>(?:-{3,9}|\*{3,9}|_{3,9}) *$)"
    r"|(?P<table>\|)"
)
_FENCE = re.compile(r" {0,8}(?P<fence>`{3,}|~{3,})[ ]*(?P<language>[^\s`{]*)[^`]*$")


def line_form(line: str) -> LineForm:
    """Tell the form of ``line``; fences are told by :func:`fence_mark`."""
    match = _FORM.match(line)
    if match is None:
        return PLAIN
    kind, end = match.lastgroup, match.end()
    if kind == "heading":
        return LineForm(Form.HEADING, end)
    if kind == "item":
        return LineForm(Form.ITEM, end, match[0])
    if kind == "quote":
        return LineForm(Form.QUOTE, end, "▎ " * match[0].count(">"))
    return LineForm(Form.RULE if kind == "rule" else Form.TABLE)


def fence_mark(line: str) -> tuple[str, str] | None:
    """The fence that ``line`` opens and the language it names (may be empty); ``None`` if it opens none."""
    if "```" not in line and "~~~" not in line:
        return None
    match = _FENCE.match(line)
    return (match["fence"], match["language"].lower()) if match is not None else None


def closes_fence(line: str, fence: str) -> bool:
    """Whether ``line`` closes a block that ``fence`` opened."""
    text = line.strip()
    return len(text) >= len(fence) and set(text) == {fence[0]}


@dataclass(frozen=True, slots=True)
class Piece:
    """Raw text ``[start, end)``, drawn as ``drawn`` (itself if ``None``), in the roles of ``marks``."""

    start: int
    end: int
    drawn: str | None = None
    marks: tuple[str, ...] = ()


ROLES = {"**": "markdown--strong", "*": "markdown--emphasis", "`": "markdown--code"}
LINK_ROLE, TARGET_ROLE = "markdown--link", "markdown--target"

_INLINE = re.compile(
    r"\\[\\`*_\[\]#|<>~-]"
    r"|(?P<code>`+)"
    r"|(?P<run>\*+|_+)"
    rf"|\[(?P<link>[^\[\]]{{1,{LINK_TEXT_MAX}}})\]\((?P<target>[^()\s]{{1,{LINK_TARGET_MAX}}})\)"
)


def parse_inline(text: str, open_marks: tuple[str, ...] = (), *, finished: bool = True) -> list[Piece]:
    """Cut ``text`` into pieces that cover it in order.

    ``open_marks`` were opened before it. With ``finished`` false more text is to come: a mark that has not closed yet
    is taken to be open, so that the words look right while they arrive.
    """
    if not open_marks and _INLINE.search(text) is None:
        return [Piece(0, len(text))]
    return _InlineParser(text, open_marks, finished).pieces()


@dataclass(slots=True)
class _Toggle:
    """A mark at ``[start, end)`` that opens or closes; an opening one counts only once it is ``matched``."""

    start: int
    end: int
    mark: str
    opens: bool
    matched: bool = False


class _InlineParser:
    def __init__(self, text: str, open_marks: tuple[str, ...], finished: bool) -> None:
        self.text = text
        self.finished = finished
        self.open_marks = open_marks
        self.toggles: list[_Toggle] = []
        self.others: list[Piece] = []
        self.openers: dict[str, _Toggle] = {}
        self.unclosed_code: set[str] = set()

    def pieces(self) -> list[Piece]:
        position = 0
        for mark in self.open_marks:
            opener = _Toggle(0, 0, mark, opens=True)
            self.toggles.append(opener)
            self.openers[mark] = opener
        if "`" in self.openers:
            position = self._close_code(self.openers.pop("`"), "`", 0)
        while (match := _INLINE.search(self.text, position)) is not None:
            position = self._take(match)
        for opener in self.openers.values():
            opener.matched = opener.matched or not self.finished or not opener.end
        return self._cut()

    def _take(self, match: re.Match[str]) -> int:
        """Record what ``match`` is; returns where to go on."""
        start, end = match.span()
        if match["code"]:
            fence = match["code"]
            if fence in self.unclosed_code:
                return end
            return self._close_code(_Toggle(start, end, "`", opens=True), fence, end)
        if match["run"]:
            self._take_run(match["run"], start, end)
        elif match["link"]:
            middle = match.end("link")
            self.others.append(Piece(start, start + 1, ""))
            self.others.append(Piece(start + 1, middle, None, (LINK_ROLE,)))
            self.others.append(Piece(middle, middle + 2, " (", (TARGET_ROLE,)))
            self.others.append(Piece(middle + 2, end, None, (TARGET_ROLE,)))
        else:
            self.others.append(Piece(start, start + 1, ""))
        return end

    def _close_code(self, opener: _Toggle, fence: str, position: int) -> int:
        end = self.text.find(fence, position)
        while end >= 0 and self.text.startswith("`", end + len(fence)):
            while self.text.startswith("`", end):
                end += 1
            end = self.text.find(fence, end)
        if end < 0:
            self.unclosed_code.add(fence)
            if opener.start == opener.end or (not self.finished and len(fence) == 1):
                opener.matched = True
                self.toggles.append(opener)
                return len(self.text)
            return opener.end
        opener.matched = True
        self.toggles += [opener, _Toggle(end, end + len(fence), "`", opens=False, matched=True)]
        return end + len(fence)

    def _take_run(self, run: str, start: int, end: int) -> None:
        if len(run) > 3:
            return
        before = self.text[start - 1] if start else " "
        after = self.text[end] if end < len(self.text) else " "
        marks = {1: ["*"], 2: ["**"], 3: ["**", "*"]}[len(run)]
        closes = not before.isspace() and all(mark in self.openers for mark in marks)
        if closes and not (run[0] == "_" and after.isalnum()):
            width = 1
            for mark in reversed(marks):
                self.openers.pop(mark).matched = True
                width = len(mark)
                self.toggles.append(_Toggle(start, start + width, mark, opens=False, matched=True))
                start += width
        elif not after.isspace() and not before.isalnum():
            for mark in marks:
                if mark in self.openers:
                    return
                opener = _Toggle(start, start + len(mark), mark, opens=True)
                self.openers[mark] = opener
                self.toggles.append(opener)
                start += len(mark)

    def _cut(self) -> list[Piece]:
        """Turn what was recorded into pieces without gaps."""
        active: list[str] = []
        pieces: list[Piece] = []
        position = 0
        events: list[_Toggle | Piece] = [toggle for toggle in self.toggles if toggle.matched]
        events += self.others
        events.sort(key=lambda event: (event.start, event.end))
        for event in events:
            if event.start > position:
                pieces.append(Piece(position, event.start, None, tuple(active)))
            if isinstance(event, Piece):
                pieces.append(Piece(event.start, event.end, event.drawn, (*active, *event.marks)))
            else:
                if event.end > event.start:
                    pieces.append(Piece(event.start, event.end, "", tuple(active)))
                if event.opens:
                    active.append(event.mark)
                elif event.mark in active:
                    active.remove(event.mark)
            position = max(position, event.end)
        if position < len(self.text) or not pieces:
            pieces.append(Piece(position, len(self.text), None, tuple(active)))
        return pieces
