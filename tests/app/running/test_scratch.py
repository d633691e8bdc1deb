"""The scratch checkout is the work tree with the change, and the work tree is never touched through it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_tui.app.running.scratch import Scratch, ScratchError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    for path, text in {"a.txt": "a", "b/c.txt": "c", "run.sh": "#!/bin/sh\n"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "run.sh").chmod(0o755)
    return folder


PATHS = ("a.txt", "b/c.txt", "run.sh")


def contents(scratch: Scratch) -> dict[str, str]:
    files = [path for path in scratch.tree.rglob("*") if path.is_file()]
    return {str(path.relative_to(scratch.tree)): path.read_text() for path in files}


@pytest.fixture
def scratch(root: Path, tmp_path: Path) -> Scratch:
    made = Scratch(root, tmp_path / "cache")
    with made.held():
        return made


def test_it_is_the_work_tree_with_the_change_over_it(scratch: Scratch) -> None:
    scratch.prepare(PATHS, {"a.txt": b"A", "new/d.txt": b"d", "b/c.txt": None})
    assert contents(scratch) == {"a.txt": "A", "new/d.txt": "d", "run.sh": "#!/bin/sh\n"}
    assert os.access(scratch.tree / "run.sh", os.X_OK)


def test_only_what_differs_is_written_again(scratch: Scratch, root: Path) -> None:
    assert scratch.prepare(PATHS, {"a.txt": b"A"}) == 3
    assert scratch.prepare(PATHS, {"a.txt": b"A"}) == 0
    assert scratch.prepare(PATHS, {"a.txt": b"AA"}) == 1
    (root / "b/c.txt").write_text("cc")
    assert scratch.prepare(PATHS, {}) == 2
    assert contents(scratch) == {"a.txt": "a", "b/c.txt": "cc", "run.sh": "#!/bin/sh\n"}


def test_one_that_was_stopped_goes_on_the_next_time(scratch: Scratch) -> None:
    rounds = iter([False, False, True])
    assert scratch.prepare(PATHS, {}, lambda: next(rounds)) == 2
    assert scratch.prepare(PATHS, {}) == 1


def test_it_is_kept_for_the_next_session(scratch: Scratch, root: Path, tmp_path: Path) -> None:
    scratch.prepare(PATHS, {"a.txt": b"A"})
    again = Scratch(root, tmp_path / "cache")
    assert again.prepare(PATHS, {"a.txt": b"A"}) == 0
    assert again.prepare(("a.txt",), {}) == 1
    assert contents(again) == {"a.txt": "a"}


def test_what_a_run_changed_is_put_right(scratch: Scratch) -> None:
    scratch.prepare(PATHS, {"a.txt": b"A"})
    (scratch.tree / "run.sh").write_text("spoilt")
    (scratch.tree / "a.txt").unlink()
    (scratch.tree / "cache.bin").write_text("kept")
    assert scratch.prepare(PATHS, {"a.txt": b"A"}) == 2
    assert contents(scratch)["run.sh"] == "#!/bin/sh\n"
    assert contents(scratch)["cache.bin"] == "kept"


def test_no_file_is_the_work_trees_own(scratch: Scratch, root: Path) -> None:
    scratch.prepare(PATHS, {})
    for path in PATHS:
        assert (scratch.tree / path).stat().st_ino != (root / path).stat().st_ino
        (scratch.tree / path).write_text("spoilt")
    assert (root / "a.txt").read_text() == "a"


def test_a_folder_that_a_run_made_a_link_leads_nowhere(scratch: Scratch, tmp_path: Path) -> None:
    scratch.prepare(PATHS, {})
    outside = tmp_path / "outside"
    outside.mkdir()
    (scratch.tree / "b/c.txt").unlink()
    (scratch.tree / "b").rmdir()
    (scratch.tree / "b").symlink_to(outside)
    scratch.prepare(PATHS, {})
    assert list(outside.iterdir()) == []
    assert not (scratch.tree / "b").is_symlink()


def test_links_into_the_work_tree_lead_into_the_scratch_checkout(scratch: Scratch, root: Path) -> None:
    (root / "full").symlink_to(root / "a.txt")
    (root / "near").symlink_to("a.txt")
    scratch.prepare((*PATHS, "full", "near"), {"a.txt": b"A"})
    assert (scratch.tree / "full").read_text() == (scratch.tree / "near").read_text() == "A"


def test_no_two_contents_have_the_same_time(scratch: Scratch) -> None:
    times = set()
    for number in range(3):
        scratch.prepare(PATHS, {"a.txt": b"%d" % number})
        times.add(int((scratch.tree / "a.txt").stat().st_mtime))
    assert len(times) == 3


def test_paths_that_leave_are_left_out(scratch: Scratch, tmp_path: Path) -> None:
    scratch.prepare(PATHS, {"../../x": b"x", "/tmp/spark-x": b"x"})
    assert set(contents(scratch)) == set(PATHS)


def test_dependencies_are_led_to(scratch: Scratch, root: Path) -> None:
    (root / "node_modules/x").mkdir(parents=True)
    scratch.prepare(PATHS, {})
    assert (scratch.tree / "node_modules").readlink() == root / "node_modules"
    scratch.prepare(PATHS, {})


def test_a_spoilt_manifest_means_from_new(scratch: Scratch) -> None:
    scratch.prepare(PATHS, {})
    (scratch.tree.parent / "manifest.json").write_text("[]")
    assert scratch.prepare(PATHS, {}) == 3


def test_one_session_at_a_time(scratch: Scratch, root: Path, tmp_path: Path) -> None:
    other = Scratch(root, tmp_path / "cache")
    with scratch.held(), pytest.raises(ScratchError, match="another session"), other.held():
        pass


def test_no_cache_is_one_line(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ScratchError, match="cannot make"), Scratch(root, tmp_path / "file").held():
        pass
