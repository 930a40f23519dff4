"""Credentials that have expired."""

from __future__ import annotations

from bunsui.errors import AccessDenied

_STILL_EXPIRED = "refreshed credentials are still expired"
"""So botocore says, without a class of its own, that the credentials which it got anew have expired as well."""


def is_lapsed(error: RuntimeError) -> bool:
    """Tell whether botocore says that what it fetched anew has expired."""
    return _STILL_EXPIRED in str(error)


def lapsed_error(profile: str | None, *, service: str, operation: str) -> AccessDenied:
    """Return the error for such credentials, which stand in the environment or come from a program."""
    other = "Where AWS_CREDENTIAL_EXPIRATION is set, it belongs to the keys beside it: export new ones with it, or remove it."
    hint = f"{sign_in_hint(profile)}\n{other}"
    return AccessDenied(
        "credentials-expired", "the AWS credentials have expired", hint=hint, service=service, operation=operation
    )


def sign_in_hint(profile: str | None) -> str:
    """Return the command that signs in again."""
    command = f"aws sso login --profile {profile}" if profile else "aws sso login"
    return f"Sign in again:\n  {command}"
