"""Which findings only follow from another mistake: a misspelt `depends_on` is told once, not again at every read."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.diagnostics import Diagnostic

_UNKNOWN_KEY = "BS101"
_OF_ANY_JOB = {"BS305": "job", "BS210": "job", "BS303": "top", "BS306": "top", "BS216": "top", "BS225": "top", "BS312": "top"}
"""Finding -> where a key that nobody knows may hide the declaration that it misses."""
_OF_KEYS_OF_A_JOB = frozenset({"BS302", "BS332"})
_OF_KEYS_OF_OPERATIONS = frozenset({"BS308", "BS118", "BS351"})
_NO_DEPENDENCY = frozenset({"BS304", "BS310"})
_TOLD_ONCE = frozenset({"BS304"})
_AS_WELL = frozenset({"BS233", "BS337", "BS338", "BS340", "BS353"})
"""What is said of a value beside something that is said of it already."""
_OF_SHAPE = frozenset({"BS103", "BS104", "BS105", "BS106"})
_NOT_FILLED = frozenset({"BS205", "BS206", "BS313", "BS314"})


def without_consequences(findings: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings of one file, without those that go away with another one."""
    unknown = [_steps(finding) for finding in findings if finding.code == _UNKNOWN_KEY]
    lost = {_job(finding) for finding in findings if finding.code in ("BS101", "BS201", "BS103")}
    unfilled = {finding.pointer for finding in findings if finding.code in _NOT_FILLED}
    said = {finding.pointer for finding in findings if finding.code in _OF_SHAPE or finding.code == "BS301"}
    answered = {_steps(finding)[:-1] for finding in findings if finding.code == _UNKNOWN_KEY and finding.hint}
    # The item of a foreach has another name where `as` is misspelt.
    nameless = {steps[1] for steps in unknown if len(steps) > 3 and steps[0] == "jobs" and steps[2] == "foreach"}
    # What stands under a key that nobody knows is not there: operations with their ids, items with their name, a rule.
    misread = {steps[1] for steps in unknown if len(steps) == 3 and steps[0] == "jobs"}
    misread_operations = {steps[1] for steps in unknown if len(steps) > 3 and steps[0] == "jobs"} | misread
    hiding = {"job" if len(steps) > 1 and steps[0] == "jobs" else "top" for steps in unknown}
    hiding |= {"job" for finding in findings if finding.code in ("BS103", "BS105") and "outputs" in _steps(finding)}

    def follows(finding: Diagnostic) -> bool:
        steps = _steps(finding)
        if finding.code != _UNKNOWN_KEY and any(len(key) > 0 and steps[: len(key)] == key for key in unknown):
            return True
        if finding.code in ("BS102", "BS107") and steps in answered:
            return True
        if finding.code == "BS302" and _job(finding) in nameless:
            return True
        if finding.code in _OF_KEYS_OF_A_JOB and _job(finding) in misread:
            return True
        if finding.code in _OF_KEYS_OF_OPERATIONS and _job(finding) in misread_operations:
            return True
        if finding.code in _OF_SHAPE and finding.pointer in unfilled:
            return True
        if finding.code in _AS_WELL and (finding.pointer in said or f"{finding.pointer}/default" in said):
            return True
        if finding.code in _NO_DEPENDENCY and _job(finding) in lost:
            return True
        return _OF_ANY_JOB.get(finding.code) in hiding

    kept: dict[tuple[object, ...], Diagnostic] = {}
    for finding in findings:
        if not follows(finding):
            # One that is missing is missing at every read of the job.
            once = (finding.code, _job(finding), finding.summary) if finding.code in _TOLD_ONCE else (len(kept), finding)
            kept.setdefault(once, finding)
    return tuple(kept.values())


def _steps(finding: Diagnostic) -> tuple[str, ...]:
    return tuple(finding.pointer.split("/")[1:])


def _job(finding: Diagnostic) -> str:
    steps = _steps(finding)
    return steps[1] if len(steps) > 1 and steps[0] == "jobs" else ""
