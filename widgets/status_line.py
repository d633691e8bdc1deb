"""The status line: what happens now, in one row, told by shape and word; the least important gives way first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from spark_tui.widgets.fitting import fit_start
from spark_tui.widgets.rows import Mark
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.still import Still
from spark_tui.widgets.theme import SHAPES


class Link(Enum):
    """How the connection to the model stands."""

    CONNECTING = "connecting"
    WARMING = "warming up"
    READY = "ready"
    RECONNECTING = "reconnecting"
    OFFLINE = "offline"


class TurnState(Enum):
    """What the turn does, in the words that are shown."""

    IDLE = "idle"
    QUEUED = "queued"
    STREAMING = "streaming"
    PAUSED = "paused"
    WAITING = "waiting for"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """All that the line can tell. Texts may come from outside; ``None``, 0 and the empty text are not shown."""

    link: Link = Link.CONNECTING
    link_detail: str = ""
    """What the link waits for, or why there is none."""
    model: str = ""
    turn: TurnState = TurnState.IDLE
    turn_detail: str = ""
    """The tool that is waited for, or why the turn failed."""
    waiting: float | None = None
    """Seconds since the program began to wait in this state."""
    rate: float | None = None
    """Output tokens a second: an estimate over the last moments until ``rate_exact``."""
    rate_exact: bool = False
    ttft: float | None = None
    """Seconds from the request to the first token."""
    context_used: int = 0
    context_limit: int = 0
    """In tokens; a limit of 0 is not known."""
    context_cached: float = 0.0
    """The share of the input that the server had kept from before, 0.0 to 1.0."""
    pending: int = 0
    """Hunks that wait for a decision."""
    held: int = 0
    """Updates that were received and not shown, while paused."""
    held_is_full: bool = False
    """Whether no more is received, so that the server waits."""
    branch: str = ""
    limit: str = ""
    """The name of the rate limit that holds requests back."""
    limit_seconds: float | None = None
    """Until when it does; ``None`` when the server did not say."""
    near_limits: str = ""
    """The limits that are nearly used up, each with how much of it is."""
    retry_in: float | None = None
    """Seconds until what failed is tried again by itself."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One fact as shown: its forms from the longest to the shortest, the last one empty if it may be left out.

    ``rank`` 0 gives way last.
    """

    forms: tuple[str, ...]
    style: str
    rank: int


LINK_SHAPES = {Link.CONNECTING: "⇢", Link.WARMING: "⇢", Link.RECONNECTING: "↻", Link.OFFLINE: "⊘"}
LINK_STYLES = {
    Link.CONNECTING: "$hunk-streaming",
    Link.WARMING: "$hunk-streaming",
    Link.RECONNECTING: "$warning",
    Link.OFFLINE: "$error",
}
TURN_SHAPES = {
    TurnState.IDLE: "○",
    TurnState.QUEUED: "◌",
    TurnState.STREAMING: SHAPES[Mark.STREAMING],
    TurnState.PAUSED: "‖",
    TurnState.WAITING: "◇",
    TurnState.DONE: "◆",
    TurnState.FAILED: "▲",
}
TURN_STYLES = {
    TurnState.IDLE: "$text-quiet",
    TurnState.QUEUED: "$warning",
    TurnState.STREAMING: "$hunk-streaming bold",
    TurnState.PAUSED: "$warning bold",
    TurnState.WAITING: "$hunk-streaming",
    TurnState.DONE: "$success",
    TurnState.FAILED: "$error bold",
}
BAR = 8
NAME = 24
"""Names longer than so many cells have a shorter form."""
GAP = "   "
SHORT_GAP = "  "


def left_pieces(facts: StatusFacts) -> list[Piece]:
    """What happens, the turn first."""
    pieces = [_turn(facts)]
    if facts.held:
        count = f"{facts.held:,} held"
        full = (f"{count} back, the server waits", f"{count}, full") if facts.held_is_full else ()
        pieces.append(Piece((*full, f"{count} back", count), "$warning", 0))
    if facts.link is not Link.READY:
        detail = safe_line(facts.link_detail)
        word = f"{LINK_SHAPES[facts.link]} {facts.link.value}"
        forms = (f"{word}: {detail}", f"{word}: {fit_start(detail, NAME)}", word) if detail else (word,)
        pieces.append(Piece(forms, LINK_STYLES[facts.link], 1))
    elif facts.link_detail:
        detail = safe_line(facts.link_detail)
        pieces.append(Piece((f"⇄ {detail}", f"⇄ {fit_start(detail, NAME)}", "⇄"), "$warning", 4))
    if facts.limit:
        name = safe_line(facts.limit)
        until = "" if facts.limit_seconds is None else f" {seconds(facts.limit_seconds)}"
        forms = (f"◷ limited by {name}{until}", f"◷ {fit_start(name, NAME)}{until}", f"◷ limited{until}")
        pieces.append(Piece(forms, "$warning", 1))
    if facts.near_limits:
        near = safe_line(facts.near_limits)
        pieces.append(Piece((f"◔ {near}", f"◔ {fit_start(near, NAME)}", ""), "$warning", 5))
    if facts.rate is not None:
        rate = f"{'' if facts.rate_exact else '~'}{facts.rate:,.0f} tok/s"
        pieces.append(Piece((rate, ""), "$text-quiet", 3))
    if facts.ttft is not None:
        pieces.append(
            Piece((f"first token {seconds(facts.ttft)}", f"ttft {seconds(facts.ttft)}", ""), "$text-faint", 7)
        )
    return pieces


def right_pieces(facts: StatusFacts) -> list[Piece]:
    """What stays: hunks to review, context, model, branch."""
    pieces: list[Piece] = []
    if facts.pending:
        count = f"{SHAPES[Mark.PENDING]} {facts.pending:,}"
        pieces.append(Piece((f"{count} to review", count), "$hunk-pending", 2))
    if facts.context_used or facts.context_limit:
        pieces.append(_context(facts.context_used, facts.context_limit, facts.context_cached))
    if facts.model:
        model = safe_line(facts.model)
        pieces.append(Piece((model, fit_start(model, NAME), fit_start(model, NAME // 2), ""), "$text-quiet", 6))
    if facts.branch:
        branch = safe_line(facts.branch)
        forms = (f"on {branch}", f"on {fit_start(branch, NAME)}", f"on {fit_start(branch, NAME // 2)}", "")
        pieces.append(Piece(forms, "$text-faint", 8))
    return pieces


def compose_line(facts: StatusFacts, width: int) -> list[tuple[str, str]]:
    """The row as texts with their styles, exactly ``width`` cells together; nothing for a width of 0 or less."""
    left, right = left_pieces(facts), right_pieces(facts)
    forms = [0] * (len(left) + len(right))
    pieces = [*left, *right]
    while _width(pieces, forms) > width:
        spare = [at for at, piece in enumerate(pieces) if forms[at] + 1 < len(piece.forms)]
        if not spare:
            break
        forms[max(spare, key=lambda at: pieces[at].rank)] += 1
    shown = [(piece.forms[form], piece.style) for piece, form in zip(pieces, forms, strict=True)]
    gap = GAP if all(form == 0 for form in forms) and _width(pieces, forms, GAP) <= width else SHORT_GAP
    start = _joined(shown[: len(left)], gap)
    end = _joined(shown[len(left) :], gap)
    used = sum(cell_len(text) for text, _ in [*start, *end])
    return _exactly([*start, (" " * max(0, width - used), ""), *end], width)


def seconds(value: float) -> str:
    """A time for a person: ``85 ms``, ``3.2 s``, ``48 s``, ``2 min 05 s``. Below 0 counts as 0."""
    value = max(0.0, value)
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


def tokens(count: int) -> str:
    """A number of tokens in at most five characters: ``950``, ``12.3k``, ``128k``, ``1.2M``."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size * 0.9995:
            return (
                f"{count / size:.1f}".removesuffix(".0") + letter
                if count < size * 99.95
                else f"{count / size:.0f}{letter}"
            )
    return str(count)


class StatusLine(Still, Widget):
    """Draws :class:`StatusFacts`. It has no clock: it changes when the program shows other facts, and only then."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        padding: 0 1 0 0;
        background: $surface;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._facts = StatusFacts()

    @property
    def facts(self) -> StatusFacts:
        """What is shown."""
        return self._facts

    def show(self, facts: StatusFacts) -> None:
        """Show ``facts``; the same facts again cost nothing."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def render(self) -> Content:
        return Content.assemble(*compose_line(self._facts, self.content_size.width))


def _turn(facts: StatusFacts) -> Piece:
    state, detail = facts.turn, safe_line(facts.turn_detail)
    word = f"{TURN_SHAPES[state]} {state.value}"
    waited = "" if facts.waiting is None else f" {seconds(facts.waiting)}"
    if facts.retry_in is not None:
        # A limit shows its own countdown; here it is enough to say which key does not wait for it.
        waited = " · ^r retries now" if facts.limit else f" · again in {seconds(facts.retry_in)}, ^r now"
    if state is TurnState.WAITING:
        word = f"{word} {fit_start(detail, NAME) or 'a tool'}"
        detail = ""
    forms = [f"{word}{waited}"]
    if detail:
        forms = [f"{word}: {detail}{waited}", f"{word}: {fit_start(detail, NAME)}{waited}", *forms]
    return Piece(tuple(forms), TURN_STYLES[state], 0)


def _context(used: int, limit: int, cached: float) -> Piece:
    if not limit:
        return Piece((f"context {tokens(used)}", tokens(used), ""), "$text-quiet", 5)
    part = used / limit
    full = min(BAR, max(0 if not used else 1, round(part * BAR)))
    bar = "▰" * full + "▱" * (BAR - full)
    percent = f"{part:.0%}"
    style = "$error" if part >= 0.95 else "$warning" if part >= 0.8 else "$text-quiet"
    rank = 2 if part >= 0.8 else 4
    longest = [f"{bar} {percent} of {tokens(limit)}, {cached:.0%} cached"] if cached >= 0.005 else []
    return Piece((*longest, f"{bar} {percent} of {tokens(limit)}", f"{bar} {percent}", f"ctx {percent}"), style, rank)


def _width(pieces: Sequence[Piece], forms: Sequence[int], gap: str = SHORT_GAP) -> int:
    widths = [cell_len(piece.forms[form]) for piece, form in zip(pieces, forms, strict=True)]
    shown = [width for width in widths if width]
    return sum(shown) + len(gap) * max(0, len(shown) - 1)


def _joined(shown: Sequence[tuple[str, str]], gap: str) -> list[tuple[str, str]]:
    joined: list[tuple[str, str]] = []
    for text, style in shown:
        if text:
            joined += [(gap, ""), (text, style)] if joined else [(text, style)]
    return joined


def _exactly(texts: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """``texts`` cut off at ``width`` cells."""
    left, fitted = width, []
    for text, style in texts:
        cells = cell_len(text)
        if cells > left:
            text = fit_start(text, left)
        left -= cells
        if text:
            fitted.append((text, style))
    return fitted
