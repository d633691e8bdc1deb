"""The state of a conversation with the offline engine as the content of a ``compaction`` item.

What was read can be read again, so only the user's words and whether patches were taken are kept. The field is called
``encrypted_content`` by the protocol; here it is only packed, and whatever else stands in it is ignored.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

MARK = "spark-tui-offline:"


class Kept(msgspec.Struct, frozen=True):
    """``words`` are the user's messages from the one that set the task; ``patches`` counts those that were taken."""

    words: list[str]
    patches: int


def pack(kept: Kept) -> str:
    """``kept`` as text."""
    return MARK + base64.b64encode(msgspec.json.encode(kept)).decode("ascii")


def unpack(content: str) -> Kept | None:
    """What :func:`pack` made ``content`` of; ``None`` where it did not.

    >>> unpack(pack(Kept(["rename a to b"], 2)))
    Kept(words=['rename a to b'], patches=2)
    """
    if not content.startswith(MARK):
        return None
    try:
        return msgspec.json.decode(base64.b64decode(content.removeprefix(MARK), validate=True), type=Kept)
    except (binascii.Error, ValueError):
        return None
