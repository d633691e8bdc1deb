"""Rate limits: from headers, from events and from the words of an error.

Three dialects are in use: ``x-ratelimit-*`` of API keys, ``x-codex-*`` headers with their ``codex.rate_limits``
event, and plain ``retry-after``. ``now`` is ``time.monotonic()`` and ``wall`` is ``time.time()``, both in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from spark_tui.protocol.wire.updates import Item, Limits

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_PLAN_HEADER = re.compile(r"x-([a-z0-9_-]+)-(primary|secondary)-used-percent\Z")
_SHARED = "codex"
"""The family of limits that all models draw on; any other is one model's own."""
_IN_WORDS = re.compile(r"try again in ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)", re.IGNORECASE)


def limits_from_headers(headers: Mapping[str, str], now: float, wall: float) -> list[Limits]:
    """Return the limits told in ``headers``, whose names are in lower case."""
    found = []
    for name in ("requests", "tokens"):
        limit = _number(headers.get(f"x-ratelimit-limit-{name}"))
        left = _number(headers.get(f"x-ratelimit-remaining-{name}"))
        if limit and left is not None:
            resets = parse_duration(headers.get(f"x-ratelimit-reset-{name}", ""))
            found.append(Limits(name, _share(1 - left / limit), None if resets is None else now + resets))
    for header, value in headers.items():
        told = _PLAN_HEADER.match(header)
        used = _number(value) if told else None
        if told is None or used is None:
            continue
        family, window = told.groups()
        minutes = _number(headers.get(f"x-{family}-{window}-window-minutes"))
        owner = "" if family == _SHARED else headers.get(f"x-{family}-limit-name") or family
        resets_at = _number(headers.get(f"x-{family}-{window}-reset-at"))
        found.append(_plan_limit(window, minutes, used, None if resets_at is None else now + resets_at - wall, owner))
    return found


def limits_from_event(rate_limits: Item, now: float, wall: float, owner: str = "") -> list[Limits]:
    """Return the limits in the ``rate_limits`` of a ``codex.rate_limits`` event, which names ``owner``."""
    owner = "" if owner == _SHARED else owner
    found = []
    for name, window in rate_limits.items():
        used = _number(window.get("used_percent")) if isinstance(window, dict) else None
        if used is None:
            continue
        resets_at = _number(window.get("reset_at"))
        resets = None if resets_at is None else now + resets_at - wall
        found.append(_plan_limit(name, _number(window.get("window_minutes")), used, resets, owner))
    return found


def _plan_limit(name: str, minutes: float | None, used: float, resets_at: float | None, owner: str) -> Limits:
    """A limit of a plan, called by its length where that is known: nobody knows which one is the primary."""
    if minutes is not None and minutes > 0:
        hours = minutes / 60
        name = "week" if hours == 168 else f"{hours / 24:g} d" if hours >= 24 else f"{hours:g} h"
    return Limits(name, _share(used / 100), resets_at, owner)


def retry_delay(headers: Mapping[str, str], message: str, wall: float) -> float | None:
    """Return after how many seconds the server wants to be asked again; ``None`` when it does not say.

    Looked for in ``retry-after-ms``, ``retry-after`` (seconds or a date) and in "try again in 1.5s".
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    told = headers.get("retry-after", "")
    seconds = _number(told)
    if seconds is not None:
        return max(0.0, seconds)
    if told:
        try:
            return max(0.0, parsedate_to_datetime(told).timestamp() - wall)
        except (ValueError, OverflowError):
            pass
    words = _IN_WORDS.search(message)
    return parse_duration(words[1]) if words else None


def parse_duration(text: str) -> float | None:
    """Return the seconds in ``6m0s``, ``20ms`` or ``1.5s``; ``None`` when it is no such text.

    >>> parse_duration("6m0.5s")
    360.5
    """
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        return _number(text)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
