"""``spark-tui apply`` on the directory in the first argument, as a program of its own that may be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from spark_tui.app.commands.apply import run

if __name__ == "__main__":
    sys.exit(
        run(
            None,
            check=False,
            recover="--recover" in sys.argv,
            cwd=Path(sys.argv[1]),
            stdin=sys.stdin.buffer,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
    )
