"""Comments on lines of the change: collected, sent to the model, and followed while the lines move under them.

Pure: texts go in as lists of lines, notes come out. A comment stands on lines of the *proposed* text, the one that
the model sees.

>>> book = CommentBook()
>>> comment = book.add(Place("a.py", 1, ("b = 2",)), "why 2?", ["a = 1", "b = 2"])
>>> print(book.send([comment.id]))
why 2?
<BLANKLINE>
This is about a.py, line 2:
> b = 2
>>> book.follow("a.py", ["a = 1", "b = 3"], by_model=True)
>>> comment.state
<CommentState.ANSWERED: 'answered'>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from spark_tui.app.pairing.places import Place, quoted


class CommentState(Enum):
    """How a comment stands."""

    COLLECTED = "collected"
    SENT = "sent"
    ANSWERED = "answered"
    OUTDATED = "outdated"


@dataclass(slots=True)
class Comment:
    """``text`` about the lines ``[start, end)`` of ``path``, from 0, which read ``excerpt`` when it was made.

    ``removed``: the excerpt is of lines that the change takes away, or, with ``rejected``, of lines that the user did
    not let in; ``start`` and ``end`` are both where they stood.
    """

    id: str
    path: str
    start: int
    end: int
    excerpt: tuple[str, ...]
    text: str
    removed: bool = False
    state: CommentState = CommentState.COLLECTED
    rejected: bool = False

    @property
    def place(self) -> str:
        """The lines in words, counted from 1: ``a.py, lines 2-3``."""
        if self.removed or self.end - self.start <= 1:
            return f"{self.path}, line {self.start + 1}"
        return f"{self.path}, lines {self.start + 1}-{self.end}"

    @property
    def note(self) -> str:
        """What stands under the lines on the screen: one line."""
        text = " ".join(self.text.split())
        return text if self.state is CommentState.SENT else f"{text} ({self.state.value})"


class CommentBook:
    """All comments of a session, in the order in which they were made. ``version`` grows with every change."""

    def __init__(self, comments: Iterable[Comment] = ()) -> None:
        self._comments = {comment.id: comment for comment in comments}
        self._seen: dict[str, Sequence[str]] = {}
        self.version = 0

    def __iter__(self) -> Iterator[Comment]:
        """The comments, oldest first."""
        return iter(list(self._comments.values()))

    @property
    def collected(self) -> list[Comment]:
        """Those that wait to be sent together."""
        return [comment for comment in self._comments.values() if comment.state is CommentState.COLLECTED]

    @property
    def paths(self) -> set[str]:
        """The files that have comments."""
        return {comment.path for comment in self._comments.values()}

    def on(self, path: str) -> list[Comment]:
        """The comments on a file, in the order of its lines."""
        found = [comment for comment in self._comments.values() if comment.path == path]
        return sorted(found, key=lambda comment: comment.end)

    def add(self, place: Place, text: str, lines: Sequence[str]) -> Comment:
        """Collect a comment on ``place``, where the proposed text of the file is ``lines``."""
        comment = Comment(
            f"c{len(self._comments) + 1}",
            place.path,
            place.start,
            place.end,
            place.excerpt,
            text,
            place.removed,
            rejected=place.rejected,
        )
        self._comments[comment.id] = comment
        self._seen[place.path] = lines
        self.version += 1
        return comment

    def send(self, ids: Iterable[str]) -> str:
        """Mark these comments as sent and return them as one message; empty without any."""
        chosen = [self._comments[comment_id] for comment_id in ids]
        for comment in chosen:
            comment.state = CommentState.SENT
        self.version += bool(chosen)
        return "\n\n".join(_told(comment) for comment in chosen)

    def take_reason(self, place: Place) -> str:
        """What the user has said about these lines and was not answered, as the reason why they are rejected.

        It reaches the model with the decision, so what was only collected counts as sent. Empty without any.
        """
        said = [comment for comment in self.on(place.path) if _is_open(comment) and _concerns(comment, place)]
        self.send(comment.id for comment in said)
        return "; ".join(" ".join(comment.text.split()) for comment in said)

    def follow(self, path: str, lines: Sequence[str], *, by_model: bool) -> None:
        """The proposed text of ``path`` is ``lines`` now, by the model's doing or by somebody else's.

        Comments move with their lines. One whose lines were changed is answered if the model did it, else outdated.
        """
        comments = self.on(path)
        before = self._seen.get(path)
        self._seen[path] = lines
        if not comments or before is None or before is lines:
            return
        low, old_high, new_high = changed_window(before, lines)
        if low == old_high == new_high:
            return
        self.version += 1
        for comment in comments:
            if comment.removed or _reads(before, comment.start, comment.excerpt):
                _follow(comment, lines, (low, old_high, new_high), by_model)
            elif (found := _find(comment, lines, low, new_high)) is not None:
                # It was made on lines that were still being written.
                comment.start, comment.end = found, found + len(comment.excerpt)

    def to_json(self) -> list[dict[str, Any]]:
        """All of it as plain JSON values, for :meth:`from_json`."""
        return [{**asdict(comment), "state": comment.state.value} for comment in self._comments.values()]

    @classmethod
    def from_json(cls, saved: Iterable[dict[str, Any]]) -> CommentBook:
        """What :meth:`to_json` saved."""
        return cls(
            Comment(**{**entry, "excerpt": tuple(entry["excerpt"]), "state": CommentState(entry["state"])})
            for entry in saved
        )


def changed_window(before: Sequence[str], after: Sequence[str]) -> tuple[int, int, int]:
    """The lines between the common beginning and the common end: ``[low, high)`` of either text.

    >>> changed_window(["a", "b", "c"], ["a", "x", "y", "c"])
    (1, 2, 3)
    """
    limit = min(len(before), len(after))
    low = 0
    while low < limit and before[low] == after[low]:
        low += 1
    tail = 0
    while tail < limit - low and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return low, len(before) - tail, len(after) - tail


def _follow(comment: Comment, lines: Sequence[str], window: tuple[int, int, int], by_model: bool) -> None:
    low, old_high, new_high = window
    growth = new_high - old_high
    if comment.removed:
        is_touched = low <= comment.start <= old_high
    else:
        is_touched = comment.start < old_high and low < comment.end
    if not is_touched:
        if comment.start >= old_high:
            comment.start += growth
            comment.end += growth
        return
    size = comment.end - comment.start
    found = None if comment.removed else _find(comment, lines, low, new_high)
    if found is not None:
        comment.start, comment.end = found, found + size
        return
    comment.start = max(low, min(comment.start, new_high))
    comment.end = max(comment.start, min(comment.end + growth, new_high)) if size else comment.start
    if comment.state is CommentState.SENT and by_model:
        comment.state = CommentState.ANSWERED
    elif comment.state is not CommentState.ANSWERED:
        comment.state = CommentState.OUTDATED


def _is_open(comment: Comment) -> bool:
    return comment.state in (CommentState.COLLECTED, CommentState.SENT)


def _concerns(comment: Comment, place: Place) -> bool:
    """Whether ``comment`` is about lines of ``place``; one on lines that are gone stands at its edges too."""
    if comment.removed or place.removed:
        return place.start <= comment.start <= place.end
    return comment.start < place.end and place.start < comment.end


def _find(comment: Comment, lines: Sequence[str], low: int, high: int) -> int | None:
    """Where the excerpt stands in or at the edge of the changed lines, nearest to where it stood."""
    size = len(comment.excerpt)
    first, last = max(low - size, 0), min(high, len(lines) - size)
    places = [at for at in range(first, last + 1) if _reads(lines, at, comment.excerpt)]
    return min(places, key=lambda at: abs(at - comment.start), default=None)


def _reads(lines: Sequence[str], at: int, excerpt: Sequence[str]) -> bool:
    """Whether ``excerpt`` stands at ``at``."""
    end = at + len(excerpt)
    return end <= len(lines) and all(lines[at + i].rstrip("\r\n") == line for i, line in enumerate(excerpt))


def _told(comment: Comment) -> str:
    gone = ", which your change removes" if comment.removed else ""
    gone = ", a change of yours that I rejected" if comment.rejected else gone
    return "\n".join([comment.text, "", f"This is about {comment.place}{gone}:", quoted(comment.excerpt)])
