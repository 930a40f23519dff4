"""What every check says, whole: `tests/cases/plan-findings.txt`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bunsui import finding_codes
from bunsui.diagnostics import Diagnostic
from bunsui.model.address import Address
from bunsui.model.beside import BesideOurs
from bunsui.model.deployments.smoke_run import SmokeRun
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import ActualResource
from bunsui.model.values import Reference
from bunsui.plan.checks import CHECKS, LOOKED_UP, under_way
from bunsui.plan.model import AccountRoom, Action, Behind, GivenBucket, Plan, Reason, ResourceChange
from bunsui.ports.account import FunctionUsage, QuotaUsage, TaskRoles
from bunsui.ports.ledger import Actor, LockRecord
from tests.unit.plan.checks.decided import held, paused, proved
from tests.unit.plan.test_checks import FUNCTION_ARN, MACHINE, SCOPE, a_plan, machine, wanting

EXPECTED = Path(__file__).parents[3] / "cases" / "plan-findings.txt"
INVOKE, THEIRS = "arn:aws:states:::lambda:invoke", "arn:aws:iam::111111111111:role/theirs"


def there(change: ResourceChange, unreadable: str = "", **attributes: Any) -> ResourceChange:
    actual = ActualResource(address=change.address, physical_name="x", attributes=attributes, unreadable=unreadable)
    return replace(change, actual=actual)


def beside(*theirs: BesideOurs, action: Action = Action.NO_OP) -> list[Plan]:
    change = there(changed(action, Reason.IN_SYNC))
    assert change.actual is not None
    return [a_plan(replace(change, actual=replace(change.actual, beside=theirs)))]


def allowing(*actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": list(actions), "Resource": "arn:aws:s3:::b/*"}]}


def of_contract(number: int) -> dict[str, Any]:
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass", "Assign": {"contract": number}, "End": True}}}


def some(kind: str, count: int, action: Action = Action.CREATE) -> list[ResourceChange]:
    return [wanting(Address(kind, f"p{number}"), action) for number in range(count)]


def changed(action: Action, reason: Reason = Reason.NEW, **attributes: Any) -> ResourceChange:
    return replace(wanting(action=action, **attributes), reason=reason)


CALL = machine(None, call={"Resource": INVOKE, "Arguments": {"FunctionName": FUNCTION_ARN}})
WIDE = {"StartAt": "m", "States": {"m": {"Type": "Map", "MaxConcurrency": 1200, "ItemProcessor": CALL}}}
SLOW = machine(400 * 24 * 3600, a={"Resource": FUNCTION_ARN, "TimeoutSeconds": 500 * 24 * 3600})
RESIDENT_FUNCTION = Address("lambda_function", "@@resident", "look")
GATED = machine(None, a={"Arguments": {"TransactItems": [{"Put": {"TableName": "bunsui-approvals"}}]}})
ROLE, TOPIC = Address("role", "orders"), Address("alert_topic", "@ops")
RULE = wanting(Address("alert_rule", "orders", "failed"), targets={"theirs": {"arn": "arn:theirs"}})
ALLOWED = tuple((f"s3:Get{number}", "*") for number in range(4))
RUNNING = machine(None, run={"Resource": "arn:aws:states:::ecs:runTask.sync", "Arguments": {"TaskDefinition": "load:7"}})
PASSING = {"Statement": [{"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": [THEIRS]}]}
FOUND: dict[str, list[Plan]] = {
    "BS501": [a_plan(changed(Action.DELETE), *some("log_group", 1, Action.REPLACE))],
    "BS502": [
        a_plan(replace(wanting(ROLE, Action.UPDATE), newly_allowed=ALLOWED)),
        a_plan(replace(wanting(ROLE), newly_allowed=ALLOWED[:1])),
    ],
    "BS503": [a_plan(changed(Action.UPDATE, Reason.DRIFT)), a_plan(changed(Action.CREATE, Reason.DELETED_OUTSIDE))],
    "BS504": [
        a_plan(changed(Action.NO_OP, Reason.UNREADABLE)),
        a_plan(there(changed(Action.NO_OP, Reason.UNREADABLE), unreadable="denied")),
    ],
    "BS505": [a_plan(wanting(definition=machine(None, a={})))],
    "BS506": [a_plan(wanting(), *(replace(one, desired=None) for one in some("role", 4, Action.DELETE)))],
    "BS507": [
        replace(a_plan(changed(action)), running={MACHINE: names})
        for action in (Action.UPDATE, Action.RETIRE, Action.DELETE)
        for names in (("one", "two"), None)
    ],
    "BS509": [replace(a_plan(wanting()), frozen="year end")],
    "BS508": [a_plan(replace(changed(Action.REFUSE, Reason.PREVENTED), note="because"))],
    "BS550": [
        a_plan(replace(one, desired=replace(one.desired, lifecycle=Lifecycle(observed="CloudFormation stack etl"))))
        for one in (wanting(action=Action.REFUSE), wanting(action=Action.NO_OP))
        for one in (replace(one, reason=Reason.OBSERVED),)
        if one.desired is not None
    ],
    "BS521": [
        a_plan(wanting(ROLE, policy={"a": "x" * 9000})),
        a_plan(wanting(ROLE, policy={"a": "x" * 10300}, tags={str(number): "x" for number in range(47)})),
        a_plan(*some("role", 1001)),
    ],
    "BS534": [
        *beside(
            BesideOurs(what="attached policy", name="arn:aws:iam::111111111111:policy/AdministratorAccess"),
            BesideOurs(
                what="attached policy",
                name="arn:aws:iam::aws:policy/AdministratorAccess",
                removal=("iam", "detach-role-policy", "--role-name", "x", "--policy-arn", "arn:aws:iam::aws:policy/a b"),
            ),
            BesideOurs(what="inline policy", name="few", policy=allowing("s3:GetObject", "s3:PutObject")),
            BesideOurs(what="inline policy", name="many", policy=allowing(*(f"s3:Get{number}" for number in range(5)))),
            BesideOurs(what="inline policy", name="no more", policy=allowing("s3:*", effect="Deny")),
            BesideOurs(what="inline policy", name="no policy", policy="text"),
            BesideOurs(what="inline policy", name="power", policy=allowing("iam:PassRole")),
        ),
        *beside(BesideOurs(what="inline policy", name="gone", policy=None), action=Action.DELETE),
    ],
    "BS540": [
        a_plan(wanting(ROLE, tags={"team": "R&D"}), wanting(Address("lambda_function", "orders"), environment={"Q": "x"}))
    ],
    "BS545": [held(Action.NO_OP), held(Action.NO_OP, leads="5"), held(Action.UPDATE)],
    "BS546": [paused(), paused(is_on=True), paused(is_over=True)],
    "BS561": [
        proved(Action.CREATE, SmokeRun(within_seconds=7200)),
        proved(Action.UPDATE, SmokeRun(params={"day": "2026-01-31", "rows": 3})),
        proved(Action.UPDATE, SmokeRun(within_seconds=90)),
        proved(Action.NO_OP, SmokeRun()),
    ],
    "BS522": [a_plan(wanting(definition=SLOW))],
    "BS523": [a_plan(wanting(definition=CALL))],
    "BS524": [a_plan(there(changed(Action.UPDATE, definition=WIDE), definition=CALL))],
    "BS449": [a_plan(there(changed(Action.UPDATE, definition=of_contract(2)), definition=of_contract(1)))],
    "BS526": [replace(a_plan(wanting(definition=WIDE)), reserved={FUNCTION_ARN: most}) for most in (None, 0, 1100)],
    "BS527": [
        replace(a_plan(wanting(role_arn=THEIRS)), given_roles={THEIRS: known})
        for known in (None, frozenset[str](), frozenset({"lambda.amazonaws.com"}))
    ],
    "BS528": [
        replace(a_plan(wanting()), behind={"orders": Behind(commit="abc", unknown=why)})
        for why in ("", "the clone is shallow", "no such commit")
    ],
    "BS531": [a_plan(wanting(TOPIC)), a_plan(RULE)],
    "BS532": [
        a_plan(wanting(definition=GATED)),
        a_plan(there(changed(Action.UPDATE, definition=GATED), definition=GATED), wanting(ROLE, policy=GATED)),
    ],
    "BS543": [
        replace(a_plan(wanting(RESIDENT_FUNCTION, memory_mb=512)), scope=replace(SCOPE, region=region))
        for region in ("eu-west-1", "mars-north-1")
    ],
    "BS535": [
        replace(
            a_plan(
                *some("role", 2),
                wanting(Address("schedule_group", "orders")),
                wanting(Address("lambda_function", "orders"), reserved_concurrency=900),
                wanting(Address("lambda_function", "refunds"), reserved_concurrency=5),
            ),
            account=AccountRoom(
                roles=QuotaUsage(used=999, most=1000),
                schedule_groups=500,
                functions=FunctionUsage(at_once=1000, unreserved=1000, code_bytes=QuotaUsage(used=79 * 2**30, most=80 * 2**30)),
            ),
        )
    ],
    "BS536": [
        replace(
            a_plan(wanting(definition=RUNNING, role_arn=Reference(ROLE, "arn")), wanting(ROLE, policy=PASSING)),
            task_roles={"load:7": known},
        )
        for known in (None, TaskRoles(task=THEIRS, execution="arn:aws:iam::111111111111:role/pull"))
    ],
    "BS533": [
        replace(a_plan(wanting()), scope=replace(SCOPE, bucket="acme-data"), given_bucket=one)
        for one in (
            GivenBucket(is_there=False, encryption=None),
            GivenBucket(is_there=True, encryption=None),
            GivenBucket(is_there=True, encryption="aws:kms:arn:aws:kms:eu-west-1:111111111111:key/k"),
        )
    ],
}


def told() -> Iterator[Diagnostic]:
    checks = {**CHECKS, **LOOKED_UP}
    for code, plans in FOUND.items():
        for plan in plans:
            yield from checks[code](plan)
    since = a_plan().as_of
    actor = Actor(who="mika", host="ci-1", link="https://ci/1")
    lock = LockRecord(id="1", fence=1, version="v", held=True, lease_seconds=60, operation="apply", actor=actor, since=since)
    yield under_way.finding(lock, since + timedelta(seconds=300))


def as_text(found: Diagnostic) -> str:
    rows = {"": found.summary, "detail: ": found.detail, "hint: ": found.hint, "of: ": found.subject}
    body = "".join(f"  {name}{text}\n" for name, text in rows.items() if text)
    return f"{found.code} {found.severity.value}\n{body}"


def test_every_check_says_what_is_recorded(update_cases: bool) -> None:
    text = "\n".join(as_text(found) for found in told())
    if update_cases:
        EXPECTED.write_text(text, encoding="utf-8")
    assert text == EXPECTED.read_text(encoding="utf-8")


def test_every_check_finds_something_and_its_code_is_described() -> None:
    codes = {found.code for found in told()}
    assert codes == {*CHECKS, *LOOKED_UP, under_way.CODE}
    assert codes <= set(finding_codes.FINDINGS)
