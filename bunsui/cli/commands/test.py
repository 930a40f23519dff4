"""`bunsui test`: the tests of pipelines, on the virtual clock with mocks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.completion import complete_job, complete_pipeline, complete_session
from bunsui.cli.named_files import write_named_file
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.cli.session_context import SessionCommand, session_command
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import ExitCode, InvalidInput
from bunsui.services.testing.machine_under_test import errors_of, machines_under_test
from bunsui.services.testing.pipeline_tests import Judgement, fingerprint, run_tests
from bunsui.services.testing.recorded import record as recorded
from bunsui.services.testing.recorded import redacted_suite
from bunsui.services.testing.recorded import replay as replayed
from bunsui.services.testing.scaffold import machine_with, scaffold
from bunsui.testing.junit import junit_xml
from bunsui.testing.verdict import Verdict
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.documents.running.runs import report_document
from bunsui.view.spans import Line
from bunsui.view.test_report import coverage_lines, summary_lines, verdict_lines, verdict_text

POLL_SECONDS = 0.5


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(autocompletion=complete_pipeline, metavar="PIPELINE", help="Pipelines to test; all by default."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the verdicts as JUnit XML.")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say which states and branches no test took.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Test again whenever a file changes, until Ctrl-C.")] = False,
    init: Annotated[
        str | None,
        typer.Option("--init", autocompletion=complete_job, metavar="JOB", help="Print the beginning of a test for a job."),
    ] = None,
    record: Annotated[
        str | None,
        typer.Option(
            autocompletion=complete_session,
            metavar="SESSION",
            help="Print a test made of a session that ran, redacted; reads AWS.",
        ),
    ] = None,
    replay: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Run the last N sessions' inputs and results against today's files; reads AWS."),
    ] = None,
) -> ExitCode:
    """Run the tests of pipelines: their `tests:`, and *.test.yaml files beside them. Exits with 1 when one fails.

    The compiled machine runs on a virtual clock and tasks answer from mocks: no code is run, no account is needed.
    """
    options = globals_of(context)
    select = pipelines or []
    _one_of({"--watch": watch, "--init": init, "--record": record, "--replay": replay})
    _one_of({"--junit": junit, "--init": init, "--record": record})
    _one_of({"--coverage": coverage, "--init": init, "--record": record, "--replay": replay})
    _one_of({"--json": options.output.as_json, "--watch": watch, "--init": init, "--record": record})
    if init is not None:
        return _init(options, select, init)
    if record is not None:
        return _record(session_command(context), record)
    if replay is not None:
        return _replay(session_command(context), select, replay, junit)
    if watch:
        _watch(options, select, junit, coverage=coverage)
    outcome, seconds = _run(options, select)
    _write_junit(options.output, junit, outcome.verdicts)
    if options.output.as_json:
        options.output.lines(diagnostic_lines(outcome.diagnostics), to_stderr=True)
        options.output.document(report_document(outcome.verdicts, outcome.coverage, untested=outcome.untested))
    else:
        _end(options, outcome, seconds, coverage=coverage)
    if outcome.diagnostics and not outcome.failed:
        return ExitCode.INVALID
    return ExitCode.FAILED if outcome.is_bad else ExitCode.DONE


def _one_of(options: Mapping[str, object]) -> None:
    """Refuse options of which one would do nothing beside another."""
    asked = [name for name, value in options.items() if value]
    if len(asked) > 1:
        raise InvalidInput("choose-one", f"choose one of {' and '.join(asked)}")


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
    if outcome.first_job and not outcome.verdicts and not outcome.diagnostics:
        begin = command_line("test", outcome.untested[0], "--init", outcome.first_job)
        options.output.next_step(begin, "print mocks for a job to begin with")


def _watch(options: Globals, select: list[str], junit: Path | None, *, coverage: bool) -> None:
    """Go on until the user interrupts."""
    last = ""
    while True:
        current = fingerprint(bootstrap.repository(options))
        if current != last:
            last = current
            outcome, seconds = _run(options, select)
            _write_junit(options.output, junit, outcome.verdicts)
            _end(options, outcome, seconds, coverage=coverage)
            options.output.say("waiting for a change; Ctrl-C ends")
        time.sleep(POLL_SECONDS)


def _write_junit(output: Output, path: Path | None, verdicts: Sequence[Verdict]) -> None:
    if path is None:
        return
    told = [(verdict, verdict_text(verdict, output.invocation)) for verdict in verdicts]
    try:
        write_named_file(path, junit_xml(told), what="the report")
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise InvalidInput("file-refused", f"the report cannot be written: {reason}", path=path) from error


def _init(options: Globals, select: list[str], job: str) -> ExitCode:
    machines, _ = machines_under_test(bootstrap.repository(options), select)
    options.output.raw(yaml_text(scaffold(machine_with(machines, job), job)))
    options.output.next_step("bunsui test", "fill in the nulls and save it as NAME.test.yaml beside the pipeline")
    return ExitCode.DONE


def _record(command: SessionCommand, name: str) -> ExitCode:
    session = command.find(name)
    machines, _ = machines_under_test(command.workspace.repository, [session.pipeline])
    if session.pipeline not in machines:
        raise InvalidInput("pipeline-invalid", "the pipeline's file has errors", hint="See them:\n  bunsui validate")
    ports = command.context.ports
    test = recorded(machines[session.pipeline], session, ports.execution, ports.map_runs)
    command.output.raw(yaml_text(redacted_suite(test)))
    why = f"save it as {session.pipeline}.test.yaml beside the pipeline, and read it first"
    command.output.next_step(command_line("test", session.pipeline), why)
    return ExitCode.DONE


def _replay(command: SessionCommand, select: list[str], count: int, junit: Path | None) -> ExitCode:
    machines, project = machines_under_test(command.workspace.repository, select)
    broken = errors_of(project, select)
    ports = command.context.ports
    verdicts: list[Verdict] = []
    for machine in machines.values():
        for verdict in replayed(machine, ports.sessions, ports.execution, ports.map_runs, count=count):
            verdicts.append(verdict)
            if not command.output.as_json:
                command.output.lines(verdict_lines(verdict))
    _write_junit(command.output, junit, verdicts)
    command.output.lines(diagnostic_lines(broken), to_stderr=True)
    if command.output.as_json:
        command.output.document(report_document(verdicts, ()))
    else:
        command.output.lines((Line(), *summary_lines(verdicts)))
    failed = any(not verdict.passed for verdict in verdicts)
    return ExitCode.FAILED if failed else ExitCode.INVALID if broken else ExitCode.DONE
