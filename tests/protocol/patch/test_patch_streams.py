"""Every way of cutting a patch stream that the corpus lists gives the hunks of the whole text."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spark_tui.protocol.patch.events import Op, PatchBroken, PatchClosed, PatchEvent, PatchLine
from spark_tui.protocol.patch.parser import Dialect, PatchParser
from spark_tui.protocol.wire.json_stream import JsonStringField

CORPUS = Path(__file__).parents[2] / "corpus"
BASES: dict[str, str] = json.loads((CORPUS / "stream-bases.json").read_text("utf-8"))
ROWS: list[dict[str, Any]] = list(map(json.loads, (CORPUS / "streams.jsonl").read_text("utf-8").splitlines()))


def envelope(body: str) -> str:
    return f"*** Begin Patch\n{body}*** End Patch\n"


def base(name: str) -> str:
    match name:
        case "longline":
            return envelope(f"*** Add File: long\n+{'x' * 200_000}\n")
        case "manyfiles":
            return envelope("".join(f"*** Add File: f/{number:04}.txt\n+{number}\n" for number in range(500)))
        case "giant":
            lines = "".join(f"+line {number:06} {'é' * (number % 7)}\n" for number in range(60_000))
            return envelope(f"*** Add File: giant\n{lines}")
    return BASES[name]


def cut(text: str, split: dict[str, Any]) -> list[str]:
    match split["how"]:
        case "every":
            return [text[at : at + split["n"]] for at in range(0, len(text), split["n"])]
        case "lines":
            return text.splitlines(keepends=True)
        case "before_newline":
            return re.findall(r"\n?[^\n]*", text)
        case "tokens":
            return re.findall(r"\w{1,4}|\s|[^\w\s]", text)
        case "after":
            at = text.index(split["find"]) + split["i"]
            return [text[:at], text[at:]]
    return [text]


def pieces_of(row: dict[str, Any]) -> list[str]:
    """The text pieces that reach the parser, with the row's end made to them."""
    text = base(row["base"])
    if row["layer"] == "json":
        field = JsonStringField("input")
        return [field.feed(piece) for piece in cut(json.dumps({"input": text}), row["split"])]
    if row["layer"] == "utf8":
        whole = text.encode()
        if row["end"] == "cut":
            whole = whole[: int(len(whole) * row["at"])]
        size = row["split"].get("n", 5)
        decoder = codecs.getincrementaldecoder("utf-8")()
        return [decoder.decode(whole[at : at + size]) for at in range(0, len(whole), size)]
    pieces = cut(text, row["split"])
    match row["end"]:
        case "dup":
            pieces.insert(5, pieces[5])
        case "reorder":
            pieces[5], pieces[6] = pieces[6], pieces[5]
        case "extra":
            pieces.append(row["tail"])
    return [part for piece in pieces for part in (piece, "")] if row.get("empties") else pieces


def parsed(pieces: list[str], dialect: Dialect = Dialect.LENIENT, finish: bool = True) -> list[PatchEvent]:
    parser = PatchParser(dialect)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.finish() if finish else events


def streams(*ends: str) -> Iterator[Any]:
    return (pytest.param(row, id=row["id"]) for row in ROWS if row["end"] in ends)


@pytest.mark.parametrize("row", streams("complete", "dup", "reorder", "extra"))
@pytest.mark.parametrize("dialect", Dialect)
def test_pieces_give_the_events_of_their_text(row: dict[str, Any], dialect: Dialect) -> None:
    pieces = pieces_of(row)
    assert parsed(pieces, dialect) == parsed(["".join(pieces)], dialect)


@pytest.mark.parametrize("row", streams("complete"))
@pytest.mark.parametrize("dialect", Dialect)
def test_complete_stream_closes(row: dict[str, Any], dialect: Dialect) -> None:
    assert parsed(pieces_of(row), dialect)[-1] == PatchClosed()


@pytest.mark.parametrize("row", streams("cut"))
def test_cut_stream_gives_a_beginning_and_breaks(row: dict[str, Any]) -> None:
    pieces = pieces_of(row)
    events = parsed(pieces, finish=False)
    whole = parsed([base(row["base"])])
    assert events == whole[: len(events)]
    assert isinstance(parsed(pieces)[-1], PatchBroken)
    assert parsed(pieces)[:-1] == events


def test_text_behind_the_end_breaks_codex_only() -> None:
    row = next(row for row in ROWS if row["end"] == "extra")
    assert isinstance(parsed(pieces_of(row), Dialect.CODEX)[-1], PatchBroken)
    assert parsed(pieces_of(row), Dialect.LENIENT)[-1] == PatchClosed()


@pytest.mark.parametrize("name", [*BASES, "manyfiles"])
def test_partial_line_becomes_the_line_it_showed(name: str) -> None:
    parser = PatchParser(Dialect.LENIENT)
    shown: list[tuple[Op, str]] = []
    for character in base(name):
        events = parser.feed(character)
        for event in events:
            if isinstance(event, PatchLine):
                assert all(op is event.op and event.text.startswith(text) for op, text in shown)
        if character == "\n":
            assert not shown or any(isinstance(event, PatchLine) for event in events)
            shown.clear()
        if (partial := parser.partial) is not None:
            shown.append((partial.op, partial.text))


def test_long_line_and_giant_file_stream_in_tiny_pieces() -> None:
    long_line = [event for event in parsed(list(base("longline"))) if isinstance(event, PatchLine)]
    assert [len(line.text) for line in long_line] == [200_000]
    giant = [event for event in parsed(cut(base("giant"), {"how": "tokens"})) if isinstance(event, PatchLine)]
    assert [line.text for line in giant[59_998:]] == ["line 059998 é", "line 059999 éé"]
