"""Tags of state machines and activities.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-tagging.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bunsui.local.stepfunctions.arns import parsed
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.refusals import Refused, invalid_value, no_resource

Request = Mapping[str, Any]

_MOST = 50


def checked_tags(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Give tags as a mapping; keys that AWS keeps for itself are refused."""
    tags = {str(tag.get("key", "")): str(tag.get("value", "")) for tag in given}
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid_value("Tag keys that begin with aws: are reserved")
    _check_number(tags)
    return tags


def tag_resource(desk: Desk, request: Request) -> dict[str, Any]:
    """Add tags, or change their values."""
    tags = {**_tags_of(desk, request["resourceArn"]), **checked_tags(request["tags"])}
    _check_number(tags)
    desk.room.tags[request["resourceArn"]] = tags
    return {}


def untag_resource(desk: Desk, request: Request) -> dict[str, Any]:
    """Remove tags; those that are not there are no mistake."""
    tags = _tags_of(desk, request["resourceArn"])
    desk.room.tags[request["resourceArn"]] = {key: value for key, value in tags.items() if key not in request["tagKeys"]}
    return {}


def list_tags_for_resource(desk: Desk, request: Request) -> dict[str, Any]:
    """Give the tags."""
    tags = _tags_of(desk, request["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _tags_of(desk: Desk, arn: str) -> Mapping[str, str]:
    parsed(arn, "stateMachine", "activity")
    if arn not in desk.room.machines and arn not in desk.room.activities:
        raise no_resource(arn)
    return desk.room.tags.get(arn, {})


def _check_number(tags: Mapping[str, str]) -> None:
    if len(tags) > _MOST:
        raise Refused("TooManyTags", f"More than {_MOST} tags")
