"""The package map in pyproject.toml and the folders agree."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_package_folder_is_shipped() -> None:
    """A folder with an ``__init__.py`` that setuptools is not told of would be missing from the wheel."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = set(settings["tool"]["setuptools"]["packages"])
    found = {
        "spark_tui." + ".".join(init.parent.relative_to(ROOT).parts)
        for top in ("app", "widgets", "protocol")
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert shipped == found
