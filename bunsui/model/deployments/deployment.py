"""The deployment record of a pipeline: which version its alias was led to, by whom, from which commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.model.json import Json


class DeploymentAct(Enum):
    """What led the alias."""

    APPLIED = "applied"
    """An apply, which published the version or found it published."""
    ROLLED_BACK = "rolled back"
    RELEASED = "released"
    """The hold of a rollback was ended: the alias leads to what was applied last again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One time that the alias of a pipeline's machine was led to a version."""

    pipeline: str
    id: str
    """Of the apply, or of the rollback, in the audit trail; sorts by time."""
    act: DeploymentAct
    version_arn: str
    at: datetime
    commit: str = ""
    """Of the checkout that the version was applied from, with `*` when it was dirty; empty when nobody knows."""
    who: str = ""
    """ARN of the caller."""
    link: str = ""
    """Address of the CI run; empty outside CI."""
    reason: str = ""
    """Of a rollback or a release."""
    functions: tuple[str, ...] = ()
    """ARNs of the function versions that the version's definition names, sorted."""
    code: Mapping[str, str] = field(default_factory=dict)
    """The content digest of each function's code, by the function's address."""
    role_policy: Json = None
    """The policy of the machine's role when it was applied; None where somebody else makes the role, and for an `act` that
    writes no role."""
    before: str = ""
    """ARN of the version that the alias led to *in AWS* before; empty when there was none."""
    before_remark: str = ""
    """Why that is not all of it, such as shared weights; empty for an alias that led to one version."""
    verifies: bool = False
    """True when the file asked for a smoke run after the apply: as long as nobody saw it succeed, it is due."""
    is_first: bool = False
    """True when the machine was made anew, so that numbers of versions begin again and earlier records are of another one."""

    @property
    def version(self) -> str:
        """The number of the version."""
        return version_number(self.version_arn)


def version_number(version_arn: str) -> str:
    """Return the number at the end of a version's ARN; empty for no ARN."""
    return version_arn.rpartition(":")[2]


def of_this_machine(deployments: Sequence[Deployment]) -> Sequence[Deployment]:
    """Return those of the machine that is there now, newest first as they were given: one that was made anew counts its
    versions from 1 again."""
    for number, one in enumerate(deployments, start=1):
        if one.is_first:
            return deployments[:number]
    return deployments
