"""The state of the work tree as ``git status`` tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.paths import from_git, split_nul

UNTRACKED = "??"
IGNORED = "!!"


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """One ``git status``.

    ``branch`` is ``None`` on a detached HEAD, ``commit`` before the first commit, ``upstream`` without one; then
    ``ahead`` and ``behind`` are 0. ``entries`` gives each path that is not clean its two letters, of the index and
    of the work tree, with ``.`` for unchanged (``git help status``, "Porcelain Format Version 2"); :data:`UNTRACKED`
    for what git does not know. ``renamed`` names the old path of each that was moved; ``submodules`` the four
    letters of each entry that is one.
    """

    branch: str | None = None
    commit: str | None = None
    upstream: str | None = None
    ahead: int = 0
    behind: int = 0
    entries: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    submodules: dict[str, str] = field(default_factory=dict)
    unmerged: frozenset[str] = frozenset()


def parse_status(output: bytes) -> StatusSnapshot:
    """Read what ``git status --porcelain=v2 -z --branch`` printed; records that it cannot read are passed over."""
    headers: dict[bytes, bytes] = {}
    entries: dict[str, str] = {}
    renamed: dict[str, str] = {}
    submodules: dict[str, str] = {}
    unmerged: set[str] = set()
    records = iter(split_nul(output))
    for record in records:
        kind, _, rest = record.partition(b" ")
        if kind == b"#":
            name, _, value = rest.partition(b" ")
            headers[name] = value
        elif kind in (b"?", b"!"):
            entries[from_git(rest)] = UNTRACKED if kind == b"?" else IGNORED
        elif kind in _FIELDS_BEFORE_PATH:
            *fields, raw = rest.split(b" ", _FIELDS_BEFORE_PATH[kind])
            if len(fields) < _FIELDS_BEFORE_PATH[kind]:
                continue
            path = from_git(raw)
            entries[path] = fields[0].decode("ascii", "replace")
            if fields[1].startswith(b"S"):
                submodules[path] = fields[1].decode("ascii", "replace")
            if kind == b"2":
                renamed[path] = from_git(next(records, b""))
            elif kind == b"u":
                unmerged.add(path)
    ahead, behind = _ahead_behind(headers.get(b"branch.ab", b""))
    return StatusSnapshot(
        branch=_unless(headers.get(b"branch.head"), b"(detached)"),
        commit=_unless(headers.get(b"branch.oid"), b"(initial)"),
        upstream=_unless(headers.get(b"branch.upstream"), b""),
        ahead=ahead,
        behind=behind,
        entries=entries,
        renamed=renamed,
        submodules=submodules,
        unmerged=frozenset(unmerged),
    )


def read_status(repository: Repository) -> StatusSnapshot:
    """Ask git; blocks. Raises :exc:`~spark_tui.app.workspace.git_errors.GitError`.

    Work trees of submodules are not looked into, since that would run what *they* configure; a submodule counts as
    changed when another commit is checked out in it.
    """
    output = repository.look(
        "status",
        "--porcelain=v2",
        "-z",
        "--branch",
        "--untracked-files=all",
        "--ignore-submodules=dirty",
        "--ahead-behind",
        "--find-renames",
        reads_files=True,
    ).stdout
    return parse_status(output)


_FIELDS_BEFORE_PATH = {b"1": 7, b"2": 8, b"u": 9}


def _unless(value: bytes | None, none: bytes) -> str | None:
    return None if value is None or value == none else from_git(value)


def _ahead_behind(value: bytes) -> tuple[int, int]:
    ahead, _, behind = value.partition(b" ")
    if not (ahead[1:].isdigit() and behind[1:].isdigit()):
        return 0, 0
    return int(ahead[1:]), int(behind[1:])
