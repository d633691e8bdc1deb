"""How fast the model answers: rolling while it writes, exact once the server has counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

WINDOW = 1.0
"""Seconds over which the rolling rate is taken."""

SLOT = 0.01
"""Seconds whose deltas are counted together, so that a fast stream keeps a short memory."""

SHORTEST_SPAN = 0.05
"""Seconds below which a rate would be noise."""

CHARACTERS_PER_TOKEN = 4
"""A common rule of thumb for English and code; only used until the server's own count arrives."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Tokens a second; ``exact`` when the server's count stands behind it."""

    tokens_per_second: float
    exact: bool


class SpeedMeter:
    """Measures one turn, sent at ``sent_at``. Times are monotonic seconds, given by the caller."""

    def __init__(self, sent_at: float) -> None:
        self._sent_at = sent_at
        self._first_at: float | None = None
        self._response_at = sent_at
        self._last_at = sent_at
        self._recent: deque[tuple[float, int]] = deque()
        self._recent_tokens = 0
        self._counted_tokens = 0
        self._writing_seconds = 0.0

    def response_started(self, now: float) -> None:
        """A response of the turn began; its tokens are counted from here."""
        self._response_at = now

    def wrote(self, characters: int, now: float) -> None:
        """The model wrote a delta of ``characters``; each counts as one token at least."""
        tokens = max(1, characters // CHARACTERS_PER_TOKEN)
        if self._first_at is None:
            self._first_at = now
        self._last_at = now
        recent = self._recent
        if recent and now - recent[-1][0] < SLOT:
            recent[-1] = (recent[-1][0], recent[-1][1] + tokens)
        else:
            recent.append((now, tokens))
        self._recent_tokens += tokens
        while now - recent[0][0] > WINDOW:
            self._recent_tokens -= recent.popleft()[1]

    def counted(self, output_tokens: int) -> None:
        """The server counted a response's tokens; they were written from its start to the last delta."""
        self._counted_tokens += output_tokens
        self._writing_seconds += max(self._last_at - self._response_at, SLOT)

    @property
    def time_to_first_token(self) -> float | None:
        """Seconds from sending to the first delta of the turn; ``None`` before it."""
        return None if self._first_at is None else self._first_at - self._sent_at

    def rate(self, writing: bool) -> Rate | None:
        """The rate to show: rolling while ``writing``, else the exact one, else the last rolling one.

        ``None`` before anything was written.
        """
        if not writing and self._counted_tokens:
            return Rate(self._counted_tokens / self._writing_seconds, exact=True)
        if not self._recent:
            return None
        span = max(self._last_at - self._recent[0][0], SHORTEST_SPAN)
        return Rate(self._recent_tokens / span, exact=False)
