"""``python -m spark_tui.app`` is ``spark-tui``."""

from __future__ import annotations

import sys

from spark_tui.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
