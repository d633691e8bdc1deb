"""``git apply`` makes of the files on disk what the change set proposes."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.app.changes.change_set import NOT_STAGED, ChangeSet
from spark_tui.app.changes.unified import unified_diff
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit, split_lines
from tests.app.changes.line_diffs import quick_diff

NAMES = [
    "a.txt",
    "b.txt",
    "folder/c.txt",
    "with space.txt",
    " leading",
    "trailing ",
    'quo"te',
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "-dash",
    "größe/日本.txt",
    "a b/b b/c",
    "'single'",
    "b/a/a",
]
ENDS = ["\n", "\r\n"]
LINES = st.builds(
    lambda text, end: text + end,
    st.sampled_from(
        ["", "a", "b", "c", " x", "-y", "+z", "@@ -1 +1 @@", "--- a", "\\ No", "é", "\r", "\x0c", "\u2028"]
    ),
    st.sampled_from(ENDS),
)


@st.composite
def texts(draw: st.DrawFn, *, smallest: int = 0) -> str:
    """A file's text: any line ends, a byte order mark at times, the last line's end missing at times."""
    text = "".join(draw(st.lists(LINES, min_size=smallest, max_size=14)))
    if text and draw(st.booleans()):
        text = text.removesuffix("\n").removesuffix("\r")
    return ("\ufeff" if text and draw(st.integers(0, 5)) == 0 else "") + text


@st.composite
def change_sets(draw: st.DrawFn) -> tuple[dict[str, bytes], ChangeSet]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    tree = {name: draw(texts()).encode() for name in names}
    changes = ChangeSet()
    for number, name in enumerate(names):
        section = f"c:{number}"
        file = changes.open(FileSnapshot(name, tree[name], 0o644))
        what = draw(st.sampled_from(["edit", "edit", "edit", "delete", "whole", "rename", "create"]))
        if what == "edit" or (what == "rename" and draw(st.booleans())):
            for _ in range(draw(st.integers(1, 3))):
                size = len(file.proposed_lines)
                start = draw(st.integers(0, size))
                end = draw(st.integers(start, min(size, start + 3)))
                lines = split_lines(draw(texts()).removeprefix("\ufeff"))
                if end < size and lines and not lines[-1].endswith("\n"):
                    lines[-1] += "\n"
                if start == size and start and not file.proposed_lines[-1].endswith("\n"):
                    continue
                changes.stage(name, LineEdit(start, end, tuple(lines)), section=section, turn=1)
        if what == "delete":
            changes.stage_file(name, None, section=section, turn=1)
        if what == "whole":
            changes.stage_file(name, split_lines(draw(texts())), section=section, turn=1)
        if what == "rename":
            changes.stage_rename(name, FileSnapshot(f"moved {number}/{name}", None, 0o644), section=section, turn=1)
        if what == "create":
            new = f"new {number}/{name}"
            changes.open(FileSnapshot(new, None, 0o644))
            changes.stage_file(new, split_lines(draw(texts())), section=section, turn=1)
    return tree, changes


def proposed(tree: Mapping[str, bytes], changes: ChangeSet) -> dict[str, bytes]:
    """The files as they would be with all that is pending."""
    paths = {*tree, *(file.path for file in changes.files), *(file.target for file in changes.files)}
    result = {}
    for path in paths:
        data = changes.read(path)
        data = tree.get(path) if data is NOT_STAGED else data
        if data is not None:
            result[path] = data
    return result


def applied(tree: Mapping[str, bytes], diff: str) -> dict[str, bytes]:
    """The files as ``git apply`` leaves them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, data in tree.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            cwd=root,
            input=diff.encode(),
            capture_output=True,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(root.parent)},
        )
        assert done.returncode == 0, f"{done.stderr.decode()}\n{diff}"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@settings(max_examples=60, deadline=None)
@given(change_sets())
def test_git_makes_of_the_tree_what_is_proposed(made: tuple[dict[str, bytes], ChangeSet]) -> None:
    tree, changes = made
    diff = unified_diff(changes.files)
    expected = proposed(tree, changes)
    if not diff:
        assert expected == tree
    else:
        assert applied(tree, diff) == expected


@pytest.mark.parametrize("replaced", [b"bee\n", b"", b"\xef\xbb\xbfbee"])
def test_a_file_that_moves_over_another(replaced: bytes) -> None:
    tree = {"a.txt": b"one\ntwo\n", "b.txt": replaced}
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", tree["a.txt"], 0o644))
    changes.stage("a.txt", LineEdit(0, 1, ("ONE\n",)), section="c:0", turn=1)
    changes.stage_rename("a.txt", FileSnapshot("b.txt", tree["b.txt"], 0o644), section="c:0", turn=1)
    assert applied(tree, unified_diff(changes.files)) == {"b.txt": b"ONE\ntwo\n"}


def test_nothing_pending_is_no_diff() -> None:
    changes = ChangeSet()
    assert unified_diff(changes.files) == ""
    changes.open(FileSnapshot("a.txt", b"one\n", 0o644))
    hunk = changes.stage("a.txt", LineEdit(0, 1, ("ONE\n",)), section="c:0", turn=1)
    assert hunk is not None
    changes.reject([hunk.id])
    assert unified_diff(changes.files) == ""


@pytest.mark.parametrize(("mode", "told"), [(0o644, "100644"), (0o755, "100755")])
def test_a_deletion_names_the_mode(mode: int, told: str) -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", b"one\n", mode))
    changes.stage_file("a.txt", None, section="c:0", turn=1)
    assert f"deleted file mode {told}\n" in unified_diff(changes.files)


def test_a_file_gone_outside_is_created_by_the_diff() -> None:
    changes = ChangeSet()
    changes.open(FileSnapshot("a.txt", b"\xef\xbb\xbfone\n", 0o644))
    changes.stage_file("a.txt", ["two\n"], section="c:0", turn=1)
    changes.rebase(FileSnapshot("a.txt", None, 0o644), quick_diff)
    diff = unified_diff(changes.files)
    expected = proposed({}, changes)
    assert (applied({}, diff) if diff else {}) == expected
