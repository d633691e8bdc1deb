"""What is left of a mistake of ours: a file for whoever mends it, one line for the user."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

REPORT = "crash.txt"


def report(error: BaseException, state_dir: Path) -> str:
    """Keep the traceback under ``state_dir`` and return what to tell the user. Never raises."""
    text = "".join(traceback.format_exception(error))
    where = state_dir / REPORT
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        with where.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{text}\n")
    except OSError:
        where = Path("nowhere: the folder cannot be written")
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"spark-tui stopped on a mistake of its own ({said}); `spark-tui resume` goes on, details are in {where}"
