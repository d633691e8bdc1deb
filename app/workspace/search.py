"""Searching the work tree with the pending edits laid over it.

Both the files and the pending texts are searched by ``git grep``: one regular expression language, and a process
that can be stopped, since an expression may be written to take for ever.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitFailed
from spark_tui.app.workspace.git_process import GitOutput, run_git
from spark_tui.app.workspace.paths import from_git

TIME_LIMIT = 10.0
"""Seconds for one search."""

OUTPUT_LIMIT = 1 << 20
"""Bytes of output that are read; more than any answer needs."""

_LINES = ("--line-number",)
_NAMES = ("--files-with-matches",)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for: ``pattern`` as written, or as a regular expression of Perl's kind with ``regex``.

    ``path`` limits it to a file or a folder; ``None`` is the whole work tree. ``limit`` is the most lines wanted.
    """

    pattern: str
    path: str | None = None
    regex: bool = False
    limit: int = 200


@dataclass(frozen=True, slots=True)
class Match:
    """A line that matches; ``line`` is 1-based, ``text`` lacks the line break."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Matches by path and line. ``truncated``: there are more than were wanted.

    Then ``others`` are the files with matches of which none is among ``matches``, as far as ``others_truncated`` does
    not say that there are still more.
    """

    matches: Sequence[Match]
    truncated: bool
    others: Sequence[str] = ()
    others_truncated: bool = False


def search(repository: Repository, query: SearchQuery, pending: Mapping[str, bytes | None]) -> SearchResult:
    """Search tracked files and untracked ones that are not ignored; blocks. Binary files do not match.

    ``pending`` gives the content that a path would have once the edits are accepted, ``None`` where the file would
    be gone; that is searched in place of the file. Raises :exc:`~spark_tui.app.workspace.git_errors.GitError`, as
    on a regular expression that is none.
    """
    output = _grep_tree(repository, query, _LINES)
    found = [match for match in _parse(output.stdout) if match.path not in pending]
    proposed = {path: data for path, data in pending.items() if data is not None and _is_within(path, query.path)}
    found += _search_texts(proposed, query)
    found.sort(key=lambda match: (match.path, match.line))
    if not output.truncated and len(found) <= query.limit:
        return SearchResult(found, truncated=False)
    names = _grep_tree(repository, query, _NAMES)
    holding = {from_git(name) for name in names.stdout.split(b"\0")[:-1]} - pending.keys()
    holding |= {match.path for match in found}
    shown = found[: query.limit]
    others = sorted(holding - {match.path for match in shown})
    return SearchResult(shown, truncated=True, others=others, others_truncated=names.truncated)


def _grep_tree(repository: Repository, query: SearchQuery, what: Sequence[str]) -> GitOutput:
    scope = ["--", f":(top,literal){query.path}"] if query.path else ["--", ":/"]
    return _grep(repository.root, (*what, "--untracked", "--exclude-standard"), query, scope)


def _search_texts(texts: Mapping[str, bytes], query: SearchQuery) -> list[Match]:
    """Search contents that are in no file: written out under numbers, so that no path can lead elsewhere."""
    if not texts:
        return []
    paths = list(texts)
    with tempfile.TemporaryDirectory(prefix="spark-tui-search-") as name:
        folder = Path(name)
        for number, path in enumerate(paths):
            (folder / str(number)).write_bytes(texts[path])
        output = _grep(folder, (*_LINES, "--no-index"), query, ["--", "."])
    return [Match(paths[int(match.path)], match.line, match.text) for match in _parse(output.stdout)]


def _grep(folder: Path, where: Sequence[str], query: SearchQuery, scope: Sequence[str]) -> GitOutput:
    def run(syntax: str) -> GitOutput:
        return run_git(
            folder,
            (
                *("grep", "--full-name", "-I", "--null", "--no-color", "--no-textconv"),
                *("--no-recurse-submodules", "--threads=2", *where, syntax, "-e", query.pattern, *scope),
            ),
            config=(("grep.column", "false"), ("grep.fullName", "true"), ("grep.fallbackToNoIndex", "false")),
            accept=(0, 1),
            timeout=TIME_LIMIT,
            limit=OUTPUT_LIMIT,
        )

    if not query.regex:
        return run("--fixed-strings")
    try:
        return run("--perl-regexp")
    except GitFailed as error:
        if "Perl-compatible" not in error.output:
            raise
    return run("--extended-regexp")


def _parse(output: bytes) -> list[Match]:
    """Read ``path NUL line NUL text`` lines; a last one that was cut is dropped."""
    matches: list[Match] = []
    position = 0
    while True:
        # A path may hold a line break, so the two NULs are looked for before the line's end.
        path_end = output.find(b"\0", position)
        number_end = output.find(b"\0", path_end + 1)
        line_end = output.find(b"\n", number_end + 1)
        if min(path_end, number_end, line_end) < 0:
            return matches
        text = output[number_end + 1 : line_end].removesuffix(b"\r").decode("utf-8", "replace")
        matches.append(Match(from_git(output[position:path_end]), int(output[path_end + 1 : number_end]), text))
        position = line_end + 1


def _is_within(path: str, scope: str | None) -> bool:
    return scope is None or scope in ("", ".") or path == scope or path.startswith(scope.rstrip("/") + "/")
