"""Decide at a gate: who may, whether it is still open, the answer, and the record of it.

Order: the history says how the gate stands and what it asks; the token is read, and must be the one that the history knows;
the caller is held to `approvers` and `four_eyes`; the intent is recorded; the token is sent. Step Functions takes the first
answer only, so nothing has to be claimed before: whoever is killed on the way leaves a gate that is open, or decided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bunsui.command_line import command_line
from bunsui.errors import BunsuiError, InvalidInput, NotFound, Refused
from bunsui.model.gates import (
    GATE_DIGITS,
    ApprovalGate,
    Decided,
    Decision,
    GateStanding,
    is_same_person,
    may_approve,
    token_digest,
)
from bunsui.model.session import OUTSIDE, SCHEDULE, Session
from bunsui.ports.gates import GatePorts, HeldToken
from bunsui.services.history.open_gates import every_pipeline, execution_gates, gate_rows, is_ours, may_be_open, open_gates
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import Recollection, find_session

LONGEST_NOTE = 2000
"""Characters."""
_SHORTEST_ID = 4
_EXECUTION = ":execution:"
_NESTED = 5
"""Pipelines around one that are looked through for who began it."""
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """What somebody decides."""

    decision: Decision
    note: str = ""

    @property
    def act(self) -> str:
        """The command's word for it."""
        return "approve" if self.decision == "approved" else "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedGate:
    """What was decided at which gate of which session."""

    session: Session
    gate: ApprovalGate
    decided: Decided


def find_gate(context: SessionContext, wanted: str, find: Callable[[str], Session], *, job: str = "") -> ApprovalGate:
    """Return the gate that a person names: by its id or a unique beginning of it, or by the session, with the job where several
    of its gates are open.

    Raises:
        NotFound: there is none.
        InvalidInput: several fit.

    """
    text = wanted.lower()
    if not job and _SHORTEST_ID <= len(text) <= GATE_DIGITS and set(text) <= _HEX:
        rows = gate_rows(context, every_pipeline(context))
        named = [row.gate for row in rows if row.gate.id.startswith(text)]
        if named:
            return _the_only(named, wanted)
    try:
        session = find(wanted)
    except NotFound as error:
        raise _unknown_gate(context, wanted) from error
    arns = {attempt.execution_arn for attempt in session.attempts}
    rows = gate_rows(context, [session.pipeline])
    own = [row for row in rows if row.gate.execution_arn in arns or row.gate.session == session.id]
    fitting = [row for row in own if not job or job in (row.gate.job, row.gate.state)]
    still = [row for row in fitting if may_be_open(context, row)]
    if not fitting:
        raise _unknown_gate(context, f"{wanted} {job}".strip())
    return _the_only([row.gate for row in (still or fitting[-1:])], wanted)


def decide(context: SessionContext, gate: ApprovalGate, wanted: GateDecision) -> DecidedGate:
    """Approve or reject, and return what was decided.

    Raises:
        Refused: the gate is not open (the error says what became of it), is none of this environment's, or the caller may not
            decide here.
        AccessDenied: IAM lets the caller not read the token, or not answer.

    """
    if len(wanted.note) > LONGEST_NOTE:
        told = f"a note may have {LONGEST_NOTE:,} characters"
        hint = "Write a shorter --note, and the rest where it can be linked to."
        raise InvalidInput("note-too-long", told, hint=hint, characters=len(wanted.note))
    ports = context.ports.gates
    if ports is None or not is_ours(context, gate):
        raise _foreign(gate)
    standing = _open_standing(context, gate)
    gate = standing.gate  # what Step Functions says it asks, whatever the row says
    session = find_session(context, gate.execution_arn, recollection=Recollection())
    _check_person(context, gate, session)
    held = ports.tokens.token(gate)
    if held is None:
        raise Refused(
            "gate-without-token",
            "the task token of the gate is not there any more",
            hint="Wait for its deadline, or stop the session and run it again.",
            gate=gate.id,
        )
    if held.execution_arn != gate.execution_arn or token_digest(held.token) != standing.token_digest:
        raise _foreign(gate)
    decided = _answer(context, ports, session, gate, held, wanted)
    with suppress(BunsuiError):  # the history says it, too
        ports.rows.close(gate, decided.at)
    return DecidedGate(session=session, gate=gate, decided=decided)


def _answer(
    context: SessionContext, ports: GatePorts, session: Session, gate: ApprovalGate, held: HeldToken, wanted: GateDecision
) -> Decided:
    by, now = context.ports.caller_arn, context.ports.clock.now()
    carries_on = wanted.decision == "rejected" and gate.on_reject == "continue"
    call = "SendTaskSuccess" if wanted.decision == "approved" or carries_on else "SendTaskFailure"
    number = next((one.number for one in reversed(session.attempts) if one.execution_arn == gate.execution_arn), 0)
    acts = context.ports.acts
    begun = acts.begin(
        session, wanted.act, call, attempt=number, execution_arn=gate.execution_arn, reason=wanted.note, gate=gate.id
    )
    with acts.ending(begun):
        try:
            if wanted.decision == "approved":
                ports.answers.approve(held.token, by=by, note=wanted.note, at=now)
            else:
                ports.answers.reject(held.token, by=by, note=wanted.note, at=now, carries_on=carries_on)
        except Refused as error:
            return _taken_before(context, gate, by, wanted, error)
    return Decided(decision=wanted.decision, by=by, note=wanted.note, at=now)


def _taken_before(context: SessionContext, gate: ApprovalGate, by: str, wanted: GateDecision, error: Refused) -> Decided:
    """Return the decision when the answer was taken and only that was lost on the way; else say what became of the gate."""
    standing = _standing(context, gate)
    decided = standing.decided if standing is not None else None
    if decided is not None and (decided.decision, decided.by, decided.note) == (wanted.decision, by, wanted.note):
        return decided
    raise _not_open(gate, standing) from error


def _open_standing(context: SessionContext, gate: ApprovalGate) -> GateStanding:
    standing = _standing(context, gate)
    if standing is None or standing.outcome != "open":
        raise _not_open(gate, standing)
    return standing


def _standing(context: SessionContext, gate: ApprovalGate) -> GateStanding | None:
    return next((one for one in execution_gates(context, gate.execution_arn) if one.gate.id == gate.id), None)


def _check_person(context: SessionContext, gate: ApprovalGate, session: Session) -> None:
    caller = context.ports.caller_arn
    if not may_approve(gate.approvers, caller):
        raise Refused(
            "no-approver",
            "the gate names who may approve, and the caller is none of them",
            hint="Ask one of those, or use other credentials (--profile).",
            gate=gate.id,
            caller=caller,
            approvers=", ".join(gate.approvers),
        )
    if not gate.four_eyes:
        return
    starters = _starters(context, gate, session)
    if any(is_same_person(caller, starter) for starter in starters):
        raise Refused(
            "four-eyes",
            "whoever began the session may not decide here (four_eyes)",
            hint="Ask somebody else.",
            gate=gate.id,
            caller=caller,
            began=", ".join(sorted(starters)),
        )
    if not starters and not session.started_by.startswith(SCHEDULE):
        raise Refused(
            "four-eyes-unknown",
            "nobody can tell who began the session, which may then have been the caller (four_eyes)",
            hint="It was begun outside of bunsui: CloudTrail says by whom. Stop it, and begin it anew:\n  "
            + command_line("run", session.pipeline),
            gate=gate.id,
            started_by=session.started_by or OUTSIDE,
        )


def _starters(context: SessionContext, gate: ApprovalGate, session: Session, depth: int = 0) -> frozenset[str]:
    """Return the ARNs of who began the session or one of its attempts, as far as anything says. A pipeline that a job of
    another runs was begun by whoever began that one."""
    told = {session.started_by, *(attempt.actor for attempt in session.told_attempts)}
    if depth == 0:
        told.add(gate.started_by)
    people = {text for text in told if text.startswith("arn:") and _EXECUTION not in text}
    parents = [text for text in told if _EXECUTION in text]
    if parents and depth < _NESTED:
        for known in context.ports.sessions.known(parents).values():
            parent = context.ports.sessions.get(known.session_id)
            people |= _starters(context, gate, parent, depth + 1) if parent is not None else set()
    return frozenset(people)


def _the_only(found: Sequence[ApprovalGate], wanted: str) -> ApprovalGate:
    if len(found) > 1:
        raise InvalidInput(
            "ambiguous-gate",
            "several gates fit",
            hint="Give the id of one of them.",
            asked=wanted,
            gates="\n".join(f"{gate.id}  {gate.pipeline}  {gate.job}" for gate in found),
        )
    return found[0]


def _unknown_gate(context: SessionContext, wanted: str) -> NotFound:
    listed = "\n".join(f"{one.gate.id}  {one.gate.pipeline}  {one.gate.job}" for one in open_gates(context).standings)
    return NotFound(
        "unknown-gate",
        "there is no such gate",
        hint="List those that are open:\n  bunsui approvals",
        asked=wanted,
        open=listed or "none is open",
    )


def _foreign(gate: ApprovalGate) -> Refused:
    return Refused(
        "gate-foreign",
        "what stands in the tables of this gate is not what its session's machine wrote, so nothing is done with it",
        hint="See who may write there besides the machine; the gate ends at its deadline.",
        gate=gate.id,
        pipeline=gate.pipeline,
        execution=gate.execution_arn,
    )


_BECAME = {
    "approved": "the gate was approved before",
    "rejected": "the gate was rejected before",
    "expired": "the deadline of the gate has passed",
    "stopped": "the session of the gate has ended",
    "failed": "the gate was never opened: its task failed",
    "open": "Step Functions does not take the answer, though the gate seems open",
}


def _not_open(gate: ApprovalGate, standing: GateStanding | None) -> Refused:
    decided = standing.decided if standing is not None else None
    is_late = standing is not None and standing.outcome == "expired"
    return Refused(
        "gate-not-open",
        _BECAME[standing.outcome] if standing is not None else "Step Functions does not know the gate (any more)",
        hint="See what became of the session:\n  " + command_line("show", gate.session),
        gate=gate.id,
        pipeline=gate.pipeline,
        by=decided.by if decided is not None else None,
        at=decided.at.isoformat(timespec="seconds") if decided is not None else None,
        note=decided.note or None if decided is not None else None,
        deadline=gate.deadline.isoformat(timespec="seconds") if is_late else None,
    )
