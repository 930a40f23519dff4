"""What the resident is made of: definitions that Step Functions takes, and no more rights than a look needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bunsui.asl.validation.validate import validate
from bunsui.aws.permissions import GRANTS
from bunsui.compile.environment.resident import FUNCTION_ADDRESS, definition, resident_resources
from bunsui.engine.run import run
from bunsui.engine.status import Status
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.model.address import RESIDENT, Address
from bunsui.model.alerts import Channel
from bunsui.model.environment.resident import VARIABLE, ResidentCode, ResidentPlace, read_place
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference
from tests.executing import SCOPE

CODE = ResidentCode(version="0.1.0", digest="d" * 64)
PLACE = ResidentPlace(project="tests", project_id="p", environment="local", timezone="Asia/Tokyo", version="0.1.0")


@pytest.fixture(scope="module")
def made() -> dict[Address, DesiredResource]:
    return {one.address: one for one in resident_resources(CODE, PLACE, SCOPE)[RESIDENT]}


def _resolved(value: Any) -> Any:
    if isinstance(value, Reference):
        return f"arn:aws:lambda:us-east-1:000000000000:function:{value.address.name}:1"
    if isinstance(value, dict):
        return {key: _resolved(item) for key, item in value.items()}
    return [_resolved(item) for item in value] if isinstance(value, list) else value


def test_an_environment_without_one_has_nothing_of_it() -> None:
    assert resident_resources(None, PLACE, SCOPE) == {}


@dataclass
class BusyFunction:
    """Takes an invocation after it could not take the first one."""

    asked: list[Any] = field(default_factory=list)

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        self.asked.append(request.arguments)
        is_busy = len(self.asked) == 1
        report(TaskFailed(error="Lambda.TooManyRequestsException", cause="busy") if is_busy else TaskSucceeded(output={}))
        return lambda: None


def test_the_machine_is_one_that_step_functions_takes() -> None:
    assert list(validate(_resolved(definition(SCOPE)), kind="EXPRESS")) == []


def test_it_hands_on_what_it_was_started_with_and_tries_again_when_lambda_cannot_take_it() -> None:
    function = BusyFunction()
    done = run(_resolved(definition(SCOPE)), {"cause": "sweep"}, runner=function, kind="EXPRESS")
    assert done.status is Status.SUCCEEDED
    assert [one["Payload"] for one in function.asked] == [{"cause": "sweep"}] * 2


def test_of_an_event_it_is_told_names_and_never_an_input(made: dict[Address, DesiredResource]) -> None:
    targets: Any = made[Address("alert_rule", RESIDENT)].attributes["targets"]
    [target] = targets.values()
    assert set(target["paths"].values()) == {"$.detail.stateMachineArn", "$.detail.executionArn", "$.detail.status"}
    text = str(target["template"])
    told = json.loads(text.replace("<", "").replace(">", ""))
    assert told == {"cause": "event", "machine": "machine", "execution": "execution", "status": "status"}


def test_it_may_start_stop_and_change_nothing_but_rows_of_sessions(made: dict[Address, DesiredResource]) -> None:
    policy: Any = made[Address("role", RESIDENT, "look")].attributes["policy"]
    actions = {action for one in policy["Statement"] for action in one["Action"]}
    writes = {one for one in actions if not one.partition(":")[2].startswith(("Get", "List", "Describe", "Query", "BatchGet"))}
    assert writes == {
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert all(resource != "*" for one in policy["Statement"] for resource in one["Resource"])


def test_where_there_are_channels_it_may_publish_to_their_topics_alone_and_see_how_schedules_are() -> None:
    theirs = "arn:aws:sns:us-east-1:000000000000:pager"
    key = "arn:aws:kms:us-east-1:000000000000:key/1"
    channels = {"oncall": Channel(name="oncall", key=key), "pager": Channel(name="pager", topic=theirs)}
    quiet = _statements(resident_resources(CODE, PLACE, SCOPE)[RESIDENT])
    told = _statements(resident_resources(CODE, PLACE, SCOPE, channels)[RESIDENT])
    more = [one for one in told if one not in quiet]
    assert sorted((one["Action"], one["Resource"]) for one in more) == [
        (["kms:Decrypt", "kms:GenerateDataKey"], [key]),
        (["scheduler:GetSchedule"], ["arn:aws:scheduler:us-east-1:000000000000:schedule/tests--local--*"]),
        (["scheduler:ListSchedules"], ["*"]),
        (["sns:Publish"], [theirs, "arn:aws:sns:us-east-1:000000000000:tests--local--oncall"]),
    ]


def _statements(resources: tuple[DesiredResource, ...]) -> Any:
    [role] = [one for one in resources if one.address == Address("role", RESIDENT, "look")]
    policy: Any = role.attributes["policy"]
    return policy["Statement"]


def test_it_may_do_with_rows_what_a_command_may_that_looks_at_sessions(made: dict[Address, DesiredResource]) -> None:
    policy: Any = made[Address("role", RESIDENT, "look")].attributes["policy"]
    [grant] = [one for one in GRANTS if one.sid == "Sessions"]
    needed = {f"dynamodb:{name}" for one in grant.operations for name in grant.actions.get(one, (one,))}
    assert {one for found in policy["Statement"] for one in found["Action"] if one.startswith("dynamodb:")} == needed


def test_its_variable_says_where_it_works(made: dict[Address, DesiredResource]) -> None:
    variables: Any = made[FUNCTION_ADDRESS].attributes["environment"]
    assert read_place(variables[VARIABLE]) == PLACE
    assert read_place(ResidentPlace(**{**vars_of(PLACE), "retention_seconds": 86_400}).text()).retention_seconds == 86_400


@pytest.mark.parametrize("text", ["", "null", "[]", '{"project": "x"}', '{"of": "a newer one"}'])
def test_a_variable_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_place(text)


def vars_of(place: ResidentPlace) -> dict[str, Any]:
    return {name: getattr(place, name) for name in place.__dataclass_fields__}
