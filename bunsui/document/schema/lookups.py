"""Look-ups: placeholders that stand for what others made in the account, asked for at plan time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.model.resource import Scope
from bunsui.model.values import Value, leaves
from bunsui.ports.cloud import LookUp


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpForm:
    """How a kind of look-up is written."""

    title: str
    """What it looks up, for a sentence."""
    pattern: re.Pattern[str]
    """What may follow the kind and its colon."""
    example: str


LOOK_UP_FORMS: Mapping[LookUp, LookUpForm] = {
    LookUp.SECRET: LookUpForm(
        title="secret", pattern=re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}"), example="${secret:NAME}, the name in Secrets Manager"
    ),
    LookUp.STACK: LookUpForm(
        title="output of a CloudFormation stack",
        pattern=re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}\.[A-Za-z0-9]{1,255}"),
        example="${cfn:STACK.OUTPUT}",
    ),
    LookUp.TERRAFORM: LookUpForm(
        title="output of a Terraform state",
        pattern=re.compile(r"(?:s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/)?[^\s#{}$]{1,1024}#[A-Za-z_][A-Za-z0-9_-]{0,255}"),
        example="${tfstate:PATH#OUTPUT} with a path in the project, or ${tfstate:s3://BUCKET/KEY#OUTPUT}",
    ),
}
"""Sources: CreateSecret (a name has up to 512 letters, digits and /_+=.@-), CreateStack (up to 128 letters, digits and hyphens,
a letter first), the Outputs section (logical ids are alphanumeric), identifiers of Terraform."""


_UNKNOWN = re.compile(r"\$\{(?:ssm|cfn|tfstate):[^{}]*\}")


def offline_value(kind: LookUp, name: str, scope: Scope) -> str:
    """Return what stands for a look-up where nobody may ask; empty where not even the form of the value is known.

    An ARN without the six characters that AWS adds leads to a secret, too."""
    if kind is LookUp.SECRET:
        return f"arn:{scope.partition}:secretsmanager:{scope.region}:{scope.account}:secret:{name}"
    return ""


def is_unknown(value: Value) -> bool:
    """Tell whether the value is, or holds, what is known only when a plan is made."""
    return any(isinstance(leaf, str) and _UNKNOWN.search(leaf) is not None for leaf in leaves(value))


def look_up_in(text: str) -> tuple[LookUp, str] | None:
    """Return the kind and the name of a placeholder's text; None for one that is no look-up."""
    kind, colon, name = text.partition(":")
    known = next((one for one in LookUp if one.value == kind), None)
    return (known, name) if colon and known is not None else None
