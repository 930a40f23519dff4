"""What the tables of gates promise (`bunsui.ports.gates`), and who gets at them: IAM judged as AWS does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bunsui.aws.approvals.items import DynamoDBGateRows, DynamoDBGateTokens
from bunsui.aws.approvals.table import AwsApprovalsTable
from bunsui.aws.approvals.task_tokens import AwsGateAnswers
from bunsui.aws.connect import Connection
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.permissions import Purpose, policy
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.compile.policy import policy as compiled_policy
from bunsui.errors import AccessDenied, Refused, Unavailable
from bunsui.model.gates import APPROVALS_KEY, APPROVALS_TABLE, STATE_TABLE, ApprovalGate, gates_partition, tokens_partition
from bunsui.model.resource import Scope
from bunsui.operations.integrations.gates import gate_permissions
from bunsui.ports.gates import GateRow, GateRows, GateTokens
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.gates import MemoryGates
from tests.contracts.conftest import CLOUDS, opened
from tests.contracts.test_printed_policies import Guarded
from tests.embedded import outsider
from tests.unit.operations.harness import Context, operation

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
GATE = ApprovalGate(
    id="3f2a9c01b7de",
    pipeline="orders",
    execution_arn="arn:aws:states:eu-west-1:1:execution:shop--prod--orders:x",
    session="01KBH3X2J4ABCDEFGHJKMNPQRT",
    started_by="arn:aws:iam::1:user/水",
    state="release",
    message="load 7 rows?\n\x1b[31m",
    evidence={"rows": 7},
    approvers=("ann@*",),
    four_eyes=True,
    opened_at=NOON,
    deadline=NOON + timedelta(hours=24),
    on_deadline="reject",
    on_reject="skip",
)


def row_of(gate: ApprovalGate, partition: str) -> dict[str, str | int]:
    """What a machine writes for everybody."""
    return {
        "pk": partition,
        "sk": gate.id,
        "format": 1,
        "pipeline": gate.pipeline,
        "execution": gate.execution_arn,
        "session": gate.session,
        "started_by": gate.started_by,
        "state": gate.state,
        "message": gate.message,
        "evidence": json.dumps(gate.evidence),
        "approvers": json.dumps(gate.approvers),
        "four_eyes": "yes" if gate.four_eyes else "no",
        "opened_at": gate.opened_at.isoformat().replace("+00:00", "Z"),
        "deadline": int(gate.deadline.timestamp()),
        "on_deadline": gate.on_deadline,
        "on_reject": gate.on_reject,
        "expires_at": int(gate.deadline.timestamp()) + 7 * 86_400,
    }


def token_of(gate: ApprovalGate, partition: str, token: str = "secret") -> dict[str, str | int]:
    """What it writes for those who may approve."""
    kept = ("sk", "format", "execution", "expires_at")
    return {"pk": partition, **{name: row_of(gate, partition)[name] for name in kept}, "token": token}


@dataclass
class Desk:
    """An implementation, with what a machine may write there."""

    rows: GateRows
    tokens: GateTokens
    clock: ManualClock
    put: Any
    """(table, item)."""
    project: str
    environment: str = "prod"

    def open(self, gate: ApprovalGate, token: str = "secret") -> None:
        where = (self.project, self.environment, gate.pipeline)
        self.put(STATE_TABLE, row_of(gate, gates_partition(*where)))
        self.put(APPROVALS_TABLE, token_of(gate, tokens_partition(*where), token))


@pytest.fixture(params=["memory", *CLOUDS])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    clock = ManualClock(NOON + timedelta(minutes=1))
    if request.param == "memory":
        gates = MemoryGates(clock=clock)

        def keep(table: str, item: dict[str, Any]) -> None:
            gates.items[table, item["pk"], item["sk"]] = item

        yield Desk(gates, gates, clock, keep, "shop")
        return
    with opened(request.param, request) as cloud:
        names = {STATE_TABLE: f"state-{cloud.scope.project}", APPROVALS_TABLE: f"approvals-{cloud.scope.project}"}
        alias = f"alias/approvals-{cloud.scope.project}"
        if cloud.name == "moto":  # whose answer to CreateAlias is none of AWS's; a key that has the alias is used as it is
            kms = cloud.outsider("kms")
            kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
        table = AwsApprovalsTable(cloud.connection, table=names[APPROVALS_TABLE], key=alias)
        assert table.ensure() is True
        assert table.ensure() is False
        clients = {table: DynamoDBClient(cloud.connection, table=name) for table, name in names.items()}
        DynamoDBStateStore(clients[STATE_TABLE], cloud.scope).ensure()
        yield Desk(
            DynamoDBGateRows(client=clients[STATE_TABLE], scope=cloud.scope, clock=clock),
            DynamoDBGateTokens(client=clients[APPROVALS_TABLE], scope=cloud.scope, clock=clock),
            clock,
            lambda table, item: clients[table].put(item),
            cloud.scope.project,
        )


def test_gates_are_read_as_machines_write_them(desk: Desk) -> None:
    later = replace(GATE, id="000000000001", opened_at=NOON + timedelta(seconds=5))
    other = replace(GATE, pipeline="payroll")
    for gate in (later, GATE, other):
        desk.open(gate)
    assert list(desk.rows.rows(["orders"])) == [GateRow(gate=GATE), GateRow(gate=later)]
    assert list(desk.rows.rows([])) == []
    held = desk.tokens.token(GATE)
    assert held is not None
    assert (held.token, held.execution_arn) == ("secret", GATE.execution_arn)
    assert "secret" not in repr(held)
    assert desk.tokens.token(replace(GATE, id="ffffffffffff")) is None


def test_a_gate_that_was_closed_stays_so_until_it_is_opened_again(desk: Desk) -> None:
    desk.open(GATE)
    desk.rows.close(GATE, NOON)
    assert list(desk.rows.rows(["orders"])) == [GateRow(gate=GATE, closed_at=NOON)]
    again = replace(GATE, opened_at=NOON + timedelta(hours=1), deadline=GATE.deadline + timedelta(hours=1))
    desk.open(again)
    desk.rows.close(GATE, NOON)
    desk.rows.close(replace(GATE, id="ffffffffffff"), NOON)
    if not isinstance(desk.rows, MemoryGates):  # which learns of a gate from its machine
        assert list(desk.rows.rows(["orders"])) == [GateRow(gate=again)]


def test_what_has_expired_is_not_there(desk: Desk) -> None:
    desk.open(GATE)
    desk.clock.sleep((24 + 7 * 24) * 3600)
    assert not desk.rows.rows(["orders"])
    assert desk.tokens.token(GATE) is None


@pytest.mark.parametrize(
    ("attribute", "value", "error"),
    [
        ("format", 2, Refused),
        ("approvers", "ann", Unavailable),
        ("deadline", "soon", Unavailable),
        ("opened_at", "noon", Unavailable),
        ("on_reject", "shrug", Refused),
        ("state", None, Unavailable),
    ],
)
def test_what_no_machine_wrote_is_refused(desk: Desk, attribute: str, value: Any, error: type[Exception]) -> None:
    if isinstance(desk.rows, MemoryGates):
        pytest.skip("memory holds what machines wrote")
    item = row_of(GATE, gates_partition(desk.project, desk.environment, "orders"))
    desk.put(STATE_TABLE, {name: one for name, one in {**item, attribute: value}.items() if one is not None})
    with pytest.raises(error):
        desk.rows.rows(["orders"])


@dataclass
class Judged:
    """Who may what with gates, on moto, by the policies that bunsui prints and compiles."""

    guarded: Guarded
    everything: Connection

    def connection(self, allowed: Mapping[str, Any]) -> Connection:
        return self.guarded.connection(allowed)

    def of(self, purpose: Purpose) -> Connection:
        return self.connection(json.loads(json.dumps(policy(purpose, self.guarded.scope))))

    def of_machine(self, pipeline: str) -> Connection:
        """What the role of a pipeline's machine may."""
        context = Context(operation=operation("{type: approval, message: x, deadline: 1h}"), scope=self.guarded.scope)
        context.pipeline = pipeline
        return self.connection(json.loads(json.dumps(compiled_policy(gate_permissions(context)))))

    def partitions(self, pipeline: str = "orders", environment: str = "prod") -> tuple[str, str]:
        where = (self.guarded.scope.project, environment, pipeline)
        return gates_partition(*where), tokens_partition(*where)


@pytest.fixture
def judged(moto_url: str) -> Iterator[Judged]:
    guarded = Guarded(moto_url)
    everything = guarded.unguarded
    kms = outsider(everything, "kms")
    if not [one for one in kms.list_aliases()["Aliases"] if one["AliasName"] == APPROVALS_KEY]:
        kms.create_alias(AliasName=APPROVALS_KEY, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    AwsApprovalsTable(everything).ensure()
    DynamoDBStateStore(DynamoDBClient(everything), guarded.scope).ensure()
    judged = Judged(guarded, everything)
    for environment in ("prod", "dev"):
        gates, tokens = judged.partitions(environment=environment)
        DynamoDBClient(everything).put(row_of(GATE, gates))
        DynamoDBClient(everything, table=APPROVALS_TABLE).put(token_of(GATE, tokens))
    yield judged
    everything.close()


def tokens_of(connection: Connection, scope: Scope) -> DynamoDBGateTokens:
    client = DynamoDBClient(connection, table=APPROVALS_TABLE)
    return DynamoDBGateTokens(client=client, scope=scope, clock=ManualClock(NOON))


def test_who_may_approve_reads_the_tokens_of_the_environment_and_no_others(judged: Judged) -> None:
    connection, scope = judged.of(Purpose.APPROVE), judged.guarded.scope
    assert tokens_of(connection, scope).token(GATE) is not None
    for other in (replace(scope, environment="dev"), replace(scope, project="x" + scope.project)):
        with pytest.raises(AccessDenied):
            tokens_of(connection, other).token(GATE)


@pytest.mark.parametrize("purpose", [Purpose.PLAN, Purpose.APPLY, Purpose.RUN])
def test_nobody_else_reads_a_token(judged: Judged, purpose: Purpose) -> None:
    with pytest.raises(AccessDenied):
        tokens_of(judged.of(purpose), judged.guarded.scope).token(GATE)


def test_who_may_run_sees_the_gate_without_its_token(judged: Judged) -> None:
    client = DynamoDBClient(judged.of(Purpose.RUN))
    (row,) = DynamoDBGateRows(client=client, scope=judged.guarded.scope, clock=ManualClock(NOON)).rows(["orders"])
    assert row.gate == GATE


def test_the_right_to_read_tables_opens_no_tokens_without_the_key(judged: Judged) -> None:
    """As AWS's policy ReadOnlyAccess has it: every read of every table, and no use of any key."""
    reads = {"Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "*", "Effect": "Allow"}
    with pytest.raises(AccessDenied):
        tokens_of(judged.connection({"Statement": [reads]}), judged.guarded.scope).token(GATE)


@pytest.mark.parametrize(("machine", "may"), [("{names}orders", True), ("shop--dev--orders", False), ("other", False)])
def test_answers_are_for_machines_of_the_environment(judged: Judged, machine: str, may: bool) -> None:
    scope = judged.guarded.scope
    name = machine.replace("{names}", f"{scope.project}--{scope.environment}--")
    token = f"arn:aws:states:{scope.region}:{scope.account}:stateMachine:{name}#1"
    answers = AwsGateAnswers(judged.of(Purpose.APPROVE))
    told: dict[str, Any] = {"by": "ann", "note": "", "at": NOON}
    ways = (
        partial(answers.approve, token, **told),
        *(partial(answers.reject, token, carries_on=carries_on, **told) for carries_on in (False, True)),
    )
    for answer in ways:
        with pytest.raises(Refused if may else AccessDenied):  # moto knows no such token
            answer()


def test_a_machine_puts_its_gates_under_its_own_partitions_only(judged: Judged) -> None:
    mine, theirs = judged.partitions(), judged.partitions("payroll")
    elsewhere = judged.partitions(environment="dev")
    connection = judged.of_machine("orders")
    state, tokens = DynamoDBClient(connection), DynamoDBClient(connection, table=APPROVALS_TABLE)
    state.put(row_of(GATE, mine[0]))
    tokens.put(token_of(GATE, mine[1]))
    scope = judged.guarded.scope
    for partition in (theirs[0], elsewhere[0], f"{scope.project}#prod", f"{scope.project}#prod#acts"):
        with pytest.raises(AccessDenied):
            state.put({**row_of(GATE, mine[0]), "pk": partition})
    for partition in (theirs[1], elsewhere[1]):
        with pytest.raises(AccessDenied):
            tokens.put({**token_of(GATE, mine[1]), "pk": partition})
    with pytest.raises(AccessDenied):
        tokens.get(mine[1], GATE.id)


def test_who_may_apply_may_make_the_table_and_its_key() -> None:
    allowed: Any = policy(Purpose.APPLY, Scope(project="s", environment="e", account="1", region="r"))
    actions = {action for statement in allowed["Statement"] for action in statement["Action"]}
    assert {"kms:CreateKey", "kms:CreateAlias", "kms:CreateGrant", "dynamodb:CreateTable"} <= actions
