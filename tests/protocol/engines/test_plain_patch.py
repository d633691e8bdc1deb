"""Patches found in plain text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_tui.protocol.engines.plain_patch import PlainPatchFinder

PATCH = "*** Begin Patch\n*** Delete File: a\n*** End Patch\n"


def find(*pieces: str) -> tuple[str, list[str]]:
    """The prose, and each patch."""
    finder = PlainPatchFinder()
    prose, patches, within = "", [""], False
    for piece in [one for text in pieces for one in finder.feed(text)] + finder.finish():
        if piece.patch:
            patches[-1] += piece.text
            within = not piece.ends
            if piece.ends:
                patches.append("")
        else:
            assert not within
            prose += piece.text
    return prose, [patch for patch in patches if patch]


@pytest.mark.parametrize(
    ("text", "prose", "patches"),
    [
        (PATCH, "", [PATCH]),
        (f"So:\n\n```diff\n{PATCH}```\nDone.", "So:\n\nDone.", [PATCH]),
        (f"So:\n{PATCH}Done.\n```\nx\n```\n", "So:\nDone.\n```\nx\n```\n", [PATCH]),
        (f"{PATCH}{PATCH}", "", [PATCH, PATCH]),
        (f"```\n{PATCH}{PATCH}```", "", [PATCH, PATCH]),
        ("Say *** Begin Patch\nlike this", "Say *** Begin Patch\nlike this", []),
        ("```python\nprint()\n```\n", "```python\nprint()\n```\n", []),
        ("*** Begin Patch\n+a", "", ["*** Begin Patch\n+a"]),
        ("*** Begin Patch\n*** End Patch", "", ["*** Begin Patch\n*** End Patch"]),
        ("*** Beg", "*** Beg", []),
        ("```", "```", []),
        ("``\n``` \n", "``\n``` \n", []),
    ],
)
def test_prose_and_patches(text: str, prose: str, patches: list[str]) -> None:
    assert find(text) == (prose, patches)
    assert find(*text) == (prose, patches)


def test_text_is_held_back_only_while_it_may_be_a_marker() -> None:
    finder = PlainPatchFinder()
    assert [piece.text for piece in finder.feed("Hel")] == ["Hel"]
    assert [piece.text for piece in finder.feed("lo\n*** ")] == ["lo\n"]
    assert [piece.text for piece in finder.feed("x")] == ["*** x"]
    finder.feed("\n*** Begin Patch\n")
    assert [(piece.text, piece.patch) for piece in finder.feed("+a")] == [("+a", True)]


LINES = ["*** Begin Patch", "*** End Patch", "```", "```diff", "+x", "", "text", "  *** End Patch"]


@given(st.lists(st.sampled_from(LINES), max_size=10), st.integers(1, 7))
@settings(max_examples=80)
def test_any_cut_gives_the_same(lines: list[str], size: int) -> None:
    text = "\n".join(lines)
    assert find(*[text[at : at + size] for at in range(0, len(text), size)]) == find(text)
