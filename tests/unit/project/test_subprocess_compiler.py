"""A project compiled in a process of its own is the project that is compiled here, whatever becomes of the process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import copytree

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.errors import BunsuiError, NotFound
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource
from bunsui.plan.references import as_written
from bunsui.ports.cloud import LookUp
from bunsui.ports.source import FolderEntry, UnusedPattern
from bunsui.project.compile import CompiledProject, compile_for_plan
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.project.subprocess_compiler import FILES_WORTH_A_PROCESS, compiler_for
from tests.fakes.workspace import Asked
from tests.forking import forked

PIPELINE = """\
version: 1
name: p{number:02}
timeout: 1h
jobs:
  first:
    operations: [{{type: wait, for: {seconds}s}}]
  then:
    depends_on: [first]
    operations: [{{type: wait, for: "{then}"}}]
"""
LARGE = """\
version: 1
name: p05
timeout: 1h
jobs:
  all:
    foreach: {items: "{% [1..9] %}", as: item, max_items: 5000, max_concurrency: 2}
    operations: [{type: wait, for: 1s}]
    outputs: {every: "{% $result %}"}
"""
ACCOUNT = "222222222222"
ROOT = Path(__file__).parents[3]
Seen = dict[str, Json]


@dataclass
class Files:
    """A `Source` over a folder that counts what is read in this process, and does something in every other one."""

    inner: RootFolder
    elsewhere: Callable[[], object] = lambda: None
    home: int = field(default_factory=os.getpid)
    read_here: int = 0

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        return self.inner.find(patterns)

    def holds(self, path: str) -> bool:
        return self.inner.holds(path)

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        if os.getpid() == self.home:
            self.read_here += 1
        else:
            self.elsewhere()
        return self.inner.read(path, limit_bytes=limit_bytes)

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        return self.inner.folder(path, exclude=exclude, include=include)

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        return self.inner.withheld(path, exclude=exclude, include=include)

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        return self.inner.unused(path, exclude=exclude, include=include)


@dataclass
class Parameters:
    """A parameter store in the memory of this process."""

    values: Mapping[str, str]
    asked: list[str] = field(default_factory=list)

    def parameter(self, path: str) -> str:
        self.asked.append(path)
        if path not in self.values:
            raise NotFound("parameter-unknown", "there is no such SSM parameter")
        return self.values[path]

    def look_up(self, kind: LookUp, name: str) -> str:
        return self.parameter(f"{kind.value}:{name}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return _project(tmp_path, FILES_WORTH_A_PROCESS)


def _project(folder: Path, pipelines: int, *, then: str = "5s") -> Path:
    (folder / "pipelines").mkdir()
    (folder / "bunsui.yaml").write_text("version: 1\nproject: many\nid: 0b9e1f58-3c0d-4a5e-8f2b-6a4c55d0a001\ntimezone: UTC\n")
    _fill(folder, pipelines, then=then)
    return folder


def _fill(folder: Path, pipelines: int, *, then: str = "5s") -> None:
    for number in range(pipelines):
        text = PIPELINE.format(number=number, seconds=number + 1, then=then)
        (folder / "pipelines" / f"p{number:02}.yaml").write_text(text)


def alone(work: Callable[..., Seen], *arguments: object) -> Seen:
    """Return what `work` gives in a process that has one thread, as a command's has."""
    here, there = get_context("forkserver").Pipe(duplex=False)
    process = forked(_tell, there, work, arguments)
    there.close()
    try:
        seen: Seen | str = here.recv()
    finally:
        process.join(30)
    assert isinstance(seen, dict), seen
    return seen


def _tell(line: Connection, work: Callable[..., Seen], arguments: tuple[object, ...]) -> None:
    try:
        line.send(work(*arguments))
    except Exception as problem:  # noqa: BLE001 - the test is to show it
        line.send(repr(problem))


def _draft(folder: Path) -> tuple[Repository, Files]:
    plain = bootstrap.Workspace(Asked(directory=folder)).draft
    files = Files(inner=RootFolder(folder))
    return replace(plain, source=files), files


def _in_its_account(draft: Repository, parameters: Parameters | None = None) -> Repository:
    return replace(draft, scope=replace(draft.scope, account=ACCOUNT), parameters=parameters)


def _nothing() -> Mapping[Address, AppliedResource]:
    return {}


def _compiled(folder: Path, select: Sequence[str] = (), elsewhere: Callable[[], object] = lambda: None) -> Seen:
    draft, files = _draft(folder)
    files.elsewhere = elsewhere
    repository = _in_its_account(draft)
    with compiler_for(draft) as compiler:
        found = compiler(repository, select, _nothing)
    read_here = files.read_here
    return {
        "same": found == compile_for_plan(repository, select, _nothing),
        "read here": read_here,
        "pipelines": sorted(found.pipelines),
        "children": len(active_children()),
    }


def test_it_is_the_project_that_would_be_compiled_here(folder: Path) -> None:
    seen = alone(_compiled, folder)

    assert seen["same"]
    assert (seen["read here"], seen["children"]) == (0, 0)


def test_so_it_is_with_every_example_of_this_repository(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    copytree(ROOT / "pipelines", folder / "pipelines")
    _fill(folder, FILES_WORTH_A_PROCESS)
    (folder / "bunsui.yaml").write_bytes((ROOT / "bunsui.yaml").read_bytes())
    seen = alone(_compiled, folder)

    assert (seen["same"], seen["read here"]) == (True, 0)


def test_so_it_is_with_a_selection(folder: Path) -> None:
    seen = alone(_compiled, folder, ["p03", "p07"])

    assert (seen["same"], seen["read here"], seen["pipelines"]) == (True, 0, ["p03", "p07"])


def test_so_it_is_when_files_have_errors(folder: Path) -> None:
    (folder / "pipelines" / "p05.yaml").write_text("version: 1\nname: p05\njobs: {a: {operations: []}}\n")
    seen = alone(_compiled, folder)

    assert (seen["same"], seen["read here"]) == (True, 0)


def test_a_process_that_dies_is_done_without(folder: Path) -> None:
    seen = alone(_compiled, folder, (), _die)

    assert seen["same"]
    assert seen["read here"] == FILES_WORTH_A_PROCESS


def _die() -> None:
    os._exit(9)


def test_an_error_is_raised_here(folder: Path) -> None:
    assert alone(_error, folder) == {"code": "unknown-pipeline"}


def _error(folder: Path) -> Seen:
    draft, _ = _draft(folder)
    with compiler_for(draft) as compiler:
        try:
            compiler(_in_its_account(draft), ["p99"], _nothing)
        except BunsuiError as error:
            return {"code": error.code}
    return {}


@pytest.mark.parametrize(
    ("written", "name", "known"),
    [("ssm:/wait", "/wait", True), ("ssm:/wait", "/wait", False), ("secret:wait", "secret:wait", True)],
)
def test_parameters_are_asked_where_the_connection_is(tmp_path: Path, written: str, name: str, known: bool) -> None:
    folder = _project(tmp_path, FILES_WORTH_A_PROCESS, then=f"${{{written}}}")
    seen = alone(_with_parameters, folder, {name: "7s"} if known else {})

    assert seen == {"same": True, "asked": [name], "errors": not known, "read here": 0 if known else FILES_WORTH_A_PROCESS}


def _with_parameters(folder: Path, values: Mapping[str, str]) -> Seen:
    draft, files = _draft(folder)
    repository = _in_its_account(draft, Parameters(values))
    with compiler_for(draft) as compiler:
        found = compiler(repository, (), _nothing)
    read_here = files.read_here
    assert isinstance(repository.parameters, Parameters)
    asked = sorted(set(repository.parameters.asked))
    same = found == compile_for_plan(repository, (), _nothing)
    return {"same": same, "asked": asked, "errors": bool(found.diagnostics), "read here": read_here}


def test_what_was_applied_is_not_asked_for_when_files_have_errors(folder: Path) -> None:
    (folder / "pipelines" / "p05.yaml").write_text("version: 1\nname: p05\njobs: {a: {operations: []}}\n")

    assert alone(_asks_for_applied, folder) == {"asked": 0}


@pytest.mark.parametrize(("level", "asked"), [("warning", 1), ("error", 0)])
def test_whether_something_is_wrong_is_what_the_projects_rules_say(folder: Path, level: str, asked: int) -> None:
    (folder / "pipelines" / "p05.yaml").write_text(LARGE)
    with (folder / "bunsui.yaml").open("a") as project:
        project.write(f"rules: {{BS424: {level}}}\n")

    assert alone(_asks_for_applied, folder) == {"asked": asked}


def test_what_was_applied_is_asked_for_once_nothing_is_wrong(folder: Path) -> None:
    assert alone(_asks_for_applied, folder) == {"asked": 1}


def _asks_for_applied(folder: Path) -> Seen:
    draft, _ = _draft(folder)
    asked: list[None] = []

    def applied() -> Mapping[Address, AppliedResource]:
        asked.append(None)
        return {}

    with compiler_for(draft) as compiler:
        compiler(_in_its_account(draft), (), applied)
    return {"asked": len(asked)}


def test_what_equals_what_was_applied_is_held_once(folder: Path) -> None:
    assert alone(_shares, folder) == {"own": 0}


def _shares(folder: Path) -> Seen:
    draft, _ = _draft(folder)
    repository = _in_its_account(draft)
    wanted = compile_for_plan(repository, (), _nothing)
    machines = [item for item in wanted.resources if item.address.kind == "state_machine"]
    applied = {
        item.address: AppliedResource(
            address=item.address,
            physical_name=item.physical_name,
            attributes={"definition": as_written(item.attributes["definition"])},
            outputs={},
            revision="1",
        )
        for item in machines
    }
    with compiler_for(draft) as compiler:
        found = compiler(repository, (), lambda: applied)
    return {"own": sum(not _is_held(found, one) for one in applied.values())}


def _is_held(found: CompiledProject, applied: AppliedResource) -> bool:
    definition = found.pipelines[applied.address.pipeline].definition
    [machine] = [one for one in found.resources if one.address == applied.address]
    return definition is applied.attributes["definition"] is machine.attributes["definition"]


def test_an_interrupted_command_leaves_no_process(folder: Path) -> None:
    assert alone(_interrupted, folder) == {"children": 0}


def _interrupted(folder: Path) -> Seen:
    draft, files = _draft(folder)
    files.elsewhere = lambda: time.sleep(60)
    try:
        with compiler_for(draft):
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        return {"children": len(active_children())}


def test_a_small_project_is_compiled_here(tmp_path: Path) -> None:
    folder = _project(tmp_path, 3)

    assert alone(_compiled, folder)["read here"] == 3


def test_a_process_with_other_threads_is_not_forked(folder: Path) -> None:
    assert alone(_beside_a_thread, folder) == {"read here": FILES_WORTH_A_PROCESS}


def _beside_a_thread(folder: Path) -> Seen:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        return {"read here": _compiled(folder)["read here"]}
    finally:
        ended.set()
        thread.join()
