"""The first thing on the screen: the layout's frame and the prompt, painted before Textual is imported.

Importing a user interface takes longer than a person takes to begin typing. Until it is there, a thread shows at the
prompt what is typed, and keeps every byte of it: :meth:`FirstFrame.end` gives them to whoever reads the keys next.
Nothing is imported here that Python has not loaded by itself, or nearly so.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import termios
import threading

from spark_tui.widgets.colors import DARK, DARK_GROUND, LIGHT, LIGHT_GROUND

NARROW, WIDE = 100, 160
"""Columns from which on there is a tree, and from which on diff and transcript stand side by side."""

TREE, WIDE_TREE = 30, 36
"""Columns of the tree, its rule included."""

FOOT = 4
"""Rows below the panes: the notice bar, the prompt, the status line and the keys."""

GLYPH = "❯ "
HINT = "Ask for a change, or / for commands"
STARTING = "⇢ starting"
THEMES = {"spark-dark": {**DARK, **DARK_GROUND}, "spark-light": {**LIGHT, **LIGHT_GROUND}}

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|O.|.)?")
_LOCAL_FLAGS = 3
_INPUT_FLAGS = 0
_CONTROL_CHARACTERS = 6
_ENTER = "\x1b[?1049h"
_LEAVE = "\x1b[m\x1b[2J\x1b[H\x1b[?1049l\x1b[?25h"
"""Also clears, for terminals that have no second screen."""


def draft_of(typed: bytes) -> str:
    """What the prompt will hold once ``typed`` is read, as far as it is one line of plain typing.

    >>> draft_of(b"helo\\x7fp")
    'help'
    """
    draft: list[str] = []
    for character in _SEQUENCE.sub("", typed.decode("utf-8", "ignore")):
        if character in "\r\n":
            break
        if character in "\x7f\b":
            del draft[-1:]
        elif character.isprintable():
            draft.append(character)
    return "".join(draft)


def frame(width: int, height: int, colors: dict[str, str]) -> str:
    """The screen of ``width`` by ``height`` cells as a terminal takes it; empty ``colors`` are the terminal's own."""
    panes = height - FOOT
    if panes < 3 or width < 20:
        return "\x1b[2J"
    parts = [_paint("foreground", "background", colors), "\x1b[2J", _paint("rule", "background", colors)]
    left = 0
    if width >= NARROW:
        left = WIDE_TREE if width >= WIDE else TREE
        parts += [_at(row, left - 1) + "│" for row in range(panes)]
    if width >= WIDE:
        split = left + (width - left) * 3 // 5
        parts += [_at(row, split) + "│" for row in range(panes)]
    else:
        parts.append(_at(panes * 3 // 5, left) + "─" * (width - left))
    parts += [_at(panes, 0), "─" * width]
    parts += [_paint("text-faint", "surface", colors), _at(panes + 2, 0), STARTING.ljust(width)]
    parts += [_at(panes + 3, 0), " " * width]
    return "".join(parts)


def prompt_row(draft: str, width: int, height: int, colors: dict[str, str]) -> str:
    """The prompt with ``draft`` in it, the terminal's cursor behind it."""
    room = max(0, width - len(GLYPH) - 1)
    row = height - FOOT + 1
    shown = draft[-room:] if room else ""
    parts = [_at(row, 0), _paint("primary", "background", colors), GLYPH]
    if draft:
        parts += [_paint("foreground", "background", colors), shown.ljust(room)]
    else:
        parts += [_paint("text-faint", "background", colors), HINT[:room].ljust(room)]
    return "".join([*parts, "\x1b[m", _at(row, len(GLYPH) + len(shown))])


class FirstFrame:
    """Paints, echoes and keeps. ``terminal_in`` and ``terminal_out`` are descriptors of one terminal.

    Call :meth:`end` when something else draws and reads, and :meth:`close` at the very end, however the program ends.
    """

    def __init__(self, terminal_in: int, terminal_out: int, theme: str) -> None:
        self._in = terminal_in
        self._out = terminal_out
        self._colors = THEMES.get(theme, {})
        self._size = os.get_terminal_size(terminal_out)
        self._typed = bytearray()
        self._modes = termios.tcgetattr(terminal_in)
        self._wake_in, self._wake_out = os.pipe()
        self._thread = threading.Thread(target=self._echo, name="first-frame", daemon=True)
        self._shown = True
        self._set_quiet()
        self._write(_ENTER + frame(*self._size, self._colors) + prompt_row("", *self._size, self._colors))
        self._thread.start()

    def restore_modes(self) -> None:
        """Give the terminal the modes that it had, for who wants to read and change them."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._in, termios.TCSANOW, self._modes)

    def end(self) -> bytes:
        """Draw and read no more; returns what was typed since, once."""
        if self._thread.is_alive():
            os.write(self._wake_out, b"x")
            self._thread.join()
        typed = bytes(self._typed)
        self._typed.clear()
        return typed

    def close(self) -> None:
        """End, and leave the terminal as it was found. What another program drew since is its own business."""
        self.end()
        if self._shown:
            self._shown = False
            self._write(_LEAVE)
        self.restore_modes()
        for descriptor in (self._wake_in, self._wake_out):
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def taken_over(self) -> None:
        """Somebody else is on the alternate screen now, and leaves it."""
        self._shown = False

    def _set_quiet(self) -> None:
        """Neither echo nor lines, so that a key comes when it is pressed; ctrl+c still ends the program."""
        modes = termios.tcgetattr(self._in)
        modes[_LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        modes[_INPUT_FLAGS] &= ~(termios.ICRNL | termios.IXON)
        modes[_CONTROL_CHARACTERS] = list(modes[_CONTROL_CHARACTERS])
        modes[_CONTROL_CHARACTERS][termios.VMIN] = 1
        modes[_CONTROL_CHARACTERS][termios.VSUSP] = b"\0"
        termios.tcsetattr(self._in, termios.TCSANOW, modes)

    def _echo(self) -> None:
        shown = ""
        while True:
            ready, _, _ = select.select([self._in, self._wake_in], [], [])
            if self._wake_in in ready:
                return
            try:
                data = os.read(self._in, 4096)
            except OSError:
                return
            if not data:
                return
            self._typed += data
            draft = draft_of(bytes(self._typed))
            if draft != shown:
                shown = draft
                self._write(prompt_row(draft, *self._size, self._colors))

    def _write(self, text: str) -> None:
        data = text.encode()
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._out, data) :]


def _at(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H"


def _paint(foreground: str, background: str, colors: dict[str, str]) -> str:
    if not colors:
        return "\x1b[m"
    return f"\x1b[38;2;{_rgb(colors[foreground])};48;2;{_rgb(colors[background])}m"


def _rgb(color: str) -> str:
    return ";".join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))
