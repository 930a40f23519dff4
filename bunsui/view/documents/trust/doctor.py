"""What `doctor` found, as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.services.doctor.checks import Area, Check, CheckOutcome, Diagnosis
from bunsui.view.commands import Offering


class CheckPart(ShapeOf[Check]):
    """One thing that was looked at."""

    area: Area = member("What it is about.")
    name: str = member("Within the area.")
    outcome: CheckOutcome = member(
        "`ok`; `warning` (may be meant); `failed` (something does not work as long as this stays); `skipped`."
    )
    says: str = member("What was found, or why it was not looked at.")
    next_step: Offering = member("What to do; empty where nothing is to be done.")
    facts: Mapping[str, str] = member("More about it; nothing secret.")


class DoctorDocument(ShapeOf[Diagnosis], kind="doctor"):
    """Of `doctor`: what was found of the machine, the project, the way to AWS and the embedded AWS."""

    version: str = member("Of this bunsui.")
    environment: str = member("Of the project; empty where nobody can tell.")
    checks: tuple[CheckPart, ...] = member("In the order in which they are shown.")
