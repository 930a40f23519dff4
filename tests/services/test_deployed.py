"""A project without its files: what can be looked at, run and resumed from what was applied alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.document.applied_text import NoFiles, read_applied_text
from bunsui.document.load import load_pipelines
from bunsui.errors import InvalidInput, NotFound, Refused
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Session, SessionStatus
from bunsui.project.repository import Repository
from bunsui.services.resume import plan_resumption
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext, open_context
from bunsui.services.sessions import list_sessions
from bunsui.services.without_files.deployed import deployed_context
from bunsui.sessions.ports import SessionPorts
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.acts import acts_in
from tests.fakes.workspace import Asked, Workspace, a_workspace

ROOT = Path(__file__).parents[2]


@dataclass
class Deployed:
    """A project that was applied, and the account side of its sessions."""

    workspace: Workspace
    clock: ManualClock = field(default_factory=ManualClock)
    inputs: list[Mapping[str, Json]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.execution = MemoryExecutionClient(self.clock)
        self.ports = SessionPorts(
            execution=self.execution,
            sessions=MemorySessionRepository(),
            logs=MemoryLogReader(),
            clock=self.clock,
            caller_arn="arn:aws:iam::111111111111:user/mika",
            acts=acts_in(),
            new_id=lambda: f"01KBH3X2{len(self.inputs) + 10}GHJKMNPQRSTVWXYZ",
        )

    @property
    def state(self) -> MemoryStateStore:
        return MemoryStateStore(self.workspace.repository.scope, self.workspace.table)

    @property
    def repository(self) -> Repository:
        """The repository side as an entry of the user's list gives it."""
        known = self.workspace.repository
        project = replace(known.project, document=None, patterns=(), variables={}, defaults={})
        return Repository(source=NoFiles(), project=project, scope=known.scope, registry=known.registry, is_local=False)

    @property
    def context(self) -> SessionContext:
        return deployed_context(self.repository, self.ports, self.state, self.state)

    @property
    def with_files(self) -> SessionContext:
        return open_context(self.workspace.repository, self.ports)

    def machine(self, pipeline: str) -> None:
        """Put the pipeline's machine into the account, as it was applied; what runs on it fails at once."""
        one = self.context.machine(pipeline)
        applied = next(item for address, item in self.state.applied().items() if str(address) == f"state_machine.{pipeline}")
        definition = applied.attributes["definition"]
        assert isinstance(definition, Mapping)
        self.execution.machine(one.arn, definition=definition, writer=self._play)

    def _play(self, payload: Mapping[str, Json]) -> Script:
        self.inputs.append(payload)
        return Script(steps=(), ends_after_seconds=1, status=SessionStatus.FAILED, error="Boom", cause="")


@pytest.fixture
def deployed(tmp_path: Path) -> Deployed:
    workspace = a_workspace(tmp_path, "etl", "fanout")
    workspace.apply()
    return Deployed(workspace)


def ended(deployed: Deployed, session: Session) -> Session:
    deployed.clock.sleep(30)
    return deployed.context.manager.sync(session, target_arn=deployed.context.machine(session.pipeline).alias_arn)


def declared(pipeline: Pipeline) -> tuple[object, ...]:
    """Return what runs and looks depend on."""
    jobs = [(job.name, job.depends_on, job.outputs, [one.type for one in job.operations]) for job in pipeline.jobs]
    return pipeline.name, pipeline.timezone, pipeline.parameters, pipeline.slot, pipeline.enabled, jobs


def test_the_pipelines_are_those_that_the_files_said(deployed: Deployed) -> None:
    known, written = deployed.context.pipelines, deployed.with_files.pipelines
    assert known.keys() == written.keys()
    assert [declared(known[name]) for name in known] == [declared(written[name]) for name in known]
    assert deployed.context.unread == {}


@pytest.mark.parametrize("folder", [ROOT, *sorted((ROOT / "tests/cases/language").iterdir())], ids=lambda path: path.name)
def test_every_pipeline_of_the_repository_is_read_back_from_its_text(folder: Path, tmp_path: Path) -> None:
    if not (folder / "bunsui.yaml").exists():
        (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: 6c0f2c4e-8b0a\npipelines: [pipeline.yaml]\n")
        (tmp_path / "pipeline.yaml").write_bytes((folder / "pipeline.yaml").read_bytes())
        folder = tmp_path
    repository = bootstrap.repository(Asked(directory=folder))
    registry, scope = repository.registry, repository.scope
    documents = load_pipelines(repository.source, repository.project, registry=registry, scope=scope)
    assert documents.pipelines
    for pipeline in (one for one in documents.pipelines if not one.is_raw):
        timezone = repository.project.timezone
        read = read_applied_text(pipeline.name, pipeline.text, timezone=timezone, scope=scope, registry=registry)
        assert read is not None
        assert declared(read) == declared(pipeline)


def test_machines_stand_where_they_stand_with_files(deployed: Deployed) -> None:
    assert [one.arn for one in deployed.context.machines] == [one.arn for one in deployed.with_files.machines]


def test_a_run_has_the_input_that_it_has_with_files(deployed: Deployed) -> None:
    deployed.machine("etl")
    start_session(deployed.context, RunRequest(pipeline="etl", params=["minimum=3"]))
    start_session(deployed.with_files, RunRequest(pipeline="etl", params=["minimum=3"]))
    first, second = (dict(payload, session=None) for payload in deployed.inputs)
    assert first == second
    with pytest.raises(InvalidInput, match="bad-parameters"):
        start_session(deployed.context, RunRequest(pipeline="etl", params=["minimum=many"]))


def test_a_resume_keeps_and_runs_what_it_does_with_files(deployed: Deployed) -> None:
    deployed.machine("etl")
    session = ended(deployed, start_session(deployed.context, RunRequest(pipeline="etl")))
    assert session.status is SessionStatus.FAILED
    assert plan_resumption(deployed.context, session).plan == plan_resumption(deployed.with_files, session).plan


def test_a_pipeline_whose_text_was_not_kept_is_looked_at_and_not_run(deployed: Deployed) -> None:
    deployed.machine("etl")
    session = start_session(deployed.context, RunRequest(pipeline="etl"))
    rows = deployed.workspace.table.scopes
    for kept in rows.values():
        kept.texts.clear()
    assert [one.id for one in list_sessions(deployed.context, pipeline="etl")] == [session.id]
    assert not deployed.context.pipelines["etl"].is_raw
    with pytest.raises(Refused) as caught:
        start_session(deployed.context, RunRequest(pipeline="etl"))
    assert caught.value.code == "pipeline-unknown-here"
    assert "checkout" in caught.value.hint


def test_a_raw_pipeline_is_known_as_one(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    context = Deployed(workspace).context
    assert context.pipelines["raw"].is_raw
    assert "raw" in context.unread


def test_an_operation_of_a_plugin_that_is_not_here_makes_it_unknown(deployed: Deployed) -> None:
    registry = {name: one for name, one in deployed.repository.registry.items() if name != "lambda"}
    context = deployed_context(
        replace(deployed.repository, registry=registry), deployed.ports, deployed.state, deployed.state
    )  # fmt: skip
    assert "plugin" in context.unread["etl"]
    assert "etl" in context.pipelines


def test_nothing_applied_there_is_told_with_where_was_looked(deployed: Deployed) -> None:
    scope = replace(deployed.repository.scope, environment="other")
    state = MemoryStateStore(scope, deployed.workspace.table)
    with pytest.raises(NotFound) as caught:
        deployed_context(replace(deployed.repository, scope=scope), deployed.ports, state, state)
    assert caught.value.facts["environment"] == "other"


def test_another_project_of_the_name_is_refused(deployed: Deployed) -> None:
    scope = replace(deployed.repository.scope, project_id="another-1")
    with pytest.raises(Refused, match="another-project"):
        deployed_context(replace(deployed.repository, scope=scope), deployed.ports, deployed.state, deployed.state)
