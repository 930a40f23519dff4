"""Owners that a machine is taken over from: whether they still own it, what they have to do first."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.command_line import command_line
from bunsui.model.resource import TAG_STACK
from bunsui.ports.machines import DescribedMachine, StackReader
from bunsui.services.adoption.owners import NOBODY, Owner, OwnerKind
from bunsui.services.adoption.terraform_state import S3_ADDRESS

_STACK = "CloudFormation stack "
_TERRAFORM = "Terraform "


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerLookup:
    """Where owners are looked up: stacks that were named, states of Terraform that were given."""

    stacks: StackReader
    named_stacks: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    """Addresses in Terraform by ARN."""
    has_states: bool = False
    """True when a state of Terraform was given."""
    named_states: tuple[str, ...] = ()
    """The states, as they were named."""
    _asked: dict[str, Mapping[str, str] | None] = field(default_factory=dict)

    def owner(self, machine: DescribedMachine, said: str) -> Owner:
        """Return who owns the machine now; `said` is what its file says of that, empty where it says nothing.

        A stack that tags or file name is asked, since tags stay when it lets go; where nobody may ask it, they are believed.
        What Terraform owns shows in its state alone: a file that names Terraform is believed as long as no state is given.
        """
        if (address := self.states.get(machine.arn)) is not None:
            return Owner(kind=OwnerKind.TERRAFORM, name=address)
        if said.startswith(_TERRAFORM) and not self.has_states:
            return Owner(kind=OwnerKind.TERRAFORM, name=said.removeprefix(_TERRAFORM))
        marks = (machine.tags.get(TAG_STACK), said.removeprefix(_STACK) if said.startswith(_STACK) else None)
        for stack in dict.fromkeys(one for one in (*self.named_stacks, *marks) if one):
            owned = self._resources_of(stack)
            if (owned is None and stack in marks) or (owned is not None and machine.arn in owned):
                return Owner(kind=OwnerKind.CLOUDFORMATION, name=stack)
        return NOBODY

    def logical_id(self, owner: Owner, machine: DescribedMachine) -> str:
        """Return what the machine is called in the stack's template; a stand-in where nobody knows."""
        return (self._resources_of(owner.name) or {}).get(machine.arn, "LOGICAL_ID")

    def _resources_of(self, stack: str) -> Mapping[str, str] | None:
        if stack not in self._asked:
            self._asked[stack] = self.stacks.resources_of(stack)
        return self._asked[stack]


def handover_steps(owner: Owner, machine: DescribedMachine, lookup: OwnerLookup) -> tuple[str, ...]:
    """Return what the owner has to do before the machine is bunsui's, a line each; the machine runs on all the while."""
    last = f"then:  {command_line('import', machine.name, '--handover')}"
    if owner.kind is OwnerKind.CLOUDFORMATION:
        logical = lookup.logical_id(owner, machine)
        return (
            f"1. In the template of {owner.name}, give {logical} the attributes below, and update the stack:",
            "     DeletionPolicy: Retain",
            "     UpdateReplacePolicy: Retain",
            "   (CDK: machine.applyRemovalPolicy(RemovalPolicy.RETAIN))",
            f"2. Take {logical} out of the template, and update the stack again: CloudFormation leaves the machine alone.",
            f"3. {last}",
        )
    if owner.kind is OwnerKind.TERRAFORM:
        address = owner.name
        first: tuple[str, ...]
        if "[" in address:  # a removed block takes no instance
            first = (f"1. terraform state rm '{address}'", "   and take the instance out of the configuration")
        else:
            first = (
                f"1. In place of the resource {address} write, with Terraform 1.7 or newer:",
                "     removed {",
                f"       from = {address}",
                "       lifecycle { destroy = false }",
                "     }",
            )
        return (*first, "2. terraform apply", f"3. {_with_states(last, lookup)}")
    return ()


def _with_states(command: str, lookup: OwnerLookup) -> str:
    """Return the command that looks into the states again: one in a bucket is the newest, a file is to be pulled anew."""
    stored = [one for one in lookup.named_states if one.startswith(S3_ADDRESS)]
    return " ".join([command, *(f"--tfstate {shlex.quote(one)}" for one in stored or ["FILE"])])
