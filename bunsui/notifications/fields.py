"""Types of the parameters of channel types: what pydantic checks, with what editors are told."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from bunsui.notifications.references import SecretTemplate

CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)
LITERAL_SECRET = "is a secret, and stands here in clear text"  # noqa: S105 - words about one
_HOOKS = re.compile(r"(^|\.)(hooks\.slack\.com|discord(app)?\.com|webhook\.office\.com|logic\.azure\.com|webhook\.site)$")
_TELLING = re.compile(r"(token|secret|passw|api_?key|sig(nature)?|auth|key)=", re.IGNORECASE)
_RANDOM = re.compile(r"[A-Za-z0-9_-]{20,}")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def _one_reference(text: str) -> str:
    if not SecretTemplate(text).is_reference:
        raise ValueError(LITERAL_SECRET)
    _ = SecretTemplate(text).references
    return text


def _address(text: str) -> str:
    template = SecretTemplate(text)
    if template.is_reference:
        _ = template.references
        return text
    plain = template.fill(dict.fromkeys(template.references, "x"))
    try:
        parts = urlsplit(plain)
        _ = parts.port
    except ValueError as problem:
        raise ValueError("is no URL") from problem
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or not plain.isascii()
        or not plain.isprintable()
        or " " in plain
    ):
        raise ValueError("is no URL: write https://HOST/PATH, or a reference such as ${ssm:/path}")
    if not template.references and is_secret_looking(plain):
        raise ValueError(LITERAL_SECRET)
    return text


def is_secret_looking(url: str) -> bool:
    """Tell whether whoever knows the URL may use it: it brings a password, a token, or a path that was drawn."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    words = _RANDOM.findall(f"{parts.path} {parts.query} {parts.fragment}")
    drawn = any(re.search(r"\d", word) and re.search(r"[A-Za-z]", word) for word in words)
    return bool("@" in parts.netloc or _TELLING.search(parts.query) or (_HOOKS.search(host) and len(parts.path) > 1) or drawn)


def _mailbox(text: str) -> str:
    if not _MAILBOX.fullmatch(text) or len(text) > 254:
        raise ValueError("is no mail address: write name@example.com")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("is no name of a server: write smtp.example.com")
    return text


SecretText: TypeAlias = Annotated[
    str,
    AfterValidator(_one_reference),
    WithJsonSchema({"type": "string", "examples": ["${ssm:/alerts/password}", "${secret:alerts#password}"]}),
]
"""A reference to a secret, nothing else."""

HookAddress: TypeAlias = Annotated[
    str,
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "examples": ["${ssm:/alerts/url}", "https://alerts.example.com/hook"]}),
]
"""A URL, or a reference to one; references may stand in it."""

Mailbox: TypeAlias = Annotated[
    str, AfterValidator(_mailbox), WithJsonSchema({"type": "string", "examples": ["oncall@example.com"]})
]
"""A mail address without a name beside it."""

KmsKeyArn: TypeAlias = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$")]
"""The ARN of a KMS key."""

HostName: TypeAlias = Annotated[
    str, AfterValidator(_host), WithJsonSchema({"type": "string", "examples": ["smtp.example.com"]})
]
"""The name of a server."""
