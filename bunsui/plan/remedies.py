"""What to do about a resource of somebody else's that has our name: a command that hands it over, or a key around it.

Both are the kind's to say (`Kind.hand_over`, `Kind.way_around`).
"""

from __future__ import annotations

import shlex

from bunsui.command_line import command_line
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import TAG_STACK, ActualResource, Scope


def not_ours(address: Address, actual: ActualResource, scope: Scope, *, was_ours: bool, is_alike: bool = False) -> str:
    """Return the sentences for a resource that does not carry our tags; `was_ours` when bunsui wrote it last, `is_alike` when
    it is as the files want it."""
    name, command = actual.physical_name, hand_over(address, actual, scope)
    kind = kind_named(address.kind)
    if was_ours:
        return f"{name} no longer carries our tags. If it is still ours, give them back: `{command}`"
    around = f"To leave it alone, {kind.way_around(address)}"
    if address.kind == MACHINE:
        return f"{_take_over(actual, command, is_alike=is_alike)}. {around}"
    verb = "To hand it over" if kind.taggable else "To make room"
    return f"{name} exists and is not ours. {verb}: `{command}`. {around}"


def _take_over(actual: ActualResource, command: str, *, is_alike: bool) -> str:
    """Return what to do about a machine: an import takes it over as it is, with a proof."""
    name = actual.physical_name
    if (stack := actual.tags.get(TAG_STACK)) is not None:
        first = command_line("import", name, "--handover")
        return (
            f"{name} exists, and CloudFormation stack {stack} owns it. To watch it, write"
            f" `observed: CloudFormation stack {stack}` into the pipeline's file. What to do first to take it over is told by"
            f" `{first}`"
        )
    imports = command_line("import", name)
    if is_alike:
        return f"{name} exists, is as the file says, and is not ours. To take it over: `{imports}`"
    return (
        f"{name} exists, is not ours, and not as the file says. What differs is told by `{imports}`, which takes it over once"
        f" it is alike. To hand it over for the next apply to change: `{command}`"
    )


def hand_over(address: Address, actual: ActualResource, scope: Scope) -> str:
    """Return the command that makes the resource ours; for a kind without tags, the one that removes it."""
    return shlex.join(("aws", *kind_named(address.kind).hand_over(actual, scope.tags(address))))
