"""The command line: which command is meant, and nothing else. Each command's module is imported when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

USAGE_ERROR = 2
COMMANDS: dict[str, str] = {
    "run": "one turn without a terminal",
    "apply": "apply a patch to the current directory",
    "undo": "take back what was accepted",
    "redo": "do again what was taken back",
    "serve": "the gateway: a server of the wire protocol",
    "review": "read what git knows: work tree, branch or range",
    "doctor": "check each step of the way to the model, and say what to do",
    "replay": "play a recording (--record FILE); nothing is written",
    "resume": "go on with the last session of this repository",
    "sanitize": "show text as the transcript would",
}
EPILOG = "commands:\n" + "\n".join(f"  {name:<10} {about}" for name, about in COMMANDS.items())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments and arguments[0] in COMMANDS else None
    parser = build_parser(name)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the locale cannot print ends nothing
    options = parser.parse_args(arguments[1:] if name else arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """The parser of one command; ``None`` is the program itself, on a repository."""
    if command is None:
        parser = argparse.ArgumentParser(
            prog="spark-tui",
            description="A terminal pair programmer that shows the edit on the real file while it is written.",
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
        parser.add_argument("path", nargs="?", default=".", type=Path, metavar="PATH", help="a git work tree (.)")
        add_endpoint_options(parser)
        _add_record_option(parser)
        parser.set_defaults(run=_open, resume=False, change=None)
        return parser
    what = COMMANDS[command]
    parser = argparse.ArgumentParser(prog=f"spark-tui {command}", description=f"{what[0].upper()}{what[1:]}.")
    _ADDERS[command](parser)
    return parser


def add_endpoint_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which model answers."""
    group = parser.add_argument_group("the model")
    group.add_argument("--base-url", metavar="URL", help="the endpoint, ending in /v1 (or SPARK_TUI_BASE_URL)")
    group.add_argument("--model", metavar="NAME", help="the model's name (or SPARK_TUI_MODEL)")
    group.add_argument("--offline", action="store_true", help="answer with the built-in rule-based engine")
    group.add_argument("--rate", type=float, metavar="N", help="the offline engine's tokens a second; 0: no limit")


def _add_record_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write every frame to FILE, for `spark-tui replay`"
    )


def program_version() -> str:
    """The installed version; ``unknown`` when run from a tree that is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and rarely asked

    try:
        return version("spark-tui")
    except PackageNotFoundError:
        return "unknown"


class _ShowVersion(argparse.Action):
    """Looks the version up when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"spark-tui {program_version()}\n")
        parser.exit()


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", metavar="PROMPT", help="what to do")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--apply", action="store_true", help="write the change to disk")
    form.add_argument("--diff", action="store_true", help="print the change as a unified diff (the default)")
    form.add_argument("--json", action="store_true", help="print what happens, one JSON object a line")
    parser.add_argument("-C", dest="directory", type=Path, default=Path(), metavar="DIR", help="the work tree (.)")
    add_endpoint_options(parser)
    _add_record_option(parser)
    parser.set_defaults(run=_run)


def _add_apply(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="the patch; - or nothing reads standard input")
    parser.add_argument("--check", action="store_true", help="say what would happen and write nothing")
    parser.add_argument("--recover", action="store_true", help="finish or roll back an interrupted write")
    parser.set_defaults(run=_apply)


def _add_undo(parser: argparse.ArgumentParser) -> None:
    from spark_tui.app.commands import undo

    undo.add_undo_arguments(parser)
    parser.set_defaults(run=undo.undo)


def _add_redo(parser: argparse.ArgumentParser) -> None:
    from spark_tui.app.commands import undo

    undo.add_redo_arguments(parser)
    parser.set_defaults(run=undo.redo)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    from spark_tui.app.commands import serve

    serve.add_arguments(parser)
    parser.set_defaults(run=serve.run)


def _add_resume(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", default=".", type=Path, metavar="PATH", help="a git work tree (.)")
    add_endpoint_options(parser)
    _add_record_option(parser)
    parser.set_defaults(run=_open, resume=True, change=None)


def _add_review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "change",
        nargs="?",
        default="",
        metavar="REV|RANGE",
        help="a revision (what was done since; or what it would bring), A..B or A...B; nothing: the work tree",
    )
    parser.add_argument("-C", dest="path", type=Path, default=Path(), metavar="DIR", help="the work tree (.)")
    add_endpoint_options(parser)
    _add_record_option(parser)
    parser.set_defaults(run=_open, resume=False)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_endpoint_options(parser)
    parser.set_defaults(run=_doctor)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the recording")
    parser.add_argument("path", nargs="?", default=".", type=Path, metavar="PATH", help="a git work tree (.)")
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="times as fast; 0 does not wait (1)")
    parser.set_defaults(run=_replay)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 <= speed < float("inf"):
        raise ValueError
    return speed


def _add_sanitize(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", choices=["-"], metavar="-", help="standard input (the default)")
    parser.set_defaults(run=_sanitize)


_ADDERS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "run": _add_run,
    "apply": _add_apply,
    "undo": _add_undo,
    "redo": _add_redo,
    "serve": _add_serve,
    "review": _add_review,
    "doctor": _add_doctor,
    "replay": _add_replay,
    "resume": _add_resume,
    "sanitize": _add_sanitize,
}


def _open(options: argparse.Namespace) -> int:
    from spark_tui.app.commands import tui

    return tui.run(options)


def _doctor(options: argparse.Namespace) -> int:
    from spark_tui.app.commands import doctor

    return doctor.run(options)


def _replay(options: argparse.Namespace) -> int:
    from spark_tui.app.commands import tui

    return tui.replay(options)


def _run(options: argparse.Namespace) -> int:
    from spark_tui.app.commands import run

    return run.run(options)


def _apply(options: argparse.Namespace) -> int:
    from spark_tui.app.commands import apply

    return apply.run(
        options.file,
        check=options.check,
        recover=options.recover,
        cwd=Path.cwd(),
        stdin=sys.stdin.buffer,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )


def _sanitize(_: argparse.Namespace) -> int:
    from spark_tui.app.commands import sanitize

    return sanitize.run(sys.stdin.buffer, sys.stdout.buffer)
