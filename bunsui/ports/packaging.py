"""Turning a code folder into what Lambda takes. Only apply asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bunsui.model.resource import CodeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A deployable archive."""

    zip_bytes: bytes
    sha256_base64: str
    """As Lambda reports it in CodeSha256."""


class Packager(Protocol):
    """Builds packages, from cache where it can."""

    def package(self, code: CodeSource) -> Package:
        """Return the archive: the folder and its hash-locked wheels. PackagingFailed with the package that has no wheel."""
        ...
