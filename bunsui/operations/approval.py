"""`approval`: waits until somebody approves or rejects, or the deadline passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.asl.model import Catcher, Pass, State, Task, code
from bunsui.model.durations import parse_duration
from bunsui.model.gates import APPROVAL_RESOURCE, REJECTED, OnDeadline, OnReject
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.emission.failure import failing
from bunsui.operations.emission.text import as_text
from bunsui.operations.fields import CONFIG, Anything, Duration, StrictBool, Text
from bunsui.operations.integrations.arns import integration
from bunsui.operations.integrations.gates import WRITE_RETRY, gate_arguments, gate_permissions

LONGEST_SECONDS = 365 * 86_400
"""A session may take a year."""

_INPUT = code("$states.input")
_TIMEOUT = "States.Timeout"
_MISTOLD = f"'rejected, but not by SendTaskFailure with the error {REJECTED}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalParams:
    """Waits until somebody approves or rejects, or the deadline passes."""

    __pydantic_config__: ClassVar = CONFIG

    message: Text
    """What is asked, for people: `release 1,204 rows to the ledger?`"""
    evidence: Anything = None
    """What it is decided by, such as counts and addresses of reports: any JSON, shown beside the message to everybody who may
    look at the session."""
    approvers: list[Annotated[str, Field(min_length=1, max_length=512)]] = field(default_factory=list)
    """Who may approve, as patterns with `*`: of whole ARNs (`arn:aws:sts::*:assumed-role/Leads/*`), or of the name of a user or
    of a role's session (`ann@example.com`). Without it whoever IAM lets read the token. `bunsui approve` holds to it; who has
    the token and `states:SendTaskSuccess` can answer with other tools."""
    deadline: Duration
    """How long it waits at most, such as `24h`. Step Functions counts it."""
    on_deadline: OnDeadline = "fail"
    """What happens then: the job fails with States.Timeout, goes on as approved, or as `on_reject` says."""
    on_reject: OnReject = "fail"
    """What a rejection does: the job fails with ApprovalRejected, the rest of it is skipped, or it goes on, and
    `$result.decision` is `rejected`."""
    four_eyes: StrictBool = False
    """Whoever began the session, or an attempt of it, may not approve. `bunsui approve` holds to it."""

    def __post_init__(self) -> None:
        """Refuse what cannot be kept."""
        if parse_duration(self.deadline) > LONGEST_SECONDS:
            raise ValueError("deadline: a session may take 365d at most")


def _emit(params: ApprovalParams, operation: Operation, context: EmitContext) -> Emitted:
    deadline = parse_duration(params.deadline)
    catch, more = _ways_out(params, context)
    arguments = gate_arguments(
        context,
        message=as_text(params.message, context),
        evidence=as_text(params.evidence, context),
        approvers=params.approvers,
        four_eyes=params.four_eyes,
        deadline_seconds=deadline,
        on_deadline=params.on_deadline,
        on_reject=params.on_reject,
    )
    gate = Task(
        resource=integration(context.scope, APPROVAL_RESOURCE),
        arguments=arguments,
        output=context.output(_result(params)),
        retry=(WRITE_RETRY,),
        catch=(*catch, *context.catch),
        timeout_seconds=deadline,
        next=context.next,
    )
    return {context.state: gate, **more}


def _ways_out(params: ApprovalParams, context: EmitContext) -> tuple[list[Catcher], dict[str, State]]:
    """Return the catches of a rejection and of the deadline, with the states that they lead to."""
    catch = []
    if params.on_reject == "skip":
        catch.append(Catcher(errors=(REJECTED,), next=context.skip_job(), output=_INPUT))
    if params.on_deadline == "fail":
        return catch, {}
    if params.on_deadline == "reject" and params.on_reject == "skip":
        return [*catch, Catcher(errors=(_TIMEOUT,), next=context.skip_job(), output=_INPUT)], {}
    name = context.sub("deadline")
    return [*catch, Catcher(errors=(_TIMEOUT,), next=name, output=_INPUT)], {name: _at_the_deadline(params, context)}


def _at_the_deadline(params: ApprovalParams, context: EmitContext) -> State:
    note = f"nobody decided within {params.deadline}"
    decision = "approved" if params.on_deadline == "approve" else "rejected"
    result = f"{{'decision': '{decision}', 'by': 'deadline', 'note': '{note}', 'at': $states.context.State.EnteredTime}}"
    if decision == "rejected" and params.on_reject == "fail":
        return failing(context, error=REJECTED, cause=note, result=result)
    return Pass(output=context.output(result), next=context.next, comment=f"Nobody decided in time, which counts as {decision}")


def _result(params: ApprovalParams) -> str:
    """Return the result as JSONata over what came back with the token, which may be anything."""
    told = ", ".join(f"'{name}': $exists({_of(name)}) ? $string({_of(name)}) : ''" for name in ("by", "note", "at"))
    otherwise = "'rejected'" if params.on_reject == "continue" else f"$error({_MISTOLD})"
    return f"{{'decision': {_of('decision')} = 'rejected' ? {otherwise} : 'approved', {told}}}"


def _of(name: str) -> str:
    return f"$states.result.{name}"


def _permissions(params: ApprovalParams, context: EmitContext) -> tuple[Permission, ...]:
    return gate_permissions(context)


def _answer(params: ApprovalParams, result: Json) -> Json:
    """A test may tell the decision alone, and leaves out what it does not look at."""
    if isinstance(result, str):
        return {"decision": result}
    return result if isinstance(result, Mapping) else {}


TYPE = OperationType(
    name="approval",
    skips_with=("on_reject", "skip"),
    summary="Waits until somebody approves or rejects, or the deadline passes",
    params=ApprovalParams,
    emit=_emit,
    permissions=_permissions,
    result="`decision` (`approved`, or `rejected` with `on_reject: continue`), `by`, `note` and `at`; after a deadline that "
    "counts as a decision `by` is `deadline`.",
    result_fields=frozenset({"decision", "by", "note", "at"}),
    default_timeout_seconds=None,
    no_timeout="`deadline` says how long an approval waits",
    no_retry="a rejection is meant to stay one, and what may pass by itself is tried again anyway",
    no_poll="an approval asks once, and waits for the answer",
    opens_gate=True,
    answer=_answer,
    sample=lambda params: {"decision": "approved", "by": "ann", "note": "", "at": ""},
    hints={
        REJECTED: "Somebody rejected it; the cause says who and why.",
        _TIMEOUT: "Nobody decided before the deadline: see `deadline` and `on_deadline`.",
        "DynamoDb.ResourceNotFoundException": "The table of the task tokens is missing: bunsui apply makes it.",
        "DynamoDb.AccessDeniedException": "The machine's role must be allowed to put its gates into both tables, and to use "
        "the key alias/bunsui-approvals: apply again, or give the role what `bunsui render PIPELINE --iam` prints.",
    },
    example="""\
type: approval
message: "{% 'load ' & $params.rows & ' rows into the ledger?' %}"
evidence: {rows: "{% $params.rows %}"}
approvers: ["arn:aws:sts::*:assumed-role/Leads/*"]
deadline: 24h
on_deadline: reject
""",
)
