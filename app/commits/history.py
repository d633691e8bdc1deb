"""What the last commits look like, for suggesting a message in their style.

This is where GitPython reads objects. It is imported on the first call, since its import takes some 0.1 s that the
first paint should not pay. Blocks: call with ``asyncio.to_thread``.
"""

from __future__ import annotations

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_process import Purpose, git_environment


def recent_subjects(repository: Repository, count: int = 30) -> list[str]:
    """The subjects of the last ``count`` commits of the branch, newest first.

    Empty before the first commit, and where GitPython cannot read the repository (SHA-256 objects): a suggestion
    without a model of style is still a suggestion.
    """
    import git

    try:
        with git.Repo(repository.root) as objects:
            objects.git.update_environment(**git_environment(Purpose.LOOK))
            return [_subject(commit.summary) for commit in objects.iter_commits("HEAD", max_count=count)]
    except (git.GitError, ValueError, AssertionError, OSError):
        return []


def _subject(summary: str | bytes) -> str:
    return summary.decode("utf-8", "replace") if isinstance(summary, bytes) else summary
