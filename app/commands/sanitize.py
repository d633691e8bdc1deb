"""``spark-tui sanitize``: standard input as the transcript would show it."""

from __future__ import annotations

from typing import BinaryIO

from spark_tui.widgets.safe_text import decode, safe


def run(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Copy ``stdin`` to ``stdout``, made safe; returns the exit code."""
    stdout.write(safe(decode(stdin.read())).encode("utf-8"))
    stdout.flush()
    return 0
