"""Retries: what an operation says of them as the Retry of a Task, classes of errors as the names that its service gives them.

What an operation says holds classes by their words until it is known what its Task calls (`bunsui.operations.integrations.
service_errors` has the names): no name of another service, and none that the service does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bunsui.asl.model import Parallel, Retrier
from bunsui.asl.printing import printed_states
from bunsui.model.failures import EVALUATION, RETRY_CLASSES
from bunsui.model.pipeline import Operation
from bunsui.operations.integrations.service_errors import TaskErrors, all_errors, task_errors
from bunsui.operations.integrations.state_needs import every_state

EVERYTHING = "States.ALL"


def fitting(found: tuple[Retrier, ...], resource: str) -> tuple[Retrier, ...]:
    """Return the Retry field of a Task that calls `resource`, classes as names, without the names of other services' errors."""
    return _fit(found, task_errors(resource)) if found else ()


def fitting_all(found: tuple[Retrier, ...], state: Parallel) -> tuple[Retrier, ...]:
    """Return the Retry field of a Parallel, whose Tasks may call several services."""
    if not found:
        return ()
    branches = ({"States": printed_states(branch.states)} for branch in state.branches)
    resources = [str(one["Resource"]) for branch in branches for _, one in every_state(branch, "") if one.get("Type") == "Task"]
    return _fit(found, all_errors(resources))


def _fit(found: tuple[Retrier, ...], known: TaskErrors) -> tuple[Retrier, ...]:
    kept: list[Retrier] = []
    spared: tuple[str, ...] = ()
    for retrier in found:
        names = tuple(name for name in names_of(retrier.errors, known) if name not in spared)
        if retrier.max_attempts == 0:
            spared = names
        if names:
            kept.append(replace(retrier, errors=names))
    return tuple(kept) if any(retrier.max_attempts for retrier in kept) else ()


def names_of(errors: Iterable[str], known: TaskErrors) -> tuple[str, ...]:
    """Return classes and names as the names that a Task can fail with, each once; a name of its own stays as it is."""
    classes: Mapping[str, tuple[str, ...]] = {
        "throttling": known.throttling,
        "infrastructure": known.infrastructure,
        "timeout": known.timeout,
        "any": (EVERYTHING,),
    }
    return tuple(dict.fromkeys(name for said in errors for name in classes.get(said, (said,)) if known.can_be(name)))


THROTTLED = Retrier(
    errors=("Lambda.TooManyRequestsException",), interval_seconds=1, max_attempts=5, backoff_rate=2.0, full_jitter=True
)
"""Of a call of a function whose operation says nothing of retries: a throttled call did nothing yet (developer guide, "Best
practices: handle transient Lambda service exceptions")."""


def default_retriers(resource: str) -> tuple[Retrier, ...]:
    """Return the Retry field of a Task whose operation says nothing of retries."""
    return (THROTTLED,) if resource.rpartition(":::")[2].startswith("lambda:invoke") else ()


def retriers(operation: Operation) -> tuple[Retrier, ...]:
    """Return the operation's Retry field, classes by their words.

    A timeout is only tried again when the operation is idempotent: the first try may still be at work. What an expression of
    the pipeline gave would be no other the next time.
    """
    retry = operation.retry
    if retry is None or retry.attempts <= 1:
        return ()
    said = tuple(dict.fromkeys(name for name in retry.errors if name != "timeout" or operation.idempotent))
    everything = not {"any", EVERYTHING}.isdisjoint(said)
    if everything:
        said = (EVERYTHING,)  # Step Functions takes States.ALL alone only
    said = tuple(name for name in said if name not in retry.spared)
    if not said:
        return ()
    retrier = Retrier(
        errors=said,
        interval_seconds=max(retry.delay_seconds, 1),
        max_attempts=retry.attempts - 1,
        backoff_rate=max(retry.backoff, 1.0),
        max_delay_seconds=retry.max_delay_seconds,
        full_jitter=retry.jitter,
    )
    # The first retrier that fits decides, so that those of no tries stand in front. A name may cover others: States.TaskFailed.
    vain = (EVALUATION, *(() if operation.idempotent else ("timeout",))) if everything else ()
    vain = tuple(dict.fromkeys((*vain, *retry.spared)))
    return (*((Retrier(errors=vain, interval_seconds=1, max_attempts=0),) if vain else ()), retrier)


def is_class(name: str) -> bool:
    """Tell whether `retry.errors` means a class by the word."""
    return name in RETRY_CLASSES
