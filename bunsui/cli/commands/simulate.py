"""`bunsui simulate`: a definition or a pipeline, run on the virtual clock with mocks."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bunsui import bootstrap
from bunsui.cli.options import Globals, globals_of
from bunsui.document.intake import read_document
from bunsui.errors import ExitCode, InvalidInput
from bunsui.model.values import Json
from bunsui.services.machine_under_test import START
from bunsui.services.simulate import Prepared, input_of, pipeline_in, prepare_definition, prepare_pipeline, simulate
from bunsui.sessions.slots import parse_instant
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.simulation import simulation_json, simulation_lines

_SUFFIXES = (".json", ".yaml", ".yml", ".asl")


class Kind(StrEnum):
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
        typer.Option(
            "-m", "--mocks", metavar="FILE|YAML", help="What the tasks answer: {STATE: {return: …}}, or a list of tries."
        ),
    ] = None,
    objects: Annotated[
        str | None,
        typer.Option("--objects", metavar="FILE|YAML", help="Objects that Maps read their items from: {s3://BUCKET/KEY: …}."),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="When the run starts; 2026-01-01 by default.")] = None,
    kind: Annotated[Kind, typer.Option("--type", help="The workflow type of a definition.")] = Kind.STANDARD,
) -> ExitCode:
    """Run a definition or a pipeline's machine at once, on a virtual clock: tasks answer from mocks, waiting takes no time.

    Exits with 1 when the run fails. No code is run and no account is needed.
    """
    options = globals_of(context)
    prepared = _prepared(options, definition, kind)
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
        options.output.document(simulation_json(outcome))
    else:
        options.output.lines(simulation_lines(outcome, columns=options.output.stdout.width))
    return ExitCode.DONE if outcome.facts.status == "succeeded" else ExitCode.FAILED


def _prepared(options: Globals, name: str, kind: Kind) -> Prepared:
    path = Path(name)
    if not (path.suffix in _SUFFIXES or path.is_file()):
        return prepare_pipeline(bootstrap.repository(options), name)
    content = _read(path)
    pipeline = pipeline_in(name, content)
    if pipeline is not None:
        return prepare_pipeline(bootstrap.repository(options), pipeline)
    return prepare_definition(name, content, kind=kind.value.upper())


def _mocks(text: str) -> Json:
    """Give the mocks: of `{mocks: …}` in a whole test, or themselves."""
    value = _value(text)
    inner = value.get("mocks") if isinstance(value, dict) and set(value) >= {"mocks"} else None
    return value if inner is None else inner


def _value(text: str) -> Json:
    """Read a file of JSON or YAML, or the text itself when it is none."""
    looks_like_data = text.lstrip()[:1] in ("{", "[", '"') or text in ("true", "false", "null")
    if looks_like_data:
        name, content = "the option", text.encode()
    elif _is_number(text):
        return json.loads(text)  # type: ignore[no-any-return]  # a number, as just checked
    else:
        name, content = text, _read(Path(text))
    intake = read_document(name, content)
    if intake.document is None:
        finding = intake.diagnostics[0]
        raise InvalidInput("not-data", finding.summary, hint=finding.hint, at=str(finding.position))
    return intake.document.data


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise InvalidInput("file-refused", f"the file cannot be read: {reason}", path=path) from error
