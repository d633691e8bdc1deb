"""What became of the model's hunks since it was last told, in words for its next input."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import Hunk, HunkState

EXCERPT = 60


def take_decisions(changes: ChangeSet, changed_outside: Iterable[str] = ()) -> str:
    """Tell what changed in ``changes`` since this was last asked; ``""`` when nothing did.

    ``changed_outside`` are further paths that the user has edited. What is told once is not told again.
    """
    fresh = [hunk for hunk in changes.hunks() if _is_news(hunk)]
    lines = [
        f"{word}: {', '.join(_name(hunk, changes) + _because(hunk) for hunk in hunks)}"
        for word, is_meant in _WORDS
        if (hunks := [hunk for hunk in fresh if is_meant(hunk)])
    ]
    outside = sorted({*changes.take_changed_outside(), *changed_outside})
    if outside:
        lines.append(f"edited by the user, read again before changing: {', '.join(outside)}")
    for hunk in changes.hunks():
        changes.told(hunk)
    return "\n".join(lines)


def standing(changes: ChangeSet) -> str:
    """Tell how every hunk of the model stands, for one that has forgotten them; ``""`` where there are none."""
    hunks = [hunk for hunk in changes.hunks() if hunk.superseded_by is None]
    lines = [
        f"{state.value}: {', '.join(_name(hunk, changes) for hunk in hunks if hunk.state is state)}"
        for state in (HunkState.ACCEPTED, HunkState.PENDING, HunkState.CONFLICTED, HunkState.REJECTED)
        if any(hunk.state is state for hunk in hunks)
    ]
    return "\n".join(["How your changes stand now:", *lines]) if lines else ""


def _is_news(hunk: Hunk) -> bool:
    if hunk.state is HunkState.STREAMING or hunk.superseded_by is not None:
        return False
    return hunk.state is not hunk.told or (hunk.state is HunkState.PENDING and hunk.revision != hunk.told_revision)


def _is_in(state: HunkState) -> Callable[[Hunk], bool]:
    return lambda hunk: hunk.state is state


_WORDS: tuple[tuple[str, Callable[[Hunk], bool]], ...] = (
    ("accepted", _is_in(HunkState.ACCEPTED)),
    ("rejected", _is_in(HunkState.REJECTED)),
    ("in conflict with the user's edits", _is_in(HunkState.CONFLICTED)),
    ("dropped", _is_in(HunkState.RETIRED)),
    ("pending again or changed by the user", _is_in(HunkState.PENDING)),
)


def _because(hunk: Hunk) -> str:
    return "" if hunk.note in ("", hunk.state.value) else f" ({hunk.note})"


def _name(hunk: Hunk, changes: ChangeSet) -> str:
    """How the model knows a hunk: by its file and what it does there, not by our id."""
    if hunk.target is not None:
        return f"the move of {hunk.source} to {hunk.target}"
    line = next((text.strip() for text in (*hunk.added, *hunk.removed) if text.strip()), "")
    excerpt = line if len(line) <= EXCERPT else line[:EXCERPT] + "…"
    return f"{hunk.path}:{hunk.start + 1}" + (f" `{excerpt}`" if excerpt else "")
