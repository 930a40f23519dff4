"""Who acts on a session stands in the audit trail: before it is done that it is going to be, then what became of it.

What cannot be recorded is not done. What is done and cannot be recorded any more stays done, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bunsui.errors import AccessDenied, BunsuiError, InvalidInput, Missing, Refused, Unavailable, Unsupported
from bunsui.model.session import Session
from bunsui.ports.acts import ActLog, ActRecord
from bunsui.ports.clock import Clock
from bunsui.ports.ledger import Actor

_NOTHING_DONE = (AccessDenied, InvalidInput, Missing, Refused, Unsupported)
"""Errors that say for sure that nothing happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionActs:
    """Records the acts of one caller."""

    log: ActLog
    clock: Clock
    actor: Actor
    new_id: Callable[[], str]
    """Returns a fresh ULID."""
    warn: Callable[[str], None]
    """Told when something was done of which the outcome could not be recorded."""
    under: str = ""
    """The command that does several things with sessions, such as `recover`: it is the act then."""

    def begin(
        self, session: Session, act: str, call: str, *, attempt: int, execution_arn: str, reason: str = "", gate: str = ""
    ) -> ActRecord:
        """Record what is about to be done with the session, and return the record.

        Raises:
            Unavailable: it cannot be recorded, so it must not be done; AccessDenied when the caller may not write.

        """
        record = ActRecord(
            id=self.new_id(),
            at=self.clock.now(),
            act=self.under or act,
            call=call,
            actor=self.actor,
            pipeline=session.pipeline,
            session=session.id,
            attempt=attempt,
            execution_arn=execution_arn,
            slot=session.slot,
            params=tuple(sorted(session.params)),
            reason=reason,
            gate=gate,
        )
        try:
            return self.log.append(record)
        except BunsuiError as error:
            raise _not_recorded(record, error) from error

    @contextmanager
    def ending(self, begun: ActRecord) -> Iterator[None]:
        """Record how the act ended that is done in the block; its error goes on."""
        try:
            yield
        except BunsuiError as error:
            self._end(begun, "failed" if isinstance(error, _NOTHING_DONE) else "unknown", error.code)
            raise
        self._end(begun, "done")

    def _end(self, begun: ActRecord, outcome: str, error: str = "") -> None:
        ended = replace(
            begun, id=self.new_id(), of=begun.id, at=self.clock.now(), outcome=outcome, error=error, serial=0, hash=""
        )  # fmt: skip
        try:
            self.log.append(ended)
        except BunsuiError as failure:
            self.warn(
                f"{begun.act} of {begun.session}: what became of it ({outcome}) could not be written to the audit trail,"
                f" where it stays begun: {failure.summary}"
            )


def _not_recorded(record: ActRecord, error: BunsuiError) -> BunsuiError:
    kind = AccessDenied if isinstance(error, AccessDenied) else Unavailable
    return kind(
        "act-not-recorded",
        "the audit trail cannot be written, so nothing was done",
        hint=error.hint or "Do it again in a minute.",
        act=record.act,
        session=record.session,
        reason=error.summary,
        aws_code=error.facts.get("aws_code"),
        aws_message=error.facts.get("aws_message"),
    )
