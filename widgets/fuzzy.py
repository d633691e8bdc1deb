"""Finding paths by a few letters of them, in order but with others between, the likeliest first. Pure.

A query is words; a path is a hit when it holds the letters of each, and case counts only in a word that has a
capital. Letters that stand together count for more, and so do those that begin a name or a part of one, and those in
the file's own name. Of 200,000 paths a key may take 30 ms, which in Python is the time for one look at each: so hits
that have the words as typed are looked for first, in one text of all paths, and will do where there are enough of
them; of others no more are looked for than tell an answer from none; a query that grew is looked for among the hits
of the one before; and only those that may come to stand on top are weighed letter by letter.

>>> Finder(["tests/test_cart.py", "src/chart.py", "src/cart.py"]).find("srcart")
['src/cart.py', 'src/chart.py']
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import accumulate, compress, islice, tee
from typing import Final

LISTED: Final = 1_000
"""So many hits are told; nobody looks at more, typing on is faster."""

FOUND_MOST: Final = 12_000
"""After so many hits no more are looked for: they are no answer yet."""

WEIGHED: Final = 250
"""So many of the likeliest hits are weighed letter by letter."""

SAMPLED: Final = 200
"""So many paths tell how rare a letter is."""

RARE: Final = 0.6
"""The share of the paths up to which it pays to look first whether a letter is there at all, which is five times as
quick as to look whether it is in its place."""

BREAKS = frozenset("/_-. ")
BEGINS, HUMP, TOGETHER, IN_NAME, APART_MOST = 8, 7, 6, 20, 5

Spans = list[tuple[int, int]]


class Finder:
    """Looks for queries among ``paths``, which are in the order that hits of equal merit have."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._lower: list[str] = []
        self._text = ""
        self._ends = array("Q")
        self._asked = ""
        self._together: list[int] | None = None
        self._hits: Sequence[int] | None = None
        self.count = 0
        """How many hits the last query has; where :attr:`is_all` is false, at least so many."""
        self.is_all = True

    def prepare(self) -> None:
        """Do what the first query needs, ahead of it."""
        if not self._ends:
            self._lower = [low if (low := path.lower()) != path else path for path in self._paths]
            self._text = "\n".join(self._lower)
            self._ends = array("Q", accumulate(map(len, self._lower), lambda end, size: end + size + 1, initial=0))

    def find(self, query: str) -> list[str]:
        """The likeliest hits, at most :data:`LISTED`; none for a query without letters."""
        words = query.split()
        grew = bool(self._asked) and query.startswith(self._asked)
        self._asked = query
        if not words or not self._paths:
            self.count, self.is_all = 0, True
            return []
        self.prepare()
        together, all_of_them = self._having(words, self._together if grew else None)
        self._together = together if all_of_them else None
        if len(together) >= LISTED:
            self._hits = self._hits if grew else None
            self.count = len(together)
            self.is_all = all_of_them and [len(word) for word in words] == [1]
            return self._in_order(together, (), words)
        pool = self._hits if grew and self._hits is not None else range(len(self._paths))
        hits = list(islice(self._holding(pool, words), FOUND_MOST))
        self.is_all = len(hits) < FOUND_MOST
        if self.is_all:
            self._hits = hits
        elif not grew:
            self._hits = None
        self.count = max(len(hits), len(together))
        return self._in_order(together, hits, words)

    def _having(self, words: Sequence[str], among: list[int] | None) -> tuple[list[int], bool]:
        """The paths that have each word as it was typed, ``among`` some that have, and whether these are all."""
        if among is not None:
            return self._filtered(among, words), True
        longest = max(words, key=len)
        wanted, text, ends = longest.lower(), self._text, self._ends
        found: list[int] = []
        at = text.find(wanted)
        while at >= 0 and len(found) < FOUND_MOST:
            path = bisect_right(ends, at) - 1
            found.append(path)
            at = text.find(wanted, ends[path + 1])
        others = [word for word in words if word is not longest or tells_case(word)]
        return self._filtered(found, others), at < 0

    def _filtered(self, hits: list[int], words: Sequence[str]) -> list[int]:
        """Of ``hits`` those that have each word as it was typed."""
        for word in words:
            texts = self._texts(word)
            hits = [hit for hit in hits if word in texts[hit]]
        return hits

    def _texts(self, word: str) -> Sequence[str]:
        """What ``word`` is looked for in."""
        return self._paths if tells_case(word) else self._lower

    def _holding(self, pool: Sequence[int], words: Sequence[str]) -> Iterator[int]:
        """Of ``pool`` those that hold the letters of each word, one by one."""
        sample = pool[:: len(pool) // SAMPLED + 1]
        matches = {word: re.compile(_pattern(word)).match for word in words}
        sure = [hit for hit in sample if all(match(self._texts(word)[hit]) for word, match in matches.items())]
        if len(sure) * len(pool) < FOUND_MOST * len(sample):
            pool = self._with_rare_letters(pool, sample, words)
        hits = iter(pool)
        for word, match in matches.items():
            texts = self._texts(word)
            if len(matches) == 1 and len(pool) == len(texts):
                return compress(pool, map(match, texts))
            hits, same = tee(hits)
            hits = compress(hits, map(match, map(texts.__getitem__, same)))
        return hits

    def _with_rare_letters(self, pool: Sequence[int], sample: Sequence[int], words: Sequence[str]) -> Sequence[int]:
        """Of ``pool`` those that have the letters which few of the ``sample`` have, in any place."""
        letters = {letter: self._texts(word) for word in words for letter in word}
        shares = {letter: sum(letter in texts[hit] for hit in sample) for letter, texts in letters.items()}
        for letter in sorted(shares, key=shares.__getitem__):
            if shares[letter] > RARE * len(sample):
                break
            texts = letters[letter]
            pool = [hit for hit in pool if letter in texts[hit]]
        return pool

    def _in_order(self, together: Sequence[int], hits: Sequence[int], words: Sequence[str]) -> list[str]:
        """The likeliest first: with the words as typed, with the letters in the file's own name, the others."""
        paths = self._paths
        likely = nsmallest(LISTED, map(paths.__getitem__, together), key=len)
        if len(likely) < LISTED and len(hits) > len(together):
            known = set(together)
            texts, match = self._texts(words[-1]), re.compile(_pattern(words[-1])).match
            named = {hit for hit in hits if match(text := texts[hit], text.rfind("/") + 1)} - known
            for others in (named, (hit for hit in hits if hit not in named and hit not in known)):
                likely += nsmallest(LISTED - len(likely), map(paths.__getitem__, others), key=len)
        merit = {path: merit_of(words, path) for path in likely[:WEIGHED]}
        top = sorted(merit, key=lambda path: (-merit[path], len(path), path))
        return [*top, *likely[WEIGHED:LISTED]]


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
