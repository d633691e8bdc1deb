"""Whether a path from a model may be read or written: the part that looks at the text alone.

Everything that names a file on behalf of a model goes through :func:`check_path`; the file system's part (links,
races, kinds of file) is :mod:`spark_tui.app.workspace.beneath`, which asks :func:`check_name` about each name that a
link brings in.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from spark_tui.app.workspace.errors import PathRefused

MAX_NAME_BYTES = 255
"""The longest name that Linux and macOS file systems take (``NAME_MAX``)."""

MAX_PATH_BYTES = 4095
"""The longest path that Linux takes (``PATH_MAX`` without its NUL)."""

MAX_DEPTH = 256
"""More directories than this is no real tree, but can still be made one by one."""

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control, format (bidi, zero width, BOM), lone surrogates, line and paragraph separators."""

_UNSEEN_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Characters of other categories that draw nothing (Unicode's Default_Ignorable_Code_Point)."""

_GIT_SHORT_NAME = re.compile(r"git~[0-9]+")
_DRIVE = re.compile(r"[A-Za-z]:")
_STREAM = re.compile(r"::|\.[^.:]+:.")


def check_path(path: str, root: Path | None = None) -> str:
    """Return ``path`` relative to the root and normalised (no ``.``, no empty part), or raise :exc:`PathRefused`.

    Nothing is expanded or decoded: ``~``, ``$HOME``, ``%41`` and ``file:x`` are plain names. An absolute path is
    refused unless ``root`` is given and the text lies inside it. ``..`` is always refused: what it means depends on
    links. Case and Unicode normal form are kept as they are.

    >>> check_path("./src//a.py")
    'src/a.py'
    """
    _check_characters(path, path)
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/"):
        parts = _inside(path, parts, root)
    if ".." in parts:
        raise PathRefused(path, "a path may not contain '..'")
    if not parts:
        raise PathRefused(path, "this names the work tree itself, not a file in it" if path else "the path is empty")
    if len(parts) > MAX_DEPTH:
        raise PathRefused(path[:80] + "...", f"more than {MAX_DEPTH} directories deep")
    for part in parts:
        check_name(part, path)
    normalised = "/".join(parts)
    if len(normalised.encode()) > MAX_PATH_BYTES:
        raise PathRefused(path[:80] + "...", f"longer than {MAX_PATH_BYTES} bytes")
    return normalised


def check_name(name: str, path: str) -> None:
    """Raise :exc:`PathRefused` for ``path`` if one of its names, ``name``, is none that may be used."""
    _check_characters(name, path)
    if is_git_name(name):
        raise PathRefused(path, "git's own files are not to be touched")
    if "\\" in name:
        raise PathRefused(path, "a backslash means another file on Windows; write '/'")
    if _DRIVE.match(name) or _STREAM.search(name):
        raise PathRefused(path, "a drive or stream of Windows, not a file name")
    if name[-1].isspace() or (name[-1] == "." and name.strip(".")):
        raise PathRefused(path, "a name may not end in a dot or a space: some systems drop it")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise PathRefused(path[:80] + "...", f"a name longer than {MAX_NAME_BYTES} bytes")


def is_git_name(name: str) -> bool:
    """Whether some file system takes ``name`` for ``.git``.

    After git's own ``verify_path``: HFS+ ignores case and format characters, NTFS ignores case, what follows a
    colon, and dots and spaces at the end, and knows the short name ``GIT~1``.
    """
    seen = "".join(c for c in name if c.isascii() or unicodedata.category(c) != "Cf")
    stem = re.split(r"[:\\]", seen, maxsplit=1)[0].rstrip(". ").casefold()
    return stem == ".git" or _GIT_SHORT_NAME.fullmatch(stem) is not None


def _check_characters(text: str, path: str) -> None:
    if text.isascii() and text.isprintable():
        return
    for character in text:
        if unicodedata.category(character) in _UNSEEN_CATEGORIES or character in _UNSEEN_LETTERS:
            raise PathRefused(path, f"the character U+{ord(character):04X} cannot be seen in a path")


def _inside(path: str, parts: list[str], root: Path | None) -> list[str]:
    """The parts of an absolute path below ``root``. A double slash in front names a host on some systems."""
    if root is not None and not path.startswith("//"):
        above = list(root.parts[1:])
        if parts[: len(above)] == above:
            return parts[len(above) :]
    raise PathRefused(path, "an absolute path that is not inside the work tree")


_RUNS = "runs by itself in other tools"
_SECRET = "may hold secrets"
_LOCK_FILE = "is made by a package tool, seldom by hand"
_GIT = "changes how git treats this repository"
_CI = "runs on the build servers"

_WARNINGS: tuple[tuple[str, str], ...] = (
    (".env", _SECRET),
    (".env.*", _SECRET),
    ("*.pem", _SECRET),
    ("*.key", _SECRET),
    ("id_rsa*", _SECRET),
    ("id_ed25519*", _SECRET),
    (".npmrc", _SECRET),
    (".pypirc", _SECRET),
    (".netrc", _SECRET),
    (".envrc", _RUNS),
    ("conftest.py", _RUNS),
    ("sitecustomize.py", _RUNS),
    ("usercustomize.py", _RUNS),
    ("setup.py", _RUNS),
    ("noxfile.py", _RUNS),
    ("*.pth", _RUNS),
    ("package.json", _RUNS),
    ("build.rs", _RUNS),
    ("makefile", _RUNS),
    ("gnumakefile", _RUNS),
    ("justfile", _RUNS),
    (".pre-commit-config.y*ml", _RUNS),
    ("lefthook.y*ml", _RUNS),
    (".bashrc", _RUNS),
    (".zshrc", _RUNS),
    (".profile", _RUNS),
    (".exrc", _RUNS),
    (".vimrc", _RUNS),
    (".nvimrc", _RUNS),
    (".nvim.lua", _RUNS),
    (".dir-locals.el", _RUNS),
    ("*.code-workspace", _RUNS),
    (".gitattributes", _GIT),
    (".gitmodules", _GIT),
    (".gitconfig", _GIT),
    (".gitlab-ci.y*ml", _CI),
    (".travis.y*ml", _CI),
    (".drone.y*ml", _CI),
    ("azure-pipelines.y*ml", _CI),
    ("jenkinsfile", _CI),
    ("package-lock.json", _LOCK_FILE),
    ("pnpm-lock.yaml", _LOCK_FILE),
    ("go.sum", _LOCK_FILE),
    ("*.lock", _LOCK_FILE),
)
"""Patterns of the last name, in lower case, and what is said of it."""

_PATTERNS = [(*pattern.partition("*"), warning) for pattern, warning in _WARNINGS]
"""Each taken apart at its star: as regular expressions, which take a frame to compile, the first hunk would wait."""

_DIRECTORY_WARNINGS: dict[str, str] = {
    "/.husky/": _RUNS,
    "/.githooks/": _RUNS,
    "/.vscode/": _RUNS,
    "/.idea/": _RUNS,
    "/.devcontainer/": _RUNS,
    "/.cargo/": _RUNS,
    "/.github/workflows/": _CI,
    "/.github/actions/": _CI,
    "/.circleci/": _CI,
    "/.buildkite/": _CI,
}
"""Directories, in lower case, anywhere on the way."""

_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")
_WINDOWS_FORBIDDEN = frozenset('<>:"|?*')


def warning_for(path: str) -> str | None:
    """One clause to show beside a change of ``path``, or ``None`` for a file like most.

    ``path`` has passed :func:`check_path`. A warning never forbids: it makes sure that the file is not overlooked.
    """
    folded = path.casefold()
    parts = folded.split("/")
    name = parts[-1]
    for head, any_between, tail, warning in _PATTERNS:
        if name == head if not any_between else name.startswith(head) and name.removeprefix(head).endswith(tail):
            return warning
    for directory, warning in _DIRECTORY_WARNINGS.items():
        if directory in f"/{folded}":
            return warning
    for part in parts:
        if _WINDOWS_DEVICE.match(part) or not _WINDOWS_FORBIDDEN.isdisjoint(part):
            return "cannot be checked out on Windows"
        if part != part.strip() or any(c.isspace() and c != " " for c in part):
            return "has a space that is easily overlooked"
    return None
