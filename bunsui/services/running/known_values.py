"""What expressions of a pipeline give in a run that has not begun: those that read nothing but parameters and `$session`.

They are evaluated as the compiled machine writes them, by the engine of `simulate`. What reads results of jobs, time, chance or
the session's id is known in the run alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.asl.expressions import FUNCTIONS, LIST, variables
from bunsui.asl.model import code
from bunsui.asl.scoping import VariableUse
from bunsui.compile.reads import expressions_in
from bunsui.compile.start import session_expression
from bunsui.compile.values import jsonata
from bunsui.engine.context import Sources, timestamp
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.values import Expression, Value

_SESSION = frozenset({"attempt", "date", "month", "scheduled_at", "slot", "started_by", "weekday"})
"""What is known of `$session` before its first attempt: all but the id."""
_CHANCE = frozenset({"millis", "now", "random", "shuffle", "uuid"})
_SAFE_FUNCTIONS = (FUNCTIONS | {LIST}) - _CHANCE


class ForeseenCondition(Enum):
    """What a job's `when` gives."""

    HOLDS = "holds"
    HOLDS_NOT = "holds_not"
    NO_TRUTH = "no_truth"
    """Neither true nor false, or an error: the job fails."""
    OPEN = "open"
    """The run alone can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValues:
    """Parameters and session of a run, as its expressions read them."""

    params: Mapping[str, Json]
    """Defaults that are expressions included, where they can be told."""
    open_params: tuple[str, ...] = ()
    """Parameters whose values the run alone can tell."""
    session: Mapping[str, Json] = field(default_factory=dict)

    def judge(self, when: Expression | None) -> ForeseenCondition:
        """Return what a condition gives; none holds always."""
        if when is None:
            return ForeseenCondition.HOLDS
        if not self.can_tell(when):
            return ForeseenCondition.OPEN
        try:
            found = self.evaluate(when)
        except EvaluationFailure:
            return ForeseenCondition.NO_TRUTH
        if not isinstance(found, bool):
            return ForeseenCondition.NO_TRUTH
        return ForeseenCondition.HOLDS if found else ForeseenCondition.HOLDS_NOT

    def can_tell(self, value: Value) -> bool:
        """Tell whether the value follows from parameters and session."""
        return all(self._is_known(use) for one in expressions_in(value) for use in variables(one.text))

    def _is_known(self, use: VariableUse) -> bool:
        match use.name:
            case "params":
                return use.path[0] not in self.open_params if use.path else not self.open_params
            case "session":
                return bool(use.path) and use.path[0] in _SESSION and bool(self.session)
            case name:
                return name in _SAFE_FUNCTIONS

    def evaluate(self, value: Value) -> Json:
        """Return what the value gives; EvaluationFailure, also when that is nothing."""
        bindings: Mapping[str, Json] = {"params": self.params, "session": self.session}
        return evaluate(code(jsonata(value, lambda _: None)), bindings, field="Condition", sources=Sources())


def read_known_values(pipeline: Pipeline, payload: Mapping[str, Json], *, at: datetime) -> KnownValues:
    """Return what is known of a run with this input, were it started at that time."""
    given = payload.get("params")
    params: dict[str, Json] = dict(given) if isinstance(given, Mapping) else {}
    defaults = KnownValues(params={}, session=_evaluate_session(pipeline, payload, at))
    open_params = []
    for parameter in pipeline.parameters:
        if parameter.name in params or parameter.required:
            continue
        try:
            if defaults.can_tell(parameter.default):
                params[parameter.name] = defaults.evaluate(parameter.default)
                continue
        except EvaluationFailure:
            pass  # the run is going to fail with it, and says why
        open_params.append(parameter.name)
    in_order = {one.name: params[one.name] for one in pipeline.parameters if one.name in params}
    return KnownValues(params=in_order, open_params=tuple(open_params), session=defaults.session)


def _evaluate_session(pipeline: Pipeline, payload: Mapping[str, Json], at: datetime) -> Mapping[str, Json]:
    """Return `$session` as the machine's first state makes it; empty where it would fail."""
    states: Mapping[str, Json] = {"input": payload, "context": {"Execution": {"StartTime": timestamp(at), "Name": ""}}}
    try:
        found = evaluate(code(session_expression(pipeline)), {"states": states}, field="session", sources=Sources())
    except EvaluationFailure:
        return {}
    return found if isinstance(found, Mapping) else {}
