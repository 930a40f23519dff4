"""Machines of an account as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.services.adoption.lifting.attempt import LiftAttempt
from bunsui.services.adoption.owners import OwnerKind
from bunsui.services.adoption.survey import AccountSurvey, NightFailure, SurveyedMachine


class SurveyedMachinePart(ShapeOf[SurveyedMachine]):
    """A state machine."""

    name: str = member("Its name.", of="machine.name")
    arn: str = member("Its ARN.", of="machine.arn")
    express: bool = member("True for an express machine.", of="machine.is_express")
    owner: OwnerKind = member("Who writes it, as far as its tags tell.", of="owner.kind")
    owned_by: str = member("The stack, or the other project; empty for nobody.", of="owner.name")
    pipeline: str = member("The pipeline that an import would make of it; empty where it would make none.")


class SurveyedLiftPart(Shape):
    """What would come of saying a machine in jobs."""

    arn: str = member("The machine's ARN.")
    liftable: bool = member("True where jobs behave as its definition does.")
    why_not: str = member("Why it would stay a definition, after the place in it; else empty.")


class NightFailurePart(Shape):
    """What machines failed of."""

    error: str = member("The error's name; empty where nobody knows.")
    message: str = member("What it said, its first line.")
    place: str = member("The state, where it is known.")
    machines: tuple[str, ...] = member("The machines, newest failure first.")
    executions: tuple[str, ...] = member("The ARNs of the failed executions, newest first.")


class SurveyDocument(Shape, kind="survey"):
    """Of `import --read-only`: machines of the account, what failed of late."""

    machines: tuple[SurveyedMachinePart, ...] = member("By name.")
    since: datetime = member("Failures from then on.")
    failures: tuple[NightFailurePart, ...] = member("Of machines that no project of bunsui owns, by cause.")
    jobs: tuple[SurveyedLiftPart, ...] | Absent = member(
        "With `--as jobs`: the machines that could be imported.", default=ABSENT
    )


class UnmanagedDocument(Shape, kind="unmanaged"):
    """Of `unmanaged`: machines of the account that no project of bunsui owns."""

    machines: tuple[SurveyedMachinePart, ...] = member("By name; with --managed all of them.")


def survey_document(survey: AccountSurvey, lifts: Mapping[str, LiftAttempt] | None = None) -> SurveyDocument:
    """Return the document of `bunsui import --read-only --json`."""
    machines = tuple(map(SurveyedMachinePart.of, survey.machines))
    told = (
        SurveyedLiftPart(arn=arn, liftable=one.content is not None, why_not=one.refusal) for arn, one in (lifts or {}).items()
    )
    jobs = ABSENT if lifts is None else tuple(told)
    return SurveyDocument(machines=machines, since=survey.since, failures=tuple(map(_failure, survey.failures)), jobs=jobs)


def unmanaged_document(machines: tuple[SurveyedMachine, ...]) -> UnmanagedDocument:
    """Return the document of `bunsui unmanaged --json`."""
    return UnmanagedDocument(machines=tuple(map(SurveyedMachinePart.of, machines)))


def _failure(failure: NightFailure) -> NightFailurePart:
    note = failure.note
    return NightFailurePart(
        error=note.error if note is not None else "",
        message=note.message if note is not None else "",
        place=note.place if note is not None else "",
        machines=tuple(dict.fromkeys(one.pipeline for one in failure.sessions)),
        executions=tuple(one.latest.execution_arn for one in failure.sessions if one.latest is not None),
    )
