"""Measures a hinted plan and what it finds: `python -m benchmarks.hinted [--pipelines N] [--variant full] [--no-bulk]`.

A project of N pipelines was verified three hours ago, and a plan has looked at CloudTrail ten minutes ago. Twenty minutes
ago five machines, two roles and a schedule were changed by hand: CloudTrail, 15 minutes late, did not show it to that plan.
Somebody else's calls are in it, too. One more machine was changed without any event; the rotation comes to it in the third
plan. It fails when a change is missed, when the ninth is found late, or when the first plan takes more than 80 calls.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.as_aws import HOURS_AHEAD
from benchmarks.countproxy import AWS_LIMITS, Counted
from benchmarks.keys import credentials_at
from benchmarks.plan import BULK, OURS, Bench, bench
from benchmarks.projects import REGION, pipeline_name
from benchmarks.trail import RecordedTrail
from bunsui.aws.connect import Connection, connect
from bunsui.aws.dynamodb import DynamoDBClient
from bunsui.aws.stores.state import DynamoDBStateStore
from bunsui.aws.stores.verification import DynamoDBVerificationStore
from bunsui.model.address import Address
from bunsui.model.resource import Scope
from bunsui.refresh.hinted import ROTATION, longest_unverified, verified_times

MOST_CALLS = 80
OTHERS = 40
"""Tags that somebody else wrote in the same hour."""
HOURS = 3
"""How far the clock is ahead once everything was verified."""
SCOPE = Scope(project="bench", environment="bench", account=OURS, region=REGION)


def connection_to(url: str) -> Connection:
    """Return a connection that plays the person at the console."""
    return connect(region=REGION, endpoint_url=url, credentials=credentials_at(url, OURS))


def look_again(made: Bench) -> None:
    """Note that a plan has looked at CloudTrail ten minutes ago, by the clock that is ahead."""
    store = DynamoDBVerificationStore(DynamoDBClient(connection_to(made.upstream.url)), SCOPE)
    found = store.load()
    assert found is not None, "the first hinted plan stores what it verified"
    store.store(replace(found, looked_at=datetime.now(UTC) + timedelta(hours=HOURS) - timedelta(minutes=10)))


def change_by_hand(made: Bench) -> set[str]:
    """Change eight resources through the proxy, where they are recorded; give their addresses."""
    connection = connection_to(made.proxy.url)
    machines, iam, scheduler = (connection.writer(service) for service in ("stepfunctions", "iam", "scheduler"))
    arn = f"arn:aws:states:{REGION}:{OURS}:stateMachine:bench--bench--%s"
    for number, name in enumerate(_names(made, 5)):
        found = machines.describe_state_machine(stateMachineArn=arn % name)
        if number < 3:
            definition = json.loads(found["definition"])
            definition["Comment"] = f"by hand {datetime.now(UTC)}"
            machines.update_state_machine(stateMachineArn=arn % name, definition=json.dumps(definition))
        elif number == 3:
            machines.tag_resource(resourceArn=arn % name, tags=[{"key": "team", "value": str(datetime.now(UTC))}])
        else:
            logging = {"level": "OFF", "includeExecutionData": False}
            machines.update_state_machine(stateMachineArn=arn % name, loggingConfiguration=logging)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    roles = [pipeline_name(20), pipeline_name(21)]
    for name in roles:
        iam.put_role_policy(RoleName=f"bench--bench--{name}", PolicyName="bunsui", PolicyDocument=json.dumps(policy))
    group = f"bench--bench--{pipeline_name(22)}"
    schedule = scheduler.get_schedule(GroupName=group, Name="daily")
    kept = ("Name", "GroupName", "Description", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(**{key: schedule[key] for key in kept}, ScheduleExpression="cron(5 5 * * ? *)")
    return {
        *(f"state_machine.{name}" for name in _names(made, 5)),
        *(f"role.{name}" for name in roles),
        f"schedule.{pipeline_name(22)}.daily",
    }


def change_unseen(made: Bench) -> tuple[str, int]:
    """Change one machine behind the proxy's back: one that the rotation comes to in the third plan. Give its address, and how
    many resources there are."""
    client = DynamoDBClient(connection_to(made.upstream.url))
    applied = DynamoDBStateStore(client, SCOPE).applied()
    known = DynamoDBVerificationStore(client, SCOPE).load()
    assert known is not None
    times = verified_times(applied, known)
    left = {address for address in applied if address.kind != "role"}
    turn: frozenset[Address] = frozenset()
    for _ in range(3):
        turn = longest_unverified(left, times, resources=len(applied))
        left -= turn
    address = min(address for address in turn if address.kind == "state_machine")
    machines = connection_to(made.upstream.url).writer("stepfunctions")
    arn = f"arn:aws:states:{REGION}:{OURS}:stateMachine:{applied[address].physical_name}"
    machines.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": True})
    definition = {"StartAt": "x", "States": {"x": {"Type": "Succeed"}}}
    machines.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
    return str(address), len(applied)


def hinted(made: Bench) -> tuple[set[str], Counted, float]:
    """Plan; give the addresses that are not as they were applied, the calls, and the seconds."""
    made.proxy.reset()
    ran = made.bunsui("plan", "--refresh", "hinted", "--json")
    document: dict[str, Any] = json.loads(ran.output[ran.output.index("{") :])
    return {row["address"] for row in document["changes"] if row["action"] != "no-op"}, made.proxy.reset(), ran.seconds


def _names(made: Bench, count: int) -> list[str]:
    """Return machines that are spread over all pipelines, those of the other changes apart."""
    return [pipeline_name(made.pipelines - 1 - number * (made.pipelines // 10)) for number in range(count)]


def main() -> int:
    """Measure, print, and tell whether everything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipelines", type=int, default=500, help="at least 40")
    parser.add_argument("--variant", choices=["scheduled", "full"], default="scheduled", help="see benchmarks/projects.py")
    parser.add_argument("--no-bulk", action="store_true", help=f"without {BULK}")
    parser.add_argument("--latency-ms", type=float, default=40.0)
    parser.add_argument("--folder", type=Path, help="keep the project there, and begin with what is there")
    chosen = parser.parse_args()
    folder = chosen.folder / f"{chosen.variant}-{chosen.pipelines}" if chosen.folder else None
    trail = RecordedTrail(is_recording=False)
    with bench(chosen.pipelines, chosen.variant, with_terraform=False, folder=folder) as made:
        made.bunsui("apply", "--yes", url=made.upstream.url)  # takes back what an earlier run changed by hand
        made.proxy.trail = trail
        first, counted, seconds = hinted(made)
        print(f"first hinted plan, which reads everything: {counted.total} calls, {seconds:.1f} s, {len(first)} changes")
        look_again(made)
        os.environ[HOURS_AHEAD] = str(HOURS)
        trail.hours_ahead = HOURS
        made.proxy.latency_seconds = chosen.latency_ms / 1000
        made.proxy.limits = AWS_LIMITS
        made.proxy.denied = (BULK,) if chosen.no_bulk else ()
        trail.is_recording = True
        expected = change_by_hand(made)
        trail.is_recording = False
        for number in range(OTHERS):
            trail.note("TagResource", {"resourceArn": f"arn:aws:states:{REGION}:{OURS}:stateMachine:other-{number}"})
        ninth, resources = change_unseen(made)
        return judge(made, expected, ninth, resources)


def judge(made: Bench, expected: set[str], ninth: str, resources: int) -> int:
    """Plan until the ninth change is found."""
    found, counted, seconds = hinted(made)
    print(f"hinted plan: {counted.total} calls, {counted.refused.total()} refused, {seconds:.1f} s")
    print("  " + ", ".join(f"{action} {count}" for action, count in counted.calls.most_common()))
    print(f"found {len(found & expected)} of {len(expected)}; besides: {sorted(found - expected)}")
    failed = found != expected or counted.total > MOST_CALLS
    allowed = ceil(resources / ROTATION)
    for number in range(2, allowed + 1):
        found, counted, seconds = hinted(made)
        print(
            f"plan {number}: {counted.total} calls, {seconds:.1f} s, the ninth is {'there' if ninth in found else 'not there'}"
        )
        failed = failed or not expected <= found
        if ninth in found:
            return int(failed)
    print(f"the ninth was not found in {allowed} plans")
    return 1


if __name__ == "__main__":
    sys.exit(main())
