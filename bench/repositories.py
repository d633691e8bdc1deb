"""The repositories that programs are started in: made when they are first asked for, and kept between runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.mock_model import file_line, patched_file

LARGE, HUGE = 20_000, 200_000
"""Tracked files of the large and of the huge repository."""
HUGE_LOOSE = 20_000
"""Loose objects of the huge one, beside the pack that holds what is committed."""
HUGE_GIT_BYTES = 10_000_000_000
LONG_LINES = 50_000
MANY_FILES, MANY_LINES = 50, 2_000

Files = Iterator[tuple[str, str]]


def small() -> Files:
    """One file, which a patch of 6,000 tokens is about."""
    yield patched_file(0), _lines(2_000)


def large() -> Files:
    """20,000 small files."""
    return _modules(LARGE)


def huge() -> Files:
    """200,000 small files."""
    return _modules(HUGE)


def long() -> Files:
    """One file of 50,000 lines."""
    yield patched_file(0), _lines(LONG_LINES)


def many() -> Files:
    """50 files of 2,000 lines."""
    for number in range(MANY_FILES):
        yield patched_file(number), _lines(MANY_LINES)


REPOSITORIES: dict[str, Callable[[], Files]] = {each.__name__: each for each in (small, large, huge, long, many)}


def prepare(folder: Path, name: str) -> None:
    """Make the repository ``name`` in ``folder``, or give what is there the files of its commit again.

    What a program kept of its sessions in the git directory is forgotten.
    """
    if not (folder / ".git" / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _git(folder, "init", "-q", "-b", "main")
        _import(folder, REPOSITORIES[name]())
        _git(folder, "reset", "-q", "--hard")
        if name == "huge":
            _make_heavy(folder)
        (folder / ".git" / "made").touch()
    elif name != "huge":  # nothing is ever accepted there, and looking at it takes a second
        _git(folder, "checkout", "-q", "-f", "main", "--", ".")
    shutil.rmtree(folder / ".git" / "spark-tui", ignore_errors=True)


def _import(folder: Path, files: Files) -> None:
    """Commit ``files`` by ``git fast-import``, which writes one pack."""
    importer = subprocess.Popen(
        ["git", "-C", str(folder), "fast-import", "--quiet"], stdin=subprocess.PIPE, env=_environ()
    )
    assert importer.stdin is not None
    with importer.stdin as pipe:
        pipe.write(b"commit refs/heads/main\ncommitter bench <bench@localhost> 1700000000 +0000\ndata 5\nstart\n")
        for path, text in files:
            data = text.encode()
            pipe.write(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data))
    if importer.wait():
        raise RuntimeError(f"git fast-import failed in {folder}")


def _make_heavy(folder: Path) -> None:
    """Stand in for a ``.git`` of 10 GB: many loose objects, and a sparse file under the name of a pack in the making.

    It has the size and the number of entries that whatever walks or watches the folder meets; git reads none of it.
    """
    names = "".join(f"{folder}/.git/loose-{number}\n" for number in range(HUGE_LOOSE))
    for number, name in enumerate(names.splitlines()):
        Path(name).write_text(f"loose object {number}\n")
    subprocess.run(
        ["git", "-C", str(folder), "hash-object", "-w", "--stdin-paths"],
        input=names.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
        env=_environ(),
    )
    for name in names.splitlines():
        Path(name).unlink()
    with (folder / ".git" / "objects" / "pack" / "tmp_pack_stand-in").open("wb") as file:
        file.truncate(HUGE_GIT_BYTES)


def _modules(count: int) -> Files:
    for number in range(count):
        yield f"pkg{number // 1000:03}/mod{number // 40:04}/file{number:06}.py", f"VALUE = {number}\n"


def _lines(count: int) -> str:
    return "".join(file_line(number) + "\n" for number in range(count))


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=_environ())


def _environ() -> dict[str, str]:
    """Git without anybody's settings."""
    return {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
