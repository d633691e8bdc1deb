"""What the chain of a request tells: the task, what was read for it, and which patches were taken."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from spark_tui.protocol.engines.offline.compaction import Kept, unpack
from spark_tui.protocol.engines.offline.reading import Ask, Excerpt, Listing
from spark_tui.protocol.engines.offline.task import Task, refine, understand
from spark_tui.protocol.engines.offline.toolset import PATCH_TOOL, Toolset, was_refused
from spark_tui.protocol.errors import PatchError
from spark_tui.protocol.patch.apply import apply_patch
from spark_tui.protocol.patch.parser import Dialect
from spark_tui.protocol.wire.updates import Item

OUTPUTS = ("function_call_output", "custom_tool_call_output")
CALLS = ("function_call", "custom_tool_call")
_QUOTED = re.compile(r"^> .*$", re.M)
"""Lines that a message quotes from a file; nothing in them is asked for."""

NOT_SPOKEN = ("<", "# AGENTS.md")
"""How messages begin that carry surroundings rather than the user's words."""


@dataclass(slots=True)
class Dialogue:
    """Everything known. Texts are by path; ``originals`` as read, ``current`` with the patches that were taken.

    ``candidates`` are the files to look at, as far as they are named; ``more_names`` asks for others. ``unreadable``
    tells for a path why it was not read, ``unfinished`` what asks for the rest of a file. ``words`` are the user's
    messages that made the task what it is.
    """

    task: Task | None = None
    words: list[str] = field(default_factory=list)
    understood: bool = True
    refined: bool = False
    candidates: list[str] | None = None
    more_names: Ask | None = None
    listing_trouble: str = ""
    unfinished: dict[str, Ask] = field(default_factory=dict)
    beginnings: dict[str, list[str]] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    patches: int = 0
    failures: Counter[str] = field(default_factory=Counter)


def read_dialogue(items: list[Item], tools: Toolset) -> Dialogue:
    """Go through ``items``, oldest first."""
    dialogue = Dialogue()
    calls: dict[str, Item] = {}
    for item in items:
        sort = item.get("type", "message")
        if sort == "message" and item.get("role") == "user":
            words = _QUOTED.sub("", text_of(item.get("content"))).strip()
            if words and not words.startswith(NOT_SPOKEN):
                dialogue = _listen(dialogue, words)
        elif sort == "compaction":
            kept = unpack(str(item.get("encrypted_content") or ""))
            dialogue = _remember(kept) if kept is not None else dialogue
        elif sort in CALLS:
            calls[str(item.get("call_id"))] = item
        elif sort in OUTPUTS:
            call = calls.pop(str(item.get("call_id")), None)
            if call is not None:
                _learn(dialogue, call, text_of(item.get("output")), tools)
    return dialogue


def text_of(content: object) -> str:
    """The text of a message's or an output's content, whatever its form."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return ""


def kept_of(dialogue: Dialogue) -> Kept:
    """What a compaction keeps of ``dialogue``."""
    return Kept(dialogue.words, dialogue.patches)


def _remember(kept: Kept) -> Dialogue:
    dialogue = Dialogue()
    for words in kept.words:
        dialogue = _listen(dialogue, words)
    dialogue.patches = kept.patches
    return dialogue


def _listen(before: Dialogue, words: str) -> Dialogue:
    task = understand(words)
    if task is not None:
        return Dialogue(task, [words])
    refined = refine(before.task, words) if before.task is not None else None
    if refined is None:
        before.understood = False
        return before
    before.task = refined
    before.words.append(words)
    before.understood = before.refined = True
    return before


def _learn(dialogue: Dialogue, call: Item, output: str, tools: Toolset) -> None:
    if call.get("name") == PATCH_TOOL:
        patch = tools.patch_in(str(call.get("input") or call.get("arguments") or ""))
        _remember_patch(dialogue, patch, output)
        return
    if tools.reading is None:
        return
    ask = Ask(str(call.get("name")), str(call.get("arguments") or "{}"))
    if (listing := tools.reading.listing_in(ask, output)) is not None:
        _learn_names(dialogue, listing)
    elif (excerpt := tools.reading.excerpt_in(ask, output)) is not None:
        _learn_text(dialogue, excerpt)


def _learn_names(dialogue: Dialogue, listing: Listing) -> None:
    dialogue.candidates = list(dict.fromkeys([*(dialogue.candidates or ()), *listing.paths]))
    dialogue.more_names = listing.more
    dialogue.listing_trouble = dialogue.listing_trouble or listing.trouble


def _learn_text(dialogue: Dialogue, excerpt: Excerpt) -> None:
    path = excerpt.path
    if excerpt.trouble:
        dialogue.unreadable[path] = excerpt.trouble
        dialogue.unfinished.pop(path, None)
        return
    if excerpt.is_first:
        dialogue.beginnings[path] = []
    dialogue.beginnings.setdefault(path, []).append(excerpt.text)
    if excerpt.more is not None:
        dialogue.unfinished[path] = excerpt.more
        return
    dialogue.unfinished.pop(path, None)
    dialogue.originals[path] = dialogue.current[path] = "".join(dialogue.beginnings.pop(path))


def _remember_patch(dialogue: Dialogue, patch: str, output: str) -> None:
    """A patch that was taken changes what the files now hold; one that was not makes its files worth a new look."""
    dialogue.patches += 1
    try:
        result = apply_patch(patch, lambda path: _bytes(dialogue.current.get(path)), Dialect.LENIENT)
    except PatchError:
        return
    for path, file in result.files.items():
        if was_refused(output):
            dialogue.failures[path] += 1
            dialogue.originals.pop(path, None)
            dialogue.current.pop(path, None)
        elif file.data is None:
            dialogue.current.pop(path, None)
        else:
            dialogue.current[path] = file.data.decode("utf-8", "replace")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "replace")
