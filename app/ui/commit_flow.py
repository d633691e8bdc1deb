"""From the key to the commit: list what differs from HEAD, let the user choose, hand it to git, tell the outcome."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator
from functools import partial

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkKind, HunkState
from spark_tui.app.commits.committer import CommitResult, commit, last_message
from spark_tui.app.commits.errors import CommitError
from spark_tui.app.commits.history import recent_subjects
from spark_tui.app.commits.message import message_question, suggest_message
from spark_tui.app.commits.plan import CommitHunk, CommitPlan, plan_commit, plan_staged
from spark_tui.app.commits.staged_lines import staged_lines
from spark_tui.app.ui.git_rows import GitRows, place_of
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.unified_diff import KEEP, REMOVE, DiffHunk
from spark_tui.widgets import commit_choice
from spark_tui.widgets.commit_choice import Chosen
from spark_tui.widgets.commit_form import CommitForm

Suggest = Callable[[Collection[str]], str]
"""A message for the chosen hunks, by rule."""


class CommitFlow:
    """One opening of the commit form over ``repository``.

    ``request`` is what the user asked last, for the suggested message. ``question`` shows a model what this session
    made of the change, and nothing else of the user's; empty when it is not to be asked. ``suggest`` names chosen
    hunks by rule; ``None`` where the message is the user's own. Made by :meth:`prepare`.
    """

    def __init__(
        self, repository: Repository, plan: CommitPlan, form: CommitForm, question: str, suggest: Suggest | None
    ) -> None:
        self.form = form
        self.question = question
        self._suggest = suggest
        self._repository = repository
        self._plan = plan
        self._stopped = threading.Event()

    @classmethod
    async def prepare(
        cls, repository: Repository, changes: ChangeSet, request: str, message: str
    ) -> CommitFlow | None:
        """Look at what there is to commit; ``None`` when there is nothing. Raises :exc:`GitError`.

        ``message`` is what the user wrote when the form was last closed; where it is empty one is suggested.
        """
        plan = await asyncio.to_thread(plan_commit, repository)
        if not plan.files:
            return None
        accepted = accepted_lines(changes)

        def read() -> tuple[commit_choice.Choice, str, str, Suggest | None]:
            """What the form shows, the question, and what names a choice; there may be thousands of hunks."""
            staged = staged_lines(plan, plan_staged(repository))
            ours = plan.choose(lambda hunk: is_ours(hunk, accepted))
            chosen = ours or frozenset(staged)
            hunks = [to_choice(h, h.id in ours, staged.get(h.id), is_chosen=h.id in chosen) for h in plan.hunks]
            choice = commit_choice.Choice(hunks)
            if message:
                return choice, message, "", None
            subjects = recent_subjects(repository)
            suggest = partial(suggest_message, plan.files, request=request, recent_subjects=subjects)
            suggested = suggest(chosen or plan.choose(lambda _: True))
            return choice, suggested, message_question(plan.files, ours, request, subjects), suggest

        choice, words, question, suggest = await asyncio.to_thread(read)
        last = await asyncio.to_thread(last_message, repository)
        form = CommitForm(choice, words, last)
        return cls(repository, plan, form, question, suggest)

    def name_choice(self, chosen: Collection[str]) -> None:
        """Let an untouched suggestion be about the hunks that are chosen now."""
        if self._suggest is not None and chosen:
            self.form.improve(self._suggest(chosen))

    def take_name(self, message: str) -> None:
        """Suggest ``message``, which a model gave; from then on no rule does."""
        self._suggest = None
        self.form.improve(message)

    def stop(self) -> None:
        """Stop the commit that runs."""
        self._stopped.set()

    async def commit(self, asked: CommitForm.CommitRequested) -> CommitResult | None:
        """Commit; ``None`` where it failed, which the form then says, with nothing lost."""
        self._stopped.clear()
        loop = asyncio.get_running_loop()

        def tell(line: str) -> None:
            loop.call_soon_threadsafe(self.form.show_output, line if line.endswith("\n") else line + "\n")

        try:
            return await asyncio.to_thread(
                commit,
                self._repository,
                self._plan,
                frozenset(asked.chosen_ids),
                asked.message,
                on_output=tell,
                stopped=self._stopped.is_set,
                lines=asked.lines,
                amend=asked.amend,
                sign_off=asked.sign_off,
            )
        except (CommitError, GitError, OSError) as error:
            self.form.show_failure(str(error))
            return None


Lines = dict[str, list[tuple[int, int]]]
"""For each path, the ranges of lines (0-based, end exclusive; may be empty) that this session's accepts made."""


def accepted_lines(changes: ChangeSet) -> Lines:
    """Where the accepted hunks stand in the files as last seen."""
    lines: Lines = {}
    for hunk in changes.hunks(HunkState.ACCEPTED):
        path = hunk.target if hunk.kind is HunkKind.RENAME and hunk.target is not None else hunk.path
        lines.setdefault(path, []).append((hunk.start, hunk.start + len(hunk.added)))
    return lines


def is_ours(hunk: CommitHunk, accepted: Lines) -> bool:
    """Whether this session's accepts are in ``hunk``; a unit without lines is ours where its file is."""
    ranges = accepted.get(hunk.path, [])
    if hunk.hunk is None:
        return bool(ranges)
    return any(start <= line <= end for line in _changed(hunk.hunk) for start, end in ranges)


def _changed(hunk: DiffHunk) -> Iterator[int]:
    """The lines (0-based, of the new file) that the hunk adds, and those before which it takes some away."""
    line = hunk.new_start - (hunk.new_count > 0)
    for mark, _ in hunk.lines:
        if mark != KEEP:
            yield line
        line += mark != REMOVE


def to_choice(
    hunk: CommitHunk, ours: bool, staged: frozenset[int] | None, *, is_chosen: bool
) -> commit_choice.CommitHunk:
    """A hunk as the form shows it; ``staged`` are those of its lines that the user has staged, ``None``: nothing is.

    What this session made is chosen already; where it made nothing, that is what is staged, as ``git commit`` has it.
    """
    rows = GitRows(hunk.hunk) if hunk.hunk is not None else ()
    size = sum(mark != KEEP for mark, _ in hunk.hunk.lines) if hunk.hunk is not None else 0
    how = Chosen.NONE if staged is None else Chosen.ALL if len(staged) == size else Chosen.SOME
    lines = staged if staged is not None and how is Chosen.SOME and not ours else frozenset[int]()
    header = (place_of(hunk.hunk) if hunk.hunk is not None else "") or hunk.header
    return commit_choice.CommitHunk(hunk.id, hunk.path, header, rows, is_chosen, ours, how, lines)
