"""What the status line and the file tree are told, from the session's own state."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.meters import Meters
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.ui.tally import Totals, urgent
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.status import StatusSnapshot
from spark_tui.protocol.wire.updates import Limits, LinkState
from spark_tui.widgets import status_line
from spark_tui.widgets.file_tree import ChangeMark
from spark_tui.widgets.status_line import Link, StatusFacts

LINKS = {
    LinkState.CONNECTING: Link.CONNECTING,
    LinkState.WARMING: Link.WARMING,
    LinkState.READY: Link.READY,
    LinkState.RECONNECTING: Link.RECONNECTING,
    LinkState.OFFLINE: Link.OFFLINE,
}
TURNS = {
    TurnState.IDLE: status_line.TurnState.IDLE,
    TurnState.QUEUED: status_line.TurnState.QUEUED,
    TurnState.STREAMING: status_line.TurnState.STREAMING,
    TurnState.PAUSED: status_line.TurnState.PAUSED,
    TurnState.TOOL: status_line.TurnState.WAITING,
    TurnState.DONE: status_line.TurnState.DONE,
    TurnState.FAILED: status_line.TurnState.FAILED,
}
SHOWN_LIMIT = 0.8
"""The share of a rate limit from which on it is worth a word."""


def status_facts(bench: Workbench) -> StatusFacts:
    """All that the status line may tell at this moment."""
    session = bench.session
    meters = session.meters
    writing = session.state is TurnState.STREAMING
    rate = meters.speed.rate(writing) if meters.speed is not None else None
    usage = meters.usage
    now = time.monotonic()
    limit, limit_seconds = held_back_by(meters, now)
    waiting = meters.waiting
    retries = waiting is not None and waiting.until is not None and waiting.until > now
    told = waiting is not None and not (waiting.limited and limit)
    return StatusFacts(
        link=LINKS[bench.link.state],
        link_detail=bench.link.detail,
        model=bench.model,
        turn=TURNS[session.state],
        turn_detail="a tool"
        if session.state is TurnState.TOOL
        else waiting.reason
        if waiting is not None and told
        else "",
        waiting=now - waiting.since if waiting is not None and not retries else None,
        retry_in=waiting.until - now if waiting is not None and waiting.until is not None and retries else None,
        rate=None if rate is None else rate.tokens_per_second,
        rate_exact=rate is not None and rate.exact,
        ttft=meters.speed.time_to_first_token if meters.speed is not None else None,
        context_used=usage.input_tokens + usage.output_tokens if usage is not None else 0,
        context_cached=usage.cached_tokens / usage.input_tokens if usage is not None and usage.input_tokens else 0.0,
        context_limit=bench.profile.context_tokens,
        pending=sum(1 for _ in bench.changes.hunks(HunkState.PENDING, HunkState.CONFLICTED)),
        held=session.held,
        held_is_full=session.held_is_full,
        branch=_branch(bench.survey.status),
        limit=limit,
        limit_seconds=limit_seconds,
        near_limits=near_limits(meters, now),
    )


def change_marks(files: Iterable[tuple[FileChange, Totals]]) -> dict[str, ChangeMark]:
    """Each file's counts and state, for the tree; a moved file stands under its new name."""
    return {
        file.target: mark
        for file, totals in files
        if (mark := _change_mark(totals.to_add, totals.to_remove, totals.states)) is not None
    }


@lru_cache(maxsize=4096)
def _change_mark(added: int, removed: int, states: tuple[int, ...]) -> ChangeMark | None:
    """The same object for the same mark: thousands are asked for and compared once a frame."""
    state = urgent(states)
    return None if state is None else ChangeMark(added, removed, state)


def _branch(status: StatusSnapshot | None) -> str:
    if status is None:
        return ""
    return status.branch or f"{(status.commit or '')[:7]}, detached"


def held_back_by(meters: Meters, now: float) -> tuple[str, float | None]:
    """The limit that holds requests back, if one does: its name, and the seconds until it is lifted."""
    waiting = meters.waiting
    spent = [limit for limit in meters.limits.values() if limit.used is not None and limit.used >= 1.0]
    if waiting is not None and waiting.limited and waiting.until is not None:
        name = _named(spent[0]) if len(spent) == 1 else waiting.reason
        return name, max(0.0, waiting.until - now)
    holding = [limit for limit in spent if limit.resets_at is None or limit.resets_at > now]
    if not holding:
        return "", None
    last = max(holding, key=lambda limit: limit.resets_at or 0.0)
    return _named(last), None if last.resets_at is None else last.resets_at - now


def near_limits(meters: Meters, now: float) -> str:
    """The limits that are nearly used up, the model's own apart from those that models share."""
    near = [
        limit
        for limit in meters.limits.values()
        if limit.used is not None and SHOWN_LIMIT <= limit.used < 1.0
        if limit.resets_at is None or limit.resets_at > now
    ]
    near.sort(key=lambda limit: (not limit.owner, limit.name))
    return ", ".join(f"{_named(limit)} {limit.used:.0%} used" for limit in near)


def _named(limit: Limits) -> str:
    return f"{limit.owner}'s own limit, {limit.name}" if limit.owner else limit.name
