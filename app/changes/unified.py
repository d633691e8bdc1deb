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
    exists = file.base is not None and not file.absent
    body = "".join(_hunks(*_sides(file, exists=exists)))
    if exists == file.proposes and (not exists or (rename is None and not body)):
        return
    if rename is not None and rename.replaces:
        yield from _out_of_the_way(file.target, rename.removed)
    old, new = _quoted(f"a/{file.path}"), _quoted(f"b/{file.target}")
    yield f"diff --git {old} {new}\n"
    if not exists:
        yield "new file mode 100644\n"
    elif not file.proposes:
        yield f"deleted file mode 100{'755' if file.mode & 0o100 else '644'}\n"
    if rename is not None:
        yield f"rename from {_quoted(file.path)}\nrename to {_quoted(file.target)}\n"
    if body:
        yield f"--- {_labelled(old) if exists else '/dev/null'}\n"
        yield f"+++ {_labelled(new) if file.proposes else '/dev/null'}\n"
        yield body


def _out_of_the_way(path: str, lines: Sequence[str]) -> Iterator[str]:
    """The deletion of what a move replaces: git moves nothing over a file that is there."""
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    yield f"diff --git {old} {new}\ndeleted file mode 100644\n"
    if lines:
        yield f"--- {_labelled(old)}\n+++ /dev/null\n"
        yield from _hunks(lines, [LineEdit(0, len(lines), ())])


def _sides(file: FileChange, *, exists: bool) -> tuple[list[str], list[LineEdit]]:
    """The lines on disk, and the pending edits that change something of them."""
    base = file.base_lines if exists else []
    edits = [hunk.edit for hunk in file.pending if hunk.removed or hunk.added]
    if not file.mark or not (edits or exists != file.proposes):
        return base, edits
    return _marked(file, base, edits, exists=exists)


def _marked(
    file: FileChange, base: Sequence[str], edits: Sequence[LineEdit], *, exists: bool
) -> tuple[list[str], list[LineEdit]]:
    """``base`` and ``edits`` with the byte order mark where git sees it: at the begin of the first line of each side.

    An edit at the top is made to reach over the first line of both sides, which then begin with the mark.
    """
    marked = [file.mark + base[0], *base[1:]] if base else [file.mark] * exists
    first, *rest = edits or [LineEdit(0, 0, ())]
    if first.start > 0:
        return marked, list(edits)
    end, lines = first.end, list(first.lines)
    while end < len(base) and not (end and lines):
        if rest and rest[0].start == end:
            joined = rest.pop(0)
            lines += joined.lines
            end = joined.end
        else:
            lines.append(base[end])
            end += 1
    if file.proposes:
        lines[:1] = [file.mark + "".join(lines[:1])]
    return marked, [LineEdit(0, max(end, len(marked[:1])), tuple(lines)), *rest]


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
