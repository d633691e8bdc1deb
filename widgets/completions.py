"""What the beginning of a command may become: the commands that fit, the likeliest first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAD = "/"
"""What a command begins with."""


@dataclass(frozen=True, slots=True)
class Completion:
    """``text`` is what stands in the prompt once it is taken, ``about`` says in a line what it does.

    A text that ends in a space wants another word behind it.
    """

    text: str
    about: str

    @property
    def wants_more(self) -> bool:
        """Whether it cannot be sent as it is."""
        return self.text.endswith(" ")


def matching(completions: Sequence[Completion], typed: str) -> list[Completion]:
    """Those that ``typed`` may become, word for word up to the last, of which the letters need only be in order.

    What begins as typed comes first, then what has it inside; none for a text that is no beginning of a command.

    >>> names = ["/undo", "/undo-turn", "/redo", "/theme ", "/theme nord"]
    >>> [found.text for found in matching([Completion(name, "") for name in names], "/do")]
    ['/undo', '/undo-turn', '/redo']
    >>> [found.text for found in matching([Completion(name, "") for name in names], "/theme n")]
    ['/theme nord']
    """
    if not typed.startswith(LEAD) or "\n" in typed:
        return []
    before, space, _ = typed.rpartition(" ")
    head = before + space or LEAD
    last = typed[len(head) :].lower()
    ranked = []
    for completion in completions:
        name = completion.text.rstrip()
        if not name.startswith(head) or " " in (name := name[len(head) :]):
            continue
        rank = _rank(last, name.lower())
        if rank is not None:
            ranked.append((rank, completion))
    return [completion for _, completion in sorted(ranked, key=lambda found: found[0])]


def _rank(typed: str, name: str) -> int | None:
    """How well ``name`` answers, 0 is best; ``None`` where the letters are not in it in order."""
    if name.startswith(typed):
        return 0 if name == typed else 1
    if typed in name:
        return 2
    letters = iter(name)
    return 3 if all(letter in letters for letter in typed) else None
