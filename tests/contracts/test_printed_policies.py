"""The printed policies are enough: every call of a deployment's life passes what AWS checks of it, and the calls that fail name
what is lacking."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session as CoreSession

from bunsui.aws.connect import Connection
from bunsui.aws.descriptions import descriptions
from bunsui.aws.dynamodb import TABLE_NAME, DynamoDBClient
from bunsui.aws.identity import StsIdentity
from bunsui.aws.permissions import Purpose, policy
from bunsui.aws.providers.registry import providers
from bunsui.aws.stepfunctions import StepFunctionsClient
from bunsui.aws.stores.applies import DynamoDBApplyLog
from bunsui.aws.stores.journal import DynamoDBJournal
from bunsui.aws.stores.lock import DynamoDBLockStore
from bunsui.aws.stores.recovery import DynamoDBRecovery
from bunsui.aws.stores.sessions import DynamoDBSessionRepository
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.aws.versions import AwsVersionStore
from bunsui.errors import AccessDenied, NotOwned
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource, Scope
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.cloud import Retiring
from bunsui.ports.ledger import Actor, ApplyRecord, Fence, JournalEntry, LockRecord
from bunsui.ports.session_rows import SessionQuery
from tests.contracts.authorisation import Account, allows, checks
from tests.contracts.specimens import KINDS, ZipPackager, specimen

REGION = "eu-west-1"
NOW = datetime(2026, 1, 31, tzinfo=UTC)


@dataclass
class Guarded:
    """An account on moto whose calls are authorised as AWS does, by one of the printed policies."""

    url: str
    scope: Scope = field(
        default_factory=lambda: Scope(
            project=f"shop{secrets.token_hex(3)}",
            environment="prod",
            account="123456789012",
            region=REGION,
            project_id="id",
        )
    )
    seen: set[tuple[str, str]] = field(default_factory=set)

    def connection(self, allowed: Mapping[str, Any] | None = None) -> Connection:
        """A connection that may do what the policy says, or everything."""
        guard = _guard(self, allowed) if allowed is not None else None

        def session() -> Any:
            core = CoreSession()
            core.set_credentials("x", "x")
            core.lazy_register_component("data_loader", lambda: descriptions(core.get_config_variable("data_path")))
            if guard is not None:
                core.register("before-parameter-build", guard)
            return core

        return Connection(region=REGION, session=session, endpoint_url=self.url, threads=4)

    def path_of(self, role: str) -> str | None:
        try:
            return str(self.unguarded.reader("iam").get_role(RoleName=role)["Role"]["Path"])
        except ClientError:
            return None

    @cached_property
    def unguarded(self) -> Connection:
        return self.connection()

    @property
    def table(self) -> str:
        """A table of its own: moto keeps those of all tests in one account."""
        return f"{TABLE_NAME}-{self.scope.project}"

    def policy(self, purpose: Purpose) -> dict[str, Any]:
        printed: dict[str, Any] = json.loads(
            json.dumps(policy(purpose, self.scope)).replace(f"table/{TABLE_NAME}", f"table/{self.table}")
        )
        return printed


def _guard(account: Guarded, allowed: Mapping[str, Any]) -> Callable[..., None]:
    def check(params: Mapping[str, Any], model: Any, **_: object) -> None:
        service = str(model.service_model.service_name)
        service = {"sfn": "stepfunctions"}.get(service, service)
        account.seen.add((service, str(model.name)))
        for needed in checks(Account(scope=account.scope, path_of=account.path_of), service, str(model.name), params):
            if not allows(allowed, needed):
                message = f"User: x is not authorized to perform: {needed.action} on resource: {needed.resource}"
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, str(model.name))

    return check


@pytest.fixture
def guarded(moto_url: str) -> Iterator[Guarded]:
    made = Guarded(moto_url)
    yield made
    made.unguarded.close()


def _with_policy(guarded: Guarded, purpose: Purpose) -> Connection:
    return guarded.connection(guarded.policy(purpose))


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_apply_may_write_every_kind_of_resource(guarded: Guarded, kind: str) -> None:
    connection = _with_policy(guarded, Purpose.APPLY)
    made = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())
    wanted = specimen(kind, guarded.scope)
    for need in wanted.needs:
        made[need.resource.address.kind].create(need.resource)
    provider = made[kind]
    address, name = wanted.resource.address, wanted.resource.physical_name
    assert provider.read_owned(guarded.scope, [wanted.desired]) == []
    provider.create(wanted.resource)
    (actual,) = provider.read_owned(guarded.scope, [wanted.desired])
    provider.update(wanted.updated, actual)
    again = provider.read(address, name)
    assert again is not None
    if isinstance(provider, Retiring):
        again = provider.retire(again)
    provider.delete(again)
    provider.delete(again)
    connection.close()


def test_who_may_apply_may_keep_the_state(guarded: Guarded) -> None:
    connection = _with_policy(guarded, Purpose.APPLY)
    client = DynamoDBClient(connection, table=guarded.table)
    state = DynamoDBStateStore(client, guarded.scope)
    state.ensure()
    assert state.ensure() is False
    recovery = DynamoDBRecovery(client)
    recovery.switch_on()
    assert recovery.is_on() is True
    lock = LockRecord(
        id="l", fence=1, version="v", held=True, lease_seconds=60, operation="apply", actor=Actor(who="x"), since=NOW
    )
    locks, fence = DynamoDBLockStore(client, guarded.scope), Fence(id="l", number=1)
    locks.swap(lock, over=None)
    assert locks.read() is not None
    resource = AppliedResource(address=Address("role", "orders"), physical_name="r", attributes={})
    journal = DynamoDBJournal(client, guarded.scope)
    journal.begin(JournalEntry(address=resource.address, physical_name="r", action="create", steps=("create",)), fence)
    assert journal.pending()
    journal.settle({resource.address: resource}, fence)
    journal.settle({resource.address: None}, fence)
    log = DynamoDBApplyLog(client, guarded.scope)
    record = log.open(ApplyRecord(id="a", operation="apply", actor=Actor(who="x"), begun_at=NOW), fence)
    log.close(replace(record, outcome="complete", ended_at=NOW), fence)
    assert log.applies(limit=5)
    state.put(resource)
    state.forget(resource.address)
    connection.close()


def test_who_may_run_may_start_follow_and_stop_a_session(guarded: Guarded) -> None:
    everything = guarded.unguarded
    made = providers(everything, identity=StsIdentity(everything), packager=ZipPackager())
    wanted = specimen("state_machine", guarded.scope)
    for need in wanted.needs:
        made[need.resource.address.kind].create(need.resource)
    machine = made["state_machine"].create(wanted.resource).outputs
    DynamoDBStateStore(DynamoDBClient(everything, table=guarded.table), guarded.scope).ensure()
    connection = _with_policy(guarded, Purpose.RUN)
    client = StepFunctionsClient(connection)
    execution = client.start(machine["arn"], name=f"orders--{secrets.token_hex(4)}", payload={})
    client.describe(execution)
    client.history(execution)
    client.executions(machine["arn"], limit=5)
    client.definition(machine["arn"])
    client.stop(execution, reason="enough")
    rows = DynamoDBSessionRepository(DynamoDBClient(connection, table=guarded.table), guarded.scope)
    row = Session(
        id="01J0000000000000000000000A",
        pipeline="orders",
        status=SessionStatus.PENDING,
        slot=NOW,
        date="2026-01-31",
        params={},
        started_by="x",
        created_at=NOW,
    )
    rows.add(row)
    rows.save(replace(row, status=SessionStatus.FAILED))
    assert rows.get(row.id) is not None
    assert rows.find(SessionQuery(pipeline="orders"))
    connection.close()


def test_old_versions_may_be_removed_by_who_may_apply(guarded: Guarded) -> None:
    connection = _with_policy(guarded, Purpose.APPLY)
    made = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())
    wanted = specimen("lambda_function", guarded.scope)
    for need in wanted.needs:
        made[need.resource.address.kind].create(need.resource)
    outputs = made["lambda_function"].create(wanted.resource).outputs
    versions = AwsVersionStore(connection)
    versions.function_versions(outputs["arn"])
    versions.remove_function_version(outputs["version_arn"])
    connection.close()


def test_a_plan_with_an_older_policy_takes_a_role_that_it_may_not_ask_for_as_absent(guarded: Guarded) -> None:
    older = {"Statement": [_without_bare_names(statement) for statement in guarded.policy(Purpose.APPLY)["Statement"]]}
    connection = guarded.connection(older)
    provider = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())["role"]
    wanted = specimen("role", guarded.scope)
    assert provider.read_owned(guarded.scope, [wanted.desired]) == []
    assert provider.read(wanted.resource.address, wanted.resource.physical_name) is None
    provider.create(wanted.resource)
    assert provider.read(wanted.resource.address, wanted.resource.physical_name) is not None
    connection.close()


def test_a_given_role_that_nobody_may_read_is_not_called_absent(guarded: Guarded) -> None:
    connection = guarded.connection({"Statement": [{"Action": ["iam:ListRoles"], "Resource": "*"}]})
    provider = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())["role"]
    assert provider.read_owned(guarded.scope, []) == []
    with pytest.raises(AccessDenied):
        provider.read(Address("role", "given"), "somebody-elses")
    connection.close()


@pytest.mark.parametrize("is_there", [True, False])
def test_given_roles_may_be_looked_at_whether_they_are_there_or_not(guarded: Guarded, is_there: bool) -> None:
    name = f"given-{guarded.scope.project}"
    if is_there:
        guarded.unguarded.writer("iam").create_role(RoleName=name, Path="/teams/", AssumeRolePolicyDocument='{"Statement":[]}')
    given = [f"arn:aws:iam::{guarded.scope.account}:role/teams/{name}"]
    connection = guarded.connection(policy(Purpose.PLAN, guarded.scope, given_roles=given))
    provider = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())["role"]
    assert (provider.read(Address("role", "given"), name) is not None) is is_there
    connection.close()


def test_a_role_of_the_name_that_nobody_may_read_is_somebody_elses(guarded: Guarded) -> None:
    wanted = specimen("role", guarded.scope)
    guarded.unguarded.writer("iam").create_role(
        RoleName=wanted.resource.physical_name, Path="/theirs/", AssumeRolePolicyDocument='{"Statement":[]}'
    )
    connection = _with_policy(guarded, Purpose.APPLY)
    provider = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())["role"]
    assert provider.read_owned(guarded.scope, [wanted.desired]) == []
    with pytest.raises(NotOwned, match="exists outside our path"):
        provider.create(wanted.resource)
    connection.close()


def test_a_plan_may_not_write(guarded: Guarded) -> None:
    connection = _with_policy(guarded, Purpose.PLAN)
    provider = providers(connection, identity=StsIdentity(connection), packager=ZipPackager())["log_group"]
    with pytest.raises(AccessDenied) as caught:
        provider.create(specimen("log_group", guarded.scope).resource)
    assert "may call logs:CreateLogGroup on arn:aws:logs:" in caught.value.hint
    connection.close()


def test_the_table_goes_without_its_label_for_who_may_not_tag_it(guarded: Guarded) -> None:
    whole = guarded.policy(Purpose.APPLY)["Statement"]
    lacking = [{**one, "Action": [action for action in one["Action"] if action != "dynamodb:TagResource"]} for one in whole]
    connection = guarded.connection({"Statement": lacking})
    assert DynamoDBClient(connection, table=guarded.table).ensure_table() is True
    neither = [{**one, "Action": [action for action in one["Action"] if "Table" not in action]} for one in lacking]
    with pytest.raises(AccessDenied) as caught:
        DynamoDBClient(guarded.connection({"Statement": neither}), table=guarded.table).ensure_table()
    table = f"arn:aws:dynamodb:{REGION}:123456789012:table/{guarded.table}"
    assert f"may call dynamodb:DescribeTable on {table}." in caught.value.hint
    connection.close()


def _without_bare_names(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {**statement, "Resource": [arn for arn in statement["Resource"] if ":role/" not in arn or "/bunsui/" in arn]}
