"""Versions of machines in the account in memory: every write of a machine published one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bunsui.errors import Missing
from bunsui.kinds.state_machine import MACHINE
from bunsui.ports.versions import MachineVersion
from tests.fakes.cloud import FaultyAccount


@dataclass
class MemoryVersions:
    """Implements `bunsui.ports.versions.Versions`."""

    account: FaultyAccount
    removed: set[str] = field(default_factory=set)
    published: dict[str, frozenset[str]] = field(default_factory=dict)
    """The function versions that versions name, which somebody else published or that a test says."""

    newest: dict[str, str] = field(default_factory=dict)
    """What each alias led to when it led to the newest version."""

    def machine_versions(self, machine_arn: str) -> Sequence[str]:
        newest = self.account.memory.writes
        every = [f"{machine_arn}:{number}" for number in range(newest, 0, -1)]
        return [one for one in every if one not in self.removed and one in self.published]

    def machine_version(self, version_arn: str) -> MachineVersion | None:
        if version_arn in self.removed:
            return None
        return MachineVersion(description="bunsui 1", functions=self.published.get(version_arn, frozenset()))

    def lead(self, alias_arn: str, version_arn: str) -> None:
        if version_arn in self.removed:
            raise Missing("not-found", "there is no such version", version=version_arn)
        [key] = [one for one, found in self.account.objects.items() if found.outputs.get("alias_arn") == alias_arn]
        assert key[0] == MACHINE
        self.account.calls.append(("lead", *key))
        self.account.before("lead", key[1])
        found = self.account.objects[key]
        number = version_arn.rpartition(":")[2]
        if found.attributes["alias"] == "live":
            self.newest[alias_arn] = found.outputs["version_arn"]
        label = "live" if version_arn == self.newest[alias_arn] else f"live (at {number}, not the newest)"
        self.account.objects[key] = replace(
            found,
            attributes={**found.attributes, "alias": label},
            outputs={**found.outputs, "version_arn": version_arn},
        )
        self.account.after("lead", key[1])
