"""Tags: the user's own, bunsui's, and AWS's; and the list forms in which each service spells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from bunsui.command_line import command_line
from bunsui.errors import Conflict, NotOwned, Passing
from bunsui.model.json import Json
from bunsui.model.resource import OWN_PREFIX, TAG_ENVIRONMENT, TAG_PROJECT, TAG_PROJECT_ID, TAG_REGION, ActualResource

_AWS_PREFIX = "aws:"

TAG_TRACING = "bunsui:tracing"
"""Remembers tracing where the endpoint accepts it and forgets it."""
TAG_SHA = "bunsui:sha256"
"""CodeSha256 of the package that bunsui uploaded last."""
TAG_VERSION = "bunsui:version"
"""The function version that bunsui published last."""


def users_own(tags: Mapping[str, str]) -> dict[str, Json]:
    """Return the tags that people declared: without bunsui's and AWS's own."""
    return {key: value for key, value in sorted(tags.items()) if not key.startswith((OWN_PREFIX, _AWS_PREFIX))}


def upper_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return `[{Key, Value}]`, the form of IAM and Scheduler."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def kept_by_aws(tags: Mapping[str, str]) -> dict[str, str]:
    """Return AWS's own tags, for the calls that write all tags at once: one that leaves them out is refused ("System tags
    cannot be removed by requester", cloud-custodian #2834, terraform-provider-aws #7323)."""
    return {key: value for key, value in tags.items() if key.startswith(_AWS_PREFIX)}


def lower_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return `[{key, value}]`, the form of Step Functions."""
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]


def from_list(tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read either list form. Equal texts are one object: thousands of resources have the same tags."""
    return {intern(str(tag.get("Key", tag.get("key")))): intern(str(tag.get("Value", tag.get("value", "")))) for tag in tags}


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """What makes one set of tags into another."""

    added: Mapping[str, str]
    removed: tuple[str, ...]


def tag_change(before: Mapping[str, str], after: Mapping[str, str]) -> TagChange:
    """Tell which tags to write and which to remove. AWS's own tags stay."""
    return TagChange(
        added={key: value for key, value in after.items() if before.get(key) != value},
        removed=tuple(sorted(key for key in before if key not in after and not key.startswith(_AWS_PREFIX))),
    )


def seen_later(refusal: Conflict, passes: Passing = Passing.SOON) -> None:
    """Mark the refusal of a create as one that passes: the object exists, and nobody can see it. It was made a moment ago,
    or is being deleted."""
    if refusal.passes is Passing.NEVER:
        refusal.passes = passes
        refusal.waits_for = "AWS to show, or to end the deletion of, what has its name"


def is_nobodys(tags: Mapping[str, str]) -> bool:
    """Tell whether no tag says that bunsui or a service of AWS, such as CloudFormation, made the object."""
    return not any(key.startswith((OWN_PREFIX, _AWS_PREFIX)) for key in tags)


def check_ours(actual: ActualResource, wanted: Mapping[str, str]) -> None:
    """Raise NotOwned unless the object is of the project, environment and region that the tags `wanted` name, or nobody's."""
    if actual.claimable:
        return
    own = {**actual.tags, **({TAG_REGION: actual.region} if actual.region else {})}
    differs = any(own.get(key) != wanted.get(key) for key in (TAG_PROJECT, TAG_ENVIRONMENT))
    if differs or any(key in own and key in wanted and own[key] != wanted[key] for key in (TAG_REGION, TAG_PROJECT_ID)):
        raise NotOwned(
            "not-owned",
            "a resource of that name exists and is not ours",
            hint=f"See whose it is, and what to do about it:\n  {command_line('plan')}",
            name=actual.physical_name,
            project=own.get(TAG_PROJECT),
            project_id=own.get(TAG_PROJECT_ID),
            environment=own.get(TAG_ENVIRONMENT),
            region=own.get(TAG_REGION),
        )
