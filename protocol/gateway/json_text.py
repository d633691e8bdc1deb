"""Decoding JSON that others wrote: fast, and tolerant of lone surrogate escapes.

A JavaScript peer may cut a string between the halves of a surrogate pair, which gives a ``\\ud83d`` that stands
alone. It is JSON to most parsers, but cannot be encoded again; msgspec refuses it.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec


def decode(data: bytes) -> Any:
    """The value of a JSON text. Lone surrogates are kept, so that halves split over two texts can be joined.

    Raises :class:`ValueError` when ``data`` is not JSON in UTF-8, or is nested too deeply to be read.
    """
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        pass
    except RecursionError:
        raise ValueError("nested too deeply") from None
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def decode_clean(data: bytes) -> Any:
    """As :func:`decode`, with each lone surrogate replaced by U+FFFD, so that the value can be encoded again."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        value = decode(data)
    try:
        text = json.dumps(value, ensure_ascii=False)
        return msgspec.json.decode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
