"""A program on a pseudo-terminal of 120x40, with everything that it writes recorded under the time at which it came.

Chunks are stamped as they leave the pseudo-terminal and only interpreted afterwards (``bench.screen``), so that the
slowness of the interpretation is in no figure.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable

import psutil
from ptyprocess import PtyProcess

from bench.screen import COLUMNS, ROWS

now = time.monotonic_ns

REPLIES = [
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:dddd/dddd/dddd\x1b\\"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:1111/1111/1111\x1b\\"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
]
"""What a plain modern terminal answers; no answer to the kitty keyboard query means that it has none."""

ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[^\[\]PX^_ -/])")


READ_MOST = 65_536
LINE_PIECES = 100
"""Pieces a second that a slow terminal takes."""


def favour(nice: int = -10) -> None:
    """Favour this process and its children over other jobs; without the right to, nothing happens."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)
        with open("/proc/self/autogroup", "w") as file:  # noqa: PTH123 - the scheduler also weighs whole sessions
            file.write(str(nice))


class Terminal:
    """Runs ``command``, answers what it asks of its terminal, and adds up what its processes use."""

    def __init__(self, command: list[str], environ: dict[str, str], folder: str) -> None:
        self.chunks: list[tuple[int, bytes]] = []
        self.peak_bytes = 0
        self.bytes_per_second: int | None = None
        """How fast the terminal takes output; ``None``: at once."""
        self.started = now()
        self._processes: set[psutil.Process] = set()
        self.pty = PtyProcess.spawn(
            command, cwd=folder, env=environ, echo=False, dimensions=(ROWS, COLUMNS), preexec_fn=favour
        )
        self.root = psutil.Process(self.pty.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, data: bytes) -> int:
        """Type ``data`` in one piece; returns when that was."""
        at = now()
        with contextlib.suppress(OSError):
            os.write(self.pty.fd, data)
        return at

    def type(self, text: str, gap: float = 0.03) -> None:
        """Type ``text`` with ``gap`` seconds after each letter."""
        for letter in text:
            self.write(letter.encode())
            time.sleep(gap)

    def raw_since(self, first: int) -> bytes:
        """What was written from chunk ``first`` on, without its escape sequences."""
        return ESCAPE.sub(b"", b"".join(data for _, data in self.chunks[first:]))

    def wait(self, condition: Callable[[], object], seconds: float, every: float = 0.01) -> bool:
        """Wait until ``condition`` holds; false when it does not in time, or the program ended."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or not self.pty.isalive():
                return False
            time.sleep(every)
        return True

    def quiet_for(self) -> float:
        """Seconds since the program wrote anything."""
        return (now() - (self.chunks[-1][0] if self.chunks else self.started)) / 1e9

    def usage(self) -> tuple[float, int]:
        """CPU seconds so far, and the resident bytes of this moment, of the program and its children.

        Pages that processes share are counted in each. The largest figure stays in :attr:`peak_bytes`.
        """
        cpu, memory = 0.0, 0
        with contextlib.suppress(psutil.Error):
            self._processes |= {self.root, *self.root.children(recursive=True)}
        for process in self._processes:
            with contextlib.suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()  # children_* holds only what was reaped: nothing counts twice
                cpu += times.user + times.system + times.children_user + times.children_system
                memory += process.memory_info().rss
        self.peak_bytes = max(self.peak_bytes, memory)
        return cpu, memory

    def close(self) -> None:
        """End the program with its children, and the reader."""
        self.usage()
        for end in (psutil.Process.terminate, psutil.Process.kill):
            for process in self._processes:
                with contextlib.suppress(psutil.Error):
                    end(process)
            psutil.wait_procs(self._processes, timeout=2)
        self._reader.join(2)
        self.pty.fileobj.close()

    def _read(self) -> None:
        line = _Line()
        while True:
            rate = self.bytes_per_second
            try:
                data = os.read(self.pty.fd, READ_MOST if rate is None else max(1, rate // LINE_PIECES))
            except OSError:
                return
            if not data:
                return
            if rate is not None:
                line.carry(len(data), rate)
            self.chunks.append((now(), data))
            if b"\x1b" in data:
                for pattern, reply in REPLIES:
                    for _ in pattern.findall(data):
                        self.write(reply)


class _Line:
    """A line of a limited speed: sleeps until it has carried what it is given."""

    def __init__(self) -> None:
        self._free_at = 0.0

    def carry(self, count: int, rate: int) -> None:
        start = time.monotonic()
        self._free_at = max(self._free_at, start) + count / rate
        time.sleep(self._free_at - start)
