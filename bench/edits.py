"""What editing costs: parsing, placing, rebasing and writing at the sizes that were promised (``make bench-edits``).

Nothing here is a test: the figures are printed beside their goals, for a person to judge on the machine at hand.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.live import LivePatch
from spark_tui.app.checkpoints.publisher import Publisher
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.line_diff import git_line_diff
from spark_tui.app.workspace.reading import read_snapshot
from spark_tui.app.workspace.writer import Writer
from spark_tui.protocol.patch.edits import LineEdit
from spark_tui.protocol.patch.language import Dialect
from spark_tui.protocol.patch.parser import PatchParser

ROUNDS = 3


def main() -> None:
    """Run every measurement, and print one line for each."""
    with tempfile.TemporaryDirectory(prefix="spark-tui-bench-", dir=os.environ.get("SPARK_TUI_BENCH_DIR")) as folder:
        accept_many(Path(folder))
    rebase_many()
    parse_linearly()
    patch_a_large_file()


def accept_many(folder: Path) -> None:
    """1,000 hunks over 200 files in one transaction, against the bare system calls on the same bytes."""
    repository = make_repository(folder / "tree", files=200, lines=200)
    bare = best(lambda: write_bare(folder / "bare", files=200, lines=200))
    store = CheckpointStore(repository)
    writer = Writer(repository.root, repository.state_dir)
    publisher = Publisher(store, writer, "bench")
    whole, written = [], []
    for turn in range(ROUNDS):
        changes = ChangeSet()
        for number in range(200):
            path = f"src/file_{number:03}.py"
            changes.open(read_snapshot(repository.root, path))
            for hunk in range(5):
                line = 20 + 30 * hunk
                edit = LineEdit(line, line + 1, (f"changed in round {turn}\n", "and one more\n"))
                changes.stage(path, edit, section=f"s{turn}", turn=turn)
        ids = [hunk.id for hunk in changes.hunks(HunkState.PENDING)]
        started = time.perf_counter()
        plan = changes.plan_accept(ids)
        kept = publisher.describe(changes, plan)
        publisher.publish(plan, kept, "bench")
        changes.accepted(plan)
        whole.append(time.perf_counter() - started)
        plan = changes.plan_undo(ids)
        started = time.perf_counter()
        writer.commit(plan.writes)
        written.append(time.perf_counter() - started)
        changes.undone(plan)
    say("accept 1,000 hunks in 200 files, kept for undo", min(whole), f"goal 1.5 s; {min(whole) / bare:.1f} x bare")
    say("  its transaction alone", min(written), f"goal 3 x bare; {min(written) / bare:.1f} x")
    say("  bare write + fsync + rename of the same files", bare, "")


def rebase_many() -> None:
    """500 hunks in a file of 20,000 lines, which someone else has edited."""
    lines = [f"line {n}\n" for n in range(20_000)]
    edited = list(lines)
    for n in range(10, 20_000, 97):
        edited[n] = f"edited {n}\n"
    data = "".join(edited).encode()

    def rebase() -> float:
        changes = ChangeSet()
        changes.open(FileSnapshot("a.txt", "".join(lines).encode(), 0o644))
        for n in range(500):
            changes.stage("a.txt", LineEdit(n * 40 + 25, n * 40 + 26, ("changed\n",)), section=str(n), turn=1)
        started = time.perf_counter()
        changes.rebase(FileSnapshot("a.txt", data, 0o644), git_line_diff)
        return time.perf_counter() - started

    say("rebase 500 hunks in 20,000 lines, diff included", min(rebase() for _ in range(ROUNDS)), "goal 150 ms")


def parse_linearly() -> None:
    """A patch of 10 MB in pieces of a token's size, and one of a tenth of that."""

    def parse(size: int) -> float:
        body = "".join(f"+line {n} of the new file\n" for n in range(size // 28))
        text = f"*** Begin Patch\n*** Add File: a\n{body}*** End Patch\n"
        parser = PatchParser(Dialect.LENIENT)
        started = time.perf_counter()
        for at in range(0, len(text), 24):
            parser.feed(text[at : at + 24])
        parser.finish()
        return time.perf_counter() - started

    small, large = parse(1_000_000), parse(10_000_000)
    say(
        "parse a patch of 10 MB in pieces of 24 characters",
        large,
        f"linear: 10 x; {large / small:.1f} x that of 1 MB",
    )


def patch_a_large_file() -> None:
    """A patch of 10,000 lines, streamed into a file of 50,000."""
    lines = [f"value_{n} = {n}\n" for n in range(50_000)]
    chunks = []
    for n in range(2_500):
        at = n * 20
        chunks.append(
            f"@@\n value_{at} = {at}\n-value_{at + 1} = {at + 1}\n+value_{at + 1} = 0\n value_{at + 2} = {at + 2}\n"
        )
    text = "*** Begin Patch\n*** Update File: a.py\n" + "".join(chunks) + "*** End Patch\n"

    def stream() -> float:
        changes = ChangeSet()
        patch = LivePatch(changes, "call", turn=1)
        started = time.perf_counter()
        for at in range(0, len(text), 24):
            patch.feed(text[at : at + 24])
            if patch.wanted is not None:
                patch.provide(FileSnapshot("a.py", "".join(lines).encode(), 0o644))
        report = patch.finish()
        assert report.is_whole, report.text
        return time.perf_counter() - started

    say("stream a patch of 10,000 lines into 50,000", min(stream() for _ in range(ROUNDS)), "")


def make_repository(root: Path, files: int, lines: int) -> Repository:
    """A new repository with ``files`` files, none of them committed."""
    (root / "src").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for number in range(files):
        (root / f"src/file_{number:03}.py").write_text("".join(f"line {n} of {number}\n" for n in range(lines)))
    return Repository.discover(root)


def write_bare(folder: Path, files: int, lines: int) -> float:
    """Seconds to write, flush and rename as many files one by one, with no promise about them as a set."""
    folder.mkdir(exist_ok=True)
    contents = ["".join(f"line {n} of {number}\n" for n in range(lines + 5)).encode() for number in range(files)]
    started = time.perf_counter()
    for number, data in enumerate(contents):
        descriptor = os.open(folder / "new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.write(descriptor, data)
        os.fsync(descriptor)
        os.close(descriptor)
        (folder / "new").rename(folder / str(number))
    return time.perf_counter() - started


def best(measure: Callable[[], float]) -> float:
    """The least of a few measurements: what else the machine did is not ours."""
    return min(measure() for _ in range(ROUNDS))


def say(what: str, seconds: float, remark: str) -> None:
    """Print one figure."""
    print(f"{what:<52} {seconds * 1000:>9.1f} ms   {remark}".rstrip())  # noqa: T201


if __name__ == "__main__":
    main()
