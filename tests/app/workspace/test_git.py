from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_tui.app.commits.plan import plan_commit
from spark_tui.app.workspace.git import Operation, Repository
from spark_tui.app.workspace.git_errors import GitFailed, GitTimeout, GitUnavailable, NotARepository
from spark_tui.app.workspace.git_process import run_git, stream_git
from spark_tui.app.workspace.search import SearchQuery, search
from spark_tui.app.workspace.status import read_status
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]


def test_a_folder_inside_the_work_tree_finds_its_root(make_work_tree: Make) -> None:
    tree = make_work_tree({"deep/down/file.txt": "one\n"})
    found = Repository.discover(tree.root / "deep" / "down")
    assert (found.root, found.git_dir, found.common_dir) == (tree.root, tree.root / ".git", tree.root / ".git")
    assert found.state_dir == tree.root / ".git" / "spark-tui"


def test_a_root_with_spaces_line_breaks_and_letters_beyond_ascii(make_work_tree: Make) -> None:
    tree = make_work_tree({"näme.txt": "one\n"}, name="ein Ordner mit ü")
    assert tree.repository.root == tree.root


def test_a_linked_work_tree_has_a_git_directory_of_its_own(make_work_tree: Make, tmp_path: Path) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    found = Repository.discover(tmp_path / "side")
    assert found.root == tmp_path / "side"
    assert found.git_dir == tree.root / ".git" / "worktrees" / "side"
    assert found.common_dir == tree.root / ".git"
    assert found.head().branch == "side"


def test_a_submodule_is_a_repository_of_its_own(make_work_tree: Make) -> None:
    inner = make_work_tree({"file.txt": "one\n"}, name="inner")
    outer = make_work_tree({"file.txt": "one\n"}, name="outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "lib")
    found = Repository.discover(outer.root / "lib")
    assert found.root == outer.root / "lib"
    assert found.git_dir == outer.root / ".git" / "modules" / "lib"
    assert outer.repository.submodules() == {"lib"}
    assert outer.repository.list_files() == [".gitmodules", "file.txt"]


def test_what_is_no_work_tree_is_said_in_one_line(make_work_tree: Make, tmp_path: Path) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    (tmp_path / "plain").mkdir()
    said = {
        tmp_path / "plain": "is not in a git repository; run `git init`",
        tmp_path / "bare.git": "is a bare repository",
        tree.root / ".git": "is inside a git directory",
        tmp_path / "nowhere": "does not exist",
        tree.root / "file.txt": "is not a folder",
    }
    for path, reason in said.items():
        with pytest.raises(NotARepository) as caught:
            Repository.discover(path)
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_work_tree_named_by_configuration_may_not_be_a_foreign_folder(make_work_tree: Make, tmp_path: Path) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("config", "core.worktree", str(tmp_path))
    with pytest.raises(NotARepository, match=r"unset core\.worktree"):
        Repository.discover(tree.root)


def test_variables_of_a_surrounding_git_are_not_obeyed(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    other = make_work_tree({"other.txt": "one\n"}, name="other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git" / "index"))
    assert Repository.discover(tree.root).list_files() == ["file.txt"]


def test_a_machine_without_git_or_with_an_old_one(
    make_work_tree: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    commands = WorkTree(tmp_path / "commands")
    commands.script("git", "echo git version 2.20.1")
    monkeypatch.setenv("PATH", str(commands.root))
    with pytest.raises(GitUnavailable, match=r"needs git 2\.31"):
        Repository.discover(tree.root)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(GitUnavailable, match="not installed"):
        Repository.discover(tree.root)


def test_head_on_a_branch_detached_and_unborn(make_work_tree: Make) -> None:
    tree = make_work_tree()
    assert (tree.repository.head().branch, tree.repository.head().unborn) == ("main", True)
    tree.write("file.txt", "one\n")
    tree.commit_all()
    tree.git("switch", "--quiet", "--create", "feature/ünïcode")
    assert tree.repository.head().branch == "feature/ünïcode"
    tree.git("switch", "--quiet", "--detach")
    head = tree.repository.head()
    assert head.detached
    assert head.commit == tree.git("rev-parse", "HEAD").strip()


def test_files_are_listed_as_they_are_on_disk(make_work_tree: Make) -> None:
    tree = make_work_tree({".gitignore": "*.log\n", "gone.txt": "", "a b.txt": "", "ü/ñ.txt": "", "kept.log": ""})
    tree.git("add", "--force", "kept.log")
    tree.write("new.txt", "")
    tree.write("ignored.log", "")
    tree.git("init", "--quiet", "inner")
    tree.write("inner/theirs.txt", "")
    (tree.root / "gone.txt").unlink()
    (tree.root / "link").symlink_to("a b.txt")
    assert tree.repository.list_files() == [".gitignore", "a b.txt", "kept.log", "link", "new.txt", "ü/ñ.txt"]
    (tree.root / "new.txt").write_text("x" * 100)
    assert "new.txt" in tree.repository.list_files(100)
    assert "new.txt" not in tree.repository.list_files(99)


def test_operations_in_progress_are_named(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    assert tree.repository.operation() is None
    tree.git("switch", "--quiet", "--create", "other")
    tree.write("file.txt", "other\n")
    tree.commit_all("Other")
    tree.git("switch", "--quiet", "main")
    tree.write("file.txt", "main\n")
    tree.commit_all("Main")
    for operation in (Operation.MERGE, Operation.REBASE, Operation.CHERRY_PICK):
        command = operation.value
        subprocess.run(["git", command, "other"], cwd=tree.root, capture_output=True, check=False)
        assert tree.repository.operation() is operation
        assert "file.txt" in read_status(tree.repository).unmerged
        tree.git(command, "--abort")


def test_looking_runs_nothing_that_the_repository_configures(make_work_tree: Make, tmp_path: Path) -> None:
    tree = make_work_tree({"file.txt": "one\n", "odd.txt": "one\n"})
    trap = tree.script(".git/trap", f'echo "$0 $@" >> "{tmp_path}/sprung"', "cat")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.mine.command",
        "diff.mine.textconv",
        "filter.mine.clean",
        "filter.mine.smudge",
        "filter.odd=name.clean",
        "gpg.program",
    ):
        tree.git("config", key, str(trap))
    tree.git("config", "filter.mine.required", "true")
    tree.git("config", "log.showSignature", "true")
    tree.git("config", "core.hooksPath", ".git")
    tree.script(".git/post-index-change", f'touch "{tmp_path}/sprung"')
    tree.write(".git/info/attributes", "*.txt diff=mine filter=mine\nodd.txt filter=odd=name\n")
    (tmp_path / "sprung").unlink(missing_ok=True)
    tree.write("file.txt", "two\n")
    tree.write("odd.txt", "two\n")
    tree.write("new.txt", "three\n")

    repository = Repository.discover(tree.root)
    repository.head()
    repository.list_files()
    assert read_status(repository).entries == {"file.txt": ".M", "odd.txt": ".M", "new.txt": "??"}
    assert len(plan_commit(repository).files) == 3
    assert search(repository, SearchQuery("t"), {}).matches
    assert not (tmp_path / "sprung").exists()


def test_filters_of_the_user_are_run(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("config", "--global", "filter.upper.clean", "tr a-z A-Z")
    tree.git("config", "filter.local.clean", "false")
    assert tree.repository.local_filters() == {"local"}
    tree.write(".git/info/attributes", "*.txt filter=upper\n")
    tree.git("add", "--renormalize", ".")
    tree.git("commit", "--quiet", "-m", "Upper")
    tree.write("file.txt", "ONE\n")
    assert read_status(tree.repository).entries == {}


def test_looking_does_not_write_the_index(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    index = tree.root / ".git" / "index"
    before = index.read_bytes()
    os.utime(tree.root / "file.txt", (0, 0))
    read_status(tree.repository)
    assert index.read_bytes() == before


def test_a_process_that_hangs_is_ended_with_its_children(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("config", "alias.hang", '!sleep 60 & echo "$!"; wait')
    with pytest.raises(GitTimeout, match="git hang did not end within"):
        run_git(tree.root, ("hang",), timeout=0.2)


def test_output_is_cut_at_its_limit(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("config", "alias.flood", "!yes")
    output = run_git(tree.root, ("flood",), limit=1000)
    assert output.truncated
    assert len(output.stdout) == 1000


def test_a_failure_is_the_line_that_says_why(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    with pytest.raises(GitFailed) as caught:
        tree.repository.look("cat-file", "blob", "HEAD:nowhere")
    assert str(caught.value) == "path 'nowhere' does not exist in 'HEAD'"
    assert caught.value.status == 128


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("config", "alias.linger", "!sleep 5 & echo started; printf done")
    lines: list[str] = []
    assert stream_git(tree.root, ("linger",), on_output=lines.append) == 0
    assert lines == ["started", "done"]


def test_a_stream_can_be_stopped(make_work_tree: Make) -> None:
    tree = make_work_tree({"file.txt": "one\n"})
    tree.git("config", "alias.hang", "!echo here; sleep 60")
    lines: list[str] = []
    status = stream_git(tree.root, ("hang",), on_output=lines.append, stopped=lambda: bool(lines))
    assert status != 0


def test_gitpython_is_not_imported_at_startup() -> None:
    modules = "spark_tui.app.workspace.watcher, spark_tui.app.pairing.tools, spark_tui.app.commits.committer"
    code = f"import sys, {modules}; sys.exit('git' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
