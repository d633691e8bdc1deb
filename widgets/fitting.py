"""Text cut to a number of cells, with an ellipsis where something is left out."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def fit_start(text: str, room: int) -> str:
    """As much of the start of ``text`` as goes into ``room`` cells; empty where there is no room at all.

    >>> fit_start("feature/login", 8)
    'feature…'
    """
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, room - 1).rstrip() + "…" if room > 0 else ""


def fit_end(text: str, room: int) -> str:
    """As much of the end of ``text`` as goes into ``room`` cells; empty where there is no room at all.

    >>> fit_end("src/wire/", 6)
    '…wire/'
    """
    if cell_len(text) <= room:
        return text
    if room <= 0:
        return ""
    tail = text[-room:]
    while tail and cell_len(tail) > room - 1:
        tail = tail[1:]
    return f"…{tail}"
