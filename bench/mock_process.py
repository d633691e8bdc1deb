"""The mock model as a process beside the harness, and what it logged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any


class MockModel:
    """``mock_model.py`` in a process of its own; ``options`` are those of its command line, ``_`` for ``-``."""

    def __init__(self, folder: Path, **options: int | str) -> None:
        with NamedTemporaryFile(dir=folder, prefix="model-", suffix=".jsonl", delete=False) as file:
            self._log = Path(file.name)
        flags = [text for name, value in options.items() for text in ("--" + name.replace("_", "-"), str(value))]
        command = [sys.executable, str(Path(__file__).parent / "mock_model.py"), *flags, "--log", str(self._log)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}/v1"

    def events(self, kind: str, **fields: Any) -> list[dict[str, Any]]:
        """The log's records of ``kind`` whose fields are as given."""
        lines = self._log.read_text().splitlines(True)
        records = [json.loads(line) for line in lines if line.endswith("\n")]
        return [
            record
            for record in records
            if record["ev"] == kind and all(record.get(name) == value for name, value in fields.items())
        ]

    def close(self) -> None:
        """End it; the log is gone then."""
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.unlink()
