"""`retry`, of an operation or in the defaults: a mapping, or the number of attempts alone; one delay, or a list of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bunsui.diagnostics import Severity
from bunsui.document.lowering.values import Lowering
from bunsui.document.schema.foreign_words import ERROR_CLASS_WORDS
from bunsui.document.yaml.tree import Path
from bunsui.model.durations import format_duration
from bunsui.model.pipeline import Retry
from bunsui.model.values import Value

_ROUNDING = 1e-9
"""What the computer makes of a rate that is a whole number of hundredths."""
_EVERYTHING = ("any", "States.ALL")
_NEAR = 0.25
"""How far a delay may be from the one that is asked for, as a part of it."""


def merged_retry(*layers: object) -> Mapping[str, Value] | None:
    """Return the keys of all layers, later ones over earlier ones; None when none of them is there. An empty one asks for
    retries as much as a full one does, and leaves every key to the defaults; a number is one of attempts."""
    written: list[Mapping[str, Value]] = []
    for layer in layers:
        if isinstance(layer, Mapping):
            written.append(layer)
        elif isinstance(layer, int) and not isinstance(layer, bool):
            written.append({"attempts": layer})
    return {key: value for layer in written for key, value in layer.items()} if written else None


def lower_retry(lowering: Lowering, path: Path, value: Value) -> Retry | None:
    """Return the retries of an operation, laid over the defaults; None when nothing is said."""
    merged = merged_retry(lowering.default_retry, value)
    if merged is None:
        return None
    # What only the defaults say is told where it stands, and not again at each operation.
    at: Path = (*path, "retry") if value is not None else ("defaults", "retry")
    errors, spared, delay = merged.get("errors"), merged.get("except"), merged.get("delay")
    for index, name in enumerate(errors if isinstance(errors, (list, tuple)) else ()):
        if meant := ERROR_CLASS_WORDS.get(str(name).lower().replace("-", "_")):
            lowering.report(
                "BS359", f"no error is called {name}", (*at, "errors", index), hint=f"Write {meant}.", severity=Severity.WARNING
            )
    everything = [name for name in spared if name in _EVERYTHING] if isinstance(spared, (list, tuple)) else []
    if everything:
        lowering.report(
            "BS356",
            f"{everything[0]} under except is every error, so that nothing is tried again",
            (*at, "except"),
            hint="Name the errors, or write retry: 1.",
        )
    retry = Retry(
        attempts=lowering.whole((*at, "attempts"), merged.get("attempts"), 3),
        delay_seconds=5 if delay is None or isinstance(delay, (list, tuple)) else _seconds(lowering, at, delay),
        backoff=lowering.number((*at, "backoff"), merged.get("backoff"), 2.0),
        max_delay_seconds=lowering.duration((*at, "max_delay"), merged.get("max_delay")),
        jitter=lowering.flag((*at, "jitter"), merged.get("jitter"), default=True),
        errors=tuple(str(name) for name in errors) if isinstance(errors, (list, tuple)) else Retry().errors,
        spared=tuple(str(name) for name in spared) if isinstance(spared, (list, tuple)) else (),
    )
    return _with_delays(lowering, at, retry, delay, merged) if isinstance(delay, (list, tuple)) else retry


def _seconds(lowering: Lowering, at: Path, delay: Value) -> int:
    found = lowering.duration((*at, "delay"), delay)
    return 5 if found is None else found


def _with_delays(lowering: Lowering, at: Path, retry: Retry, delays: Sequence[Value], merged: Mapping[str, Value]) -> Retry:
    """Return the retry whose waits are the listed ones. Step Functions multiplies each wait to give the next (developer guide,
    "Error handling"), so that a list is met as near as that allows without waiting shorter, and refused when it is not near."""
    seconds = [lowering.duration((*at, "delay", index), delay) for index, delay in enumerate(delays)]
    wanted = [max(found, 1) for found in seconds if found is not None]
    if len(wanted) < len(delays) or not wanted:
        return retry
    for key in ("backoff", "max_delay"):
        if key in merged:
            lowering.report(
                "BS336", f"{key} says what the list of delays says already", (*at, key), hint="Keep one of the two."
            )
    attempts = retry.attempts if "attempts" in merged else len(wanted) + 1
    if attempts != len(wanted) + 1:
        lowering.report(
            "BS336",
            f"{attempts} attempts have {attempts - 1} delays between them, and {len(wanted)} are listed",
            (*at, "delay"),
            hint="Leave attempts out: the list says how often.",
        )
    longest = max(wanted)
    backoff = _least_backoff(wanted)
    jitter = lowering.flag((*at, "jitter"), merged.get("jitter"), default=False)
    found = [_wait(wanted[0], backoff, index, longest) for index in range(len(wanted))]
    if any(abs(one - other) > _NEAR * other for one, other in zip(found, wanted, strict=True)):
        lowering.report(
            "BS336",
            "Step Functions multiplies each delay to give the next, and cannot wait as the list says",
            (*at, "delay"),
            hint=f"The nearest is {_shown(found)}: delay: {format_duration(wanted[0])}, backoff: {backoff:g}.",
        )
    elif any(abs(one - other) >= 1 for one, other in zip(found, wanted, strict=True)):
        lowering.report(
            "BS336",
            f"Step Functions multiplies each delay to give the next: it will wait {_shown(found)}",
            (*at, "delay"),
            severity=Severity.INFO,
        )
    if jitter:
        lowering.report(
            "BS336",
            "with jitter each wait is any time up to the one that is listed",
            (*at, "delay"),
            severity=Severity.INFO,
            hint="Write jitter: false to wait as long as the list says.",
        )
    return Retry(
        attempts=attempts,
        delay_seconds=wanted[0],
        backoff=backoff,
        max_delay_seconds=longest if longest > wanted[0] else None,
        jitter=jitter,
        errors=retry.errors,
        spared=retry.spared,
    )


def _wait(first: int, backoff: float, index: int, longest: int) -> float:
    return float(min(first * backoff**index, longest))


def _least_backoff(wanted: Sequence[int]) -> float:
    """Return the least backoff, in hundredths, with which no wait is shorter than the wanted one."""
    rates: list[float] = [(seconds / wanted[0]) ** (1 / index) for index, seconds in enumerate(wanted) if index]
    hundredths: int = math.ceil(max([1.0, *rates]) * 100 - _ROUNDING)
    return hundredths / 100


def _shown(waits: Sequence[float]) -> str:
    return ", ".join(format_duration(round(wait)) for wait in waits)
