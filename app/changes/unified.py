"""A change set as a unified diff, as ``git apply`` takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spark_tui.app.changes.file_change import FileChange
from spark_tui.protocol.patch.edits import LineEdit

CONTEXT = 3
NO_BREAK = "\\ No newline at end of file\n"
_UNUSUAL = re.compile(r'[\x00-\x1f"\\\x7f]')


def unified_diff(files: Sequence[FileChange]) -> str:
    """The pending hunks of ``files``; empty where none is pending."""
    return "".join(part for file in files for part in _file(file))


def _file(file: FileChange) -> Iterator[str]:
    rename = file.rename
    edits = [hunk.edit for hunk in file.pending]
    if not edits and rename is None:
        return
    old, new = _quoted(f"a/{file.path}"), _quoted(f"b/{file.target}")
    exists = file.base is not None and not file.absent
    yield f"diff --git {old} {new}\n"
    if not exists:
        yield "new file mode 100644\n"
    elif not file.proposes:
        yield f"deleted file mode 100{'755' if file.mode & 0o100 else '644'}\n"
    if rename is not None:
        yield f"rename from {_quoted(file.path)}\nrename to {_quoted(file.target)}\n"
    if not edits:
        return
    yield f"--- {_labelled(old) if exists else '/dev/null'}\n+++ {_labelled(new) if file.proposes else '/dev/null'}\n"
    yield from _hunks(file.base_lines if exists else [], edits)


def _hunks(base: Sequence[str], edits: Sequence[LineEdit]) -> Iterator[str]:
    shift = 0
    for group in _groups(edits):
        start = max(0, group[0].start - CONTEXT)
        end = min(len(base), group[-1].end + CONTEXT)
        body: list[str] = []
        position = start
        for edit in group:
            body += [_line(" ", line) for line in base[position : edit.start]]
            body += [_line("-", line) for line in base[edit.start : edit.end]]
            body += [_line("+", line) for line in edit.lines]
            position = edit.end
        body += [_line(" ", line) for line in base[position:end]]
        growth = sum(len(edit.lines) - (edit.end - edit.start) for edit in group)
        yield f"@@ -{_range(start, end - start)} +{_range(start + shift, end - start + growth)} @@\n"
        yield from body
        shift += growth


def _groups(edits: Sequence[LineEdit]) -> list[list[LineEdit]]:
    groups: list[list[LineEdit]] = []
    for edit in edits:
        if groups and edit.start - groups[-1][-1].end <= 2 * CONTEXT:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def _range(start: int, count: int) -> str:
    first = start + 1 if count else start
    return f"{first}" if count == 1 else f"{first},{count}"


def _line(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n{NO_BREAK}"


def _quoted(name: str) -> str:
    """A name as git prints it: in quotes with escapes where it would not be one word of one line."""
    if not _UNUSUAL.search(name):
        return name
    escaped = _UNUSUAL.sub(lambda found: f"\\{ord(found[0]):03o}", name)
    return f'"{escaped}"'


def _labelled(name: str) -> str:
    """A name behind ``---``: where it has spaces, a tab tells its end."""
    return name + "\t" if " " in name and not name.startswith('"') else name
