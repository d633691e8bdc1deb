"""The test command is found from the project's own files, and nothing in them can break the search."""

from __future__ import annotations

import pytest

from spark_tui.app.running.detect import test_command as find_command


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]"}, "python -m pytest -q"),
        ({"pytest.ini": ""}, "python -m pytest -q"),
        ({"setup.cfg": "[tool:pytest]"}, "python -m pytest -q"),
        ({"pyproject.toml": "[project]", "Makefile": "test: build\n"}, "make test"),
        ({"pyproject.toml": "[project]"}, "python -m pytest -q"),
        ({"package.json": '{"scripts": {"test": "vitest"}}'}, "npm test"),
        ({"package.json": '{"scripts": {"test": "vitest"}}', "pnpm-lock.yaml": ""}, "pnpm test"),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\""}}'}, None),
        ({"Makefile": "all:\ntest :\n"}, "make test"),
        ({"Makefile": "test := 1\ntesting:\n"}, None),
        ({"Cargo.toml": ""}, "cargo test"),
        ({"go.mod": ""}, "go test ./..."),
        ({}, None),
    ],
)
def test_found(files: dict[str, str], command: str | None) -> None:
    assert find_command(files.get) == command


@pytest.mark.parametrize("text", ["[", "{", "[[[]", "\0", "null", '{"scripts": []}', "[" * 5000])
def test_broken_files_name_nothing(text: str) -> None:
    assert find_command({"pyproject.toml": text, "package.json": text}.get) in (None, "python -m pytest -q")
