"""Secrets by reference: what names a secret, and who may read it. The value is read where it is used, and stands nowhere else.

Sources: service authorization reference, "AWS Secrets Manager", "AWS Systems Manager"; Secrets Manager user guide, "What's in a
secret" (the ARN of a secret ends with a hyphen and six characters that its name does not have).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bunsui.model.references import REFERENCE_FORMS, is_reference
from bunsui.model.values import Value
from bunsui.operations.contract import Permission

_WHOLE = re.compile(r"-[A-Za-z0-9]{6}$")
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def check_secrets(secrets: Mapping[str, Value], environment: Mapping[str, Value]) -> None:
    """Raise ValueError for names that no variable of the environment can have, and for values that are no reference."""
    for name, reference in secrets.items():
        if not _NAME.match(name):
            raise ValueError(f"secrets: {name} is no name of an environment variable")
        if name in environment:
            raise ValueError(f"secrets: {name} stands in environment too")
        if isinstance(reference, str) and not is_reference(reference):
            # The value may be the secret itself, so that it is not repeated.
            raise ValueError(f"secrets: {name} is no reference to a secret: write {REFERENCE_FORMS}")


def secret_permissions(references: Iterable[Value]) -> tuple[Permission, ...]:
    """Return what reading these needs; for one that only the apply knows, either action on it."""
    found: list[Permission] = []
    for reference in dict.fromkeys(references):
        if not isinstance(reference, str):
            found.append(Permission(actions=("secretsmanager:GetSecretValue", "ssm:GetParameter"), resources=(reference,)))
        elif reference.split(":")[2] == "ssm":
            found.append(Permission(actions=("ssm:GetParameter",), resources=(reference,)))
        else:
            resource = reference if _WHOLE.search(reference) else f"{reference}-??????"
            found.append(Permission(actions=("secretsmanager:GetSecretValue",), resources=(resource,)))
    return tuple(found)
