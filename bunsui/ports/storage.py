"""What bunsui remembers: applied resources and session rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from bunsui.command_line import command_line
from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.resource import AppliedResource, Scope


class StateStore(Protocol):
    """The last-applied state of one project in one environment."""

    def ensure(self) -> bool:
        """Make the table when it does not exist, and tie the project's name to its id; True when it was made.

        Raises Refused when the name belongs to another project id."""
        ...

    def applied(self, kind: str = "") -> Mapping[Address, AppliedResource]:
        """Return everything that was applied, of one kind alone where it is named; empty when the table does not exist yet.
        Consistent read. A corrupt item is an error that names it."""
        ...

    def addresses(self) -> Sequence[Address]:
        """Return every address that the state knows, in order, also those whose items are damaged."""
        ...

    def texts(self, pipelines: Collection[str]) -> Mapping[str, AppliedText]:
        """Return what the files of these pipelines said when they were applied, by name, as far as it was kept."""
        ...

    def put(self, resource: AppliedResource) -> None:
        """Remember one written resource."""
        ...

    def forget(self, address: Address) -> None:
        """Remove one address; nothing happens when it is not there."""
        ...


def project_renamed(scope: Scope, former: str) -> Refused:
    """Return the refusal of a project that was applied under another name, of which its id tells."""
    return Refused(
        "project-renamed",
        "this project was applied here under another name: under the new one everything would be made a second time",
        hint=f"Write `project: {former}` in bunsui.yaml again. To rename it, first run `{command_line('destroy')}` with that, "
        "then write the new name; a copy of the project gets an `id` of its own.",
        project=scope.project,
        applied_as=former,
        id=scope.project_id,
        environment=scope.environment,
    )


class OwnedState(Protocol):
    """Whose a project's name is in the account and region."""

    def owner_id(self) -> str | None:
        """Return the id of the project that has the name; None when none has, or there is no table."""
        ...


class Recovery(Protocol):
    """Whether what is remembered can be restored as it was at an earlier moment."""

    def is_on(self) -> bool | None:
        """Return whether it is; None where nobody can tell, such as without the permission to ask."""
        ...

    def switch_on(self) -> None:
        """Switch it on; success when it is on already. Conflict that passes while the table is too new for it."""
        ...
