"""The state types, one file each: what a state does from its entry to its end.

In: a `StateExecution` that was entered. Out: its next event, now or in a call of the clock. Called through `begin`.

Rule: a state works through its `StateExecution` alone; it ends by `finish`, `leave` or `fail`, or raises StateFailure.
"""

from __future__ import annotations

from bunsui.engine.state_execution import StateExecution
from bunsui.engine.states import choice, fail, map_distributed, map_inline, parallel, pass_, succeed, task, wait

__all__ = ["begin"]


def begin(visit: StateExecution) -> None:
    """Do one try of the visited state. Raises StateFailure."""
    match visit.state.kind:
        case "Pass":
            pass_.begin(visit)
        case "Task":
            task.begin(visit)
        case "Choice":
            choice.begin(visit)
        case "Wait":
            wait.begin(visit)
        case "Succeed":
            succeed.begin(visit)
        case "Fail":
            fail.begin(visit)
        case "Parallel":
            parallel.begin(visit)
        case _ if visit.state.distributed:
            map_distributed.begin(visit)
        case _:
            map_inline.begin(visit)
