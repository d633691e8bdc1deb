"""What the status line and the file tree are told, from the session's own state."""

from __future__ import annotations

import time
from collections.abc import Mapping

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.session import PairSession
from spark_tui.app.pairing.turn import TurnState
from spark_tui.app.ui.diff_presenter import is_shown, overall
from spark_tui.app.workbench import Workbench
from spark_tui.app.workspace.status import StatusSnapshot
from spark_tui.protocol.wire.updates import LinkState
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
    limit, limit_seconds = _limit(session)
    waiting = meters.waiting
    return StatusFacts(
        link=LINKS[bench.link.state],
        link_detail=bench.link.detail,
        model=bench.model,
        turn=TURNS[session.state],
        turn_detail="a tool" if session.state is TurnState.TOOL else waiting.reason if waiting is not None else "",
        waiting=time.monotonic() - waiting.since if waiting is not None else None,
        rate=None if rate is None else rate.tokens_per_second,
        rate_exact=rate is not None and rate.exact,
        ttft=meters.speed.time_to_first_token if meters.speed is not None else None,
        context_used=usage.input_tokens + usage.output_tokens if usage is not None else 0,
        context_limit=bench.profile.context_tokens,
        pending=sum(1 for _ in bench.changes.hunks(HunkState.PENDING, HunkState.CONFLICTED)),
        held=session.held,
        branch=_branch(bench.survey.status),
        limit=limit,
        limit_seconds=limit_seconds,
    )


def change_marks(changes: ChangeSet) -> dict[str, ChangeMark]:
    """Each file's counts and state, for the tree; a moved file stands under its new name."""
    marks = {}
    for file in changes.files:
        hunks = [hunk for hunk in file if is_shown(hunk)]
        if hunks:
            added, removed = changes.counts(file.path)
            marks[file.target] = ChangeMark(added, removed, overall(hunks))
    return marks


def git_letters(status: StatusSnapshot | None) -> Mapping[str, str]:
    """One letter for each path that git has something to say of."""
    if status is None:
        return {}
    letters = {path: code.replace(".", "")[:1] for path, code in status.entries.items()}
    return {**letters, **dict.fromkeys(status.unmerged, "U")}


def _branch(status: StatusSnapshot | None) -> str:
    if status is None:
        return ""
    return status.branch or f"detached at {(status.commit or '')[:7]}"


def _limit(session: PairSession) -> tuple[str, float | None]:
    """The limit that is nearest to its end, if one is near: its name, and the seconds until it is lifted."""
    near = [limit for limit in session.meters.limits.values() if (limit.used or 0.0) >= SHOWN_LIMIT]
    if not near:
        return "", None
    worst = max(near, key=lambda limit: limit.used or 0.0)
    return worst.name, None if worst.resets_at is None else max(0.0, worst.resets_at - time.monotonic())
