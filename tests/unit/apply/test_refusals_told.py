"""What an apply that refuses says, whole, with all its facts: `tests/cases/apply-refusals.txt`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bunsui.apply.events import ChangeFailed
from bunsui.apply.executor import _failure
from bunsui.apply.idleness import check_idle, check_unneeded
from bunsui.apply.lease import LeaseTerms, Request, seize, take
from bunsui.apply.outputs import Outputs
from bunsui.apply.step import check_absent, check_reference, read_unmoved, stale_error
from bunsui.errors import BunsuiError
from bunsui.model.session import SessionStatus
from bunsui.model.values import Reference
from bunsui.ports.ledger import Actor
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE
from tests.unit.apply.test_idleness import MACHINE, RETIRED, Listed, actual, session, step
from tests.unit.apply.test_idleness import ROLE as OLD_ROLE
from tests.unit.apply.test_step import OURS, ROLE, WANTED, unmoved

EXPECTED = Path(__file__).parents[2] / "cases" / "apply-refusals.txt"
MIKA = Actor(who="mika", host="ci-1", link="https://ci/1")


def request(actor: Actor = MIKA, **more: Any) -> Request:
    return Request(operation="apply", actor=actor, terms=LeaseTerms(), **more)


def of_the_lock() -> Iterator[tuple[str, Callable[[], object]]]:
    for whose, actor in (("somebody's", MIKA), ("nobody's", Actor())):
        store, clock = MemoryLedger(MemoryStateStore(SCOPE)), ManualClock()
        held = take(store, clock, request(actor))
        clock.sleep(5)
        yield f"a lock that is {whose}", partial(take, store, clock, request(patience_seconds=0))
        yield "a wait that is given up", partial(take, store, clock, request(stopped=lambda: True))
        record = store.read()
        assert record is not None
        clock.sleep(10)
        held.beat()
        yield "a lock that was renewed meanwhile", partial(seize, store, clock, request(), over=record)
        clock.sleep(60)
        yield "a lease that ran out", held.permit
    store, clock = MemoryLedger(MemoryStateStore(SCOPE)), ManualClock()
    broken, given_up = take(store, clock, request()), store.read()
    assert given_up is not None
    seize(store, clock, request(), over=given_up).leave()
    clock.sleep(36)
    yield "a lock that was broken", broken.permit
    clock = ManualClock()
    left = take(MemoryLedger(MemoryStateStore(SCOPE)), clock, request())
    left.leave()
    yield "a lock that was given up", left.permit


def of_resources() -> Iterator[tuple[str, Callable[[], object]]]:
    foreign, gone = replace(OURS, tags={}), None
    for check in (check_absent, check_reference, read_unmoved):
        for what, found in (
            ("is there", OURS),
            ("is somebody else's", foreign),
            ("is gone", gone),
            ("was replaced", replace(OURS, outputs={}, revision="2")),
            ("cannot be read", replace(OURS, unreadable="denied")),
        ):
            one: Any = unmoved(WANTED, found)
            yield f"{check.__name__}: it {what}", partial(check, one)
    yield "an output of nothing", lambda: Outputs((), MemoryStateStore(SCOPE)).of(Reference(ROLE, "arn"))
    yield "a change without its value", lambda: read_unmoved(unmoved(replace(WANTED, actual=None), OURS))  # type: ignore[arg-type]


def of_sessions() -> Iterator[tuple[str, Callable[[], object]]]:
    running, failed = Listed(session(SessionStatus.RUNNING)), Listed(session(SessionStatus.FAILED))
    yield "a session that runs on it", partial(check_idle, step(MACHINE, running, RETIRED), actual(MACHINE))
    for told, listed in (("runs with", running), ("can be redriven on", failed)):
        yield f"a session that {told} it", partial(check_unneeded, step(OLD_ROLE, listed), actual(OLD_ROLE))


def as_text(what: str, call: Callable[[], object]) -> str:
    try:
        call()
    except (BunsuiError, ValueError) as error:
        if not isinstance(error, BunsuiError):
            return f"{what}\n  {type(error).__name__}: {error}\n"
        facts = "".join(f"  {name}: {value}\n" for name, value in error.facts.items() if name != "lock")
        lock = "  with the lock's id\n" if len(str(error.facts.get("lock") or "")) == 16 else ""
        return f"{what}\n  {type(error).__name__} {error.code}: {error.summary}\n{facts}{lock}"
    return f"{what}\n  goes on\n"


def test_every_refusal_says_what_is_recorded(update_cases: bool) -> None:
    found = (one for every in (of_the_lock(), of_resources(), of_sessions()) for one in every)
    text = "\n".join(as_text(*one) for one in found)
    if update_cases:
        EXPECTED.write_text(text, encoding="utf-8")
    assert text == EXPECTED.read_text(encoding="utf-8")


def test_a_change_that_failed_says_what_the_error_says() -> None:
    refused = stale_error(WANTED, "it was changed")
    words = f"{refused.summary} (name: x)"
    assert _failure(WANTED, refused) == ChangeFailed(
        address=ROLE, action=WANTED.action, code="stale-resource", message=words, hint=refused.hint
    )
    bare = BunsuiError("any", "it is so")
    assert _failure(WANTED, bare) == ChangeFailed(address=ROLE, action=WANTED.action, code="any", message="it is so")
