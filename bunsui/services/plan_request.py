"""What a plan is asked for, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bunsui.ports.beside import Depth
from bunsui.project.branch_diff import ComparedBranch
from bunsui.project.selectors import TOUCHED
from bunsui.refresh.modes import Refresh


class Removal(Enum):
    """How the plan removes what is there and not wanted."""

    RETIRE = "retire"
    """Removed pipelines leave service first, and are deleted when nothing needs them any more."""
    AT_ONCE = "at-once"
    """Removed pipelines are deleted without being retired first, and retired ones now."""
    DESTROY = "destroy"
    """Nothing is wanted, whatever the files say: all that the project made here is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What to compare, how much of AWS to read for it, and how to remove."""

    select: tuple[str, ...] = ()
    """Names or descriptions of pipelines (`bunsui.project.selectors`): only these, and the pipelines that they start, are
    compared, and no other removals are looked for. Empty means all."""
    exactly: tuple[str, ...] | None = None
    """Names of pipelines that are compared and no others, those that the files no longer have included."""
    branch: ComparedBranch | None = None
    """Where the checkout's branch began: the pipelines that it changes are compared as with `exactly`."""
    refresh: Refresh | None = None
    """How much of AWS is read; None for what is usual, see `reads`."""
    removal: Removal = Removal.RETIRE
    depth: Depth = Depth.PLAN
    """How much is asked for what others put beside ours."""

    @property
    def reads(self) -> Refresh:
        """How much of AWS is read: of a branch the pipelines that it changes, else everything, when nothing else is said."""
        if self.refresh is not None:
            return self.refresh
        return Refresh.TOUCHED if self.branch is not None else Refresh.FULL

    @property
    def names(self) -> tuple[str, ...]:
        """What the compiler selects by: `select` without the word for what the files touch."""
        return tuple(name for name in self.select if name != TOUCHED)

    @property
    def asks_for_touched(self) -> bool:
        """True when the pipelines are asked for that want something else than was applied last."""
        return TOUCHED in self.select

    @property
    def plans_everything(self) -> bool:
        """True when no pipeline is named in any way, so that whatever the files lack is a removal."""
        return not self.select and self.exactly is None and self.branch is None

    @property
    def at_once(self) -> bool:
        """True when nothing waits for retirement."""
        return self.removal is not Removal.RETIRE


EVERYTHING = PlanRequest()
"""The whole project, all of AWS read, removals in two steps."""
