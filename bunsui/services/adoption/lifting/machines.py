"""Pipelines with a definition become pipelines with jobs, where their files stand already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.writer import yaml_text
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.ports.machines import DescribedMachine, ListedMachine, MachineReader
from bunsui.project.compile import documents_of
from bunsui.project.repository import Repository
from bunsui.services.adoption.definition_text import DefinitionText
from bunsui.services.adoption.lifting.attempt import LiftAttempt, try_lift
from bunsui.services.adoption.pipeline_file import definition_name

_TOP_LEVEL = re.compile(r"^(?=[A-Za-z_])", re.MULTILINE)
_REPLACED = ("definition", "substitutions")


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineLift:
    """A pipeline that has a definition, and what came of saying it in jobs."""

    pipeline: str
    path: str
    before: bytes
    """The pipeline's file as it is."""
    attempt: LiftAttempt
    definition: str
    """The definition's file, which nothing names any more once the pipeline has jobs."""
    removes_definition: bool
    """True where it lies beside, under the name that an import gives; another file is somebody's."""


def lift_pipelines(repository: Repository, names: Sequence[str]) -> tuple[PipelineLift, ...]:
    """Try to lift those of the pipelines that have a definition. Nothing is written."""
    found = {one.name: one for one in documents_of(repository).pipelines}
    return tuple(_lift(repository, found[name]) for name in names if name in found and found[name].is_raw)


def lift_surveyed(repository: Repository, machines: Sequence[ListedMachine], reader: MachineReader) -> dict[str, LiftAttempt]:
    """Try to lift machines of which the project has no files, by ARN. Nothing is written."""
    described = [(one.arn, reader.machine(one.arn)) for one in machines]
    return {arn: lift_described(repository, machine) for arn, machine in described if machine is not None}


def lift_described(repository: Repository, machine: DescribedMachine) -> LiftAttempt:
    """Try to lift a machine of which the project has no file."""
    name, path = "lifted", "pipelines/lifted.yaml"
    kept: Json = {"version": 1, "name": name, "definition": "lifted.asl.json", "substitutions": "none"}
    files = {definition_name(path): machine.definition.encode(), path: yaml_text(kept).encode()}
    text = DefinitionText(content=machine.definition.encode(), substitutions="none")

    def write(keys: Mapping[str, Json]) -> bytes:
        return yaml_text({"version": 1, "name": name, **keys}).encode()

    return try_lift(repository, name, path, files, text, write=write)


def _lift(repository: Repository, pipeline: Pipeline) -> PipelineLift:
    assert pipeline.definition is not None, "it is raw"
    before, definition = repository.source.read(pipeline.path), pipeline.definition.path
    content = repository.source.read(definition)
    text = DefinitionText(content=content, substitutions=_substitutions(pipeline.path, before))

    def write(keys: Mapping[str, Json]) -> bytes:
        return with_jobs(before.decode(), keys).encode()

    attempt = try_lift(repository, pipeline.name, pipeline.path, {}, text, write=write)
    return PipelineLift(
        pipeline=pipeline.name,
        path=pipeline.path,
        before=before,
        attempt=attempt,
        definition=definition,
        removes_definition=definition == definition_name(pipeline.path),
    )


def _substitutions(path: str, content: bytes) -> Mapping[str, Json] | str:
    document = read_document(path, content).document
    said = document.data.get("substitutions") if document is not None and isinstance(document.data, Mapping) else None
    if isinstance(said, str):
        return said
    return said if isinstance(said, Mapping) else {}


def with_jobs(text: str, keys: Mapping[str, Json]) -> str:
    """Return the pipeline's file with these keys where `definition` stood; every other line stays as it is."""
    parts: list[str] = []
    for part in _parts(text):
        key = part.partition(":")[0].strip()
        if key in _REPLACED:
            parts.append((yaml_text(keys) if key == "definition" else "") + "".join(_comments_after(part)))
        else:
            parts.append(part)
    return "".join(parts)


def _parts(text: str) -> Iterator[str]:
    """Yield what comes before the first key, then each key with the lines below it."""
    starts = [0, *(one.start() for one in _TOP_LEVEL.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        if start < end:
            yield text[start:end]


def _comments_after(part: str) -> list[str]:
    """Return the lines at the end of a key that say something of the next one."""
    lines = part.splitlines(keepends=True)
    kept: list[str] = []
    while len(lines) > 1 and (lines[-1].startswith("#") or not lines[-1].strip()):
        kept.insert(0, lines.pop())
    return kept
