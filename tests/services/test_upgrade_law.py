"""After an upgrade a pipeline does what it did.

Compared are the machine that the version before made of `before.yaml` (`before.asl.json`, recorded from it) and the one that is
made of the upgraded file: they call the same functions with the same payloads as often, and end alike. Not compared: what is
told and not carried over (BS360), names of errors, and that a throttled call without `retry` is tried again.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bunsui.compile.pipeline import compile_pipeline
from bunsui.composition.workspace import repository
from bunsui.document.upgrading.file_upgrade import upgrade_file
from bunsui.document.yaml.reader import read_document
from bunsui.engine.run import run
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.project.compile import documents_of
from tests.fakes.workspace import Asked
from tests.services.test_language_cases import PROJECT

CASES = sorted((Path(__file__).parents[1] / "cases" / "upgrade").iterdir())
ABSENT = object()
ONES: tuple[object, ...] = (ABSENT, 0, "", "false", [0, 1], {"a": 1})
FILES: tuple[object, ...] = (ABSENT, [], "a", ["a"], ["a", "b"])
COUNTS: tuple[object, ...] = (ABSENT, 0, 2)
FAILING = ("list", "load", "each", "flag")
WITHOUT_RETRY = ("each", "flag")
FAILURES = ("Lambda.TooManyRequestsException", "Lambda.ServiceException", "ValueError", "States.Timeout")


@dataclass
class Work:
    """Answers as told, and notes what was asked; the function `failing` fails with `error` each time."""

    answer: Mapping[str, Any]
    failing: str = ""
    error: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        asked: Any = request.arguments
        name = str(asked["FunctionName"]).partition(":")[0]
        self.calls.append((name, json.dumps(asked.get("Payload"), sort_keys=True)))
        payload = self.answer if name == "list" else {"ok": True}
        report(TaskFailed(error=self.error, cause="c") if name == self.failing else TaskSucceeded(output={"Payload": payload}))
        return lambda: None


def after(case: Path) -> str:
    content = (case / "before.yaml").read_bytes()
    document = read_document("p.yaml", content).document
    assert document is not None
    return upgrade_file(document, content).after.decode()


def made(folder: Path, text: str) -> Any:
    """Return the machine that is made of a file."""
    (folder / "bunsui.yaml").write_text(PROJECT)
    (folder / "pipeline.yaml").write_text(text)
    found = repository(Asked(directory=folder))
    documents = documents_of(found)
    [pipeline] = documents.pipelines or pytest.fail(str(documents.diagnostics))
    return compile_pipeline(pipeline, scope=found.scope, registry=found.registry, asks_whether_refused=False).definition


def before(case: Path) -> Any:
    return json.loads((case / "before.asl.json").read_text())


def did(definition: Any, work: Work) -> object:
    result = run(definition, {}, runner=work)
    if work.failing in WITHOUT_RETRY and work.error == FAILURES[0]:
        return result.status
    return result.status, sorted(work.calls), result.output if not result.error else None


def works() -> Iterator[tuple[dict[str, object], str, str]]:
    """Return an answer of `list`, the function that fails each time, and with which error."""
    for one, files, count in itertools.product(ONES, FILES, COUNTS):
        told = {"one": one, "files": files, "n": count}
        answer = {name: value for name, value in told.items() if value is not ABSENT}
        yield answer, "", ""
        if (files, count) == (["a"], 2):
            yield from ((answer, name, error) for name in FAILING for error in FAILURES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_file_is_upgraded_as_it_is_recorded(case: Path, update_cases: bool) -> None:
    if update_cases:
        (case / "after.yaml").write_text(after(case))
    assert after(case) == (case / "after.yaml").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_upgraded_pipeline_does_what_the_one_before_did(case: Path, tmp_path: Path) -> None:
    was, now = before(case), made(tmp_path, after(case))
    held = 0
    for answer, failing, error in works():
        assert did(was, Work(answer, failing, error)) == did(now, Work(answer, failing, error)), (answer, failing, error)
        held += 1
    assert held == len(ONES) * (len(FILES) * len(COUNTS) + len(FAILING) * len(FAILURES))


@pytest.mark.parametrize(
    ("case", "written", "instead"),
    [
        ("truth-and-retries", "($jobs.list.all.one) ? true : false", "$jobs.list.all.one"),
        ("truth-and-retries", "($jobs.list.all.n > 0) ? true : false", "$jobs.list.all.n > 0"),
        ("truth-and-retries", "$list($jobs.list.all.files)", "$jobs.list.all.files"),
        ("truth-and-retries", "errors: [throttling, infrastructure], attempts: 3", "attempts: 3"),
        ("truth-and-retries", "          errors: [throttling, infrastructure]\n", ""),
        ("truth-and-retries", "    handles: true\n", ""),
        ("defaults", "errors: [throttling, infrastructure], ", ""),
    ],
)
def test_without_one_of_the_changes_it_would_do_something_else(tmp_path: Path, case: str, written: str, instead: str) -> None:
    folder = next(one for one in CASES if one.name == case)
    text = after(folder)
    assert text.count(written) == 1
    was, less = before(folder), made(tmp_path, text.replace(written, instead))
    assert any(
        did(was, Work(answer, failing, error)) != did(less, Work(answer, failing, error)) for answer, failing, error in works()
    )
