"""Opens the sessions of an environment from inside Lambda: where, as its variable and its ARN say; what, as the state says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.aws.botocore_session import Credentials
from bunsui.aws.connect import Connection, connect
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.objects.schedule_lists import AwsScheduleReader
from bunsui.aws.stores.acts import DynamoDBActLog
from bunsui.aws.stores.alerts import DynamoDBAlertStore
from bunsui.aws.stores.session_expiry import SessionExpiry
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.composition.channels import open_channels
from bunsui.composition.gate_ports import gate_ports
from bunsui.composition.session_ports import session_ports
from bunsui.document.applied_text import NoFiles
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.environment.quiet_hours import QuietHours, read_quiet_hours
from bunsui.model.environment.resident import VARIABLE, ResidentPlace, read_place
from bunsui.model.resource import Scope
from bunsui.notifications.contract import QUIET_HOURS
from bunsui.operations.registry import builtin_registry
from bunsui.ports.ledger import Actor
from bunsui.project.repository import Repository
from bunsui.services.alerts.ports import AlertPorts
from bunsui.services.morning.ports import MorningPorts
from bunsui.services.session_context import SessionContext
from bunsui.services.without_files.deployed import deployed_context
from bunsui.sessions.history.commits import AppliedCommits
from bunsui.sessions.ports import SessionPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEnvironment:
    """An environment's sessions, and where they are."""

    place: ResidentPlace
    sessions: SessionContext
    alerts: AlertPorts


def open_sessions(function_arn: str, environ: Mapping[str, str]) -> OpenEnvironment:
    """Read what was applied. `function_arn` is the function's own, `environ` its environment variables.

    Raises:
        ValueError: the function was not made by bunsui, or by another version that says otherwise where it works.
        NotFound: nothing of the project is applied.

    """
    place = read_place(environ.get(VARIABLE, "null"))
    _, partition, _, region, account, *_ = function_arn.split(":")
    scope = Scope(
        project=place.project,
        environment=place.environment,
        account=account,
        region=region,
        project_id=place.project_id,
        partition=partition,
        bucket=place.bucket,
        bucket_kms_key=place.bucket_kms_key,
    )
    connection = _connection(region, environ)
    repository = Repository(
        source=NoFiles(),
        project=_project(place, account=account, region=region),
        scope=scope,
        is_local=connection.is_local,
        registry=builtin_registry(),
    )
    state = DynamoDBStateStore(DynamoDBClient(connection), scope)
    ports = _ports(connection, scope, state, place, who=function_arn)
    alerts = AlertPorts(
        store=DynamoDBAlertStore(DynamoDBClient(connection), scope),
        morning=MorningPorts(state=state, schedules=AwsScheduleReader(connection)),
        channels=open_channels(connection, place.channels),
        quiet=quiet_hours(place),
    )
    return OpenEnvironment(place=place, sessions=deployed_context(repository, ports, state, state), alerts=alerts)


def quiet_hours(place: ResidentPlace) -> Mapping[str, QuietHours]:
    """Return the quiet hours of the channels that have some, as the variable says them."""
    entries = {name: entry for name, entry in place.channels.items() if isinstance(entry, Mapping)}
    found = ((name, read_quiet_hours(entry.get(QUIET_HOURS), place.timezone)) for name, entry in entries.items())
    return {name: quiet for name, quiet in found if quiet is not None}


def _connection(region: str, environ: Mapping[str, str]) -> Connection:
    """Return the connection; only an endpoint on this machine, which is the embedded AWS's, is taken from the variables."""
    endpoint = environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return connect(region=region)
    keys = Credentials(
        access_key=environ.get("AWS_ACCESS_KEY_ID", ""),
        secret_key=environ.get("AWS_SECRET_ACCESS_KEY", ""),
        token=environ.get("AWS_SESSION_TOKEN"),
    )
    return connect(region=region, endpoint_url=endpoint, credentials=keys)


def _project(place: ResidentPlace, *, account: str, region: str) -> ProjectDocument:
    environment = EnvironmentDocument(
        name=place.environment, account=account, region=region, retention_seconds=place.retention_seconds
    )
    return ProjectDocument(name=place.project, id=place.project_id, environment=environment, timezone=place.timezone)


def _ports(connection: Connection, scope: Scope, state: DynamoDBStateStore, place: ResidentPlace, *, who: str) -> SessionPorts:
    table = DynamoDBClient(connection)
    return session_ports(
        connection,
        rows=DynamoDBSessionRepository(table, scope, expiry=SessionExpiry(seconds=place.retention_seconds)),
        acts=DynamoDBActLog(table, scope),
        actor=Actor(who=who, host="resident"),
        warn=print,
        commit_of=AppliedCommits(state.resource),
        gates=gate_ports(connection, scope),
    )
