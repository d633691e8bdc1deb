"""Which figures are shown of which scenarios, and under which heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Columns = Sequence[tuple[str, str]]

LOOP: Columns = (("loop_stall_max_ms", "loop held at most, ms"), ("loop_over_16ms", "times over 16 ms"))
LAG: Columns = (("lag_p50_ms", "lag p50, ms"), ("lag_p95_ms", "lag p95, ms"), ("lag_max_ms", "lag max, ms"))
STARTED: Columns = (
    ("first_paint_ms", "first paint, ms"),
    ("key_shown_ms", "key on the screen, ms"),
    ("connected_ms", "connected, ms"),
    ("first_token_ms", "first token, ms"),
    ("cpu_s", "CPU, s"),
    ("memory_mb", "memory, MB"),
)
STREAMED: Columns = (
    *LAG,
    ("drain_ms", "drain, ms"),
    ("painted_percent", "painted, %"),
    ("reachable_percent", "reachable, %"),
    ("cpu_s_per_1000", "CPU s per 1,000"),
    ("peak_memory_mb", "peak memory, MB"),
    *LOOP,
)
ECHOED: Columns = (("key_p50_ms", "echo p50, ms"), ("key_p95_ms", "echo p95, ms"), ("keys_lost", "lost"))
STOPPED: Columns = (
    ("esc_shown_ms", "esc until it says so, ms"),
    ("esc_last_text_ms", "esc to the last new text, ms"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """``title`` over the scenarios of ``subjects``; ``columns`` are names of figures, and their heads."""

    title: str
    subjects: tuple[str, ...]
    columns: Columns


TABLES = (
    Table("Start", ("launch",), STARTED),
    Table("Streams", ("prose", "markdown", "patch"), STREAMED),
    Table("Keys", ("keys",), (*ECHOED, *STOPPED, *LOOP)),
    Table(
        "Pause",
        ("pause",),
        (
            *STOPPED,
            ("resume_shown_ms", "esc again to the first new text, ms"),
            ("caught_up_ms", "until caught up, ms"),
            ("reachable_percent", "reachable, %"),
            *LOOP,
        ),
    ),
    Table(
        "A terminal that takes 1 Mbit/s",
        ("slow terminal",),
        (
            ("key_written_p50_ms", "echo written p50, ms"),
            ("key_written_p95_ms", "echo written p95, ms"),
            *ECHOED,
            *LAG,
            ("drain_ms", "drain, ms"),
            ("bytes_per_s", "bytes a second"),
            *LOOP,
        ),
    ),
    Table(
        "Turns of 20 tokens",
        ("turns",),
        (
            ("turn_p50_ms", "Enter to last token p50, ms"),
            ("turn_max_ms", "max, ms"),
            ("bytes_first", "bytes, first turn"),
            ("bytes_last", "bytes, last turn"),
            ("bytes_all", "bytes, all requests"),
            ("connections", "connections"),
            ("memory_mb", "memory, MB"),
        ),
    ),
    Table(
        "Two lanes: the commit message is asked for while a turn streams",
        ("lanes",),
        (
            ("form_shown_ms", "form shown, ms"),
            ("aside_asked_ms", "asked, ms"),
            ("aside_shown_ms", "answer shown after its last token, ms"),
            ("uncovered_ms", "form closed to the turn's text, ms"),
            ("lag_p95_ms", "lag p95 of the turn, ms"),
            ("drain_ms", "drain, ms"),
            ("on_time_percent", "of its rate, %"),
            ("connections", "connections"),
            *LOOP,
        ),
    ),
    Table(
        "A patch of 10,000 lines into a file of 50,000",
        ("big diff",),
        (("first_line_ms", "first line after its newline, ms"), *STREAMED),
    ),
    Table(
        "A file of 50,000 lines with 500 pending hunks, edited from outside",
        ("rebase",),
        (
            ("rebase_p50_ms", "save to screen p50, ms"),
            ("rebase_max_ms", "max, ms"),
            ("edits_shown", "edits shown, of 5"),
            ("hunks_kept", "hunks kept"),
            *LOOP,
        ),
    ),
    Table(
        "Accept: hunks in files",
        ("accept",),
        (
            ("disk_p50_ms", "key to disk p50, ms"),
            ("disk_max_ms", "max, ms"),
            ("told_p50_ms", "key to screen p50, ms"),
            ("whole_s", "all of it, s"),
            *LOOP,
        ),
    ),
    Table(
        "200,000 tracked files",
        ("big repository",),
        (
            *STARTED,
            ("peak_memory_mb", "peak memory, MB"),
            ("find_echo_p95_ms", "finder: echo p95, ms"),
            ("find_p50_ms", "hits p50 a key, ms"),
            ("find_p95_ms", "p95, ms"),
            ("find_max_ms", "max, ms"),
            ("found_ms", "last key to the file, ms"),
            ("start_loop_stall_max_ms", "loop held at most, start, ms"),
            ("start_loop_over_16ms", "times over 16 ms, start"),
            *LOOP,
        ),
    ),
    Table(
        "A session of 200,000 lines and 5,000 hunks",
        ("long session",),
        (
            ("patch_memory_mb", "memory after the patch, MB"),
            ("memory_mb", "memory at the end, MB"),
            ("peak_memory_mb", "peak, MB"),
            ("gc_pause_max_ms", "longest collection, ms"),
            ("cpu_s", "CPU, s"),
            ("whole_s", "it took, s"),
            *LOOP,
        ),
    ),
)
