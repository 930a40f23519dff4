"""Tags: the user's own, bunsui's, and AWS's; and the list forms in which each service spells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from bunsui.errors import NotOwned
from bunsui.model.resource import TAG_ENVIRONMENT, TAG_PROJECT
from bunsui.model.values import Json

OWN_PREFIX = "bunsui:"
_AWS_PREFIX = "aws:"

TAG_TRACING = "bunsui:tracing"
"""Remembers tracing where the endpoint accepts it and forgets it."""
TAG_SHA = "bunsui:sha256"
"""CodeSha256 of the package that bunsui uploaded last."""
TAG_VERSION = "bunsui:version"
"""The function version that bunsui published last."""


def users_own(tags: Mapping[str, str]) -> dict[str, Json]:
    """Give the tags that people declared: without bunsui's and AWS's own."""
    return {key: value for key, value in sorted(tags.items()) if not key.startswith((OWN_PREFIX, _AWS_PREFIX))}


def upper_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Give `[{Key, Value}]`, the form of IAM and Scheduler."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def lower_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Give `[{key, value}]`, the form of Step Functions."""
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


def check_ours(tags: Mapping[str, str], wanted: Mapping[str, str], physical_name: str) -> None:
    """Raise NotOwned unless `tags` name the project and environment that `wanted` names."""
    if any(tags.get(key) != wanted.get(key) for key in (TAG_PROJECT, TAG_ENVIRONMENT)):
        raise NotOwned(
            "not-owned",
            "a resource of that name exists and is not ours",
            hint="Give the pipeline another `resource_name:`, or remove the other resource.",
            name=physical_name,
            project=tags.get(TAG_PROJECT),
            environment=tags.get(TAG_ENVIRONMENT),
        )
