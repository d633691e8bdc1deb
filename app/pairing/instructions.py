"""What the model is told with every request: the instructions, the tools, and who it is talking through."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

GUIDANCE_FILE = "AGENTS.md"
GUIDANCE_LIMIT = 24 * 1024
"""Bytes of a repository's own guidance that are sent; a longer file is cut with a remark."""


def default_instructions() -> str:
    """The instructions that ship with the program, as in ``instructions.md`` beside this module."""
    return files(__package__).joinpath("instructions.md").read_text(encoding="utf-8").strip()


def repository_guidance(root: Path) -> str | None:
    """What the repository itself tells assistants (``AGENTS.md`` in its root); ``None`` without any."""
    try:
        data = (root / GUIDANCE_FILE).read_bytes()
    except OSError:
        return None
    text = data[:GUIDANCE_LIMIT].decode("utf-8", "replace").strip()
    if not text:
        return None
    cut = "\n[cut here: the file is longer]" if len(data) > GUIDANCE_LIMIT else ""
    return f"# {GUIDANCE_FILE} instructions for this repository\n\n{text}{cut}"
