"""``spark-tui doctor``: the way to the model, step by step, with what to do about each failure."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from spark_tui.app.diagnosis import Step, Verdict, as_json, diagnose, is_well
from spark_tui.app.gateway_child import GatewayError
from spark_tui.app.model_link import ModelLink
from spark_tui.app.pairing.notices import Severity
from spark_tui.app.remembered import Remembered, remembered_path
from spark_tui.app.settings import Settings, SettingsError, load_settings
from spark_tui.protocol.client.endpoint import Endpoint
from spark_tui.widgets.safe_text import safe_line
from spark_tui.widgets.status_line import seconds

WELL, ILL, USAGE = 0, 1, 2
"""Exit codes."""

MARKS = {Verdict.OK: "ok", Verdict.FAILED: "FAILED", Verdict.SKIPPED: "-"}


def run(options: argparse.Namespace) -> int:
    """Try every step; returns the exit code: 0 all is well, 1 something failed, 2 usage."""
    try:
        settings = load_settings(
            base_url=options.base_url, model=options.model, offline=options.offline, rate=options.rate
        )
    except SettingsError as error:
        _complain(str(error))
        return USAGE
    return asyncio.run(_examine(settings, as_table=not options.json))


async def _examine(settings: Settings, *, as_table: bool) -> int:
    steps: list[Step] = []
    async with _endpoint(settings) as endpoint:
        if as_table:
            place = "the built-in engine" if settings.offline else endpoint.host
            print(safe_line(f"{place}, model {endpoint.model or 'as the endpoint chooses'}"))  # noqa: T201
        async with contextlib.aclosing(diagnose(endpoint)) as found:
            async for step in found:
                steps.append(step)
                if as_table:
                    _show(step)
        if not as_table:
            print(as_json(endpoint, steps))  # noqa: T201
    return WELL if is_well(steps) else ILL


@asynccontextmanager
async def _endpoint(settings: Settings) -> AsyncIterator[Endpoint]:
    """The endpoint that the program would use, with its gateway started where it needs one."""
    link = ModelLink(
        settings,
        Remembered(remembered_path()),
        on_link=lambda change: None,
        notify=lambda line, severity: _complain(line) if severity is not Severity.INFORMATION else None,
    )
    try:
        await link.start_gateway()
        yield link.endpoint
    except GatewayError as error:
        _complain(str(error))
        raise SystemExit(ILL) from None
    finally:
        await link.aclose()


def _show(step: Step) -> None:
    took = "" if step.seconds is None else seconds(step.seconds)
    line = f"  {step.name:<12} {MARKS[step.verdict]:<7} {took:>9}  {safe_line(step.detail)}"
    print(line.rstrip(), flush=True)  # noqa: T201
    if step.remedy:
        print(f"  {'':<30}  -> {safe_line(step.remedy)}", flush=True)  # noqa: T201


def _complain(line: str) -> None:
    sys.stderr.write(f"spark-tui doctor: {safe_line(line)}\n")
