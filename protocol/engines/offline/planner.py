"""The next step: what to say, what to ask for, what to patch, given what is known so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from spark_tui.protocol.engines.offline.dialogue import Dialogue
from spark_tui.protocol.engines.offline.docstrings import add_docstrings
from spark_tui.protocol.engines.offline.imports import remove_unused_imports
from spark_tui.protocol.engines.offline.lexing import definitions, rename, word
from spark_tui.protocol.engines.offline.patching import add_patch, delete_patch, line_edits, move_patch, update_patch
from spark_tui.protocol.engines.offline.reading import Ask, Reading
from spark_tui.protocol.engines.offline.task import Kind, Task
from spark_tui.protocol.engines.offline.toolset import Toolset
from spark_tui.protocol.patch.edits import LineEdit, apply_edits, split_lines

READ_AT_ONCE = 40
"""Files asked for in one go."""

FILES_LIMIT = 2000
"""Files looked at for one task; more are said to be left out."""

TRIES = 2
"""Times a patch that does not fit is made anew for a file."""

NAMED_AT_MOST = 5
"""Files that a sentence names; of others it gives the number."""

HELP = """I am the offline engine: rules, not an AI model. I can work on this repository at once:

- `rename OLD to NEW`: a name in all code; add `in strings and comments too`, `only under src/`, `not in tests/`
- `replace "old text" with "new text"`, with the same limits
- `add docstrings to FILE`, `remove unused imports`, `outline FILE`
- `create notes.md: some text`, `move a.txt to b.txt`, `delete notes.md`

While I write, say `only under src/` or `no, call it total` to steer. For a real model, set SPARK_TUI_BASE_URL."""


@dataclass(frozen=True, slots=True)
class Step:
    """One response: words, then calls to the client's tools or patches."""

    words: str = ""
    asks: list[Ask] = field(default_factory=list)
    patches: list[str] = field(default_factory=list)


def next_step(dialogue: Dialogue, tools: Toolset) -> Step:
    """Choose what to answer."""
    task = dialogue.task
    if task is None or not dialogue.understood:
        return Step(HELP if task is None else f"I did not understand that. {HELP}")
    if task.kind is not Kind.OUTLINE and tools.patching is None:
        return Step("I cannot edit here: the client offers no `apply_patch` tool.")
    if task.kind is Kind.CREATE:
        return _create(task, dialogue)
    if task.kind is Kind.DELETE:
        return Step(f"Done: `{task.path}`.") if dialogue.patches else Step("", patches=[delete_patch(task.path)])
    if tools.reading is None:
        return Step("I cannot read files here: the client offers no tool for it.")
    if task.kind in (Kind.MOVE, Kind.OUTLINE):
        return _one_file(task, dialogue, tools)
    return _many_files(task, dialogue, tools)


def _create(task: Task, dialogue: Dialogue) -> Step:
    if dialogue.patches:
        return Step(f"Done: `{task.path}`.")
    text = task.text + "\n" if task.text else ""
    return Step(f"Creating `{task.path}`.", patches=[add_patch(task.path, text)])


def _one_file(task: Task, dialogue: Dialogue, tools: Toolset) -> Step:
    assert tools.reading is not None
    path = task.path
    if dialogue.patches:
        return Step(f"Done: `{task.old}` is now `{task.new}`.")
    if path in dialogue.unreadable:
        return Step(f"I cannot read `{path}`: {dialogue.unreadable[path]}.")
    if path not in dialogue.originals:
        return Step("", asks=[_read_on(path, dialogue, tools.reading)])
    text = dialogue.originals[path]
    if task.kind is Kind.MOVE:
        return Step(f"Moving `{path}` to `{task.new}`.", patches=[move_patch(path, task.new, text)])
    found = definitions(path, text)
    lines = [f"- {item.line + 1}: {item.kind} `{item.name}`" for item in found]
    return Step(f"`{path}` defines:\n\n" + "\n".join(lines) if lines else f"I see no definitions in `{path}`.")


def _many_files(task: Task, dialogue: Dialogue, tools: Toolset) -> Step:
    assert tools.reading is not None
    if dialogue.candidates is None:
        ask = tools.reading.search(task.old) if task.old else tools.reading.list_files()
        return Step(_announce(task), asks=[ask])
    if dialogue.more_names is not None:
        return Step("", asks=[dialogue.more_names])
    paths = [path for path in dialogue.candidates if task.covers(path) and _known(task, path)][:FILES_LIMIT]
    touched = [path for path in dialogue.originals if path not in paths]
    wanted = [p for p in paths if p not in dialogue.originals and p not in dialogue.unreadable]
    wanted = [path for path in wanted if dialogue.failures[path] < TRIES]
    if wanted:
        return Step("", asks=[_read_on(path, dialogue, tools.reading) for path in wanted[:READ_AT_ONCE]])
    patches = []
    places = 0
    for path in [*paths, *touched]:
        current = dialogue.current.get(path)
        if current is None or path not in dialogue.originals:
            continue
        original = dialogue.originals[path]
        edits = _edits(task, path, original) if task.covers(path) else []
        places += len(edits)
        aimed = "".join(apply_edits(split_lines(original), edits))
        if not _is_same(aimed, current):
            steps = edits if current == original else line_edits(current, aimed)
            patches.append(update_patch(path, current, steps))
    if patches:
        return Step(_plan_in_words(places, len(patches)), patches=patches)
    return Step(_report(task, dialogue, paths, places))


def _read_on(path: str, dialogue: Dialogue, reading: Reading) -> Ask:
    return dialogue.unfinished.get(path) or reading.read(path)


def _is_same(first: str, second: str) -> bool:
    """Whether no patch leads from one text to the other: it tells nothing of line breaks, which its reader sets."""
    return first == second or _unbroken(first) == _unbroken(second)


def _unbroken(text: str) -> list[str]:
    return [line.rstrip("\r\n") for line in split_lines(text)]


def _edits(task: Task, path: str, text: str) -> list[LineEdit]:
    match task.kind:
        case Kind.RENAME:
            return line_edits(text, rename(path, text, task.old, task.new, deep=task.deep))
        case Kind.REPLACE:
            return line_edits(text, text.replace(task.old, task.new))
        case Kind.DOCSTRINGS:
            return add_docstrings(path, text) or []
        case Kind.IMPORTS:
            return remove_unused_imports(path, text) or []
        case _:
            return []


def _known(task: Task, path: str) -> bool:
    """Whether the task's rules know the file's language; asked of an empty text, which has nothing to change."""
    judges: dict[Kind, Callable[[str, str], list[LineEdit] | None]] = {
        Kind.DOCSTRINGS: add_docstrings,
        Kind.IMPORTS: remove_unused_imports,
    }
    judge = judges.get(task.kind)
    return judge is None or judge(path, "") is not None


def _announce(task: Task) -> str:
    where = f" in {', '.join(f'`{path}`' for path in task.only)}" if task.only else ""
    match task.kind:
        case Kind.RENAME:
            return f"I look for `{task.old}`{where}."
        case Kind.REPLACE:
            return f"I look for “{task.old}”{where}."
        case _:
            return f"I look through the files{where}."


def _plan_in_words(places: int, files: int) -> str:
    return f"{places} {_s(places, 'place')} in {files} {_s(files, 'file')}:"


def _report(task: Task, dialogue: Dialogue, paths: list[str], places: int) -> str:
    gave_up = [path for path, count in dialogue.failures.items() if count >= TRIES]
    lines = []
    if gave_up:
        lines.append(f"My patch did not fit {', '.join(f'`{path}`' for path in gave_up)}; I left it alone.")
    unread = {path: why for path, why in dialogue.unreadable.items() if path in paths}
    if dialogue.patches:
        lines.append("Done." if not (unread or dialogue.listing_trouble) else "The rest is done.")
    elif not places and not unread and not dialogue.listing_trouble:
        lines.append(f"Nothing to change: {_nothing(task)}")
    if unread:
        lines.append(_unread_in_words(task, unread))
    if dialogue.listing_trouble:
        lines.append(f"There may be files that I have not seen: {dialogue.listing_trouble}.")
    if task.kind is Kind.RENAME and not task.deep:
        left = [p for p in paths if task.covers(p) and word(task.old).search(dialogue.current.get(p, ""))]
        if left:
            count = len(left)
            lines.append(
                f"`{task.old}` still stands in strings or comments of {count} {_s(count, 'file')};"
                " say “in strings and comments too” to change those."
            )
    if len(dialogue.candidates or ()) > FILES_LIMIT:
        lines.append(f"I looked at the first {FILES_LIMIT} files only; limit me with `under DIR` for the rest.")
    return " ".join(lines)


def _unread_in_words(task: Task, unread: dict[str, str]) -> str:
    """Which files were left alone because they could not be read; a search found the text in them."""
    named = [f"`{path}` ({why})" for path, why in list(unread.items())[:NAMED_AT_MOST]]
    others = len(unread) - len(named)
    more = f" and {others} {_s(others, 'other')}" if others else ""
    holds = f", which {'holds' if len(unread) == 1 else 'hold'} `{task.old}` too" if task.old else ""
    return f"I could not read {', '.join(named)}{more}{holds}."


def _nothing(task: Task) -> str:
    match task.kind:
        case Kind.RENAME:
            return f"no code uses the name `{task.old}`."
        case Kind.REPLACE:
            return f"no file holds “{task.old}”."
        case Kind.DOCSTRINGS:
            return "everything there is described already, or I do not know the language."
        case _:
            return "I see no unused imports."


def _s(count: int, noun: str) -> str:
    return noun if count == 1 else noun + "s"
