"""References in texts of channels, such as `${ssm:/path}`: whoever sends resolves them, nobody before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SSM, MANAGER = "ssm", "secret"
REFERENCE_PATTERN = r"^\$\{(ssm|secret):[^{}\s]+\}$"
"""A text that is one reference, as editors check it."""
_PLACE = re.compile(r"\$\{([^{}]*)\}")
_PARAMETER = re.compile(r"ssm:(/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)")
_SECRET = re.compile(
    r"secret:((?:arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512})(?:#([A-Za-z0-9_.-]{1,128}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """Where a value lies that nobody may see."""

    store: str
    """`ssm` or `secret`."""
    name: str
    """A parameter's path; a secret's name or ARN."""
    member: str = ""
    """The member of the secret's JSON object; empty for the whole text."""

    def __str__(self) -> str:
        """Return it as a file has it."""
        return f"${{{self.store}:{self.name}{f'#{self.member}' if self.member else ''}}}"


@dataclass(frozen=True, slots=True)
class SecretTemplate:
    """A text with references in it. What it shows of itself is the text as it is written."""

    text: str

    @property
    def references(self) -> tuple[SecretReference, ...]:
        """Return what is referred to; ValueError for a placeholder that is no reference."""
        return tuple(_read(found.group(1)) for found in _PLACE.finditer(self.text))

    @property
    def is_reference(self) -> bool:
        """True for one reference and nothing beside it."""
        return _PLACE.fullmatch(self.text) is not None

    def fill(self, values: Mapping[SecretReference, str]) -> str:
        """Return the text with the values in it; KeyError for a reference without one."""
        return _PLACE.sub(lambda found: values[_read(found.group(1))], self.text)


def references_in(value: object) -> Iterator[SecretReference]:
    """Yield the references in all texts of a JSON value; ValueError for a placeholder that is no reference."""
    if isinstance(value, str):
        yield from SecretTemplate(value).references
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from references_in(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from references_in(entry)


def _read(inside: str) -> SecretReference:
    if found := _PARAMETER.fullmatch(inside):
        return SecretReference(store=SSM, name=found.group(1))
    if found := _SECRET.fullmatch(inside):
        return SecretReference(store=MANAGER, name=found.group(1), member=found.group(2) or "")
    raise ValueError("a placeholder here is ${ssm:/path}, ${secret:NAME} or ${secret:NAME#MEMBER}")
