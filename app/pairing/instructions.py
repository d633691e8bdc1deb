"""What the model is told with every request: the instructions, the tools, and who it is talking through."""

from __future__ import annotations

from importlib.resources import files

from spark_tui.app.workspace.files import FileSnapshot

GUIDANCE_FILE = "AGENTS.md"
GUIDANCE_LIMIT = 24 * 1024
"""Characters of a repository's own guidance that are sent; a longer file is cut with a remark."""


def default_instructions() -> str:
    """The instructions that ship with the program, as in ``instructions.md`` beside this module."""
    return files(__package__).joinpath("instructions.md").read_text(encoding="utf-8").strip()


def guidance(file: FileSnapshot) -> str | None:
    """What the repository itself tells assistants, from its :data:`GUIDANCE_FILE`; ``None`` without any."""
    if file.refusal is not None or not file.text.strip():
        return None
    text = file.text.strip()
    cut = "\n[cut here: the file is longer]" if len(text) > GUIDANCE_LIMIT else ""
    return f"# {GUIDANCE_FILE} instructions for this repository\n\n{text[:GUIDANCE_LIMIT]}{cut}"
