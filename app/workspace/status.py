"""The state of the work tree as ``git status`` tells it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.paths import from_git, split_nul

PATHS_IN_A_CALL = 30
"""So many paths are named to git at most, since it compares each with every file that it knows."""

RULE_FILES = frozenset({".gitignore", ".gitmodules"})
"""Files that say of other files what git thinks of them."""

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
    # Folders first: git's untracked cache, where there is one, knows them, and not each file (unless so configured).
    output = _ask(repository, "--branch", "--ahead-behind", "--untracked-files=normal")
    status = parse_status(output)
    folders = [path for path, code in status.entries.items() if code == UNTRACKED and path.endswith("/")]
    if not folders:
        return status
    entries = dict(status.entries)
    for start in range(0, len(folders), PATHS_IN_A_CALL):
        part = folders[start : start + PATHS_IN_A_CALL]
        inside = repository.look("ls-files", "-z", "--others", "--exclude-standard", "--", *_literally(part)).stdout
        for folder in part:
            del entries[folder]
        entries |= dict.fromkeys(map(from_git, split_nul(inside)), UNTRACKED)
    return replace(status, entries=entries)


def update_status(repository: Repository, status: StatusSnapshot, paths: Collection[str]) -> StatusSnapshot:
    """What :func:`read_status` would tell now, if since ``status`` only files at or below ``paths`` changed.

    Where the index or HEAD changed too, or there are many paths, or renames, whose other half may lie elsewhere, all
    of it is read. Blocks; raises as :func:`read_status`.
    """
    rules = any(path.rpartition("/")[2] in RULE_FILES for path in paths)
    intended = any(code[1] in "AR" for code in status.entries.values())
    if rules or intended or status.renamed or len(paths) > PATHS_IN_A_CALL:
        return read_status(repository)
    part = parse_status(_ask(repository, "--untracked-files=all", "--", *_literally(sorted(paths))))
    touched, below = set(paths), tuple(f"{path}/" for path in paths)

    def is_touched(path: str) -> bool:
        return path in touched or path.startswith(below)

    def updated(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
        return {path: code for path, code in before.items() if not is_touched(path)} | now

    return replace(
        status,
        entries=updated(status.entries, part.entries),
        submodules=updated(status.submodules, part.submodules),
        unmerged=frozenset(path for path in status.unmerged if not is_touched(path)) | part.unmerged,
    )


def git_letters(status: StatusSnapshot | None) -> dict[str, str]:
    """One letter for each path that git has something to say of, in order of path."""
    if status is None:
        return {}
    letters = {path: code.replace(".", "")[:1] for path, code in status.entries.items()}
    letters |= dict.fromkeys(status.unmerged, "U")
    return dict(sorted(letters.items()))


def _ask(repository: Repository, *arguments: str) -> bytes:
    return repository.look(
        "status",
        "--porcelain=v2",
        "-z",
        "--ignore-submodules=dirty",
        "--find-renames",
        *arguments,
        reads_files=True,
    ).stdout


def _literally(paths: Sequence[str]) -> list[str]:
    return [f":(top,literal){path}" for path in paths]


_FIELDS_BEFORE_PATH = {b"1": 7, b"2": 8, b"u": 9}


def _unless(value: bytes | None, none: bytes) -> str | None:
    return None if value is None or value == none else from_git(value)


def _ahead_behind(value: bytes) -> tuple[int, int]:
    ahead, _, behind = value.partition(b" ")
    if not (ahead[1:].isdigit() and behind[1:].isdigit()):
        return 0, 0
    return int(ahead[1:]), int(behind[1:])
