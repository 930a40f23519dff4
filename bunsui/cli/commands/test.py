"""`bunsui test`: the tests of pipelines, on the virtual clock with mocks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.options import Globals, globals_of
from bunsui.errors import ExitCode
from bunsui.services.pipeline_tests import Judgement, fingerprint, run_tests
from bunsui.testing.junit import junit_xml
from bunsui.testing.verdict import Verdict
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.spans import Line
from bunsui.view.test_report import coverage_lines, report_json, summary_lines, verdict_lines, verdict_text

POLL_SECONDS = 0.5


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None, typer.Argument(metavar="[PIPELINE]…", help="Pipelines to test; all by default.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the verdicts as JUnit XML.")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say which states and branches no test took.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Test again whenever a file changes, until Ctrl-C.")] = False,
) -> ExitCode:
    """Run the tests of pipelines: their `tests:`, and *.test.yaml files beside them. Exits with 1 when one fails.

    The compiled machine runs on a virtual clock and tasks answer from mocks: no code is run, no account is needed.
    """
    options = globals_of(context)
    select = pipelines or []
    if watch:
        _watch(options, select, coverage=coverage)
    outcome, seconds = _run(options, select)
    if junit is not None:
        junit.write_text(junit_xml([(verdict, verdict_text(verdict)) for verdict in outcome.verdicts]), encoding="utf-8")
    if options.output.as_json:
        options.output.document(report_json(outcome.verdicts, outcome.coverage, untested=outcome.untested))
    else:
        _end(options, outcome, seconds, coverage=coverage)
    if outcome.diagnostics and not outcome.failed:
        return ExitCode.INVALID
    return ExitCode.FAILED if outcome.is_bad else ExitCode.DONE


def _run(options: Globals, select: list[str]) -> tuple[Judgement, float]:
    def show(verdict: Verdict) -> None:
        if not options.output.as_json:
            options.output.lines(verdict_lines(verdict))

    begun = time.perf_counter()
    outcome = run_tests(bootstrap.repository(options), select, told=show)
    return outcome, time.perf_counter() - begun


def _end(options: Globals, outcome: Judgement, seconds: float, *, coverage: bool) -> None:
    if outcome.diagnostics:
        options.output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
    if coverage and outcome.coverage:
        options.output.lines((Line(), *coverage_lines(outcome.coverage)))
    options.output.lines((Line(), *summary_lines(outcome.verdicts, untested=outcome.untested, seconds=seconds)))


def _watch(options: Globals, select: list[str], *, coverage: bool) -> None:
    """Go on until the user interrupts."""
    last = ""
    while True:
        current = fingerprint(bootstrap.repository(options))
        if current != last:
            last = current
            outcome, seconds = _run(options, select)
            _end(options, outcome, seconds, coverage=coverage)
            options.output.say("waiting for a change; Ctrl-C ends")
        time.sleep(POLL_SECONDS)
