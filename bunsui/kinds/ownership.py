"""What to do about an object of somebody else's that has our name, as words that kinds share.

Each command is one of the AWS CLI as AWS documents it; a test runs each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource

HandOver = Callable[[ActualResource, Mapping[str, str]], tuple[str, ...]]


def key_value(tags: Mapping[str, str], *, key: str = "Key", value: str = "Value") -> tuple[str, ...]:
    """Return tags as the CLI takes a list of pairs."""
    return tuple(f"{key}={name},{value}={text}" for name, text in tags.items())


def as_map(tags: Mapping[str, str]) -> str:
    """Return tags as the CLI takes a map."""
    return ",".join(f"{name}={text}" for name, text in tags.items())


def arn_of(actual: ActualResource) -> str:
    """Return the object's ARN, empty when it has none."""
    return actual.outputs.get("arn", "")


def rename_ours(address: Address) -> str:
    """Return the way around for a kind whose name is the pipeline's, or that of `resource_name`."""
    return "rename ours in the pipeline's file: `resource_name: ANOTHER-NAME`"


def rename_operation(address: Address) -> str:
    """Return the way around for a kind that is called after a job and an operation."""
    return f"rename the job or the operation {address.name} in the pipeline's file: the function is called after both"


def rename_schedule(address: Address) -> str:
    """Return the way around for a kind that is called after a schedule, or after the pipeline for all of its schedules."""
    what = f"the schedule's `id: {address.name}`" if address.name else f"the pipeline's `name: {address.pipeline}`"
    return f"rename {what}"
