"""The same faults from outside, by strace: real kills and real errors at the system calls of the real command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

PATCH = (
    b"*** Begin Patch\n*** Update File: run.sh\n@@\n-old\n+new\n*** Update File: sub/link\n@@\n-old\n+new\n"
    b"*** Add File: made/here/b\n+new\n*** Delete File: gone\n*** End Patch\n"
)
CALLS = (
    "rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,write,pwrite64,fsync,fdatasync,"
    "fchmod,fchown,ftruncate,openat"
)
ERRORS = {
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "fsync": ("EIO",),
    "renameat": ("EROFS",),
    "renameat2": ("EACCES", "EROFS"),
    "openat": ("EMFILE", "EACCES"),
    "unlinkat": ("EBUSY",),
    "fchmod": ("EPERM",),
    "mkdirat": ("ENOSPC",),
}
COMMAND = [sys.executable, str(Path(__file__).with_name("apply_once.py"))]


@dataclass(frozen=True)
class Call:
    """The ``number``-th call (from 1) of that name in the process; ``line`` is as strace printed it."""

    name: str
    number: int
    line: str


def make(root: Path) -> Path:
    (root / ".git/objects").mkdir(parents=True)
    (root / ".git/refs").mkdir()
    (root / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (root / "sub").mkdir()
    (root / "run.sh").write_bytes(b"old\n" * 500)
    (root / "run.sh").chmod(0o755)
    (root / "target").write_bytes(b"old\n")
    (root / "sub/link").symlink_to("../target")
    (root / "gone").write_bytes(b"gone\n")
    return root


def tree(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith(".git"):
            continue
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = None if path.is_dir() else (path.read_bytes(), path.stat().st_mode)
    return found


def run(root: Path, *options: str, strace: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    tracer = ["strace", "-f", "-y", "-qq", *strace] if strace else []
    return subprocess.run(
        [*tracer, *COMMAND, str(root), *options], input=PATCH, capture_output=True, env=environment, check=False
    )


def recorded(root: Path, log: Path, *options: str) -> list[Call]:
    """The calls of a clean run that change something below ``root``."""
    result = run(root, *options, strace=("-o", str(log), "-e", f"trace={CALLS}"))
    assert result.returncode == 0, result.stderr
    counts: Counter[str] = Counter()
    calls = []
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"\d+ +(\w+)\(", line)
        if not found:
            continue
        name = found.group(1)
        counts[name] += 1
        if str(root) in line and (name != "openat" or "O_CREAT" in line or "O_NOFOLLOW" in line):
            calls.append(Call(name, counts[name], line))
    return calls


@pytest.fixture
def trees(tmp_path: Path) -> tuple[dict[str, object], dict[str, object]]:
    root = make(tmp_path / "expected")
    old = tree(root)
    assert run(root).returncode == 0
    return old, tree(root)


def settled(root: Path, trees: tuple[dict[str, object], dict[str, object]]) -> bool:
    """Recover and check that all is old or new, without litter; whether it is new."""
    result = run(root, "--recover")
    assert result.returncode == 0, result.stderr
    assert tree(root) in trees
    journal = root / ".git/spark-tui/journal"
    assert not journal.exists() or not list(journal.iterdir())
    return tree(root) == trees[1]


def check_untorn(root: Path, trees: tuple[dict[str, object], dict[str, object]]) -> None:
    now = tree(root)
    for name in {*trees[0], *trees[1]}:
        assert now.get(name) in (trees[0].get(name), trees[1].get(name)), name


def test_death_at_each_call(tmp_path: Path, trees: tuple[dict[str, object], dict[str, object]]) -> None:
    calls = [
        call
        for call in recorded(make(tmp_path / "r"), tmp_path / "log")
        if call.name != "openat" or "O_CREAT" in call.line
    ]
    assert len(calls) > 15
    seen = set()
    for number, call in enumerate(calls):
        root = make(tmp_path / f"k{number}")
        inject = f"inject={call.name}:signal=SIGKILL:when={call.number}"
        run(root, strace=("-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject))
        check_untorn(root, trees)
        seen.add(settled(root, trees))
    assert seen == {True, False}


def test_death_in_a_recovery(tmp_path: Path, trees: tuple[dict[str, object], dict[str, object]]) -> None:
    publish = [call for call in recorded(make(tmp_path / "r"), tmp_path / "log") if call.name == "renameat2"]
    crash = ("-o", "/dev/null", "-e", f"inject=renameat2:signal=SIGKILL:when={publish[1].number}")
    crashed = make(tmp_path / "crashed")
    run(crashed, strace=crash)
    copies = shutil.copytree(crashed, tmp_path / "copy", symlinks=True)
    for number, call in enumerate(recorded(copies, tmp_path / "log2", "--recover")):
        if call.name == "openat" and "O_CREAT" not in call.line:
            continue
        root = shutil.copytree(crashed, tmp_path / f"r{number}", symlinks=True)
        inject = f"inject={call.name}:signal=SIGKILL:when={call.number}"
        run(root, "--recover", strace=("-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject))
        check_untorn(root, trees)
        assert settled(root, trees)


def test_errors_of_each_call(tmp_path: Path, trees: tuple[dict[str, object], dict[str, object]]) -> None:
    calls = recorded(make(tmp_path / "r"), tmp_path / "log")
    for number, call in enumerate(calls):
        for error in ERRORS.get(call.name, ()):
            root = make(tmp_path / f"e{number}{error}")
            inject = f"inject={call.name}:error={error}:when={call.number}"
            result = run(root, strace=("-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject))
            assert b"Traceback" not in result.stderr, call.line
            if result.returncode == 0:
                assert tree(root) == trees[1], call.line
            else:
                assert result.returncode == 1
                assert result.stderr.count(b"\n") == 1
                assert b"--recover" in result.stderr or tree(root) == trees[0], call.line
            settled(root, trees)


def test_a_polite_signal_waits_until_the_files_are_whole(
    tmp_path: Path, trees: tuple[dict[str, object], dict[str, object]]
) -> None:
    publish = [call for call in recorded(make(tmp_path / "r"), tmp_path / "log") if call.name == "renameat2"]
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        root = make(tmp_path / name)
        inject = f"inject=renameat2:signal={name}:when={publish[1].number}"
        run(root, strace=("-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject))
        assert tree(root) == trees[1]


def test_the_disk_has_each_thing_before_the_next_relies_on_it(tmp_path: Path) -> None:
    lines = [call.line for call in recorded(make(tmp_path / "r"), tmp_path / "log")]

    def positions(pattern: str) -> list[int]:
        found = [index for index, line in enumerate(lines) if re.search(pattern, line)]
        assert found, pattern
        return found

    staged = positions(r"fsync\(\d+<[^>]*journal/\d+\.new>")
    written = positions(r"fsync\(\d+<[^>]*journal/draft>")
    point = positions(r'renameat\(.*"draft".*"commit"')
    recorded_point = next(at for at in positions(r"fsync\(\d+<[^>]*/journal>") if at > point[0])
    published = positions(r"renameat2?\(.*(run\.sh|target|gone|\"b\")")
    flushed = positions(r"fsync\(\d+<[^>]*/r(/made(/here)?)?>")
    dropped = positions(r'unlinkat\(.*"commit"')
    assert len(staged) == 3
    assert max(staged) < point[0]
    assert max(written) < point[0]
    assert point[0] < recorded_point < min(published)
    assert max(published) < min(flushed)
    assert max(flushed) < min(dropped)


def test_an_edit_between_the_check_and_the_swap(tmp_path: Path) -> None:
    root = make(tmp_path / "r")
    delay = ("-o", "/dev/null", "-e", "trace=renameat2", "-e", "inject=renameat2:delay_enter=400000")
    process = subprocess.Popen(
        ["strace", "-f", "-qq", *delay, *COMMAND, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(PATCH)
    process.stdin.close()
    deadline = time.monotonic() + 60
    while not (root / ".git/spark-tui/journal/commit").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
    (root / "target").write_bytes(b"mine\n")
    assert process.wait(60) == 1
    assert process.stderr is not None
    with process.stderr:
        assert b"sub/link changed" in process.stderr.read()
    assert (root / "target").read_bytes() == b"mine\n"
    assert (root / "run.sh").read_bytes() == b"old\n" * 500


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="prlimit is not installed")
def test_a_file_size_limit(tmp_path: Path, trees: tuple[dict[str, object], dict[str, object]]) -> None:
    for limit in (0, 100, 1500):
        root = make(tmp_path / str(limit))
        result = subprocess.run(
            ["prlimit", f"--fsize={limit}", *COMMAND, str(root)], input=PATCH, capture_output=True, check=False
        )
        assert result.returncode == 1
        assert b"File too large" in result.stderr
        assert b"Traceback" not in result.stderr
        assert tree(root) == trees[0]
        settled(root, trees)
