"""State machines, versions, aliases, tags and activities, as callers see them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from bunsui.emulator.stepfunctions.store.arns import Location
from tests.unit.emulator.stepfunctions.bench import HERE, ROLE, Bench, passing, running, waiting


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def test_the_same_request_again_gives_the_same_machine(bench: Bench) -> None:
    first = bench.machine("m", passing(1), tags=[{"key": "a", "value": "1"}])

    again = bench.ask("CreateStateMachine", name="m", definition=json.dumps(passing(1)), roleArn=f"{ROLE}-2", tags=[])

    assert again["stateMachineArn"] == first
    assert bench.ask("DescribeStateMachine", stateMachineArn=first)["roleArn"] == ROLE
    assert bench.ask("ListTagsForResource", resourceArn=first)["tags"] == [{"key": "a", "value": "1"}]


@pytest.mark.parametrize(
    "change",
    [
        {"definition": json.dumps(passing(2))},
        {"type": "EXPRESS"},
        {"tracingConfiguration": {"enabled": True}},
        {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k"}},
    ],
)
def test_another_machine_of_that_name_is_refused(bench: Bench, change: dict[str, object]) -> None:
    bench.machine("m", passing(1))

    refused = bench.refusal(
        "CreateStateMachine", **{"name": "m", "definition": json.dumps(passing(1)), "roleArn": ROLE, **change}
    )

    assert refused.code == "StateMachineAlreadyExists"


def test_what_a_machine_was_given_is_described(bench: Bench) -> None:
    group = "arn:aws:logs:us-east-1:111111111111:log-group:exists:*"
    logging = {
        "level": "ERROR",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}],
    }
    arn = bench.machine("m", passing(1), type="EXPRESS", tracingConfiguration={"enabled": True}, loggingConfiguration=logging)

    described = bench.ask("DescribeStateMachine", stateMachineArn=arn)

    assert described["type"] == "EXPRESS"
    assert described["status"] == "ACTIVE"
    assert described["tracingConfiguration"] == {"enabled": True}
    assert described["loggingConfiguration"] == logging
    assert described["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}
    assert json.loads(described["definition"]) == passing(1)
    assert "revisionId" not in described
    assert "definition" not in bench.ask("DescribeStateMachine", stateMachineArn=arn, includedData="METADATA_ONLY")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a b"}, "InvalidName"),
        ({"name": "a" * 81}, "ValidationException"),
        ({"roleArn": "arn:aws:s3:::bucket"}, "InvalidArn"),
        ({"definition": "{"}, "InvalidDefinition"),
        ({"definition": json.dumps({"StartAt": "x", "States": {}})}, "InvalidDefinition"),
        ({"type": "FAST"}, "ValidationException"),
        ({"versionDescription": "one"}, "ValidationException"),
        ({"tags": [{"key": "aws:mine", "value": ""}]}, "ValidationException"),
        ({"tags": [{"key": str(n), "value": ""} for n in range(51)]}, "TooManyTags"),
        ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}, "InvalidEncryptionConfiguration"),
    ],
)
def test_a_bad_machine_is_refused(bench: Bench, change: dict[str, object], code: str) -> None:
    request = {"name": "m", "definition": json.dumps(passing(1)), "roleArn": ROLE, **change}

    assert bench.refusal("CreateStateMachine", **request).code == code
    assert bench.ask("ListStateMachines")["stateMachines"] == []


def test_an_update_changes_what_it_names_and_the_revision(bench: Bench) -> None:
    arn = bench.machine("m", passing(1), tracingConfiguration={"enabled": True})

    updated = bench.ask("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(passing(2)), publish=True)
    described = bench.ask("DescribeStateMachine", stateMachineArn=arn)

    assert described["revisionId"] == updated["revisionId"]
    assert updated["stateMachineVersionArn"] == f"{arn}:1"
    assert json.loads(described["definition"]) == passing(2)
    assert described["tracingConfiguration"] == {"enabled": True}
    assert described["roleArn"] == ROLE


def test_an_update_of_nothing_is_refused(bench: Bench) -> None:
    arn = bench.machine("m", passing(1))

    assert bench.refusal("UpdateStateMachine", stateMachineArn=arn).code == "MissingRequiredParameter"
    assert bench.refusal("UpdateStateMachine", stateMachineArn=f"{arn}x", roleArn=ROLE).code == "StateMachineDoesNotExist"


def test_a_version_is_published_once_for_a_revision(bench: Bench) -> None:
    arn = bench.machine("m", passing(1))

    first = bench.ask("PublishStateMachineVersion", stateMachineArn=arn, revisionId="INITIAL", description="one")
    again = bench.ask("PublishStateMachineVersion", stateMachineArn=arn)
    revision = bench.ask("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(passing(2)))["revisionId"]
    second = bench.ask("PublishStateMachineVersion", stateMachineArn=arn, revisionId=revision)

    assert first["stateMachineVersionArn"] == again["stateMachineVersionArn"] == f"{arn}:1"
    assert second["stateMachineVersionArn"] == f"{arn}:2"
    assert bench.refusal("PublishStateMachineVersion", stateMachineArn=arn, revisionId="INITIAL").code == "ConflictException"
    versions = bench.ask("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"]
    assert [version["stateMachineVersionArn"] for version in versions] == [f"{arn}:2", f"{arn}:1"]
    described = bench.ask("DescribeStateMachine", stateMachineArn=f"{arn}:1")
    assert (described["description"], json.loads(described["definition"])) == ("one", passing(1))


def test_the_number_of_a_deleted_version_is_not_used_again(bench: Bench) -> None:
    arn = bench.machine("m", passing(1), publish=True)
    bench.ask("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")
    bench.ask("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:1")

    assert bench.ask("PublishStateMachineVersion", stateMachineArn=arn)["stateMachineVersionArn"] == f"{arn}:2"


def aliased(bench: Bench, *weights: int) -> tuple[str, str]:
    """Make a machine with a version for each weight, and an alias; give the ARNs of both."""
    arn = bench.machine("m", passing(1), publish=True)
    for number in range(2, len(weights) + 1):
        bench.ask("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(passing(number)), publish=True)
    routes = [{"stateMachineVersionArn": f"{arn}:{n}", "weight": weight} for n, weight in enumerate(weights, start=1)]
    alias = bench.ask("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    return arn, str(alias)


def test_an_alias_shares_out_its_starts_by_weight(bench: Bench) -> None:
    _, alias = aliased(bench, 90, 10)

    executions = [bench.start(alias) for _ in range(200)]

    found = Counter(bench.ended(arn)["stateMachineVersionArn"][-1] for arn in executions)
    assert 140 < found["1"] < 200
    assert found["2"] == 200 - found["1"]


def test_an_alias_is_led_elsewhere(bench: Bench) -> None:
    arn, alias = aliased(bench, 100, 0)
    routes = [{"stateMachineVersionArn": f"{arn}:2", "weight": 100}]

    bench.ask("UpdateStateMachineAlias", stateMachineAliasArn=alias, routingConfiguration=routes, description="moved")
    described = bench.ask("DescribeStateMachineAlias", stateMachineAliasArn=alias)

    assert described["routingConfiguration"] == routes
    assert (described["name"], described["description"]) == ("live", "moved")
    assert json.loads(bench.ended(bench.start(alias))["output"]) == 2
    assert bench.refusal("UpdateStateMachineAlias", stateMachineAliasArn=alias).code == "MissingRequiredParameter"
    assert bench.refusal("DeleteStateMachineVersion", stateMachineVersionArn=f"{arn}:2").code == "ConflictException"
    bench.ask("DeleteStateMachineAlias", stateMachineAliasArn=alias)
    assert bench.refusal("DescribeStateMachineAlias", stateMachineAliasArn=alias).code == "ResourceNotFound"
    assert bench.ask("ListStateMachineAliases", stateMachineArn=arn)["stateMachineAliases"] == []


def test_a_deleted_machine_is_gone_with_what_belongs_to_it_but_its_executions_can_be_read(bench: Bench) -> None:
    arn, alias = aliased(bench, 100)
    execution = bench.start(alias, name="one")
    bench.ended(execution)

    for _ in range(2):
        assert bench.ask("DeleteStateMachine", stateMachineArn=arn) == {}

    assert bench.refusal("DescribeStateMachine", stateMachineArn=arn).code == "StateMachineDoesNotExist"
    assert bench.refusal("DescribeStateMachineAlias", stateMachineAliasArn=alias).code == "ResourceNotFound"
    assert bench.ask("DescribeExecution", executionArn=execution)["status"] == "SUCCEEDED"
    assert bench.types(execution)[-1] == "ExecutionSucceeded"
    bench.machine("m", passing(2))


def test_a_machine_that_is_deleted_while_it_runs_ends_its_executions_at_their_next_state(bench: Bench) -> None:
    states = {"wait": {"Type": "Wait", "Seconds": 1, "Next": "more"}, "more": {"Type": "Wait", "Seconds": 600, "End": True}}
    arn = bench.machine("m", {"StartAt": "wait", "States": states})
    execution = bench.start(arn)

    bench.ask("DeleteStateMachine", stateMachineArn=arn)

    assert bench.ask("DescribeStateMachine", stateMachineArn=arn)["status"] == "DELETING"
    assert bench.refusal("StartExecution", stateMachineArn=arn).code == "StateMachineDeleting"
    assert bench.ended(execution)["status"] == "ABORTED"
    assert bench.refusal("DescribeStateMachine", stateMachineArn=arn).code == "StateMachineDoesNotExist"


def test_pages_of_machines_hold_all_of_them_once(bench: Bench) -> None:
    made = [bench.machine(f"m{number}", passing(number)) for number in range(7)]

    first = bench.ask("ListStateMachines", maxResults=3)
    bench.ask("DeleteStateMachine", stateMachineArn=made[0])
    second = bench.ask("ListStateMachines", maxResults=3, nextToken=first["nextToken"])
    third = bench.ask("ListStateMachines", maxResults=3, nextToken=second["nextToken"])

    assert [m["stateMachineArn"] for page in (first, second, third) for m in page["stateMachines"]] == made
    assert "nextToken" not in third


def test_a_token_of_another_list_is_refused(bench: Bench) -> None:
    arn = bench.machine("m", waiting())
    for number in range(3):
        bench.start(arn, name=f"e{number}")
        bench.ask("CreateActivity", name=f"a{number}")

    token = bench.ask("ListActivities", maxResults=1)["nextToken"]

    assert bench.refusal("ListExecutions", stateMachineArn=arn, nextToken=token).code == "InvalidToken"
    assert bench.refusal("ListActivities", nextToken="nonsense").code == "InvalidToken"


def test_tags_come_and_go(bench: Bench) -> None:
    arn = bench.machine("m", passing(1), tags=[{"key": "a", "value": "1"}])

    bench.ask("TagResource", resourceArn=arn, tags=[{"key": "b", "value": "2"}, {"key": "a", "value": "3"}])
    bench.ask("UntagResource", resourceArn=arn, tagKeys=["b", "none"])

    assert bench.ask("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "a", "value": "3"}]
    assert bench.service.tags(HERE) == {arn: {"a": "3"}}
    assert bench.refusal("TagResource", resourceArn=f"{arn}x", tags=[]).code == "ResourceNotFound"


def test_places_do_not_see_each_other(bench: Bench) -> None:
    bench.machine("m", passing(1))
    there = Location("222222222222", "eu-west-1")

    assert bench.ask("ListStateMachines", at=there)["stateMachines"] == []
    made = bench.ask("CreateStateMachine", at=there, name="m", definition=json.dumps(passing(2)), roleArn=ROLE)
    assert made["stateMachineArn"] == "arn:aws:states:eu-west-1:222222222222:stateMachine:m"


def test_an_activity_is_made_once_and_deleted_without_fuss(bench: Bench) -> None:
    first = bench.ask("CreateActivity", name="a", tags=[{"key": "k", "value": "v"}])

    assert bench.ask("CreateActivity", name="a")["activityArn"] == first["activityArn"]
    assert bench.ask("DescribeActivity", activityArn=first["activityArn"])["name"] == "a"
    assert bench.ask("ListTagsForResource", resourceArn=first["activityArn"])["tags"] == [{"key": "k", "value": "v"}]
    for _ in range(2):
        bench.ask("DeleteActivity", activityArn=first["activityArn"])
    assert bench.ask("ListActivities")["activities"] == []


def test_an_account_has_so_many_machines_and_activities_and_no_more(bench: Bench) -> None:
    arn = bench.machine("m", passing(1))
    kept = bench.service._store.region_stores[HERE]
    kept.machines |= {f"{arn}-{number}": kept.machines[arn] for number in range(9_999)}
    refused = bench.refusal("CreateStateMachine", name="n", definition=json.dumps(passing(1)), roleArn=ROLE)
    assert refused.code == "StateMachineLimitExceeded"
    assert refused.message.startswith("The maximum number of state machines has been reached.")
    assert bench.machine("m", passing(1)) == arn, "the same request again makes none"
    activity = bench.ask("CreateActivity", name="a")["activityArn"]
    kept.activities |= {f"{activity}-{number}": kept.activities[activity] for number in range(9_999)}
    assert bench.refusal("CreateActivity", name="b").code == "ActivityLimitExceeded"


def test_a_machine_has_so_many_versions_and_aliases_and_no_more(bench: Bench) -> None:
    arn = bench.machine("m", passing(1), publish=True)
    version = f"{arn}:1"
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    for number in range(100):
        bench.ask("CreateStateMachineAlias", name=f"a{number}", routingConfiguration=routes)
    assert (
        bench.refusal("CreateStateMachineAlias", name="b", routingConfiguration=routes).code == "ServiceQuotaExceededException"
    )
    kept = bench.service._store.region_stores[HERE]
    kept.versions |= {f"{arn}:x{number}": kept.versions[version] for number in range(999)}
    bench.ask("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(passing(2)))
    assert bench.refusal("PublishStateMachineVersion", stateMachineArn=arn).code == "ServiceQuotaExceededException"
