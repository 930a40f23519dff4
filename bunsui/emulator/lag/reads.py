"""The table of what is read late: which calls tell of what, and which writes they do not know yet.

Sources: the API references of Step Functions (CreateStateMachine, DescribeStateMachine, ListStateMachines,
UpdateStateMachineAlias), of EventBridge Scheduler (DeleteScheduleGroup) and of DynamoDB (DescribeTable, GetItem): each says
"eventually consistent"; IAM user guide, "Troubleshoot IAM": changes are not always visible at once; terraform-provider-aws and
aws-cdk on lists that are late.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.emulator.lag.calls import LateCall, SideQuestion, asked_form, asked_json

_STATES, _TAGGING, _LOGS, _DYNAMODB = (
    "AWSStepFunctions.",
    "ResourceGroupsTaggingAPI_20170126.",
    "Logs_20140328.",
    "DynamoDB_20120810.",
)
_MANY = 1000
Named = Callable[[LateCall], str]
"""Which object a call is about; empty where it is about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRead:
    """A call that tells how one object was."""

    service: str
    operation: str
    names: Named
    ask: Callable[[LateCall, str], SideQuestion]
    """How a write asks for it, in the place of its sender."""
    writes: Mapping[tuple[str, str], Named]
    """The calls that change what it tells, by service and operation, each with the object that it changes."""
    asked_lately: Callable[[LateCall], bool] = lambda call: True
    """False for a call of it that is consistent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateList:
    """A call that tells of many objects, in pages."""

    service: str
    operation: str
    items: str
    """The member that has them."""
    name: str
    """The member of each that tells which it is."""
    follows: str
    """The member of a page that leads to the next."""
    ask: Callable[[str], SideQuestion]
    """How a page is asked for, by what leads to it."""
    writes: Mapping[tuple[str, str], Named]
    fits: Callable[[LateCall, Mapping[str, Any]], bool] = field(default=lambda call, item: True)
    """Tells whether a call asks for an object that it would not find any more."""


def member(name: str) -> Named:
    """Return the reader of a parameter."""
    return lambda call: str(call.members.get(name, ""))


def machine_arn(call: LateCall) -> str:
    """Return the machine that a call is about, also one that it makes."""
    name = f"arn:aws:states:{call.region}:{call.account}:stateMachine:{call.members.get('name', '')}"
    return str(call.members.get("stateMachineArn") or name)


def alias_arn(call: LateCall) -> str:
    """Return the alias of a machine that a call is about, also one that it makes."""
    routes = call.members.get("routingConfiguration") or [{}]
    made = f"{str(routes[0].get('stateMachineVersionArn', '')).rpartition(':')[0]}:{call.members.get('name', '')}"
    return str(call.members.get("stateMachineAliasArn") or made)


def function_name(call: LateCall) -> str:
    """Return the function that a call is about, without a qualifier; empty for one of its versions."""
    name = str(call.members.get("FunctionName", ""))
    is_version = call.operation == "DeleteFunction" and "Qualifier" in call.members
    return "" if is_version else name.partition(":function:")[2].partition(":")[0] or name.partition(":")[0]


def _function_arn(call: LateCall) -> str:
    name = function_name(call)
    return f"arn:aws:lambda:{call.region}:{call.account}:function:{name}" if name else ""


def _group_arn(call: LateCall) -> str:
    return f"arn:aws:logs:{call.region}:{call.account}:log-group:{call.members.get('logGroupName', '')}"


def _schedule_arn(call: LateCall) -> str:
    group = call.members.get("GroupName") or call.members.get("groupName") or "default"
    return f"arn:aws:scheduler:{call.region}:{call.account}:schedule/{group}/{call.members.get('Name', '')}"


def _schedule_group_arn(call: LateCall) -> str:
    return f"arn:aws:scheduler:{call.region}:{call.account}:schedule-group/{call.members.get('Name', '')}"


def _role_policy(call: LateCall) -> str:
    return f"{call.members.get('RoleName', '')}/{call.members.get('PolicyName', '')}"


def _asked_role_policy(_call: LateCall, name: str) -> SideQuestion:
    role, _, policy = name.partition("/")
    return _asked_iam("GetRolePolicy", RoleName=role, PolicyName=policy)


def _asked_iam(action: str, **members: str) -> SideQuestion:
    return asked_form("iam", {"Action": action, "Version": "2010-05-08", **members})


def _asked_item(_call: LateCall, name: str) -> SideQuestion:
    table, _, key = name.partition("/")
    wanted = {"TableName": table, "Key": json.loads(key), "ConsistentRead": True}
    return asked_json("dynamodb", f"{_DYNAMODB}GetItem", wanted)


def _item(call: LateCall) -> str:
    return f"{call.members.get('TableName', '')}/{json.dumps(call.members.get('Key'), sort_keys=True)}"


def _is_whole_item(call: LateCall) -> bool:
    return not call.members.get("ConsistentRead") and "ProjectionExpression" not in call.members


_ROLE_CALLS = ("CreateRole", "DeleteRole", "UpdateRole", "UpdateAssumeRolePolicy", "TagRole", "UntagRole")
_POLICY_CALLS = ("PutRolePolicy", "DeleteRolePolicy")
_BOUNDARY_CALLS = ("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary")
_ROLES = {("iam", one): member("RoleName") for one in (*_ROLE_CALLS, *_BOUNDARY_CALLS)}
_OF_POLICIES = {("iam", one): member("RoleName") for one in _POLICY_CALLS}

READS: tuple[LateRead, ...] = (
    LateRead(
        service="states",
        operation="DescribeStateMachine",
        names=machine_arn,
        ask=lambda _, name: asked_json("states", f"{_STATES}DescribeStateMachine", {"stateMachineArn": name}),
        writes={("states", f"{verb}StateMachine"): machine_arn for verb in ("Create", "Update", "Delete")},
    ),
    LateRead(
        service="states",
        operation="DescribeStateMachineAlias",
        names=alias_arn,
        ask=lambda _, name: asked_json("states", f"{_STATES}DescribeStateMachineAlias", {"stateMachineAliasArn": name}),
        writes={("states", f"{verb}StateMachineAlias"): alias_arn for verb in ("Create", "Update", "Delete")},
    ),
    LateRead(
        service="iam",
        operation="GetRole",
        names=member("RoleName"),
        ask=lambda _, name: _asked_iam("GetRole", RoleName=name),
        writes=_ROLES,
    ),
    LateRead(
        service="iam",
        operation="ListRolePolicies",
        names=member("RoleName"),
        ask=lambda _, name: _asked_iam("ListRolePolicies", RoleName=name),
        writes=_OF_POLICIES,
    ),
    LateRead(
        service="iam",
        operation="GetRolePolicy",
        names=_role_policy,
        ask=_asked_role_policy,
        writes={("iam", one): _role_policy for one in _POLICY_CALLS},
    ),
    LateRead(
        service="dynamodb",
        operation="DescribeTable",
        names=member("TableName"),
        ask=lambda _, name: asked_json("dynamodb", f"{_DYNAMODB}DescribeTable", {"TableName": name}),
        writes={("dynamodb", "CreateTable"): member("TableName")},
    ),
    LateRead(
        service="dynamodb",
        operation="GetItem",
        names=_item,
        ask=_asked_item,
        writes={("dynamodb", "UpdateItem"): _item, ("dynamodb", "DeleteItem"): _item},
        asked_lately=_is_whole_item,
    ),
)


def _in_group(call: LateCall, item: Mapping[str, Any]) -> bool:
    asked = call.members.get("ScheduleGroup") or call.members.get("GroupName") or call.members.get("groupName")
    return asked in (None, item.get("GroupName")) and str(item.get("Name", "")).startswith(
        str(call.members.get("NamePrefix", ""))
    )


def _begins(parameter: str, name: str) -> Callable[[LateCall, Mapping[str, Any]], bool]:
    return lambda call, item: str(item.get(name, "")).startswith(str(call.members.get(parameter, "")))


def _is_tagged(call: LateCall, item: Mapping[str, Any]) -> bool:
    tags = {one["Key"]: one["Value"] for one in item.get("Tags", ())}
    asked = call.members.get("TagFilters") or ()
    kinds = call.members.get("ResourceTypeFilters") or ()
    service = str(item.get("ResourceARN", "")).split(":")[2:3]
    return all(one["Key"] in tags and tags[one["Key"]] in (one.get("Values") or [tags[one["Key"]]]) for one in asked) and (
        not kinds or any([kind.partition(":")[0]] == service for kind in kinds)
    )


LISTS: tuple[LateList, ...] = (
    LateList(
        service="states",
        operation="ListStateMachines",
        items="stateMachines",
        name="stateMachineArn",
        follows="nextToken",
        ask=lambda page: asked_json(
            "states", f"{_STATES}ListStateMachines", _page_of({"maxResults": _MANY}, "nextToken", page)
        ),
        writes={("states", f"{verb}StateMachine"): machine_arn for verb in ("Create", "Delete")},
    ),
    LateList(
        service="lambda",
        operation="ListFunctions",
        items="Functions",
        name="FunctionArn",
        follows="NextMarker",
        ask=lambda page: SideQuestion(
            service="lambda", method="GET", path="/2015-03-31/functions/", query=_page_of({}, "Marker", page)
        ),
        writes={("lambda", f"{verb}Function"): _function_arn for verb in ("Create", "Delete")},
    ),
    LateList(
        service="scheduler",
        operation="ListSchedules",
        items="Schedules",
        name="Arn",
        follows="NextToken",
        ask=lambda page: SideQuestion(
            service="scheduler", method="GET", path="/schedules", query=_page_of({}, "NextToken", page)
        ),
        writes={("scheduler", f"{verb}Schedule"): _schedule_arn for verb in ("Create", "Delete")},
        fits=_in_group,
    ),
    LateList(
        service="scheduler",
        operation="ListScheduleGroups",
        items="ScheduleGroups",
        name="Arn",
        follows="NextToken",
        ask=lambda page: SideQuestion(
            service="scheduler", method="GET", path="/schedule-groups", query=_page_of({}, "NextToken", page)
        ),
        writes={("scheduler", f"{verb}ScheduleGroup"): _schedule_group_arn for verb in ("Create", "Delete")},
        fits=_begins("NamePrefix", "Name"),
    ),
    LateList(
        service="logs",
        operation="DescribeLogGroups",
        items="logGroups",
        name="logGroupName",
        follows="nextToken",
        ask=lambda page: asked_json("logs", f"{_LOGS}DescribeLogGroups", _page_of({"limit": 50}, "nextToken", page)),
        writes={("logs", f"{verb}LogGroup"): member("logGroupName") for verb in ("Create", "Delete")},
        fits=_begins("logGroupNamePrefix", "logGroupName"),
    ),
    LateList(
        service="tagging",
        operation="GetResources",
        items="ResourceTagMappingList",
        name="ResourceARN",
        follows="PaginationToken",
        ask=lambda page: asked_json(
            "tagging", f"{_TAGGING}GetResources", _page_of({"ResourcesPerPage": 100}, "PaginationToken", page)
        ),
        writes={
            **{("states", f"{verb}StateMachine"): machine_arn for verb in ("Create", "Delete")},
            **{("lambda", f"{verb}Function"): _function_arn for verb in ("Create", "Delete")},
            **{("logs", f"{verb}LogGroup"): _group_arn for verb in ("Create", "Delete")},
            **{("scheduler", f"{verb}ScheduleGroup"): _schedule_group_arn for verb in ("Create", "Delete")},
            ("states", "TagResource"): member("resourceArn"),
            ("states", "UntagResource"): member("resourceArn"),
            ("logs", "TagResource"): member("resourceArn"),
            ("logs", "UntagResource"): member("resourceArn"),
        },
        fits=_is_tagged,
    ),
)


def _page_of(members: Mapping[str, Any], token: str, page: str) -> dict[str, Any]:
    return {**members, **({token: page} if page else {})}
