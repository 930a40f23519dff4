"""The API answers and refuses as AWS was recorded to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.stepfunctions.api.references import variable_references
from tests.unit.emulator.stepfunctions.bench import ROLE, Bench, passing, running, waiting

RECORDED = Path(__file__).parents[3] / "conformance"
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:ArnPart_0idx"
WELL_FORMED = {
    # The recordings have placeholders where the requests had ARNs of things that did not exist.
    "invalid_execution_arn": "arn:aws:states:us-east-1:111111111111:execution:m:none",
    "ssm_nonexistent_arn": "arn:aws:states:us-east-1:111111111111:stateMachine:none",
    "snf_role_arn": ROLE,
}


def recordings(folder: str) -> list[Path]:
    found = sorted((RECORDED / folder).glob("*.json"))
    assert found
    return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def prepared(bench: Bench, case: Mapping[str, Any]) -> None:
    """Bring about what the recorded request met: a machine, versions, a running execution, an alias."""
    name = str(case["name"])
    bench.machine("ArnPart_0idx", waiting() if "idempotent" in name else passing(1), publish=True)
    if "start_exec_already_exists" in name:
        bench.start(MACHINE, {"body": "data"}, name="ExecArnPart_0idx")
    if "create_alias_not_idempotent" in name:
        routes = [{"stateMachineVersionArn": f"{MACHINE}:1", "weight": 100}]
        bench.ask("CreateStateMachineAlias", name="state_machine_alias_name", routingConfiguration=routes, description="one")


def camel(operation: str) -> str:
    return "".join(word.title() for word in operation.split("_"))


def comparable(message: str) -> str:
    """Return the message without what the recording could not keep: names, and the order of a set."""
    message = re.sub(r"(execution|stateMachine):[^' ,\]]+", r"\1:", message)
    found = re.search(r"enum value set: \[(.*)\]", message)
    if found:
        message = message.replace(found[1], ", ".join(sorted(found[1].split(", "))))
    message = re.sub(r"'(x{3097}|<invalid_token_3097_chars>)'", "too long", message)
    for placeholder, real in WELL_FORMED.items():
        message = message.replace(placeholder, real)
    return re.sub(r"(execution|stateMachine):[^' ,\]]+", r"\1:", message)


@pytest.mark.parametrize("path", recordings("api_errors"), ids=lambda path: path.stem)
def test_a_request_is_refused_as_aws_refused_it(bench: Bench, path: Path) -> None:
    case = json.loads(path.read_text())
    prepared(bench, case)
    request = {
        key: WELL_FORMED.get(value, value) if isinstance(value, str) else value for key, value in case["request"].items()
    }
    if case["op"] == "create_state_machine":
        request["definition"] = json.dumps(case["definition"])

    refused = bench.refusal(camel(case["op"]), **request)

    assert refused.code == case["code"]
    assert comparable(refused.message) == comparable(case["message"])


@pytest.mark.parametrize("path", recordings("invalid"), ids=lambda path: path.stem)
def test_a_definition_is_refused_as_aws_refused_it(bench: Bench, path: Path) -> None:
    case = json.loads(path.read_text())
    kind = "EXPRESS" if "express" in path.stem else "STANDARD"
    text = json.dumps(case["definition"])

    refused = bench.refusal("CreateStateMachine", name="m", definition=text, roleArn=ROLE, type=kind)

    assert (refused.code, refused.message) == (case["code"], case["message"])


@pytest.mark.parametrize("path", recordings("validate"), ids=lambda path: path.stem)
def test_a_definition_is_validated_as_aws_validated_it(bench: Bench, path: Path) -> None:
    case = json.loads(path.read_text())
    text = case["definition_text"] or json.dumps(case["definition"])

    assert bench.ask("ValidateStateMachineDefinition", definition=text, **case["request"]) == case["expected"]


@pytest.mark.parametrize("path", recordings("variable_references"), ids=lambda path: path.stem)
def test_the_variables_that_states_read_are_told_as_aws_told_them(path: Path) -> None:
    case = json.loads(path.read_text())

    assert variable_references(json.dumps(case["definition"])) == case["expected"]


def alike(expected: Any, found: Any) -> bool:
    """Tell whether an answer is the recorded one, placeholders and JSON texts that were recorded as objects apart."""
    if isinstance(found, str) and not isinstance(expected, str):
        try:
            found = json.loads(found)
        except ValueError:
            return False
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return set(expected) == set(found) and all(alike(expected[key], found[key]) for key in expected)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(alike, expected, found))
    if isinstance(expected, str) and isinstance(found, str):
        if "<" in expected or expected == "date":
            return True
        try:
            return bool(expected == found or json.loads(expected) == json.loads(found))
        except ValueError:
            return False
    return bool(expected == found)


KNOWN_DIFFERENCES = {
    "field_validation_mode_present__present_mode_aws_sdk_lambda_get_function_task-integer_more_than_maxim-7f47950c": (
        "Lambda allows more memory now than when it was recorded"
    ),
    "test_state_scenarios__base_lambda_task_state-INFO-e2a16f0c": "it called a function that is not here",
}


@pytest.mark.parametrize("path", recordings("teststate"), ids=lambda path: path.stem)
def test_a_state_is_tested_as_aws_tested_it(bench: Bench, path: Path) -> None:
    if path.stem in KNOWN_DIFFERENCES:
        pytest.skip(KNOWN_DIFFERENCES[path.stem])
    case = json.loads(path.read_text())
    request = {**case["request"], "definition": case["definition_text"] or json.dumps(case["definition"])}

    if case["expected_error"]:
        refused = bench.refusal("TestState", **request)
        wanted = case["expected"]["Error"]
        assert (refused.code, refused.message) == (wanted["Code"], wanted["Message"])
    else:
        answer = bench.ask("TestState", **request)
        assert alike(case["expected"], answer), answer
