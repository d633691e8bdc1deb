"""The grammar sent with the tool is the language that the parser reads."""

from __future__ import annotations

from spark_tui.protocol.patch.events import Op, SectionKind
from spark_tui.protocol.patch.grammar import apply_patch_tool, grammar
from spark_tui.protocol.patch.language import BEGIN, END, END_OF_FILE, MOVE_TO, SECTION_MARKS


def test_grammar_names_every_mark_of_the_parser() -> None:
    for mark in (BEGIN, END, END_OF_FILE, MOVE_TO, *SECTION_MARKS, *(op.value for op in Op)):
        assert f'"{mark}"' in grammar()
    assert len(SECTION_MARKS) == len(SectionKind)


def test_tool_has_the_shape_of_a_custom_tool() -> None:
    tool = apply_patch_tool("Edits files.")
    assert (tool["type"], tool["name"], tool["description"]) == ("custom", "apply_patch", "Edits files.")
    assert tool["format"] == {"type": "grammar", "syntax": "lark", "definition": grammar()}
