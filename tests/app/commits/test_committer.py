from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from spark_tui.app.commits.committer import CommitResult, commit, last_message, undo_commit
from spark_tui.app.commits.errors import CommitFailed, CommitRefused
from spark_tui.app.commits.plan import ChangeKind, CommitHunk, plan_commit
from tests.app.work_tree import WorkTree

Make = Callable[..., WorkTree]

NUMBERS = "".join(f"{number}\n" for number in range(1, 41))


def commit_where(
    tree: WorkTree, wanted: Callable[[CommitHunk], bool], message: str = "Do it", output: list[str] | None = None
) -> CommitResult:
    repository = tree.repository
    plan = plan_commit(repository)
    lines = [] if output is None else output
    return commit(repository, plan, plan.choose(wanted), message, on_output=lines.append)


def adds(text: str) -> Callable[[CommitHunk], bool]:
    """Choose the hunks that add a line with ``text``."""
    return lambda hunk: (
        hunk.hunk is not None and any(mark == b"+" and text.encode() in line for mark, line in hunk.hunk.lines)
    )


def everything(_: CommitHunk) -> bool:
    return True


def edited(*changes: tuple[int, str], base: str = NUMBERS) -> str:
    lines = base.splitlines(keepends=True)
    for number, text in changes:
        lines[number - 1] = text + "\n"
    return "".join(lines)


def test_exactly_the_chosen_hunks_are_committed(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS, "b.txt": NUMBERS})
    tree.write("a.txt", edited((2, "two"), (20, "twenty"), (38, "last")))
    tree.write("b.txt", edited((5, "five")))
    result = commit_where(tree, adds("twenty"), "Write twenty\n\nIt reads better.")
    assert tree.git("show", "HEAD:a.txt") == edited((20, "twenty"))
    assert tree.git("show", "HEAD:b.txt") == NUMBERS
    assert tree.git("log", "-1", "--format=%B").strip() == "Write twenty\n\nIt reads better."
    assert (result.subject, result.parent) == ("Write twenty", tree.git("rev-parse", "HEAD~").strip())
    assert tree.git("diff", "--cached") == ""
    assert tree.git("status", "--short") == " M a.txt\n M b.txt\n"
    assert (tree.root / "a.txt").read_text() == edited((2, "two"), (20, "twenty"), (38, "last"))


def test_what_was_staged_stays_staged_also_in_the_same_file(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS, "b.txt": NUMBERS, "gone.txt": "g\n"})
    tree.write("a.txt", edited((2, "staged")))
    tree.write("b.txt", edited((7, "staged")))
    tree.write("new.txt", "staged\n")
    tree.git("add", "--all")
    tree.git("rm", "--quiet", "gone.txt")
    tree.write("a.txt", edited((2, "staged"), (20, "session")))
    tree.write("b.txt", edited((7, "edited on")))
    before = tree.git("diff", "--cached", "-U0", "--no-color")
    commit_where(tree, adds("session"))
    assert tree.git("show", "HEAD:a.txt") == edited((20, "session"))
    after = tree.git("diff", "--cached", "-U0", "--no-color")
    assert [line for line in after.splitlines() if not line.startswith("index ")] == [
        line for line in before.splitlines() if not line.startswith("index ")
    ]
    assert tree.git("status", "--short") == "M  a.txt\nMM b.txt\nD  gone.txt\nA  new.txt\n"


def test_a_staged_change_that_is_committed_is_no_longer_staged(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("a.txt", edited((2, "staged")))
    tree.git("add", "--all")
    tree.write("a.txt", edited((2, "staged"), (20, "more")))
    commit_where(tree, adds("staged"))
    assert tree.git("diff", "--cached") == ""
    assert tree.git("status", "--short") == " M a.txt\n"


def test_a_staged_change_that_overlaps_with_the_commit_is_kept_and_told(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("a.txt", edited((2, "staged")))
    tree.git("add", "--all")
    tree.write("a.txt", edited((2, "committed")))
    result = commit_where(tree, everything)
    assert tree.git("show", ":a.txt") == edited((2, "staged"))
    assert result.notes == ("left staged as it was, since it overlaps with the commit: a.txt",)


def test_every_kind_of_change_at_once(make_work_tree: Make) -> None:
    tree = make_work_tree(
        {
            "gone.txt": "g\n",
            "moved.txt": NUMBERS,
            "tool": "#!/bin/sh\n",
            "picture.png": b"\x89PNG\0\1",
            "becomes-link": "f\n",
            "ünïcode name.txt": "x\n",
        }
    )
    (tree.root / "gone.txt").unlink()
    (tree.root / "moved.txt").rename(tree.root / "to here.txt")
    tree.write("to here.txt", edited((20, "twenty")))
    (tree.root / "tool").chmod(0o755)
    tree.write("picture.png", b"\x89PNG\0\2")
    (tree.root / "becomes-link").unlink()
    (tree.root / "becomes-link").symlink_to("tool")
    tree.write("ünïcode name.txt", "y")
    tree.write('new "quoted"\tname.txt', "n\n")
    tree.write("empty.txt", "")
    plan = plan_commit(tree.repository)
    kinds = {file.path: [hunk.kind for hunk in file.hunks] for file in plan.files}
    assert kinds == {
        "gone.txt": [ChangeKind.TEXT],
        "to here.txt": [ChangeKind.RENAME, ChangeKind.TEXT],
        "tool": [ChangeKind.MODE],
        "picture.png": [ChangeKind.WHOLE],
        "becomes-link": [ChangeKind.WHOLE],
        "ünïcode name.txt": [ChangeKind.TEXT],
        'new "quoted"\tname.txt': [ChangeKind.TEXT],
        "empty.txt": [ChangeKind.TEXT],
    }
    commit_where(tree, everything)
    assert tree.git("status", "--porcelain") == ""
    assert "R096" in (raw := tree.git("show", "--raw", "--format=", "-M")) or "\tto here.txt" in raw


def test_each_kind_of_change_alone(make_work_tree: Make) -> None:
    tree = make_work_tree({"moved.txt": NUMBERS, "tool": NUMBERS})
    (tree.root / "moved.txt").rename(tree.root / "here.txt")
    tree.write("here.txt", edited((20, "twenty")))
    tree.write("tool", edited((20, "tools")))
    (tree.root / "tool").chmod(0o755)
    commit_where(tree, lambda hunk: hunk.kind is ChangeKind.RENAME)
    assert tree.git("show", "HEAD:here.txt") == NUMBERS
    assert tree.git("ls-tree", "--name-only", "HEAD") == "here.txt\ntool\n"
    commit_where(tree, adds("tools"))
    assert tree.git("ls-tree", "HEAD", "tool").startswith("100644")
    commit_where(tree, lambda hunk: hunk.kind is ChangeKind.MODE)
    assert tree.git("ls-tree", "HEAD", "tool").startswith("100755")
    assert tree.git("status", "--short") == " M here.txt\n"


def test_a_repository_without_commits(make_work_tree: Make) -> None:
    tree = make_work_tree()
    tree.write("a.txt", "a\n")
    tree.write("b.txt", "b")
    result = commit_where(tree, adds("a"))
    assert result.parent is None
    assert tree.git("ls-tree", "--name-only", "HEAD") == "a.txt\n"
    undone = undo_commit(tree.repository, result)
    assert undone.notes == ()
    assert tree.repository.head().unborn
    assert tree.git("status", "--short") == "?? a.txt\n?? b.txt\n"


def test_a_detached_head_and_a_linked_work_tree(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.git("worktree", "add", "--quiet", "--detach", "../side")
    side = WorkTree(tree.root.parent / "side")
    side.write("a.txt", "b\n")
    result = commit_where(side, everything)
    assert side.git("rev-parse", "HEAD").strip() == result.commit
    assert side.git("status", "--short") == ""
    assert tree.git("status", "--short") == ""


@pytest.mark.parametrize("autocrlf", ["false", "true"])
def test_line_endings_and_final_newlines_are_kept(make_work_tree: Make, autocrlf: str) -> None:
    tree = make_work_tree({"dos.txt": NUMBERS.replace("\n", "\r\n"), "end.txt": "a\nb"})
    tree.git("config", "core.autocrlf", autocrlf)
    tree.write("dos.txt", edited((2, "two"), (20, "twenty")).replace("\n", "\r\n"))
    tree.write("end.txt", "a\nB")
    commit_where(tree, lambda hunk: adds("twenty")(hunk) or hunk.path == "end.txt")
    ending = "\r\n" if autocrlf == "false" else "\n"
    stored = tree.git("cat-file", "blob", "HEAD:dos.txt")
    assert stored == edited((20, "twenty")).replace("\n", "\r\n") or ending == "\n"
    assert tree.git("cat-file", "blob", "HEAD:end.txt") == "a\nB"
    assert tree.git("status", "--short") == " M dos.txt\n"


def test_all_hooks_run_and_their_output_is_streamed(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    for hook in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"):
        tree.script(f".git/hooks/{hook}", f"echo {hook} says hello", 'test -z "$1" || echo "Signed-off: $0" >> "$1"')
    tree.write("a.txt", "b\n")
    output: list[str] = []
    commit_where(tree, everything, output=output)
    said = [line.split()[0] for line in output if line.endswith("says hello")]
    assert said == ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"]
    assert tree.git("log", "-1", "--format=%B").count("Signed-off") == 2


def test_a_hook_sees_what_is_committed_and_may_add_to_it(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.script(".git/hooks/pre-commit", "git diff --cached --name-only", "echo made > made.txt", "git add made.txt")
    tree.write("a.txt", edited((2, "two")))
    tree.write("b.txt", "b\n")
    output: list[str] = []
    commit_where(tree, adds("two"), output=output)
    assert output[0] == "a.txt"
    assert tree.git("show", "--name-only", "--format=") == "a.txt\nmade.txt\n"
    assert tree.git("status", "--short") == "?? b.txt\n"


def test_a_failing_hook_loses_nothing(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS, "b.txt": "b\n"})
    tree.write("b.txt", "staged\n")
    tree.git("add", "b.txt")
    tree.write("a.txt", edited((2, "two")))
    tree.script(".git/hooks/pre-commit", "echo checking", "echo 'no good' >&2", "exit 3")
    head, status = tree.git("rev-parse", "HEAD"), tree.git("status", "--porcelain=v2")
    index = (tree.root / ".git/index").read_bytes()
    output: list[str] = []
    with pytest.raises(CommitFailed, match="nothing was committed") as caught:
        commit_where(tree, adds("two"), output=output)
    assert caught.value.status == 1
    assert output == ["checking", "no good"]
    assert tree.git("rev-parse", "HEAD") == head
    assert (tree.root / ".git/index").read_bytes() == index
    assert tree.git("status", "--porcelain=v2") == status
    assert list((tree.root / ".git/spark-tui").iterdir()) == []


def test_signing_is_gits_own(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    signer = tree.script(
        ".git/signer", "cat >/dev/null", "echo '[GNUPG:] SIG_CREATED ' >&2", "echo 'a signature of mine'"
    )
    tree.git("config", "commit.gpgSign", "true")
    tree.git("config", "gpg.program", str(signer))
    tree.write("a.txt", "b\n")
    commit_where(tree, everything)
    assert "a signature of mine" in tree.git("cat-file", "commit", "HEAD")
    tree.git("config", "gpg.program", "/bin/false")
    tree.write("a.txt", "c\n")
    with pytest.raises(CommitFailed):
        commit_where(tree, everything)


def test_a_commit_can_be_stopped_while_a_hook_runs(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.script(".git/hooks/pre-commit", "echo waiting", "sleep 60")
    tree.write("a.txt", "b\n")
    plan = plan_commit(tree.repository)
    output: list[str] = []
    with pytest.raises(CommitFailed, match="was stopped"):
        commit(
            tree.repository,
            plan,
            plan.choose(everything),
            "Do it",
            on_output=output.append,
            stopped=lambda: bool(output),
        )


def test_a_submodule_is_committed_as_a_commit(make_work_tree: Make) -> None:
    inner = make_work_tree({"file.txt": "one\n"}, name="inner")
    tree = make_work_tree({"file.txt": "one\n"}, name="outer")
    tree.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "lib")
    tree.commit_all("Add lib")
    lib = WorkTree(tree.root / "lib")
    lib.write("file.txt", "two\n")
    assert plan_commit(tree.repository).files == ()
    lib.commit_all("Two")
    (file,) = plan_commit(tree.repository).files
    assert (file.path, file.hunks[0].kind, file.hunks[0].header) == ("lib", ChangeKind.WHOLE, "submodule changed")
    commit_where(tree, everything)
    assert tree.git("rev-parse", "HEAD:lib") == lib.git("rev-parse", "HEAD")
    assert tree.git("status", "--short") == ""


def test_a_file_behind_a_filter_of_the_repository_is_filtered_when_committed(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", ".gitattributes": "secret.txt filter=lock\n"})
    tree.git("config", "filter.lock.clean", "tr a-z n-za-m")
    tree.git("config", "filter.lock.smudge", "tr a-z n-za-m")
    tree.write("secret.txt", "uryyb\n")
    tree.commit_all("Secret")
    assert tree.git("cat-file", "blob", "HEAD:secret.txt") == "hello\n"
    tree.write("secret.txt", "jbeyq\n")
    (file,) = plan_commit(tree.repository).files
    assert [hunk.kind for hunk in file.hunks] == [ChangeKind.WHOLE]
    commit_where(tree, everything)
    assert tree.git("cat-file", "blob", "HEAD:secret.txt") == "world\n"
    assert tree.git("status", "--short") == ""


def test_what_cannot_be_begun_is_refused_with_a_reason(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.bin": b"\0"})
    tree.write("a.txt", "b\n")
    tree.write("b.bin", b"\0\1")
    plan = plan_commit(tree.repository)
    ids = plan.choose(everything)

    def refused(reason: str, chosen: frozenset[str] = ids, message: str = "Do it") -> None:
        with pytest.raises(CommitRefused, match=reason):
            commit(tree.repository, plan, chosen, message, on_output=print)

    refused("nothing is chosen", frozenset())
    refused("message is empty", message=" \n")
    tree.write("b.bin", b"\0\2")
    refused(r"b\.bin has changed")
    tree.git("commit", "--quiet", "--allow-empty", "-m", "Meanwhile")
    refused("HEAD has moved")
    (tree.root / ".git/MERGE_HEAD").write_text(tree.git("rev-parse", "HEAD"))
    refused("a merge is in progress")


def test_conflicts_without_an_operation_are_refused(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n", "b.txt": "b\n"})
    tree.write("a.txt", "stashed\n")
    tree.git("stash")
    tree.write("a.txt", "other\n")
    tree.commit_all("Other")
    with pytest.raises(Exception, match="returned non-zero"):
        tree.git("stash", "pop")
    tree.write("b.txt", "c\n")
    plan = plan_commit(tree.repository)
    assert [file.path for file in plan.files] == ["b.txt"]
    with pytest.raises(CommitRefused, match="unresolved conflicts"):
        commit(tree.repository, plan, plan.choose(everything), "Do it", on_output=print)


def test_undoing_brings_back_the_index_as_it_was(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("a.txt", edited((2, "staged")))
    tree.git("add", "--all")
    tree.write("a.txt", edited((2, "staged"), (20, "session")))
    before = (tree.git("rev-parse", "HEAD"), tree.git("diff", "--cached"), tree.git("diff"))
    result = commit_where(tree, adds("session"))
    undo_commit(tree.repository, result)
    assert (tree.git("rev-parse", "HEAD"), tree.git("diff", "--cached"), tree.git("diff")) == before


def test_a_commit_that_is_not_the_last_or_was_pushed_is_not_undone(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("a.txt", "b\n")
    result = commit_where(tree, everything)
    tree.git("update-ref", "refs/remotes/origin/main", "HEAD")
    with pytest.raises(CommitRefused, match="has been pushed"):
        undo_commit(tree.repository, result)
    tree.git("commit", "--quiet", "--allow-empty", "-m", "Later")
    with pytest.raises(CommitRefused, match="another commit was made since"):
        undo_commit(tree.repository, result)


def test_an_index_that_is_locked_for_long_is_told(make_work_tree: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_tui.app.commits.staging.LOCK_PATIENCE", 0.0)
    tree = make_work_tree({"a.txt": "a\n"})
    tree.write("a.txt", "b\n")
    tree.write(".git/index.lock", "")
    result = commit_where(tree, everything)
    assert tree.git("rev-parse", "HEAD").strip() == result.commit
    assert "run: git reset" in result.notes[0]


def test_an_edit_of_the_same_size_within_the_clocks_tick_is_seen(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "a\n"})
    index, file = tree.root / ".git/index", tree.root / "a.txt"
    for moment in (file, index):
        os.utime(moment, ns=(10**18, 10**18))
    tree.git("update-index", "--refresh")
    os.utime(index, ns=(10**18, 10**18))
    tree.write("a.txt", "b\n")
    os.utime(file, ns=(10**18, 10**18))
    assert [hunk.path for hunk in plan_commit(tree.repository).hunks] == ["a.txt"]


def test_ids_stay_the_same_while_the_change_does(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("a.txt", edited((20, "twenty"), (38, "last")))
    before = plan_commit(tree.repository).choose(adds("last"))
    tree.write("a.txt", edited((20, "other"), (38, "last")))
    assert plan_commit(tree.repository).choose(adds("last")) == before


def only(tree: WorkTree, chosen: set[int], *, amend: bool = False, sign_off: bool = False) -> CommitResult:
    """Commit these changed lines of the only hunk there is."""
    plan = plan_commit(tree.repository)
    (hunk,) = plan.hunks
    lines = {hunk.id: chosen}
    return commit(
        tree.repository,
        plan,
        [hunk.id],
        "Some",
        on_output=lambda _: None,
        lines=lines,
        amend=amend,
        sign_off=sign_off,
    )


def test_only_the_chosen_lines_of_a_hunk_are_committed(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("a.txt", edited((20, "twenty\nand one")))
    only(tree, {0, 2})
    assert tree.git("show", "HEAD:a.txt") == edited((20, "and one"))
    assert (tree.root / "a.txt").read_text() == edited((20, "twenty\nand one"))
    only(tree, {0})
    assert tree.git("show", "HEAD:a.txt") == edited((20, "twenty\nand one"))


@pytest.mark.parametrize(("chosen", "expected"), [({0}, ""), ({2}, "x\ny\n"), ({1}, "x\nx\n"), ({0, 2}, "y\n")])
def test_a_last_line_without_a_break_stays_a_line(make_work_tree: Make, chosen: set[int], expected: str) -> None:
    tree = make_work_tree({"a.txt": "x"})
    tree.write("a.txt", "x\ny\n")
    only(tree, chosen)
    assert tree.git("show", "HEAD:a.txt") == expected


def test_a_file_that_was_deleted_can_be_committed_in_part(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": "1\n2\n3\n"})
    (tree.root / "a.txt").unlink()
    only(tree, {1})
    assert tree.git("show", "HEAD:a.txt") == "1\n3\n"


def test_amend_takes_the_place_of_the_last_commit_and_can_be_undone(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    tree.write("a.txt", edited((2, "two")))
    commit_where(tree, everything, "Two")
    before = tree.git("rev-parse", "HEAD").strip()
    tree.write("a.txt", edited((2, "two"), (30, "thirty")))
    plan = plan_commit(tree.repository)
    chosen = plan.choose(everything)
    made = commit(tree.repository, plan, chosen, "Both", on_output=lambda _: None, amend=True, sign_off=True)
    assert tree.git("log", "--format=%s") == "Both\nBegin\n"
    assert "Signed-off-by: Test Person <test@example.invalid>" in last_message(tree.repository)
    assert tree.git("status", "--short") == ""
    undo_commit(tree.repository, made)
    assert tree.git("rev-parse", "HEAD").strip() == before
    assert tree.git("status", "--short") == " M a.txt\n"


def test_the_message_alone_can_be_amended_but_not_before_the_first_commit(make_work_tree: Make) -> None:
    tree = make_work_tree({"a.txt": NUMBERS})
    plan = plan_commit(tree.repository)
    commit(tree.repository, plan, [], "Better", on_output=lambda _: None, amend=True)
    assert tree.git("log", "--format=%s") == "Better\n"
    empty = make_work_tree(name="empty")
    with pytest.raises(CommitRefused, match="no commit to amend"):
        commit(empty.repository, plan_commit(empty.repository), [], "x", on_output=lambda _: None, amend=True)
