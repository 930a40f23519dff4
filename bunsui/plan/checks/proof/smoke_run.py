"""BS561: a session runs right after the apply, and decides whether what was deployed stays."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.deployments.smoke_run import SmokeRun
from bunsui.plan.model import Action, Plan

CODE = "BS561"
_DEPLOYS = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Tell each smoke run that this plan leads to."""
    for change in plan.changes:
        name = change.address.pipeline
        facts = plan.pipelines.get(name)
        if change.address == Address(MACHINE, name) and change.action in _DEPLOYS and facts is not None and facts.verify:
            yield _finding(name, facts.verify, is_first=change.action is not Action.UPDATE)


def _finding(name: str, run: SmokeRun, *, is_first: bool) -> Diagnostic:
    given = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in run.params.items())
    with_these = f" with {given}" if given else ""
    else_what = "the apply fails" if is_first else "the pipeline is rolled back, and the apply fails"
    return Diagnostic(
        code=CODE,
        severity=Severity.INFO,
        summary=f"after the apply one session of {name}{with_these} must succeed within {_span(run.within_seconds)}; "
        f"otherwise {else_what}",
        hint="That is `verify` in its file: the session is a real one, and does what the pipeline does.",
        subject=str(Address(MACHINE, name)),
    )


def _span(seconds: int) -> str:
    whole = ((3600, "h"), (60, "min"))
    return next((f"{seconds // unit} {word}" for unit, word in whole if seconds % unit == 0), f"{seconds} s")
