"""Tests of pipelines: from the `tests:` of their files, and from `*.test.yaml` files beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.diagnostics import Diagnostic
from bunsui.document.schema.check import tests_check
from bunsui.document.suite_files import SUFFIXES
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.pipeline_test import Expectation, PipelineTest


def tests_of(document: Document, pipeline: str) -> tuple[PipelineTest, ...]:
    """Return the tests in a document that was checked; entries of another shape are left out."""
    data = document.data
    entries = data.get("tests") if isinstance(data, Mapping) else None
    return tuple(
        _test(document, ("tests", index), entry, pipeline)
        for index, entry in enumerate(entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping)
    )


def read_suite(document: Document, pipelines: Mapping[str, str]) -> tuple[tuple[PipelineTest, ...], tuple[Diagnostic, ...]]:
    """Return the tests of a file of tests, and what is wrong with it; `pipelines` holds the names of all pipelines by file."""
    findings = tests_check()(document, document.data)
    if findings:
        return (), findings
    named = document.data.get("pipeline") if isinstance(document.data, Mapping) else None
    beside = next((name for file, name in pipelines.items() if _stem(file) == _stem(document.file)), None)
    pipeline = named if isinstance(named, str) else beside
    if pipeline is None:
        hint = "Say pipeline: NAME, or call the file like the pipeline's own: NAME.test.yaml beside NAME.yaml."
        return (), (document.finding("BS219", "no pipeline belongs to these tests", (), hint=hint),)
    if pipeline not in pipelines.values():
        hint = f"There are {', '.join(sorted(pipelines.values()))}." if pipelines else ""
        return (), (document.finding("BS219", f"there is no pipeline {pipeline}", ("pipeline",), hint=hint),)
    return tests_of(document, pipeline), ()


def twice_named(document: Document, tests: Sequence[PipelineTest]) -> tuple[Diagnostic, ...]:
    """Return a finding for each test that bears the name of an earlier one."""
    seen: set[str] = set()
    findings: list[Diagnostic] = []
    for index, test in enumerate(tests):
        if test.name in seen:
            findings.append(document.finding("BS218", f"there are two tests named {test.name!r}", ("tests", index, "name")))
        seen.add(test.name)
    return tuple(findings)


def _stem(file: str) -> str:
    suffix = next((suffix for suffix in (*SUFFIXES, ".yaml", ".yml") if file.endswith(suffix)), "")
    return file.removesuffix(suffix)


def _test(document: Document, path: Path, entry: Mapping[str, Json], pipeline: str) -> PipelineTest:
    expect, mocks = _mapping(entry.get("expect")), _mapping(entry.get("mocks"))
    at = entry.get("at")
    return PipelineTest(
        name=str(entry.get("name", "")),
        pipeline=pipeline,
        input=_mapping(entry.get("input")),
        session=_mapping(entry.get("session")),
        resume=_mapping(entry.get("resume")),
        at=at if isinstance(at, str) else "",
        mocks=mocks,
        objects=_mapping(entry.get("objects")),
        expect=tuple(
            Expectation(name=name, value=value, position=document.at_key((*path, "expect", name)))
            for name, value in expect.items()
        ),
        position=document.at(path),
    )


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
