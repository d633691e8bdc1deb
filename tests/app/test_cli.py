"""The command line: which command is meant, and what a user sees who mistypes."""

from __future__ import annotations

import argparse

import pytest

from spark_tui.app import cli


def options(*arguments: str) -> argparse.Namespace:
    name = arguments[0] if arguments and arguments[0] in cli.COMMANDS else None
    return cli.build_parser(name).parse_args(arguments[1:] if name else arguments)


def test_every_command_has_a_parser_and_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    for name, about in cli.COMMANDS.items():
        with pytest.raises(SystemExit) as ended:
            cli.main([name, "--help"])
        assert ended.value.code == 0
        told = " ".join(capsys.readouterr().out.split())
        assert told.startswith(f"usage: spark-tui {name}")
        assert about[1:20] in told


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    told = capsys.readouterr().out
    assert all(f"  {name} " in told for name in cli.COMMANDS)


def test_without_a_command_a_path_is_meant() -> None:
    assert str(options().path) == "."
    assert str(options("some/where").path) == "some/where"
    assert not options().resume
    assert options("resume").resume


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["run"],
        ["run", "--apply", "--json", "x"],
        ["replay", "tape", "--speed", "-1"],
        ["replay", "tape", "--speed", "nan"],
        ["replay", "tape", "--speed", "fast"],
        ["--rate", "fast"],
        ["sanitize", "file"],
    ],
)
def test_a_wrong_command_line_is_a_usage_error(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == cli.USAGE_ERROR
    assert capsys.readouterr().err.startswith("usage: spark-tui")


@pytest.mark.parametrize("arguments", [[], ["resume"], ["replay", "tape"]])
def test_without_a_terminal_it_says_what_works_without_one(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert cli.main(arguments) == 2
    assert "there is no terminal here" in capsys.readouterr().err


def test_an_interrupt_ends_it_as_a_shell_expects(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_doctor", interrupted)
    assert cli.main(["doctor"]) == 130


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"spark-tui {cli.program_version()}\n"
