"""Which commit a machine's version was applied from: what a session that began elsewhere ran.

Of a machine the state knows the version that was applied last. A version before it is told while it is the last one, or by
nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from bunsui.errors import BunsuiError
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource

CommitOf = Callable[[str, str], str]
"""Returns the commit of a pipeline and a version's ARN, with `*` when the checkout was dirty; empty when nobody knows."""


def no_commit(_pipeline: str, _version_arn: str) -> str:
    """Know of no commit."""
    return ""


class AppliedCommits:
    """Reads the commits from the state: one read for each version that was not asked for before."""

    def __init__(self, read: Callable[[Address], AppliedResource | None]) -> None:
        """`read` returns what was applied last at an address."""
        self._read = read
        self._known: dict[str, str] = {}

    def __call__(self, pipeline: str, version_arn: str) -> str:
        """Return the commit (`CommitOf`). A state that cannot be read tells nothing."""
        if version_arn and version_arn not in self._known:
            self._known[version_arn] = self._looked_up(pipeline, version_arn)
        return self._known.get(version_arn, "")

    def _looked_up(self, pipeline: str, version_arn: str) -> str:
        try:
            machine = self._read(Address(MACHINE, pipeline))
        except BunsuiError:
            return ""
        return machine.commit if machine is not None and machine.outputs.get("version_arn") == version_arn else ""
