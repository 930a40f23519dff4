"""The protocol of an apply: what refuses it, what is left, what must still be asked, and then carrying it out.

A face makes an `ApplyRequest`, shows the `Admission` that `admit` returns, collects the answers to its questions (`answered`),
and hands it to `carry_out`. The rules lie in the files beside this one, and no face knows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bunsui.apply.events import ApplyEvent, ApplyFinished, StateNoted
from bunsui.apply.executor import THREADS
from bunsui.apply.stop import Stop
from bunsui.errors import InvalidInput, Refused
from bunsui.plan.interventions import ended_holds
from bunsui.plan.model import Plan
from bunsui.plan.partial import Division
from bunsui.project.repository import Repository
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan, check_frozen
from bunsui.services.apply.approved_digest import not_as_reviewed
from bunsui.services.apply.ci_policy import admit_plan, gate
from bunsui.services.apply.questions import (
    AgreementQuestion,
    EnvironmentQuestion,
    HoldQuestion,
    PipelineQuestion,
    Question,
    needed,
    stakes_of,
)
from bunsui.services.apply.request import ApplyOperation, ApplyRequest, check_confirmation, check_reads, check_targets
from bunsui.services.apply.state_recovery import off_words, switched_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What may be done about a request, and what stands before it."""

    request: ApplyRequest
    division: Division
    """What is carried out, and the pipelines that are left with the reasons."""
    refusal: Refused | InvalidInput | None = None
    """Why nothing is carried out."""
    questions: tuple[Question, ...] = ()
    """What has to be asked first, in order; empty where nothing is carried out."""

    @property
    def plan(self) -> Plan:
        """What is carried out."""
        return self.division.plan

    @property
    def has_nothing_to_do(self) -> bool:
        """True when no change is left and nobody waits for a record of that; a saved plan is recorded as finished."""
        return self.refusal is None and not self.plan.pending and self.request.saved is None

    def answered(self, question: Question) -> Admission:
        """Return the same without a question to which somebody said yes, or typed its name."""
        return replace(self, questions=tuple(one for one in self.questions if one != question))


def admit(request: ApplyRequest, repository: Repository, ports: ReconcilePorts) -> Admission:
    """Return what may be done about the request. Nothing is written; the record of applies is read only where a reviewed digest
    differs."""
    division = Division(plan=request.plan)
    try:
        check_confirmation(request.answers, repository.scope.environment)
        check_targets(request)
        check_reads(Refresh(request.plan.refresh))  # also of a plan that read no account, such as a fork's
        division = _divide_plan(request, repository, ports)
        if division.is_refused:
            raise division.refusal()
        if division.plan.pending or request.saved is not None:
            check_frozen(ports, request.break_glass)
    except (Refused, InvalidInput) as error:
        return Admission(request=request, division=division, refusal=error)
    admission = Admission(request=request, division=division)
    return admission if admission.has_nothing_to_do else replace(admission, questions=_questions(request, division, repository))


def carry_out(
    admission: Admission, ports: ReconcilePorts, *, stop: Stop | None = None, threads: int = THREADS
) -> Iterator[ApplyEvent]:
    """Apply what was admitted; the last event is always `ApplyFinished`. See `apply_plan`.

    Where nothing is to do no lock is taken, and what every apply does for the state itself is done all the same.

    Raises:
        Refused: the admission is a refusal, or something is not answered yet.
        InvalidInput: the request was refused for what it says.

    """
    if admission.refusal is not None:
        raise admission.refusal
    if admission.questions:
        raise Refused(
            "not-confirmed",
            "this needs a confirmation, and nobody gave it",
            hint="Answer what is asked first.",
            questions=len(admission.questions),
        )
    if admission.has_nothing_to_do:
        return _nothing_done(ports)
    request = admission.request
    return apply_plan(
        admission.plan,
        ports,
        stop=stop,
        threads=threads,
        patience=request.patience,
        operation=request.operation.value,
        break_glass=request.break_glass,
        left=admission.division.left,
    )


def _divide_plan(request: ApplyRequest, repository: Repository, ports: ReconcilePorts) -> Division:
    plan = request.part
    refusals = dict(request.saved.stale) if request.saved is not None else {}
    if request.digest is not None:
        refusals |= not_as_reviewed(plan, request.digest, ports.ledger.log)
    accepted = gate(repository.project.environment, request.accepted, in_ci=request.in_ci)
    destroys = request.operation is ApplyOperation.DESTROY
    division = admit_plan(plan, accepted, reviewed=refusals, limits_deletions=not destroys)
    if request.saved is not None:
        request.saved.check_shown(division.plan)
    return division.under(request.digest.whole) if request.digest is not None else division


def _questions(request: ApplyRequest, division: Division, repository: Repository) -> tuple[Question, ...]:
    answers, plan, environment = request.answers, division.plan, repository.project.environment
    if answers.agreed and repository.is_local:
        return ()
    asked = needed(
        plan, environment=environment.name, is_protected=environment.protected, is_one_key_away=request.is_one_key_away
    )
    questions: list[Question] = []
    if asked.environment and answers.environment != asked.environment:
        stakes = stakes_of(plan, destroys=request.operation is ApplyOperation.DESTROY)
        questions.append(EnvironmentQuestion(name=asked.environment, stakes=stakes))
    questions += [PipelineQuestion(name=name) for name in asked.pipelines if name not in answers.pipelines]
    questions += [
        HoldQuestion(name=name, version=hold.version, reason=hold.reason)
        for name, hold in ended_holds(plan).items()
        if name not in request.accepted.ended_holds
    ]
    is_answered = asked.names or answers.environment is not None or request.is_reviewed or answers.agreed
    if not is_answered:
        questions.append(AgreementQuestion(environment=environment.name, account=repository.scope.account))
    return tuple(questions)


def _nothing_done(ports: ReconcilePorts) -> Iterator[ApplyEvent]:
    refusal = switched_on(ports)
    if refusal is not None:
        yield StateNoted(note=off_words(refusal))
    yield ApplyFinished(done=0, failed=0, skipped=0, interrupted=False, seconds=0.0)
