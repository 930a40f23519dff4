"""Tags: of state machines and of activities.

Rules: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-tagging.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError, invalid_value, no_resource
from bunsui.emulator.stepfunctions.store.arns import parse_arn

Request = Mapping[str, Any]

_MOST = 50
"""Those that AWS sets itself do not count."""
_RESERVED = "aws:"


def checked_tags(given: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags as a mapping; keys that AWS keeps for itself are refused."""
    tags = {str(tag.get("key", "")): str(tag.get("value", "")) for tag in given}
    if any(key.lower().startswith(_RESERVED) for key in tags):
        raise invalid_value("Tag keys that begin with aws: are reserved")
    _check_number(tags)
    return tags


def tag_resource(context: RequestContext, request: Request) -> dict[str, Any]:
    """Add tags, or change their values."""
    tags = {**_tags_of(context, request["resourceArn"]), **checked_tags(request["tags"])}
    _check_number(tags)
    context.region_store.tags[request["resourceArn"]] = tags
    return {}


def tag_stack_resource(context: RequestContext, request: Request) -> dict[str, Any]:
    """Add the tags of a stack, with those that AWS keeps for itself and CloudFormation sets on all that it makes.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html"""
    given = {str(tag.get("key", "")): str(tag.get("value", "")) for tag in request["tags"]}
    tags = {**_tags_of(context, request["resourceArn"]), **given}
    _check_number(tags)
    context.region_store.tags[request["resourceArn"]] = tags
    return {}


def untag_resource(context: RequestContext, request: Request) -> dict[str, Any]:
    """Remove tags; those that are not there are no mistake."""
    tags = _tags_of(context, request["resourceArn"])
    context.region_store.tags[request["resourceArn"]] = {
        key: value for key, value in tags.items() if key not in request["tagKeys"]
    }
    return {}


def list_tags_for_resource(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the tags."""
    tags = _tags_of(context, request["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _tags_of(context: RequestContext, arn: str) -> Mapping[str, str]:
    parse_arn(arn, "stateMachine", "activity")
    if arn not in context.region_store.machines and arn not in context.region_store.activities:
        raise no_resource(arn)
    return context.region_store.tags.get(arn, {})


def _check_number(tags: Mapping[str, str]) -> None:
    if sum(not key.startswith(_RESERVED) for key in tags) > _MOST:
        raise ApiError("TooManyTags", f"More than {_MOST} tags")
