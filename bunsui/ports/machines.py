"""The state machines of an account in one region, whoever made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMachine:
    """One machine in the list of all."""

    arn: str
    name: str
    is_express: bool = False
    """True for one whose executions AWS does not list."""


class MachineCatalogue(Protocol):
    """Lists machines; reads only."""

    def machines(self) -> Sequence[ListedMachine]:
        """Return all machines, by name."""
        ...

    def tags(self) -> Mapping[str, Mapping[str, str]]:
        """Return the tags of machines by ARN; machines that never had any are left out."""
        ...

    def with_tag(self, key: str, value: str) -> Sequence[str]:
        """Return the ARNs of the machines that have the tag with this value, sorted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedMachine:
    """One machine as AWS has it, whoever made it."""

    arn: str
    name: str
    is_express: bool
    definition: str
    """The text, as it was given to AWS."""
    role_arn: str
    log_level: str = "OFF"
    logs_data: bool = False
    log_group_arn: str | None = None
    """Without `:*` at its end; None where it logs to no group."""
    tracing: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    """Everybody's, AWS's own included."""
    aliases: tuple[str, ...] = ()
    """The names of its aliases, sorted."""
    key_arn: str = ""
    """The customer's key that encrypts it; empty for AWS's own."""


class MachineReader(Protocol):
    """Describes single machines; reads only."""

    def machine(self, arn: str) -> DescribedMachine | None:
        """Return a machine with its tags and aliases; None when there is none."""
        ...


class StackReader(Protocol):
    """Tells what a CloudFormation stack owns; reads only."""

    def resources_of(self, stack: str) -> Mapping[str, str] | None:
        """Return the logical ids of the stack's resources by physical id, an ARN for a machine. Empty where there is no such
        stack (any more), None where the caller may not ask."""
        ...


TERRAFORM_STATE_BYTES = 64 * 1_048_576
"""No larger state of Terraform is read, from wherever."""


class TerraformStateReader(Protocol):
    """Reads states of Terraform from buckets; writes none, takes no lock."""

    def state_in(self, bucket: str, key: str) -> bytes | None:
        """Return the object's bytes; None where there is none. InvalidInput where it is larger than `TERRAFORM_STATE_BYTES`."""
        ...
