"""Choice shapes its output as on AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bunsui.local.internals import inner, replace_inner

Fields = dict[str, Any]


def shape_default_outputs() -> None:
    """Apply `Output` of a JSONata Choice that takes its default, which the emulator ignores."""
    from ministack.services import stepfunctions

    language: Callable[..., str] = inner(stepfunctions, "_state_query_language")
    choose: Callable[..., tuple[Any, str]] = inner(stepfunctions, "_execute_choice")
    output: Callable[..., Any] = inner(stepfunctions, "_apply_jsonata_output")
    holds: Callable[..., bool] = inner(stepfunctions, "_evaluate_jsonata_choice_rule")

    def execute_choice(state: Fields, data: Any, context: Fields | None = None) -> tuple[Any, str]:
        shaped, following = choose(state, data, context)
        rules: list[Mapping[str, Any]] = state.get("Choices", [])
        if "Output" not in state or language(state, context) != "JSONata" or any(holds(rule, data, context) for rule in rules):
            return shaped, following
        return output(state, data, context, default=data), following

    replace_inner(stepfunctions, "_execute_choice", execute_choice)
