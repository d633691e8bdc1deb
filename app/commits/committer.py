"""Committing exactly the chosen hunks, as ``git commit`` does it.

A copy of the index is set to HEAD and given the chosen changes, and the real ``git commit`` is run on that copy, so
hooks, signing, author and every setting are git's own. Only then is the user's index touched
(:mod:`~spark_tui.app.commits.staging`). All functions block: call them with ``asyncio.to_thread``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from spark_tui.app.commits.errors import CommitFailed, CommitRefused
from spark_tui.app.commits.plan import (
    ABSENT,
    GITLINK,
    LINK,
    ChangeKind,
    CommitFile,
    CommitPlan,
    copied_index,
    empty_tree,
)
from spark_tui.app.commits.staging import (
    Blob,
    carry_staged,
    index_info,
    staged_changes,
    tree_changes,
    write_blobs,
)
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError, GitFailed
from spark_tui.app.workspace.git_process import stream_git
from spark_tui.app.workspace.paths import to_git
from spark_tui.app.workspace.unified_diff import apply_hunks, narrow

NO_LINES: Mapping[str, Collection[int]] = {}
"""Every chosen hunk is committed whole."""


@dataclass(frozen=True, slots=True)
class CommitResult:
    """A commit that was made, or undone. ``parent`` is what HEAD was before it: the commit that an amended one took
    the place of, and ``None`` for the first of the repository.

    ``notes`` are lines for the user about what is not as it might be expected, mostly none.
    """

    commit: str
    parent: str | None
    subject: str
    notes: tuple[str, ...] = ()


def commit(
    repository: Repository,
    plan: CommitPlan,
    chosen: Collection[str],
    message: str,
    *,
    on_output: Callable[[str], None],
    stopped: Callable[[], bool] = lambda: False,
    lines: Mapping[str, Collection[int]] = NO_LINES,
    amend: bool = False,
    sign_off: bool = False,
) -> CommitResult:
    """Commit the hunks of ``plan`` whose ids are in ``chosen``; everything else stays as it is.

    Of a hunk in ``lines`` only these are committed, by their number among its changed lines. ``amend`` puts the
    commit in the place of the last one, and then nothing need be chosen; ``sign_off`` adds a ``Signed-off-by``.

    ``on_output`` gets each line that git and the hooks write, in this thread; ``stopped`` is asked ten times a
    second. Raises :exc:`CommitRefused` before anything was begun, :exc:`CommitFailed` when a hook or git said no,
    and :exc:`~spark_tui.app.workspace.git_errors.GitError`. In each case HEAD and the index are as they were.
    """
    files = [file for file in plan.files if any(hunk.id in chosen for hunk in file.hunks)]
    if amend and plan.head is None:
        raise CommitRefused("there is no commit to amend yet; make the first one")
    if not files and not amend:
        raise CommitRefused("nothing is chosen; choose at least one hunk to commit")
    if not message.strip():
        raise CommitRefused("the commit message is empty; write at least one line")
    _require_quiet(repository)
    if repository.head().commit != plan.head:
        raise CommitRefused("HEAD has moved since the changes were listed; look at them again")
    options = [*(["--amend"] if amend else []), *(["--signoff"] if sign_off else [])]
    base = plan.head or empty_tree(repository)
    entries = _chosen_entries(repository, files, frozenset(chosen), lines)
    with copied_index(repository) as index:
        repository.act("read-tree", "--reset", base, index_file=index)
        repository.act("update-index", "-z", "--index-info", stdin=index_info(entries), index_file=index)
        message_file = index.with_name("message")
        message_file.write_text(message.rstrip() + "\n", encoding="utf-8", errors="replace", newline="")
        status = stream_git(
            repository.root,
            ("commit", "--file", str(message_file), *options),
            on_output=on_output,
            index_file=index,
            stopped=stopped,
        )
    made = repository.head().commit
    if made is None or made == plan.head:
        raise CommitFailed(_why_not(status, stopped()), status=status)
    subject = repository.look("log", "-1", "--format=%s", made).stdout.decode("utf-8", "replace").strip()
    return CommitResult(made, plan.head, subject, _carried(repository, base, made))


def last_message(repository: Repository) -> str:
    """The message of the last commit; empty before the first."""
    output = repository.look("log", "-1", "--format=%B", accept=(0, 128)).stdout
    return output.decode("utf-8", "replace").strip("\n")


def undo_commit(repository: Repository, result: CommitResult) -> CommitResult:
    """Take back a commit that :func:`commit` made; its changes stay in the files, and what was staged stays staged.

    Raises :exc:`CommitRefused` when it is no longer the last one or has been pushed.
    """
    _require_quiet(repository)
    if repository.head().commit != result.commit:
        raise CommitRefused("another commit was made since; use git revert to take this one back")
    pushed = repository.look("for-each-ref", "--count=1", "--contains", result.commit, "refs/remotes").stdout
    if pushed:
        raise CommitRefused("the commit has been pushed; use git revert to take it back")
    reason = ("-m", "spark-tui: undo commit")
    if result.parent is None:
        repository.act("update-ref", *reason, "-d", "HEAD", result.commit)
    else:
        repository.act("update-ref", *reason, "HEAD", result.parent, result.commit)
    notes = _carried(repository, result.commit, result.parent or empty_tree(repository))
    return CommitResult(result.commit, result.parent, result.subject, notes)


def _require_quiet(repository: Repository) -> None:
    operation = repository.operation()
    if operation is not None:
        raise CommitRefused(f"a {operation.value} is in progress; finish it with git, or abort it, then commit")
    if repository.look("ls-files", "--unmerged", "-z", limit=1).stdout:
        raise CommitRefused("there are unresolved conflicts; resolve them and `git add` the files, then commit")


def _why_not(status: int, stopped: bool) -> str:
    if stopped:
        return "the commit was stopped; nothing was committed"
    return f"git commit ended with status {status}; nothing was committed, see its output"


def _carried(repository: Repository, before: str, after: str) -> tuple[str, ...]:
    try:
        kept = carry_staged(repository, staged_changes(repository, before), tree_changes(repository, before, after))
    except GitError as error:
        return (f"HEAD has moved, but the index could not follow ({error}); run: git reset",)
    if not kept:
        return ()
    return (f"left staged as it was, since it overlaps with the commit: {', '.join(sorted(kept))}",)


def _chosen_entries(
    repository: Repository,
    files: Collection[CommitFile],
    chosen: frozenset[str],
    lines: Mapping[str, Collection[int]],
) -> dict[str, Blob]:
    """What each path is to be in the commit."""
    old_contents = _read_blobs(
        repository, {file.old_id for file in files if not file.added and file.old_mode not in (LINK, GITLINK)}
    )
    entries: dict[str, Blob] = {}
    texts: dict[str, tuple[str, bytes]] = {}
    for file in files:
        kinds = {hunk.kind for hunk in file.hunks if hunk.id in chosen}
        if file.renamed:
            entries[file.old_path] = Blob(ABSENT, file.old_id)
        mode = _chosen_mode(file, kinds)
        if file.deleted and _is_complete(file, chosen, lines):
            entries[file.path] = Blob(ABSENT, file.old_id)
        elif ChangeKind.WHOLE in kinds:
            entries[file.path] = Blob(mode, _whole_content(repository, file))
        elif ChangeKind.TEXT in kinds:
            hunks = [
                narrow(hunk.hunk, lines[hunk.id]) if hunk.id in lines else hunk.hunk
                for hunk in file.hunks
                if hunk.id in chosen and hunk.hunk is not None
            ]
            texts[file.path] = (mode, apply_hunks(old_contents.get(file.old_id, b""), hunks))
        else:
            entries[file.path] = Blob(mode, file.old_id)
    ids = write_blobs(repository, [content for _, content in texts.values()])
    entries |= {path: Blob(mode, id_) for (path, (mode, _)), id_ in zip(texts.items(), ids, strict=True)}
    return entries


def _chosen_mode(file: CommitFile, kinds: Collection[ChangeKind]) -> str:
    """The new mode where the file is new or of another type, or its move or mode was chosen; else the old."""
    of_other_type = file.old_mode[:3] != file.new_mode[:3]
    if file.deleted or not (file.renamed or of_other_type or ChangeKind.MODE in kinds):
        return file.old_mode
    return file.new_mode


def _is_complete(file: CommitFile, chosen: frozenset[str], lines: Mapping[str, Collection[int]]) -> bool:
    return all(hunk.id in chosen and hunk.id not in lines for hunk in file.hunks)


def _whole_content(repository: Repository, file: CommitFile) -> str:
    """Store what the work tree has at the path, and see that it is what the plan showed; its id."""
    if file.new_mode == GITLINK:
        return file.new_id
    path = repository.root / file.path
    try:
        if file.new_mode == LINK:
            found = written = write_blobs(repository, [to_git(str(path.readlink()))])[0]
        elif path.is_file() and not path.is_symlink():
            # The plan was made without the repository's own filters; the user commits this file, so now they run,
            # as on `git add`.
            found = repository.look("hash-object", "--", file.path, reads_files=True).stdout.decode("ascii").strip()
            written = repository.act("hash-object", "-w", "--", file.path).decode("ascii").strip()
        else:
            found = written = ""
    except OSError:
        found = written = ""
    if found != file.new_id:
        raise CommitRefused(f"{file.path} has changed since the changes were listed; look at them again")
    return written


def _read_blobs(repository: Repository, ids: Collection[str]) -> Mapping[str, bytes]:
    """The contents of objects, in one process."""
    wanted = sorted(ids)
    output = repository.look("cat-file", "--batch", stdin="".join(f"{id_}\n" for id_ in wanted).encode()).stdout
    contents: dict[str, bytes] = {}
    position = 0
    for id_ in wanted:
        end = output.index(b"\n", position)
        kind = output[position:end].split(b" ")
        if kind[-1] == b"missing":
            raise GitFailed(f"the object {id_} is missing; run: git fsck", status=0, output="")
        size = int(kind[-1])
        contents[id_] = output[end + 1 : end + 1 + size]
        position = end + size + 2
    return contents
