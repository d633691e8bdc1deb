"""``python -m spark_tui.app.ui.keys_page``: prints the page of the keys, for ``make keys``."""

from __future__ import annotations

import sys

from spark_tui.app.ui.app import SparkApp
from spark_tui.app.ui.keys import markdown

if __name__ == "__main__":
    sys.stdout.write(markdown(SparkApp))
