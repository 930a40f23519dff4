"""One try of one state: what its fields make of the data, step by step, and how it ends.

The steps that are told are those of `inspectionData`: which state types tell which is as recorded from AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.stepfunctions.errors import invalid_value
from bunsui.engine import dataflow
from bunsui.engine.context import Sources
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.failures import RUNTIME, TOLERANCE, ExecutionFailure, StateFailure
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonpath import choices, templates
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.program import State
from bunsui.engine.retry import catcher, seconds, takes
from bunsui.engine.states import map_fields
from bunsui.model.json import Json

_THRESHOLD = "The specified tolerated failure threshold was exceeded"
_NO_WAY_OUT = "Failed to transition out of the state. The state does not point to a next state."


class StateEvaluation:
    """A state with an input, a context and variables."""

    def __init__(
        self,
        state: State,
        given: Json,
        *,
        context: Mapping[str, Json],
        variables: Mapping[str, Json],
        configuration: Mapping[str, Any],
        level: str,
    ) -> None:
        """`level` is INFO, DEBUG or TRACE; `configuration` what the caller says about retries and iterations."""
        self.state = state
        self._configuration = configuration
        self._level = level
        self._variables = variables
        self._seen = FieldScope(state=state, input=given, context=context, variables=variables, sources=Sources())
        self._told: dict[str, Any] = {"input": given}

    def alone(self) -> dict[str, Any]:
        """Return the end of a state that asks nobody: Pass, Choice, Wait, Succeed, Fail."""
        return self._run_guarded(self._by_itself)

    def prepared(self) -> tuple[Json] | dict[str, Any]:
        """Return what the Task's work gets; or its end when that cannot be told."""
        try:
            return (self._arguments(),)
        except StateFailure as failure:
            return self._answer_failure(
                ExecutionFailure(error=failure.error, cause=failure.cause, fatal=failure.error == RUNTIME)
            )

    def credentials(self) -> Json:
        """Return the Credentials field, evaluated; None without one."""
        template = self.state.fields.get("Credentials")
        if template is None:
            return None
        seen = self._seen
        return seen.filled(template, "Credentials") if self.state.jsonata else templates.fill(template, seen.scope(seen.input))

    def ended_well(self, result: Json) -> dict[str, Any]:
        """Return the end of a Task, a Map or a Parallel with this result."""
        return self._run_guarded(lambda: self._with_result(result))

    def ended_badly(self, failure: ExecutionFailure) -> dict[str, Any]:
        """Return the end of a Task, a Map or a Parallel that failed: tried again, caught or not."""

        def fail() -> dict[str, Any]:
            self._look_ahead()
            return self._answer_failure(failure)

        return self._run_guarded(fail)

    def _run_guarded(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return work()
        except StateFailure as failure:
            return self._answer_failure(
                ExecutionFailure(error=failure.error, cause=failure.cause, fatal=failure.error == RUNTIME)
            )

    def _by_itself(self) -> dict[str, Any]:
        match self.state.kind:
            case "Pass":
                return self._pass()
            case "Choice":
                return self._choice()
            case "Fail":
                self._input_path()
                error, cause = dataflow.text(self._seen, "Error"), dataflow.text(self._seen, "Cause")
                return self._answer("FAILED", error=error, cause=cause)
            case _:
                data = self._input_path()
                whole = dataflow.output(self._seen, self._seen.input)
                return self._answer_success(whole if self.state.jsonata else dataflow.output_path(self._seen, data))

    def _pass(self) -> dict[str, Any]:
        fields, seen = self.state.fields, self._seen
        if self.state.jsonata:
            return self._answer_success(dataflow.output(seen, seen.input), assigned=seen.input)
        if "Result" not in fields:
            self._input_path()
            result = self._told["afterParameters"] = dataflow.arguments(seen)
        else:
            result = self._told["result"] = fields["Result"]
        return self._shape_result(result)

    def _choice(self) -> dict[str, Any]:
        fields, seen = self.state.fields, self._seen
        data = self._input_path()
        rules = fields["Choices"]
        if self.state.jsonata:
            location = next((number for number, rule in enumerate(rules) if self._holds(number, rule)), None)
        else:
            location = choices.first_match(rules, seen.scope(data))
        if location is None and "Default" not in fields:
            raise StateFailure(RUNTIME, _NO_WAY_OUT)
        taken = fields if location is None else rules[location]
        following = fields["Default"] if location is None else taken["Next"]
        if not self.state.jsonata:
            output = dataflow.output_path(seen, data)
        elif "Output" in taken:
            output = seen.filled(taken["Output"], "Output" if location is None else f"Choices[{location}]/Output")
        else:
            output = seen.input
        return self._answer("SUCCEEDED", output=output, next_state=following)

    def _holds(self, number: int, rule: Mapping[str, Any]) -> bool:
        condition, field = rule.get("Condition"), f"Choices[{number}]/Condition"
        if not isinstance(condition, str) or not jsonata.is_expression(condition):
            return condition is True
        seen = self._seen
        return jsonata.evaluate_as("boolean", condition, seen.bindings(), field=field, sources=seen.sources) is True

    def _with_result(self, result: Json) -> dict[str, Any]:
        self._look_ahead()
        if self.state.kind == "Map" and self._too_many_failed(result):
            return self._answer_failure(ExecutionFailure(error=TOLERANCE, cause=_THRESHOLD))
        if self.state.kind == "Task":
            self._told["result"] = result
        if self.state.jsonata:
            seen = self._seen.with_extra(result=result)
            return self._answer_success(dataflow.output(seen, result), assigned=result)
        return self._shape_result(result)

    def _look_ahead(self) -> None:
        """Tell what the fields before the work make of the input."""
        if self.state.kind == "Task":
            self._arguments()
        elif self.state.kind == "Map":
            self._map_fields()
        else:
            dataflow.arguments(self._seen)

    def _arguments(self) -> Json:
        if self.state.jsonata:
            found = dataflow.arguments(self._seen)
            if "Arguments" in self.state.fields:
                self._told["afterArguments"] = found
            return found
        self._input_path()
        found = self._told["afterParameters"] = dataflow.arguments(self._seen)
        return found

    def _map_fields(self) -> None:
        seen, fields = self._seen, self.state.fields
        data = self._input_path()
        if "ItemReader" not in fields:
            items = map_fields.items_of(seen, data)
            if "ItemsPath" in fields:
                self._told["afterItemsPath"] = items
        self._told["maxConcurrency"] = map_fields.whole_number(seen, "MaxConcurrency", data)
        for name, member in (
            ("ToleratedFailureCount", "toleratedFailureCount"),
            ("ToleratedFailurePercentage", "toleratedFailurePercentage"),
        ):
            if name in fields or f"{name}Path" in fields:
                whole = name == "ToleratedFailureCount"
                found = map_fields.whole_number(seen, name, data) if whole else map_fields.percentage(seen, name, data)
                self._told[member] = found if whole or found is None else float(found)

    def _too_many_failed(self, result: Json) -> bool:
        failed = self._configuration.get("mapIterationFailureCount", 0)
        iterations = len(result) if isinstance(result, list) else 0
        if failed > iterations:
            raise invalid_value("Map iteration failure count must be less than or equal to the number of Map iterations")
        count, share = self._told.get("toleratedFailureCount"), self._told.get("toleratedFailurePercentage")
        return (count is not None and failed > count) or (share is not None and failed * 100 > share * iterations)

    def _input_path(self) -> Json:
        data = dataflow.effective_input(self._seen)
        if not self.state.jsonata:
            self._told["afterInputPath"] = data
        return data

    def _shape_result(self, result: Json) -> dict[str, Any]:
        """Return the end of a JSONPath state, telling each step from its result to its output."""
        fields, seen = self.state.fields, self._seen.with_extra(result=result)
        selected = templates.fill(fields["ResultSelector"], seen.scope(result)) if "ResultSelector" in fields else result
        self._told["afterResultSelector"] = selected
        path = fields.get("ResultPath", "$")
        whole = selected if path == "$" else templates.write(path, selected, seen.input)
        self._told["afterResultPath"] = whole
        return self._answer_success(dataflow.output_path(seen, whole), assigned=result)

    def _answer_success(self, output: Json, *, assigned: Json = None) -> dict[str, Any]:
        seen = self._seen.with_extra(result=assigned)
        variables = dataflow.assigned_variables(seen, self.state.fields.get("Assign"), assigned)
        return self._answer("SUCCEEDED", output=output, next_state=self.state.next, assigned=variables)

    def _answer_failure(self, failure: ExecutionFailure) -> dict[str, Any]:
        about: dict[str, Any] = {"error": failure.error, "cause": failure.cause}
        if failure.fatal:
            return self._answer("FAILED", **about)
        retries = self._configuration.get("retrierRetryCount", 0)
        for location, rule in enumerate(self.state.retry):
            if takes(rule.errors, failure):
                details = self._told["errorDetails"] = {"retryIndex": location}
                if retries < rule.max_attempts:
                    wait = seconds(rule, retries, self._seen.sources.chance)
                    details["retryBackoffIntervalSeconds"] = int(wait)
                    return self._answer("RETRIABLE", **about)
                break
        caught = catcher(self.state.catch, failure)
        if caught is None:
            return self._answer("FAILED", **about)
        location = self.state.catch.index(caught)
        self._told["errorDetails"] = {"catchIndex": location}
        output, assigned = dataflow.catch_failure(self._seen, caught.fields, location, failure.output())
        return self._answer("CAUGHT_ERROR", output=output, next_state=caught.next, assigned=assigned, **about)

    def _answer(
        self,
        status: str,
        *,
        output: Any = ...,
        next_state: Any = None,
        error: Any = None,
        cause: Any = None,
        assigned: Mapping[str, Json] | None = None,
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {"status": status}
        if output is not ...:
            answer["output"] = compact(output)
        optional = {"nextState": next_state, "error": error, "cause": cause}
        answer |= {key: value for key, value in optional.items() if value is not None}
        if self._level != "INFO":
            answer["inspectionData"] = self._inspection(assigned or {})
        return answer

    def _inspection(self, assigned: Mapping[str, Json]) -> dict[str, Any]:
        plain = {"errorDetails", "maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"}
        told = {key: value if key in plain else compact(value) for key, value in self._told.items()}
        variables = {**self._variables, **assigned}
        return told | ({"variables": compact(variables)} if variables else {})
