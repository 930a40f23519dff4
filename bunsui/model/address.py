"""Addresses of resources: the kind, the pipeline and the name, whatever AWS calls them.

Resources that belong to no pipeline must be planned, chosen and counted like the rest. So they go by a name that no pipeline
can have: `@CHANNEL` for a channel, `@@alerts` for what words the alerts of an environment, `@@environment` for the bucket that
all its pipelines share, `@@resident` for what looks at its sessions when nobody does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

MARK = "@"
"""What a name begins with that stands for no pipeline."""
ENVIRONMENT = "@@environment"
ALERTS = "@@alerts"
RESIDENT = "@@resident"
SHARED = frozenset({ENVIRONMENT, ALERTS, RESIDENT})
"""What stands for an environment's own resources."""
OWN_MACHINES = frozenset({ALERTS, RESIDENT})
"""Those that have a machine of which nobody's sessions are."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The stable identity of a resource in a project's environment, whatever AWS calls it."""

    kind: str
    """A resource kind, see `bunsui.kinds.registry`."""
    pipeline: str
    """The pipeline it belongs to."""
    name: str = ""
    """Empty for the one of its kind; else what tells it apart, such as `extract.fetch`."""

    def __str__(self) -> str:
        """Return `kind.pipeline` or `kind.pipeline.name`; `parse_address` reads it back."""
        return ".".join(part for part in (self.kind, self.pipeline, self.name) if part)


@lru_cache(maxsize=65_536)  # the same ones stand in the state again and again
def parse_address(text: str) -> Address:
    """Read back what `str(address)` gave; ValueError when it is not one."""
    kind, separator, rest = text.partition(".")
    pipeline, _, name = rest.partition(".")
    if not separator or not kind or not pipeline:
        raise ValueError(f"not an address: {text}")
    return Address(kind, pipeline, name)


def is_pipeline(owner: str) -> bool:
    """Tell whether the pipeline of an address is one."""
    return not owner.startswith(MARK)
