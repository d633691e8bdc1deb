"""Colouring what is in view, a few milliseconds a frame: lines show plain at once and in colour a frame later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Protocol

from textual.widget import Widget
from textual.worker import WorkType

NamedSpan = tuple[int, int, str]
"""``[start, end)`` of the raw line, and the role."""

SLICE_SECONDS = 0.003
FRAME_SECONDS = 1 / 60
LEAD_LINES = 60
"""How far above the view lexing begins after a jump, so that it is likely to know where it is."""


@dataclass(frozen=True, slots=True)
class LexState:
    """What a lexer must know of the lines before: its stack, and whether a ``/*`` comment is open."""

    stack: tuple[str, ...] = ("root",)
    comment: bool = False


START = LexState()


class Lexing(Protocol):
    """What highlighting needs of a lexer; see :class:`spark_tui.widgets.lexing.LineLexer`."""

    def lex(self, line: str, state: LexState = ...) -> tuple[tuple[NamedSpan, ...], LexState]: ...


class Highlights:
    """The spans of a run of lines that grows at its end.

    ``line_at(index)`` gives the lanes a line belongs to and its raw text. A lane is one version of the text: in a
    diff ``"o"`` is the old and ``"n"`` the new, and a line of context belongs to ``"on"``.
    """

    def __init__(self, line_at: Callable[[int], tuple[str, str]]) -> None:
        self._line_at = line_at
        self._spans: dict[int, tuple[str, tuple[NamedSpan, ...]]] = {}
        self._next = 0
        self._states: dict[str, LexState] = {}

    def get(self, line: int) -> tuple[NamedSpan, ...] | None:
        """The spans of ``line``; ``None`` while they are not known for its present text."""
        known = self._spans.get(line)
        if known is None or known[0] != self._line_at(line)[1]:
            return None
        return known[1]

    def lacks(self, first: int, last: int) -> bool:
        """Whether any of the lines ``first`` to ``last`` is still to be done."""
        return any(self.get(line) is None for line in range(first, last + 1))

    def work(self, lexer: Lexing, first: int, last: int, deadline: float) -> bool:
        """Colour the lines ``first`` to ``last``, until ``deadline`` by :func:`time.perf_counter`.

        Returns whether all are done. At least one line is done, so repeated calls come to an end.
        """
        while first <= last and self.get(first) is not None:
            first += 1
        if first < self._next or first - self._next > 4 * LEAD_LINES:
            self._next = max(first - LEAD_LINES, 0)
            self._states.clear()
        while self._next <= last:
            lanes, text = self._line_at(self._next)
            self._spans[self._next] = (text, self._lex(lexer, lanes, text))
            self._next += 1
            if perf_counter() >= deadline:
                break
        return self._next > last

    def _lex(self, lexer: Lexing, lanes: str, text: str) -> tuple[NamedSpan, ...]:
        states = [self._states.get(lane, START) for lane in lanes]
        spans: tuple[NamedSpan, ...] = ()
        for index, (lane, state) in enumerate(zip(lanes, states, strict=True)):
            if index and state == states[0]:
                self._states[lane] = self._states[lanes[0]]
            else:
                spans, self._states[lane] = lexer.lex(text, state)
        return spans


@dataclass(slots=True)
class Wanted:
    """Lines ``first`` to ``last`` of ``highlights`` are in view and not coloured; ``language`` names their lexer."""

    highlights: Highlights
    language: str
    first: int
    last: int


class HighlightClock:
    """Does what a view wants coloured in slices, and loads lexers in a thread.

    ``wanted()`` lists what is in view and still plain; ``load(language)`` makes a lexer, off the loop; ``done()`` is
    called after each slice.
    """

    def __init__(
        self,
        view: Widget,
        wanted: Callable[[], Iterable[Wanted]],
        load: Callable[[str], Lexing | None],
        done: Callable[[], None],
    ) -> None:
        self._view = view
        self._wanted = wanted
        self._load = load
        self._done = done
        self._lexers: dict[str, Lexing | None] = {}
        self._loading: set[str] = set()
        self._ticking = False

    def knows(self, language: str) -> bool:
        """Whether lines in ``language`` may be worth asking for: false once no lexer was found for it."""
        return self._lexers.get(language, ...) is not None

    def start(self) -> None:
        """Begin to colour what is in view, unless that is under way."""
        if not self._ticking and self._view.is_attached:
            self._ticking = True
            self._view.set_timer(FRAME_SECONDS, self._tick)

    def _tick(self) -> None:
        self._ticking = False
        deadline = perf_counter() + SLICE_SECONDS
        worked, complete = False, True
        for want in self._wanted():
            if want.language not in self._lexers:
                self._begin_loading(want.language)
            elif (lexer := self._lexers[want.language]) is not None:
                worked = True
                complete = want.highlights.work(lexer, want.first, want.last, deadline)
                if not complete or perf_counter() >= deadline:
                    complete = False
                    break
        if worked:
            self._done()
            if not complete:
                self.start()

    def _begin_loading(self, language: str) -> None:
        if language not in self._loading:
            self._loading.add(language)
            # There is no coroutine until the worker runs: where the view goes first, nobody would await it.
            finish: WorkType[None] = partial(self._finish_loading, language)
            self._view.run_worker(finish, group="lexers")

    async def _finish_loading(self, language: str) -> None:
        self._lexers[language] = await asyncio.to_thread(self._load, language)
        self._loading.discard(language)
        self.start()


def load_lexer(language: str) -> Lexing | None:
    """A lexer for ``language``: the name of a language, or a path if it holds a ``/`` in front."""
    # Pygments takes longer to import than a frame may last, so it is first imported here, in the loading thread.
    from spark_tui.widgets.lexing import lexer_for_language, lexer_for_path

    return lexer_for_path(language) if language.startswith("/") else lexer_for_language(language)
