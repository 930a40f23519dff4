"""The published schema of what `--json` prints: one document for each kind, described by the class that is written.

Plans and findings have schemas of their own (`plan_schema`, `findings_schema`), which files and other programs hold as well.
"""

from __future__ import annotations

from bunsui.cli.local_json import LocalDocument, LocalEnvDocument, LocalLogDocument, LocalResetDocument, LocalStopDocument
from bunsui.codec.schema import DRAFT, Schema, schema_of
from bunsui.codec.shape import Shape
from bunsui.view.documents.adoption.definitions import DefinitionsDocument
from bunsui.view.documents.adoption.exports import ExportDocument
from bunsui.view.documents.adoption.imports import ImportDocument
from bunsui.view.documents.adoption.surveys import SurveyDocument, UnmanagedDocument
from bunsui.view.documents.apply import ApplyDocument
from bunsui.view.documents.channels import ChannelTrialsDocument
from bunsui.view.documents.ci import PlanCommentDocument, ReviewedPlanDocument
from bunsui.view.documents.deployments.history import DeploymentsDocument
from bunsui.view.documents.deployments.pause import PauseDocument
from bunsui.view.documents.deployments.rollback import RollbackDocument
from bunsui.view.documents.estimates import LearningDocument
from bunsui.view.documents.findings import ExplainedDocument
from bunsui.view.documents.formatting import FormatDocument, UpgradeDocument
from bunsui.view.documents.graphs import GraphDocument, StateGraphDocument
from bunsui.view.documents.init import InitDocument
from bunsui.view.documents.morning import MorningDocument
from bunsui.view.documents.projects import ProjectsDocument
from bunsui.view.documents.resident import ResidentDocument
from bunsui.view.documents.running.alerts import AlertListDocument
from bunsui.view.documents.running.backfill import BackfillDocument
from bunsui.view.documents.running.checkpoints import CheckpointsDocument
from bunsui.view.documents.running.events import EventsDocument
from bunsui.view.documents.running.gates import ApprovalsDocument, DecisionDocument
from bunsui.view.documents.running.job_runs import JobRunsDocument
from bunsui.view.documents.running.logs import LogsDocument
from bunsui.view.documents.running.recovery import RecoveryDocument, RecoveryPlanDocument
from bunsui.view.documents.running.resumption import ResumptionDocument
from bunsui.view.documents.running.run_plan import RunPlanDocument
from bunsui.view.documents.running.runs import SimulationDocument, TestsDocument
from bunsui.view.documents.running.sessions import SessionDocument, SessionPart, SessionsDocument, StoppedDocument
from bunsui.view.documents.state import (
    AuditDocument,
    ForgottenDocument,
    HistoryDocument,
    MovedDocument,
    RebuildDocument,
    RecordPart,
    StateDocument,
    UnlockDocument,
)
from bunsui.view.documents.status import DriftDocument, StatusDocument
from bunsui.view.documents.trust.doctor import DoctorDocument
from bunsui.view.documents.trust.verify import VerifyDocument

DOCUMENTS: tuple[type[Shape], ...] = (
    ApplyDocument,
    ApprovalsDocument,
    AuditDocument,
    BackfillDocument,
    CheckpointsDocument,
    DecisionDocument,
    DeploymentsDocument,
    DoctorDocument,
    DriftDocument,
    EventsDocument,
    ExplainedDocument,
    ExportDocument,
    ForgottenDocument,
    FormatDocument,
    GraphDocument,
    HistoryDocument,
    DefinitionsDocument,
    ImportDocument,
    InitDocument,
    JobRunsDocument,
    LearningDocument,
    LocalDocument,
    LocalEnvDocument,
    LocalLogDocument,
    LocalResetDocument,
    LocalStopDocument,
    LogsDocument,
    MorningDocument,
    MovedDocument,
    PauseDocument,
    PlanCommentDocument,
    ProjectsDocument,
    RebuildDocument,
    RecoveryDocument,
    RecoveryPlanDocument,
    ResidentDocument,
    ChannelTrialsDocument,
    AlertListDocument,
    ResumptionDocument,
    ReviewedPlanDocument,
    RollbackDocument,
    RunPlanDocument,
    SessionDocument,
    SessionsDocument,
    SimulationDocument,
    StateDocument,
    StateGraphDocument,
    StatusDocument,
    StoppedDocument,
    SurveyDocument,
    TestsDocument,
    UnlockDocument,
    UnmanagedDocument,
    UpgradeDocument,
    VerifyDocument,
)
"""Every document that a command prints with `--json`, plans and findings apart."""


def documents() -> dict[str, Schema]:
    """Return the schema of each document by its kind; `output_schema` has the parts that they refer to."""
    return dict(sorted((shape.published.kind, schema_of(shape)) for shape in DOCUMENTS))


def output_schema() -> Schema:
    """Return the JSON Schema of every document that a command prints with `--json`, plans and findings apart."""
    kinds = documents()
    return {
        "$schema": DRAFT,
        "title": "bunsui output",
        "description": "What commands print with --json: one document, told by its kind. Plans have a schema of their own, and "
        "so have findings: of `validate`, and of `plan` and `apply` when the files have errors.",
        "type": "object",
        "required": ["format_version", "kind"],
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds],
        "$defs": {**kinds, **{shape.published.name: schema_of(shape) for shape in (SessionPart, RecordPart)}},
    }
