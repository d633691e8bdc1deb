"""Finding paths by a few letters of them, in order but with others between, the likeliest first. Pure.

A query is words; a path is a hit when it holds the letters of each, and case counts only in a word that has a
capital. Letters that stand together count for more, and so do those that begin a name or a part of one, and those in
the file's own name. Of 200,000 paths a key may take 30 ms, which in Python is the time for one look at each: so hits
that have the words as typed are looked for first, in one text of all paths, and will do where there are enough of
them; of others no more are looked for than tell an answer from none; a query that grew is looked for among the hits
of the one before; and only those that may come to stand on top are weighed letter by letter. And nobody waits for all
of that at once: a search is done in steps of less than a millisecond, between which others may have their turn.

>>> Finder(["tests/test_cart.py", "src/chart.py", "src/cart.py"]).find("srcart")
['src/cart.py', 'src/chart.py']
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from itertools import compress
from typing import Final, TypeVar

LISTED: Final = 1_000
"""So many hits are told; nobody looks at more, typing on is faster."""

FOUND_MOST: Final = 12_000
"""After so many hits no more are looked for: they are no answer yet."""

WEIGHED: Final = 250
"""So many of the likeliest hits are weighed letter by letter."""

PIECE: Final = 500
"""So many paths are looked at in one step."""

WEIGHED_STEP: Final = 25
"""So many hits are weighed in one."""

SAMPLED: Final = 200
"""So many paths tell how rare a letter is."""

RARE: Final = 0.6
"""The share of the paths up to which it pays to look first whether a letter is there at all, which is five times as
quick as to look whether it is in its place."""

BREAKS = frozenset("/_-. ")
BEGINS, HUMP, TOGETHER, IN_NAME, APART_MOST = 8, 7, 6, 20, 5

Spans = list[tuple[int, int]]

Found = TypeVar("Found")
Steps = Generator[None, None, Found]
"""Work in steps, and what comes of it."""


class Finder:
    """Looks for queries among ``paths``, which are in the order that hits of equal merit have."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._lower: list[str] = []
        self._pieces: list[str] = []
        self._asked = ""
        self._together: list[int] | None = None
        self._hits: Sequence[int] | None = None
        self._not_looked_for: Sequence[str] = ()
        self.count = 0
        """How many hits the last query has; where :attr:`is_all` is false, at least so many."""
        self.is_all = True

    def prepare(self) -> Iterator[None]:
        """Do what the first query needs, ahead of it, in steps; what was done of them need not be done again."""
        while (begin := len(self._lower)) < len(self._paths):
            part = [low if (low := path.lower()) != path else path for path in self._paths[begin : begin + PIECE]]
            self._lower += part
            self._pieces.append("\n".join(part))
            yield

    def find(self, query: str) -> list[str]:
        """The likeliest hits, at most :data:`LISTED`; none for a query without letters."""
        return finished(self.search(query))

    def search(self, query: str) -> Steps[list[str]]:
        """What :meth:`find` does, in steps. It may be given up at any of them, as if it had never been begun."""
        words = query.split()
        grew = bool(self._asked) and query.startswith(self._asked)
        if not words or not self._paths:
            self._asked, self._together, self._hits, self._not_looked_for = "", None, None, ()
            self.count, self.is_all = 0, True
            return []
        yield from self.prepare()
        sample = range(0, len(self._paths), len(self._paths) // SAMPLED + 1)
        by_rarity = sorted(set(words), key=lambda word: sum(word in self._texts(word)[path] for path in sample))
        together, all_of_them = yield from self._having(by_rarity, self._together if grew else None)
        known = self._hits if grew else None
        hits: list[int] = []
        if len(together) >= LISTED:
            count, is_all = len(together), all_of_them and [len(word) for word in words] == [1]
        else:
            hits, is_all = yield from self._holding(by_rarity, range(len(self._paths)) if known is None else known)
            count = max(len(hits), len(together))
            known = hits if is_all else known
        found = yield from self._in_order(together, hits, words)
        self._asked, self._together, self._hits = query, together if all_of_them else None, known
        self._not_looked_for = by_rarity if len(together) >= LISTED and known is None else ()
        self.count, self.is_all = count, is_all
        return found

    def look_ahead(self) -> Iterator[None]:
        """Look for those hits of the last query that it did not need, in steps: the next one may be among them."""
        words, asked, self._not_looked_for = self._not_looked_for, self._asked, ()
        if words:
            hits, is_all = yield from self._holding(words, range(len(self._paths)))
            if is_all and self._asked == asked:
                self._hits = hits

    def _having(self, words: Sequence[str], among: list[int] | None) -> Steps[tuple[list[int], bool]]:
        """The paths that have each word as it was typed, up to :data:`FOUND_MOST`, and whether these are all.

        With ``among`` only those are looked at. A piece of the text of all paths is passed over at once if it has not
        all the words.
        """
        found: list[int] = []
        tests = [(word, self._texts(word)) for word in words]
        lower = [word.lower() for word in words]
        pool = among if among is not None else range(len(self._paths))
        for number, begin in enumerate(range(0, len(pool), PIECE)):
            if among is not None or all(word in self._pieces[number] for word in lower):
                part = pool[begin : begin + PIECE]
                for word, texts in tests:
                    part = [path for path in part if word in texts[path]]
                found += part
                if len(found) > FOUND_MOST:
                    return found[:FOUND_MOST], False
            yield
        return found, True

    def _texts(self, word: str) -> Sequence[str]:
        """What ``word`` is looked for in."""
        return self._paths if tells_case(word) else self._lower

    def _holding(self, words: Sequence[str], pool: Sequence[int]) -> Steps[tuple[list[int], bool]]:
        """Of ``pool`` those that hold each word's letters, up to :data:`FOUND_MOST`, and whether these are all."""
        sample = pool[:: len(pool) // SAMPLED + 1]
        tests = [(re.compile(_pattern(word)).match, self._texts(word)) for word in words]
        sure = sum(all(match(texts[path]) for match, texts in tests) for path in sample)
        letters = self._rare_letters(sample, words) if sure * len(pool) < FOUND_MOST * len(sample) else []
        found: list[int] = []
        for begin in range(0, len(pool), PIECE):
            part = pool[begin : begin + PIECE]
            for letter, texts in letters:
                part = [path for path in part if letter in texts[path]]
            for match, texts in tests:
                part = list(compress(part, map(match, map(texts.__getitem__, part))))
            found += part
            if len(found) > FOUND_MOST:
                return found[:FOUND_MOST], False
            yield
        return found, True

    def _rare_letters(self, sample: Sequence[int], words: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
        """The letters which few of the ``sample`` have anywhere, the rarest first, and what they are sought in."""
        letters = {letter: self._texts(word) for word in words for letter in word}
        shares = {letter: sum(letter in texts[path] for path in sample) for letter, texts in letters.items()}
        rare = [letter for letter, share in shares.items() if share <= RARE * len(sample)]
        return [(letter, letters[letter]) for letter in sorted(rare, key=shares.__getitem__)]

    def _in_order(self, together: Sequence[int], hits: Sequence[int], words: Sequence[str]) -> Steps[list[str]]:
        """The likeliest first: with the words as typed, with the letters in the file's own name, the others."""
        paths = self._paths
        likely = sorted(map(paths.__getitem__, together), key=len)[:LISTED]
        yield
        if len(likely) < LISTED and len(hits) > len(together):
            known = set(together)
            texts, match = self._texts(words[-1]), re.compile(_pattern(words[-1])).match
            named: list[str] = []
            others: list[str] = []
            for begin in range(0, len(hits), PIECE):
                for hit in hits[begin : begin + PIECE]:
                    if hit not in known:
                        text = texts[hit]
                        (named if match(text, text.rfind("/") + 1) else others).append(paths[hit])
                yield
            for more in (named, others):
                likely += sorted(more, key=len)[: LISTED - len(likely)]
                yield
        merit: dict[str, int] = {}
        for begin in range(0, WEIGHED, WEIGHED_STEP):
            merit |= {path: merit_of(words, path) for path in likely[begin : begin + WEIGHED_STEP]}
            yield
        top = sorted(merit, key=lambda path: (-merit[path], len(path), path))
        return [*top, *likely[WEIGHED:LISTED]]


def finished(steps: Steps[Found]) -> Found:
    """Do all that is left of ``steps``."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Found = end.value
            return found


def tells_case(word: str) -> bool:
    """Whether case counts in ``word``."""
    return word != word.lower()


def spans_of(query: str, path: str) -> Spans:
    """The ``[start, end)`` stretches of ``path`` in which the letters of the query were found.

    >>> spans_of("srcart", "src/cart.py")
    [(0, 2), (4, 8)]
    """
    spans: Spans = []
    for word in query.split():
        for at in places_of(word, path):
            if spans and spans[-1][1] == at:
                spans[-1] = (spans[-1][0], at + 1)
            else:
                spans.append((at, at + 1))
    return spans


def merit_of(words: Sequence[str], path: str) -> int:
    """How well ``path`` answers ``words``; more is better."""
    return sum(_merit(places_of(word, path), path) for word in words)


def places_of(word: str, path: str) -> Sequence[int]:
    """Where the letters of ``word`` stand in ``path``: in the file's name if all do, and together if they can.

    Empty where they are not there.
    """
    text = path if tells_case(word) or len(low := path.lower()) != len(path) else low
    name = text.rfind("/") + 1
    for start in (name, 0):
        at = text.find(word, start)
        while at > 0 and text[at - 1] not in BREAKS and (later := text.find(word, at + 1)) >= 0:
            at = later
        if at >= 0:
            return range(at, at + len(word))
        places = _scattered(word, text, start)
        if places:
            return places
    return ()


def _scattered(word: str, text: str, start: int) -> list[int]:
    """The letters in order from ``start`` on, as close to the first place where all of them have been as they go."""
    end = start
    for letter in word:
        end = text.find(letter, end) + 1
        if not end:
            return []
    places: list[int] = []
    for letter in reversed(word):
        end = text.rfind(letter, start, end)
        places.append(end)
    places.reverse()
    return places


def _merit(places: Sequence[int], path: str) -> int:
    if not places:
        return 0
    merit = IN_NAME if places[0] > path.rfind("/") else 0
    before = places[0] - 1
    for number, at in enumerate(places):
        if at == 0 or path[at - 1] in BREAKS:
            merit += BEGINS * (2 if number == 0 else 1)
        elif path[at].isupper() and path[at - 1].islower():
            merit += HUMP
        if number:
            merit += TOGETHER if at == before + 1 else -min(at - before, APART_MOST)
        before = at
    return merit


def _pattern(word: str) -> str:
    """Each letter after the one before, with no way back: the first place of each is as good as any."""
    return "".join(f"[^{re.escape(letter)}]*+{re.escape(letter)}" for letter in word)
