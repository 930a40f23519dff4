"""What `verify` looked at, as a JSON document."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.ports.account import Presence
from bunsui.services.verify.judge import LookedUp, TrustedRole
from bunsui.services.verify.verify import VerifyOutcome
from bunsui.view.commands import Offering


class ReferredPart(ShapeOf[LookedUp]):
    """Something that pipelines refer to."""

    kind: str = member("Such as `function`, `table`, `subnet`.", of="target.kind")
    name: str = member("Its ARN; the id of a subnet or a security group.", of="target.name")
    pipelines: tuple[str, ...] = member("Those that refer to it.")
    presence: Presence = member("`there`, `missing`, or `unknown`: it could not be asked for.", of="found.presence")
    permission: str = member("The IAM action that is missing where that is why; else empty.", of="found.permission")
    reason: str = member("Why it is unknown, otherwise; else empty.", of="found.reason")


class GivenRolePart(ShapeOf[TrustedRole]):
    """A role that somebody else makes."""

    arn: str = member("Of the role.")
    pipeline: str = member("The one that uses it.")
    services: tuple[str, ...] = member("The services that must be able to take it on.")
    trusted: tuple[str, ...] | None = member("Those that can; empty where there is no such role, null where nobody could tell.")


class ReferenceFindingPart(ShapeOf[Diagnostic]):
    """What is wrong with a reference, or could not be told."""

    code: str = member("See `explain`.")
    severity: Severity = member("`error`, `warning` or `info`.")
    summary: str = member("In one sentence.")
    detail: Offering = member("More about it.")
    hint: Offering = member("What to do.")
    file: str | None = member("Where the name stands; null where nobody can tell.", of=None)
    line: int | None = member("From 1.", of="position.line")
    column: int | None = member("From 1.", of="position.column")
    accepted: str | None = member("The reason why the project lives with it.", of="accepted.reason")


class VerifyDocument(ShapeOf[VerifyOutcome], kind="verify"):
    """Of `verify`: what pipelines refer to, and whether it is there."""

    pipelines: tuple[str, ...] = member("Those that were looked at.")
    references: tuple[ReferredPart, ...] = member("Each once.", of="looked")
    roles: tuple[GivenRolePart, ...] = member("Those that somebody else makes, with their trust.")
    findings: tuple[ReferenceFindingPart, ...] = member("What is wrong, or could not be told; else errors of the files.")


def _found_part(found: Diagnostic) -> ReferenceFindingPart:
    return ReferenceFindingPart.of(found, file=found.position.file if found.position else None)


def verify_document(found: VerifyOutcome) -> VerifyDocument:
    """Return the document."""
    roles = tuple(
        GivenRolePart.of(
            role, services=tuple(sorted(role.services)), trusted=None if role.trusted is None else tuple(sorted(role.trusted))
        )
        for role in found.roles
    )
    return VerifyDocument.of(found, roles=roles, findings=tuple(map(_found_part, found.findings)))
