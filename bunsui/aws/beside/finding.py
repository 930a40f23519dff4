"""Asking each object for what others put beside it, side by side; who may not ask is told so once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.errors import Missing, Unsupported
from bunsui.model.address import Address
from bunsui.model.beside import BesideOurs
from bunsui.model.resource import AppliedResource

Applied: TypeAlias = Mapping[Address, AppliedResource]
Found: TypeAlias = list[tuple[Address, BesideOurs]]
"""What stands beside what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each object."""

    ask: Callable[[Connection, AppliedResource], Iterable[BesideOurs]]
    what: str
    """What is found by it, as the start of a sentence."""
    needs: str
    """The permissions that it needs."""


def ask_each(connection: Connection, resources: Applied, questions: Sequence[Question]) -> Found:
    """Ask every resource every question. An object that went meanwhile has nothing beside it."""

    def ask(todo: tuple[Question, Address]) -> Sequence[BesideOurs]:
        question, address = todo
        return ask_permitted(connection, question.what, question.needs, lambda: question.ask(connection, resources[address]))

    todo = [(question, address) for question in questions for address in sorted(resources)]
    answers = connection.each(ask, todo)
    return [(address, one) for (_, address), found in zip(todo, answers, strict=True) for one in found]


def ask_permitted(
    connection: Connection, what: str, needs: str, ask: Callable[[], Iterable[BesideOurs]]
) -> Sequence[BesideOurs]:  # fmt: skip
    """Return what is found; nothing of what is gone, what this endpoint does not know, and what may not be asked for."""
    try:
        found = none_unless_permitted(lambda: list(ask()))
    except Missing:
        return ()
    except Unsupported:
        connection.remark(f"{what} were not looked at: this endpoint does not answer")
        return ()
    if found is None:
        connection.remark(f"{what} were not looked at: no permission for {needs}")
        return ()
    return found


def account_of(resource: AppliedResource) -> str:
    """Return the account that a resource's ARN names; empty where it is not known."""
    parts = resource.outputs.get("arn", "").split(":")
    return parts[4] if len(parts) > 4 else ""


def of_kind(applied: Applied, kind: str) -> dict[Address, AppliedResource]:
    """Return the resources of a kind."""
    return {address: item for address, item in applied.items() if address.kind == kind}
