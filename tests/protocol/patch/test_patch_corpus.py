"""Every probe of the corpus that is about content: the outcome that Codex 0.169.0 had, over files in memory."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from spark_tui.protocol.errors import PatchError
from spark_tui.protocol.patch.apply import apply_patch

CORPUS = Path(__file__).parents[2] / "corpus" / "patch-probes.jsonl"
Row = dict[str, Any]

DIFFERENT_OUTCOME = {
    "crlf.lone_cr_is_break": {"a": b"1\r2\r3\r"},
    "crlf.lone_cr_later_match_part": {"a": b"1\nb\rc\n2\n"},
    "mv.to_self": {"a": b"2\n"},
    "mv.to_self_dot": {"a": b"2\n"},
    "crlf.two_cr": {"a": b"1\r\r\nx\r\n"},
    "crlf.lone_cr_midline": {"a": b"a\rb\nd\n"},
}
"""Rows whose ``divert`` is about content, with what we do instead."""


def content(value: str | dict[str, str]) -> bytes:
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()


def is_about_content(row: Row) -> bool:
    """Whether the row needs nothing but the bytes of regular files: no modes, links, directories or odd paths."""
    files = row["files"].values()
    paths = re.findall(r"(?m)^\*\*\* (?:\w+ File|Move to): (.*?)\r?$", content(row["patch"]).decode())
    return not (
        row["ops"]
        or not row["stdin"]
        or row["args"]
        or any(isinstance(file, dict) and "b64" not in file for file in files)
        or any(".." in path.split("/") or not path.isprintable() for path in paths)
        or "Usage:" in row["codex"]["stderr"]
        or "Failed to write file" in row["codex"]["stderr"]
    )


def tree_of(row: Row) -> dict[str, bytes]:
    """The resulting files, by their path under the working directory."""
    return {
        path.removeprefix("w/"): content(entry["data"])
        for path, entry in row["codex"]["tree"].items()
        if "data" in entry
    }


ROWS = [row for row in map(json.loads, CORPUS.read_text("utf-8").splitlines()) if is_about_content(row)]


def test_most_rows_are_about_content() -> None:
    assert len(ROWS) > 150


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_outcome_is_that_of_codex(row: Row) -> None:
    before = {path: content(value) for path, value in row["files"].items()}
    after = dict(before)
    stdout, stderr = "", ""
    try:
        result = apply_patch(content(row["patch"]), before.get, cwd="{CWD}")
    except PatchError as error:
        stderr = f"{error}\n"
    else:
        stdout = result.summary
        for path, file in result.files.items():
            if file.data is None:
                del after[path]
            else:
                after[path] = file.data
    if row["id"] in DIFFERENT_OUTCOME:
        assert after == DIFFERENT_OUTCOME[row["id"]]
        return
    assert (stdout, stderr) == (row["codex"]["stdout"], row["codex"]["stderr"])
    assert after == (before if stderr else tree_of(row))
