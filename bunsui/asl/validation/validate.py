"""The whole validation: text or object in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from bunsui.asl.validation.accepted import without_accepted
from bunsui.asl.validation.choice_rules import choices
from bunsui.asl.validation.dataflow import unwritten
from bunsui.asl.validation.exclusive_fields import exclusive
from bunsui.asl.validation.fields import machine_fields, state_fields
from bunsui.asl.validation.finding import DefinitionFinding, error
from bunsui.asl.validation.graph import ending, transitions
from bunsui.asl.validation.handlers import handlers
from bunsui.asl.validation.jsonata_rules import jsonata_rules
from bunsui.asl.validation.jsonpath_rules import jsonpath_rules
from bunsui.asl.validation.maps import maps
from bunsui.asl.validation.numbers import in_range, numbers
from bunsui.asl.validation.resources import credentials, outside_calls, resource
from bunsui.asl.validation.state_names import names
from bunsui.asl.validation.text import not_an_object, read, too_deep
from bunsui.asl.validation.timestamps import wait_timestamp
from bunsui.asl.validation.variables import assignments, unassigned_variables
from bunsui.asl.validation.views import Kind, MachineView, StateView, is_opaque, machines, whole
from bunsui.model.json import Json

MOST_ERRORS = 200
"""Errors after which nothing more is looked for; AWS itself tells at most 100."""
_STATE_RULES: tuple[Callable[[StateView], Iterator[DefinitionFinding]], ...] = (
    state_fields,
    ending,
    exclusive,
    numbers,
    wait_timestamp,
    resource,
    credentials,
    maps,
    outside_calls,
    handlers,
    choices,
    jsonpath_rules,
    jsonata_rules,
)


def validate(definition: Json, *, kind: Kind = "STANDARD") -> tuple[DefinitionFinding, ...]:
    """Return what is wrong with a definition, errors and warnings, in the order in which AWS tells them.

    A string is JSON text; anything else is the definition as an object. Never raises on what it is given."""
    findings: list[DefinitionFinding] = []
    if isinstance(definition, str):
        reading = read(definition)
        findings += reading.findings
        definition = reading.definition
        if definition is None and findings:
            return tuple(findings)
    if not isinstance(definition, Mapping):
        return (not_an_object(),)
    if too_deep(definition):
        return (*findings, _too_deep())
    views = tuple(machines(whole(definition, kind)))
    findings += _until_enough(chain(_laws(definition, views), unassigned_variables(views)))
    if not any(finding.is_error for finding in findings):
        for view in views:
            findings += unwritten(view)
    return without_accepted(findings, views)


def refusals(definition: Mapping[str, Any], *, kind: Kind = "STANDARD") -> tuple[DefinitionFinding, ...]:
    """Return the errors of a definition only, which takes less: what is advice is not looked for."""
    if too_deep(definition):
        return (_too_deep(),)
    views = tuple(machines(whole(definition, kind)))
    errors = (finding for finding in _laws(definition, views) if finding.is_error)
    return without_accepted(tuple(_until_enough(errors)), views)


def _too_deep() -> DefinitionFinding:
    return error("ASL080", (), "the definition is nested too deeply", aws_code="TOO_DEEPLY_NESTED")


def _laws(definition: Mapping[str, Any], views: tuple[MachineView, ...]) -> Iterator[DefinitionFinding]:
    yield from _schema(definition, views)
    yield from names(views)
    for view in views:
        yield from transitions(view)
    yield from assignments(views)


def _until_enough(findings: Iterable[DefinitionFinding]) -> Iterator[DefinitionFinding]:
    errors = 0
    for finding in findings:
        yield finding
        errors += finding.is_error
        if errors == MOST_ERRORS:
            return


def _schema(definition: Mapping[str, Any], views: tuple[MachineView, ...]) -> Iterator[DefinitionFinding]:
    for view in views:
        yield from machine_fields(view)
        for state in view.views():
            for rule in _STATE_RULES:
                yield from rule(state)
    if "TimeoutSeconds" in definition and not is_opaque(definition["TimeoutSeconds"]):
        yield from in_range(definition["TimeoutSeconds"], ("TimeoutSeconds",), least=1, greatest=99_999_999, whole=True)
