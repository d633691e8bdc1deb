"""The command that runs a project's tests, found from its own files.

>>> test_command({"go.mod": "module x"}.get)
'go test ./...'
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable

Read = Callable[[str], str | None]
"""Returns the text of a file at the project's root, ``None`` where there is none."""

_TEST_TARGET = re.compile(r"^test\s*:(?!=)", re.M)
_NO_TESTS = "no test specified"
_LOCKS = (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun run"))


def test_command(read: Read) -> str | None:
    """The most likely command; ``None`` where nothing in the project's root names one."""
    return _of_pytest(read) or _of_package_json(read) or _of_makefile(read) or _of_toolchain(read)


def _of_pytest(read: Read) -> str | None:
    if read("pytest.ini") is not None or "[tool:pytest]" in (read("setup.cfg") or ""):
        return "python -m pytest -q"
    try:
        project = tomllib.loads(read("pyproject.toml") or "")
    except tomllib.TOMLDecodeError:
        return None
    tools = project.get("tool")
    if isinstance(tools, dict) and "pytest" in tools:
        return "python -m pytest -q"
    return None


def _of_package_json(read: Read) -> str | None:
    try:
        package = json.loads(read("package.json") or "{}")
    except (ValueError, RecursionError):
        return None
    scripts = package.get("scripts") if isinstance(package, dict) else None
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if not isinstance(script, str) or _NO_TESTS in script:
        return None
    return next((f"{tool} test" for lock, tool in _LOCKS if read(lock) is not None), "npm test")


def _of_makefile(read: Read) -> str | None:
    makefile = read("Makefile") or read("makefile") or read("GNUmakefile") or ""
    return "make test" if _TEST_TARGET.search(makefile) else None


def _of_toolchain(read: Read) -> str | None:
    if read("Cargo.toml") is not None:
        return "cargo test"
    if read("go.mod") is not None:
        return "go test ./..."
    if read("pyproject.toml") is not None or read("setup.py") is not None:
        return "python -m pytest -q"
    return None
