"""Judge what was looked at: findings at the line that refers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.ports.account import LookedAt, Presence, ReferredObject
from bunsui.services.verify.references import SUBNET, name_of

MISSING, UNKNOWN, DISTRUSTS, PUBLIC = "BS590", "BS591", "BS592", "BS593"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferringFiles:
    """The texts in which references are looked for: each pipeline's own file, then the project's."""

    texts: Mapping[str, str]
    """By path."""
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By pipeline, the paths in which to look, in order."""

    def place(self, pipelines: Sequence[str], words: Sequence[str]) -> tuple[Position | None, str]:
        """Return where one of the words stands first as a value, with its line.

        Where it stands nowhere as it is, such as when a name is put together of variables, that is the first file's beginning.
        """
        paths = list(dict.fromkeys(path for name in pipelines for path in self.files.get(name, ())))
        for pattern in (re.compile(rf"(?<![\w/-]){re.escape(word)}(?![\w-]|:(?:\s|$))") for word in words):
            for path in paths:
                for number, text in enumerate(self.texts.get(path, "").splitlines(), start=1):
                    found = pattern.search(text.partition(" #")[0])
                    if found is not None and not text.lstrip().startswith("#"):
                        return Position(file=path, line=number, column=found.start() + 1), text
        return (Position(file=paths[0], line=1, column=1), "") if paths else (None, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """One reference, who refers, what AWS said."""

    target: ReferredObject
    pipelines: Sequence[str]
    found: LookedAt


def reference_findings(looked: Sequence[LookedUp], files: ReferringFiles) -> Iterator[Diagnostic]:
    """Yield what is missing, what nobody could tell, which subnets are open to the internet."""
    for one in looked:
        told = _judge(one)
        if told is None:
            continue
        code, severity, summary, hint = told
        position, excerpt = files.place(one.pipelines, (one.target.name, name_of(one.target)))
        yield Diagnostic(
            code=code, severity=severity, summary=summary, hint=hint, position=position, excerpt=excerpt,
            detail=f"Named by {', '.join(one.pipelines)}.",
        )  # fmt: skip


def _judge(one: LookedUp) -> tuple[str, Severity, str, str] | None:
    what = f"the {one.target.kind} {one.target.name}"
    match one.found.presence:
        case Presence.MISSING:
            hint = "Have it made first, or correct the name, the account or the region."
            return MISSING, Severity.ERROR, f"{what} does not exist", hint
        case Presence.UNKNOWN if one.found.permission:
            needs = command_line("permissions", "verify")
            hint = f"Give the caller {one.found.permission}; all that this command needs:\n  {needs}"
            return UNKNOWN, Severity.WARNING, f"whether {what} exists is unknown: {one.found.permission} is not permitted", hint
        case Presence.UNKNOWN:
            return UNKNOWN, Severity.WARNING, f"whether {what} exists is unknown: {one.found.reason}", "Look at it by hand."
        case Presence.THERE if one.target.kind == SUBNET and one.found.is_public:
            hint = "Name subnets that reach out through a NAT gateway or endpoints, unless public addresses are meant."
            return PUBLIC, Severity.WARNING, f"{what} has a route to an internet gateway: it is not private", hint
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedRole:
    """A role that somebody else makes, for a service."""

    arn: str
    pipeline: str
    services: tuple[str, ...]
    """Which must be able to take it on, in order."""
    trusted: tuple[str, ...] | None
    """Which can, in order; none where the role is not there, None where nobody could tell."""


def role_findings(roles: Sequence[TrustedRole], files: ReferringFiles) -> Iterator[Diagnostic]:
    """Yield given roles that their service could not take on, or of which nobody could tell."""
    for role in roles:
        words = ", ".join(role.services)
        refused = sorted(set(role.services) - set(role.trusted or ()))
        position, excerpt = files.place((role.pipeline,), (role.arn, role.arn.rpartition("/")[2]))
        if role.trusted is None:
            code, severity = UNKNOWN, Severity.WARNING
            summary = f"whether {words} may take on the role {role.arn} is unknown: iam:GetRole is not permitted"
            hint = f"Give the caller iam:GetRole; all that this command needs:\n  {command_line('permissions', 'verify')}"
        elif not role.trusted:
            code, severity = DISTRUSTS, Severity.ERROR
            summary, hint = f"the role {role.arn} does not exist in this account, or trusts no service", "Have it made first."
        elif not refused:
            continue
        else:
            code, severity = DISTRUSTS, Severity.ERROR
            summary = f"the role {role.arn} does not trust {', '.join(refused)}"
            hint = f"What it must allow:\n  {command_line('render', role.pipeline, '--iam')}"
        yield Diagnostic(code=code, severity=severity, summary=summary, hint=hint, position=position, excerpt=excerpt)
