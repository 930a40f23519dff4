"""The beginning of a test in the draft itself: a mock for each task, a value for each parameter that has none."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.edit.draft import Draft
from bunsui.document.edit.edits import DocumentEdit, InsertKey, WrittenAs
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import Parameter
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import with_drafts
from bunsui.services.drafting.trying import pipeline_of
from bunsui.services.simulate import prepare_pipeline
from bunsui.services.testing.machine_under_test import MachineUnderTest
from bunsui.services.testing.scaffold import scaffold

_SAMPLES: Mapping[str, Json] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}


def first_test(repository: Repository, draft: Draft) -> DocumentEdit | tuple[Diagnostic, ...]:
    """Return the edit that gives the draft a first test, or what is wrong with the draft. InvalidInput as `pipeline_of`."""
    prepared = prepare_pipeline(with_drafts(repository, draft), pipeline_of(draft))
    if prepared.machine is None:
        return prepared.diagnostics
    machine = prepared.machine
    mocks = _mocks(machine)
    given = {one.name: _sample(one) for one in _parameters_without_value(machine)}
    test: dict[str, Json] = {"name": "it succeeds"}
    test |= {"input": given} if given else {}
    test |= {"mocks": mocks} if mocks else {}
    test["expect"] = {"status": "succeeded"}
    return InsertKey(path=(), key="tests", value=[test], written=WrittenAs.BLOCK)


def _mocks(machine: MachineUnderTest) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for job in machine.order:
        try:
            tests = scaffold(machine, job)["tests"]
        except InvalidInput:
            continue  # nothing of the job needs a mock
        first = tests[0] if isinstance(tests, list) else None
        mocks = first.get("mocks") if isinstance(first, Mapping) else None
        found |= mocks if isinstance(mocks, Mapping) else {}
    return found


def _parameters_without_value(machine: MachineUnderTest) -> list[Parameter]:
    parameters = machine.pipeline.parameters if machine.pipeline is not None else ()
    return [one for one in parameters if one.required and one.default is None]


def _sample(parameter: Parameter) -> Json:
    """Return a value of the parameter's type, for its author to change: the first of those that it may be."""
    listed = parameter.schema.get("enum")
    if isinstance(listed, (list, tuple)) and listed and isinstance(listed[0], str | int | float | bool):
        return listed[0]
    return _SAMPLES.get(parameter.type, "")
