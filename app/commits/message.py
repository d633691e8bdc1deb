"""A commit message to begin with, made by rule from what is committed and what was asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from spark_tui.app.commits.plan import ChangeKind, CommitFile

SUBJECT_LIMIT = 72
"""Characters of a subject: what ``git log`` and the hosting sites show without cutting."""

MESSAGE_INSTRUCTIONS = (
    "Write the message of a git commit for the diff that you are given. One subject line in the imperative, at most "
    "72 characters, in the style of the recent subjects if there are any; then, only where the reason is not plain "
    "from the subject, a blank line and a few lines that tell why. Answer with the message alone, without quotes."
)
DIFF_MOST = 12_000
"""Characters of a diff that a model is shown to name it."""

_CONVENTIONAL = re.compile(r"(?P<type>[a-z]+)(\([^)]*\))?!?: \S")
_POLITENESS = re.compile(
    r"(?:(?:please|pls|hi|hey|hello|ok|okay|now|then|and|also|just|thanks|"
    r"(?:can|could|would|will) (?:you|we)|i(?: would|'d) like (?:you )?to|i (?:want|need) (?:you )?to|"
    r"let's|let us|we (?:should|need to|must)|you should|help me(?: to)?)\b[\s,:!.]*)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:[\s,]*\b(?:please|thanks|thank you)\b)?[\s.!?;:,]+$|[\s,]*\b(?:please|thanks|thank you)$", re.I
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s")
_QUESTION = re.compile(r"(?:why|what|how|where|when|who|which|is|are|does|do|did|should|explain)\b", re.IGNORECASE)


def suggest_message(
    files: Sequence[CommitFile], chosen: Collection[str], request: str, recent_subjects: Sequence[str] = ()
) -> str:
    """One subject line for the hunks ``chosen`` of ``files``; empty when none is.

    The user's ``request`` in the imperative is the subject where it reads as one; else the files are named. Where
    most of ``recent_subjects`` are of the form ``type: subject`` (conventionalcommits.org), so is this one.
    """
    touched = [file for file in files if any(hunk.id in chosen for hunk in file.hunks)]
    if not touched:
        return ""
    asked = _from_request(request)
    subject = asked or _from_files(touched, chosen)
    if not _is_conventional(recent_subjects):
        return _shorten(subject[:1].upper() + subject[1:])
    if _CONVENTIONAL.match(subject):
        return _shorten(subject)
    lowered = subject[:1].lower() + subject[1:] if subject[1:2].islower() else subject
    return _shorten(f"{_type_of(touched, subject)}: {lowered}")


def message_question(
    files: Sequence[CommitFile], chosen: Collection[str], request: str, recent_subjects: Sequence[str] = ()
) -> str:
    """The hunks ``chosen`` as a model is shown them to suggest a message; empty when none has lines."""
    parts = [
        f"{file.path}\n" + "".join((mark + line).decode("utf-8", "replace") for mark, line in unit.hunk.lines)
        for file in files
        for unit in file.hunks
        if unit.id in chosen and unit.hunk is not None
    ]
    if not parts:
        return ""
    subjects = "\n".join(recent_subjects[:5])
    return f"Recent subjects:\n{subjects}\n\nWhat was asked for: {request}\n\n{''.join(parts)[:DIFF_MOST]}"


def _from_request(request: str) -> str:
    """The request's first sentence as a subject; empty when it is a question or no sentence."""
    lines = [" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in request.splitlines()]
    first = next((line for line in lines if line), "")
    if first.startswith("/"):
        return ""
    sentence = _SENTENCE_END.split(_POLITENESS.sub("", first, count=1) if _POLITENESS.match(first) else first)[0]
    sentence = _TRAILING.sub("", sentence)
    words = sentence.split()
    if len(words) < 2 or _QUESTION.match(sentence):
        return ""
    return sentence


def _from_files(files: Sequence[CommitFile], chosen: Collection[str]) -> str:
    if len(files) == 1:
        return _from_file(files[0], chosen)
    verbs = {_verb(file) for file in files}
    verb = verbs.pop() if len(verbs) == 1 else "Update"
    folders = [file.path.split("/")[:-1] for file in files]
    common: list[str] = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    names = [file.path.rpartition("/")[2] for file in files]
    if len(files) == 2 and len(named := f"{verb} {names[0]} and {names[1]}") <= 50:
        return named
    return f"{verb} {len(files)} files" + (f" in {'/'.join(common)}" if common else "")


def _from_file(file: CommitFile, chosen: Collection[str]) -> str:
    name = _printable(PurePosixPath(file.path).name)
    kinds = {hunk.kind for hunk in file.hunks if hunk.id in chosen}
    if file.renamed:
        old = _printable(PurePosixPath(file.old_path).name)
        return f"Rename {old} to {name}" if old != name else f"Move {name}"
    if kinds == {ChangeKind.MODE}:
        return f"Make {name} {'executable' if file.new_mode.endswith('755') else 'not executable'}"
    return f"{_verb(file)} {name}"


def _verb(file: CommitFile) -> str:
    if file.added:
        return "Add"
    if file.deleted:
        return "Remove"
    return "Rename" if file.renamed else "Update"


def _is_conventional(subjects: Sequence[str]) -> bool:
    matching = sum(_CONVENTIONAL.match(subject) is not None for subject in subjects)
    return matching >= 3 and matching * 2 > len(subjects)


def _type_of(files: Sequence[CommitFile], subject: str) -> str:
    paths = [PurePosixPath(file.path) for file in files]
    if all(path.suffix in (".md", ".rst", ".txt", ".adoc") or "docs" in path.parts for path in paths):
        return "docs"
    if all("test" in str(path).lower() for path in paths):
        return "test"
    verb = subject.split(" ", 1)[0].lower()
    for kind, verbs in _VERBS_OF_TYPE.items():
        if verb in verbs:
            return kind
    return "feat" if all(file.added for file in files) else "chore"


_VERBS_OF_TYPE = {
    "fix": {"fix", "repair", "correct", "mend", "prevent", "handle"},
    "feat": {"add", "implement", "support", "introduce", "allow", "make"},
    "refactor": {"rename", "move", "extract", "refactor", "simplify", "split", "inline", "remove", "clean"},
    "perf": {"speed", "optimise", "optimize", "cache"},
}


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _shorten(subject: str) -> str:
    if len(subject) <= SUBJECT_LIMIT:
        return subject
    cut = subject[: SUBJECT_LIMIT + 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut[:SUBJECT_LIMIT]).rstrip(" ,.;:-")
