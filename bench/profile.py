"""``python -m bench.profile``: a flame graph of the program while it shows a stream."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from bench.driving import settle, submit
from bench.mock_model import SHAPES
from bench.programs import PROGRAMS
from bench.workshop import Workshop

ROOT = Path(__file__).parent.parent
SAMPLES_PER_SECOND = 400


def main() -> int:
    """Record with py-spy; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description="Profile a streaming run.")
    parser.add_argument("--rate", type=int, default=1000, help="tokens a second (1000)")
    parser.add_argument("--shape", choices=SHAPES, default="prose")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "profile.svg")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    program = PROGRAMS["spark-tui"]
    workshop = Workshop(ROOT / ".venv" / "bench")
    tokens = options.rate * (options.seconds + 2)
    repository = "long" if options.shape == "patch" else "small"  # a file with room for all hunks
    with workshop.session(program, repository, tokens=tokens, rate=options.rate, shape=options.shape) as session:
        settle(session)
        form = "raw" if options.out.suffix == ".txt" else "flamegraph"
        recorder = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "py-spy"),
                "record",
                *("--pid", str(session.terminal.pty.pid), "--duration", str(options.seconds)),
                *("--rate", str(SAMPLES_PER_SECOND), "--format", form, "--output", str(options.out)),
            ]
        )
        time.sleep(0.5)
        submit(session.terminal)
        return recorder.wait()


if __name__ == "__main__":
    sys.exit(main())
