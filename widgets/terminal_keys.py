"""Keys that terminals send and Textual 8 does not tell apart.

Terminals without the kitty protocol send ``ESC CR`` for alt+enter, which Textual reads as a plain enter; tmux with
``extended-keys`` sends ``CSI 27;2;13~`` for shift+enter, which Textual names ``shift+\\r``.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

MODIFIED_ENTER = frozenset({"shift+\r", "alt+\r", "shift+alt+\r"})
"""The names under which enter with a modifier arrives from tmux; no binding can name them."""


class _Key(Enum):
    ALT_ENTER = "alt+enter"


def learn_alt_enter() -> None:
    """Make Textual's parser report ``ESC CR`` as alt+enter. Once is enough, more do no harm."""
    table = cast(dict[str, Any], ANSI_SEQUENCES_KEYS)
    table["\x1b\r"] = (_Key.ALT_ENTER,)
