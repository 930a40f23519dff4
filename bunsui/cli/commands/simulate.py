"""`bunsui simulate`: a definition or a pipeline, run on the virtual clock with mocks."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.definitions import Definition, pipeline_or_definition, read_file
from bunsui.cli.options import Globals, globals_of
from bunsui.composition import workspace as bootstrap
from bunsui.document.yaml.reader import read_document
from bunsui.errors import ExitCode, InvalidInput
from bunsui.model.json import Json
from bunsui.services.simulate import Prepared, input_of, prepare_definition, prepare_pipeline, simulate
from bunsui.services.testing.machine_under_test import START
from bunsui.sessions.slots import parse_instant
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.documents.running.runs import simulation_document
from bunsui.view.sessions.simulation import simulation_lines


class MachineType(StrEnum):
    """The workflow type."""

    STANDARD = "standard"
    EXPRESS = "express"


def run(
    context: typer.Context,
    definition: Annotated[
        str,
        typer.Argument(metavar="DEFINITION|PIPELINE", help="A file in Amazon States Language (JSON or YAML), or a pipeline."),
    ],
    given: Annotated[
        str | None, typer.Option("-i", "--input", metavar="FILE|JSON", help="The execution's whole input; {} by default.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("-p", "--param", metavar="NAME=VALUE", help="A parameter of the pipeline. Repeatable.")
    ] = None,
    mocks: Annotated[
        str | None,
        typer.Option("-m", "--mocks", metavar="FILE|YAML", help="What the tasks answer: {STATE: {return: VALUE}}."),
    ] = None,
    objects: Annotated[
        str | None,
        typer.Option("--objects", metavar="FILE|YAML", help="Objects that Maps read their items from: {s3://BUCKET/KEY: …}."),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="When the run starts; 2026-01-01 by default.")] = None,
    kind: Annotated[MachineType, typer.Option("--type", help="The workflow type of a definition.")] = MachineType.STANDARD,
) -> ExitCode:
    """Run a definition or a pipeline's machine at once, on a virtual clock: tasks answer from mocks, waiting takes no time.

    Exits with 1 when the run fails. No code is run and no account is needed.

    Every Task needs a mock, by the name of its state: return is what the service
    answers (lambda:invoke answers {Payload: VALUE}), error and cause are how it
    fails, after is how long it takes. A list has one mock for each try. To paste:

      echo '{StartAt: Ask, States: {Ask: {Type: Task, End: true,
        Resource: "arn:aws:states:::aws-sdk:s3:listBuckets",
        Retry: [{ErrorEquals: [Busy]}]}}}' > ask.asl.yaml
      bunsui simulate ask.asl.yaml --mocks '{Ask: [{error: Busy, after: 5s},
        {return: {Buckets: [{Name: mine}]}}]}'
    """
    options = globals_of(context)
    prepared = _prepare(options, definition, kind)
    if prepared.diagnostics:
        options.output.lines(diagnostic_lines(prepared.diagnostics), to_stderr=True)
    if prepared.machine is None:
        return ExitCode.INVALID
    start = START if at is None else parse_instant(at)
    if start is None:
        raise InvalidInput("bad-instant", "not an instant", hint="Write --at 2026-01-31T03:00:00Z.", at=at)
    payload = input_of(prepared.machine, whole=None if given is None else _value(given), params=param or ())
    stored = None if objects is None else _value(objects)
    outcome = simulate(prepared.machine, payload, mocks={} if mocks is None else _mocks(mocks), objects=stored, at=start)
    if options.output.as_json:
        options.output.document(simulation_document(outcome))
    else:
        output = options.output
        output.lines(simulation_lines(outcome, columns=output.stdout.width - 2, width=output.columns))
    return ExitCode.DONE if outcome.facts.status == "succeeded" else ExitCode.FAILED


def _prepare(options: Globals, name: str, kind: MachineType) -> Prepared:
    asked = pipeline_or_definition(name)
    if isinstance(asked, Definition):
        return prepare_definition(asked.file, asked.content, kind=kind.value.upper())
    return prepare_pipeline(bootstrap.repository(options), asked)


def _mocks(text: str) -> Json:
    """Return the mocks: of `{mocks: …}` in a whole test, or themselves."""
    value = _value(text)
    inner = value.get("mocks") if isinstance(value, dict) and set(value) >= {"mocks"} else None
    return value if inner is None else inner


def _value(text: str) -> Json:
    """Read a file of JSON or YAML, or the text itself when it is none."""
    if _is_data(text):
        name, content = "the option", text.encode()
    elif _is_number(text):
        return json.loads(text)  # type: ignore[no-any-return]  # a number, as just checked
    else:
        name, content = text, read_file(Path(text))
    intake = read_document(name, content)
    if intake.document is None:
        finding = intake.diagnostics[0]
        raise InvalidInput("not-data", finding.summary, hint=finding.hint, at=str(finding.position))
    return intake.document.data


def _is_data(text: str) -> bool:
    if text.lstrip()[:1] in ("{", "[", '"') or text in ("true", "false", "null"):
        return True
    return re.search(r":(\s|$)", text) is not None  # as in `Load: {return: 1}`


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
