"""One file for a machine that is in several environments: what differs becomes variables, and every other environment keeps
what it had."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bunsui.document.edit.draft import draft_of
from bunsui.document.edit.editing import EditRefusal
from bunsui.document.edit.edits import DocumentEdit, EditSequence, SetValue, WrittenAs
from bunsui.document.lowering.raw_definition import AS_IT_STANDS
from bunsui.document.project_reading import read_project
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json, value_at
from bunsui.model.pipeline import NO_LOG_GROUP, Pipeline
from bunsui.ports.machines import DescribedMachine
from bunsui.project.compile import documents_of
from bunsui.project.overlay import OverlaySource
from bunsui.project.repository import Repository
from bunsui.services.adoption.differing import DefinitionDifferences, OtherMachine, with_text_escaped
from bunsui.services.adoption.text_places import with_scalars

_PROJECT_FILE = "bunsui.yaml"
_VARIABLE = re.compile(r"\$\{var\.([A-Za-z_][A-Za-z0-9_]*)\}")
_FOREIGN = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariedFiles:
    """The files as they would be, with what the environment says of its variables."""

    contents: Mapping[str, bytes]
    """By path; `bunsui.yaml` first, since the others name its variables."""
    variables: Mapping[str, Json]
    """Of the environment that is imported."""


class NotVaried(Exception):
    """The file cannot mean both machines; the text says why."""


def sibling(machine: str, pipelines: Mapping[str, Pipeline], repository: Repository) -> Pipeline | None:
    """Return the pipeline whose machine has this name but for the environment's name in it; None where it is not one."""
    own, others = repository.scope.environment, repository.project.environments
    found = [
        one
        for name, one in pipelines.items()
        if one.resource_name is not None and any(other != own and name.replace(other, own) == machine for other in others)
    ]
    return found[0] if len(found) == 1 else None


def vary(there: Pipeline, machine: DescribedMachine, repository: Repository) -> VariedFiles | None:
    """Return the files that mean the machine here, and in every other environment what they mean now; None where they mean it
    already.

    Raises:
        NotVaried: they cannot.

    """
    work = _Variation(there=there, repository=repository)
    work.vary_around(machine)
    definition = work.vary_definition(machine)
    if not work.variables:
        return None
    contents = {
        _PROJECT_FILE: _edit_file(_PROJECT_FILE, repository.source.read(_PROJECT_FILE), work.project_edits()),
        **definition,
        there.path: _edit_file(there.path, repository.source.read(there.path), work.edits),
    }
    contents = {path: content for path, content in contents.items() if content != repository.source.read(path)}
    _check_others(there, contents, work.variables, repository)
    return VariedFiles(contents=contents, variables=work.variables)


@dataclass(kw_only=True)
class _Variation:
    there: Pipeline
    repository: Repository
    edits: list[DocumentEdit] = field(default_factory=list)
    defaults: dict[str, Json] = field(default_factory=dict)
    """New variables: what every environment had up to now."""
    variables: dict[str, Json] = field(default_factory=dict)
    """What this environment has."""

    def __post_init__(self) -> None:
        document = read_document(self.there.path, self.repository.source.read(self.there.path)).document
        self.data: Json = document.data if document is not None else None

    def vary_around(self, machine: DescribedMachine) -> None:
        """Vary the name, the role and the log group."""
        here = self.there
        self.vary_at(("resource_name",), "name", here.resource_name, machine.name)
        self.vary_at(("roles", "machine"), "role", here.roles.machine, machine.role_arn)
        self.vary_at(("logging", "destination"), "log_group", here.log_destination, machine.log_group_arn or NO_LOG_GROUP)

    def vary_at(self, path: Path, what: str, here: Json, other: Json) -> None:
        """Vary a value of the pipeline's file, where it stands in it and differs."""
        written = value_at(self.data, path)
        if written is None or here == other:
            return
        self.edits.append(SetValue(path=path, value=self.variable(written, here, what, other)))

    def vary_definition(self, machine: DescribedMachine) -> dict[str, bytes]:
        """Return the definition's file where it changes."""
        definition = self.there.definition
        if definition is None or not definition.path.endswith(".json"):
            raise NotVaried("its definition is not raw JSON")
        text = self.repository.source.read(definition.path).decode()
        said = value_at(self.data, ("substitutions",))
        filled = said if isinstance(said, Mapping) else {}
        found = DefinitionDifferences(substitutions=None if said == AS_IT_STANDS else filled)
        try:
            found.compare(json.loads(text), json.loads(machine.definition))
        except ValueError as error:
            raise NotVaried("its definition has placeholders outside of texts") from error
        except OtherMachine as error:
            raise NotVaried(f"the definitions differ in more than values, at {error}") from error
        for name, other in found.known.items():
            self._vary_known(name, filled, other)
        if not found.values:
            return {}
        substitutions = dict(filled)
        for name, (here, other) in found.values.items():
            substitutions[name] = self.variable(None, here, name, other)
        self.edits.append(SetValue(path=("substitutions",), value=substitutions))
        texts = {**_escaped_texts(json.loads(text), found), **found.texts}
        return {definition.path: with_scalars(text, texts).encode()}

    def _vary_known(self, name: str, filled: Mapping[str, Json], other: Json) -> None:
        if name not in filled:
            raise NotVaried(f"its placeholder ${{{name}}} has no value: take the files back with git, then repeat the command")
        written = filled[name]
        match = _VARIABLE.fullmatch(written) if isinstance(written, str) else None
        if match is not None:
            if self.repository.project.variables.get(match.group(1)) != other:
                self.variables[match.group(1)] = other
        elif written != other and "${" not in str(written):
            self.edits.append(SetValue(path=("substitutions", name), value=self.variable(written, written, name, other)))

    def variable(self, written: Json, here: Json, what: str, other: Json) -> str:
        """Return the placeholder of a variable with these values; the one that is written already where there is one."""
        for value in (here, other):
            if isinstance(value, str) and ("${" in value or "{%" in value):
                raise NotVaried(f"a variable holds no {value[value.find('{') - 1 :][:2]}, and {what} does")
        match = _VARIABLE.fullmatch(written) if isinstance(written, str) else None
        if match is not None:
            self.variables[match.group(1)] = other
            return match.group()
        if isinstance(written, str) and "${" in written:
            raise NotVaried(f"{what} is made of other placeholders in its file")
        name = self._free_variable(what, here, other)
        self.defaults[name], self.variables[name] = here, other
        return f"${{var.{name}}}"

    def _free_variable(self, what: str, here: Json, other: Json) -> str:
        base = _FOREIGN.sub("_", f"{self.there.name}_{what}").strip("_").lower()
        for number in range(1, 10_000):
            name = base if number == 1 else f"{base}_{number}"
            if name in self.defaults and (self.defaults[name], self.variables[name]) == (here, other):
                return name
            if name not in self.defaults and name not in self.repository.project.variables:
                return name
        raise NotVaried("there are too many variables")

    def project_edits(self) -> list[DocumentEdit]:
        """Return what changes in the project's file."""
        document = self.repository.project.document
        data = document.data if document is not None else None
        own = ("environments", self.repository.scope.environment, "variables")
        return [*_set_each(data, ("variables",), self.defaults), *_set_each(data, own, self.variables)]


def _set_each(data: Json, place: Path, values: Mapping[str, Json]) -> list[DocumentEdit]:
    """Return what sets the values, each on a line of its own where there were none."""
    if not values:
        return []
    if value_at(data, place) is None:
        return [SetValue(path=place, value=dict(values), written=WrittenAs.BLOCK)]
    return [SetValue(path=(*place, name), value=value) for name, value in values.items()]


def _escaped_texts(document: Json, found: DefinitionDifferences) -> dict[Path, Json]:
    """Return the texts that hold `${` and do not differ, where `${` was text in the whole file."""
    if found.substitutions is not None:
        return {}
    return dict(_texts(document, ()))


def _texts(value: Json, path: Path) -> list[tuple[Path, Json]]:
    if isinstance(value, Mapping):
        if any("${" in key for key in value):
            raise NotVaried("a key of its definition holds ${, which is text there")
        return [found for key, item in value.items() for found in _texts(item, (*path, key))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in _texts(item, (*path, index))]
    return [(path, with_text_escaped(value))] if isinstance(value, str) and "${" in value else []


def _edit_file(path: str, before: bytes, edits: list[DocumentEdit]) -> bytes:
    if not edits:
        return before
    result = draft_of(path, before).edit(EditSequence(edits=tuple(edits)), "variables")
    if isinstance(result, EditRefusal):
        raise NotVaried(f"{path} cannot be edited: {result.reason}")
    return result.content


def _check_others(
    there: Pipeline, contents: Mapping[str, bytes], variables: Mapping[str, Json], repository: Repository
) -> None:
    """See that the pipeline means the same as before in every other environment."""
    source = repository.source
    before = read_project(_PROJECT_FILE, source.read(_PROJECT_FILE))
    after = read_project(_PROJECT_FILE, contents.get(_PROJECT_FILE, source.read(_PROJECT_FILE)))
    if after.document is None:
        raise NotVaried("; ".join(finding.summary for finding in after.diagnostics if finding.is_error))
    own = after.project(repository.scope.environment).variables
    if any(own.get(name) != value for name, value in variables.items()):
        raise NotVaried("the project's file would say something else of its variables")
    for name in repository.project.environments:
        if name == repository.scope.environment:
            continue
        scope = replace(repository.scope, environment=name)
        was = replace(repository, scope=scope, project=before.project(name))
        now = replace(was, project=after.project(name), source=OverlaySource(source, contents))
        if _meaning(was, there.name) != _meaning(now, there.name):
            raise NotVaried(f"it would mean something else in the environment {name}")


def _meaning(repository: Repository, name: str) -> object:
    found = next((one for one in documents_of(repository).pipelines if one.name == name), None)
    return None if found is None else (found.resource_name, found.roles, found.log_destination, found.definition, found.tags)
