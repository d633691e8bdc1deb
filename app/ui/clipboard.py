"""What is said when text was sent to the terminal's clipboard (OSC 52)."""

from __future__ import annotations

LIMIT = 74_994
"""Bytes that a terminal takes for certain: what xterm has room for. Others take more, or tell nothing."""


def sent_to_clipboard(text: str) -> str:
    """One line for the user.

    >>> sent_to_clipboard("one\\ntwo")
    "2 lines sent to the terminal's clipboard"
    """
    lines = text.count("\n") + 1
    said = f"{lines:,} line{'s'[: lines != 1]} sent to the terminal's clipboard"
    too_long = len(text.encode("utf-8", "replace")) > LIMIT
    return f"{said}; it is long: some terminals take no more than {LIMIT // 1000} KB" if too_long else said
