"""``spark-tui apply`` on the corpus: what Codex does with 227 patches, and which paths are refused."""

from __future__ import annotations

import base64
import io
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from spark_tui.app.commands import apply

CORPUS = Path(__file__).parents[2] / "corpus"
Row = dict[str, Any]

OURS: dict[str, tuple[int, dict[str, str] | None]] = {
    "fuzz.ctx_rewritten": (0, None),
    "crlf.two_cr": (0, None),
    "crlf.lone_cr_midline": (0, None),
    "crlf.lone_cr_later_match_part": (1, None),
    "path.url.scheme2": (0, {"w/file:/tmp/oe_scheme_probe": "x\n"}),
    "mv.over_existing": (0, {"w/b": "2\n"}),
    "mv.to_self": (0, {"w/a": "2\n"}),
    "mv.to_self_dot": (0, {"w/a": "2\n"}),
    "mv.exec_bit": (0, {"w/b": "2\n"}),
}
"""Rows where we differ and do not refuse: exit code, and the files where they are about more than text.

Every other row that is marked as differing is refused with nothing changed.
"""

GUARDED = {"path.url.trailing_dot", "path.nul", "path.long_component"}
"""Rows whose path the guard refuses in its own words; a name that ends in a dot is one that Codex writes."""


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (CORPUS / name).read_text("utf-8").splitlines()]


def content(value: Any) -> bytes:
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else str(value).encode()


def run_apply(cwd: Path, patch: bytes, *, check: bool = False) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = apply.run(None, check=check, recover=False, cwd=cwd, stdin=io.BytesIO(patch), stdout=out, stderr=err)
    return code, out.getvalue(), err.getvalue()


def tree_of(top: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for directory, directories, files in os.walk(top):
        for name in (*directories, *files):
            path = Path(directory, name)
            key = path.relative_to(top).as_posix()
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                found[key] = {"link": str(path.readlink())}
            elif stat.S_ISDIR(status.st_mode):
                found[key] = {"dir": True}
            elif stat.S_ISREG(status.st_mode):
                found[key] = {"mode": oct(stat.S_IMODE(status.st_mode)), "data": path.read_bytes()}
            else:
                found[key] = {"kind": stat.S_IFMT(status.st_mode)}
    return found


def expected_tree(row: Row) -> dict[str, Any]:
    tree = {}
    for key, node in row["codex"]["tree"].items():
        tree[key] = {**node, "data": content(node["data"])} if "data" in node else node
    return tree


def build(top: Path, row: Row) -> Path:
    work = top / "w"
    work.mkdir()
    for name, data in row["files"].items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(data))
    for kind, *arguments in row["ops"]:
        match kind:
            case "symlink":
                (work / arguments[1]).symlink_to(arguments[0])
            case "hardlink":
                (work / arguments[1]).hardlink_to(work / arguments[0])
            case "chmod":
                (work / arguments[1]).chmod(arguments[0])
            case _:
                raise AssertionError(kind)
    return work


@pytest.mark.parametrize("row", rows("patch-probes.jsonl"), ids=lambda row: row["id"])
def test_patch_probe(row: Row, tmp_path: Path) -> None:
    work = build(tmp_path, row)
    before = tree_of(tmp_path)
    patch = content(row["patch"])
    checked = run_apply(work, patch, check=True)
    assert tree_of(tmp_path) == before

    code, out, err = run_apply(work, patch)

    after = tree_of(tmp_path)
    assert (code, out) == checked[:2]
    codex = row["codex"]
    if row["divert"] or row["id"] in GUARDED:
        expected, files = OURS.get(row["id"], (1, None))
        assert code == expected
        if code:
            assert after == before
            assert out == ""
            assert err.count("\n") >= 1
        if files is not None:
            found = {key: node["data"].decode() for key, node in after.items() if "data" in node}
            assert found == files
        return
    assert code == codex["rc"]
    assert out == codex["stdout"]
    assert after == expected_tree(row)
    if code == 1:
        assert err == codex["stderr"].replace("{CWD}", str(work))


def test_a_move_keeps_the_mode(tmp_path: Path) -> None:
    row = next(row for row in rows("patch-probes.jsonl") if row["id"] == "mv.exec_bit")
    work = build(tmp_path, row)
    assert run_apply(work, content(row["patch"]))[0] == 0
    assert stat.S_IMODE((work / "b").stat().st_mode) == 0o755


def path_bytes(row: Row) -> bytes:
    return base64.b64decode(row["path_b64"]) if "path_b64" in row else str(row["path"]).encode("utf-8")


def patch_for(op: str, path: bytes) -> bytes:
    body = {
        "add": b"*** Add File: " + path + b"\n+hostile\n",
        "update": b"*** Update File: " + path + b"\n@@\n-x\n+hostile\n",
        "delete": b"*** Delete File: " + path + b"\n",
    }[op]
    return b"*** Begin Patch\n" + body + b"*** End Patch\n"


def set_up(top: Path, row: Row) -> Path:
    work, outside = top / "W", top / "outside"
    work.mkdir()
    outside.mkdir()
    subprocess.run(["git", "init", "-q", str(work)], check=True)
    for kind, *arguments in row["setup"]:
        match kind:
            case "symlink":
                (work / arguments[1]).symlink_to(arguments[0])
            case "race_symlink":
                (work / arguments[1]).rename(work / "moved")
                (work / arguments[1]).symlink_to(arguments[0])
            case "outside_dir":
                (outside / arguments[0]).mkdir()
            case "dir":
                (work / arguments[0]).mkdir()
            case "file":
                (work / arguments[0]).write_text(arguments[1])
            case "fifo":
                os.mkfifo(work / arguments[0])
            case "chmod":
                (work / arguments[1]).chmod(int(arguments[0], 8))
            case "replace_git_with_file":
                (work / ".git").rename(top / "real.git")
                (work / ".git").write_text(arguments[0])
            case "bare_repo":
                subprocess.run(["git", "init", "-q", "--bare", str(work / arguments[0])], check=True)
            case _:
                raise AssertionError(kind)
    return work


def outside_the_state(tree: dict[str, Any]) -> dict[str, Any]:
    return {key: node for key, node in tree.items() if "/spark-tui" not in key}


def operations(row: Row) -> list[str]:
    return ["add", "update", "delete"] if row["op"] == "any" else [row["op"]]


PATH_CASES = [
    pytest.param(row, op, id=f"{row['id']}-{op}")
    for row in rows("paths.jsonl")
    for op in operations(row)
    if not (row["expect"] == "allow" and row["op"] == "any" and op == "delete")
]


@pytest.mark.parametrize(("row", "op"), PATH_CASES)
def test_path(row: Row, op: str, tmp_path: Path) -> None:
    if row["id"] in ("kind.unreadable", "kind.readonly_dir") and os.geteuid() == 0:
        pytest.skip("the superuser may read and write everything")
    work = set_up(tmp_path, row)
    path = path_bytes(row)
    if row["expect"] == "allow":
        target = work / path.decode()
        if op == "update" and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("x\n")
    before = outside_the_state(tree_of(tmp_path))

    code, out, err = run_apply(work, patch_for(op, path))

    after = outside_the_state(tree_of(tmp_path))
    if row["expect"] == "refuse" and row["id"] != "trail.1":
        assert code == 1
        assert out == ""
        assert err.endswith("\n")
        assert after == before
    else:
        assert (code, err) == (0, "")
        assert (work / path.decode().rstrip()).read_text() == "hostile\n"
        assert {key: node for key, node in after.items() if not key.startswith("W")} == {
            key: node for key, node in before.items() if not key.startswith("W")
        }
    if row.get("note") == "a warning is wanted":
        _, _, checked = run_apply(work, patch_for(op, path), check=True)
        assert checked.startswith("note: ")
