"""Plans of pipelines about which an operator, or the file, decided something beside the resources."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bunsui.model.address import Address
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.deployments.smoke_run import SmokeRun
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Action, PipelineFacts, Plan, Reason
from tests.unit.plan.test_checks import a_plan, wanting

_ARN = "arn:aws:states:us-east-1:111111111111:stateMachine:x"


def held(action: Action, *, leads: str = "4") -> Plan:
    """A pipeline that is held at version 4, whose alias leads to `leads`."""
    change = replace(wanting(action=action), reason=Reason.IN_SYNC if action is Action.NO_OP else Reason.CONFIGURED)
    actual = ActualResource(
        address=change.address, physical_name="x", attributes={}, outputs={"version_arn": f"{_ARN}:{leads}"}
    )
    plan = a_plan(replace(change, actual=actual))
    hold = Hold(
        pipeline="orders",
        id="01",
        version_arn=f"{_ARN}:4",
        from_version_arn=f"{_ARN}:5",
        since=plan.as_of,
        who="arn:aws:iam::111111111111:user/mika",
        reason="totals doubled",
    )
    return replace(plan, interventions=Interventions(holds={"orders": hold, "other": replace(hold, pipeline="other")}))


def proved(action: Action, run: SmokeRun) -> Plan:
    """A pipeline whose file asks for a smoke run."""
    facts = PipelineFacts(name="orders", path="pipelines/orders.yaml", verify=run)
    return replace(a_plan(wanting(action=action)), pipelines={"orders": facts})


def paused(*, is_on: bool = False, is_over: bool = False) -> Plan:
    """A pipeline that is paused for four hours."""
    schedule = replace(wanting(Address("schedule", "orders", "nightly"), Action.UPDATE), reason=Reason.CONFIGURED)
    actual = ActualResource(address=schedule.address, physical_name="x", attributes={"enabled": is_on})
    plan = a_plan(replace(schedule, actual=actual))
    hours = -1 if is_over else 4
    pause = Pause(
        pipeline="orders", id="01", since=plan.as_of, who="", reason="down", until=plan.as_of + timedelta(hours=hours)
    )
    pauses = {"orders": pause, "other": replace(pause, pipeline="other", until=None)}
    return replace(plan, interventions=Interventions(pauses=pauses))
