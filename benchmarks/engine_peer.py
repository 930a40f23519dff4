"""The same machine on moto's interpreter, for the ratio: what one execution costs there, in seconds of CPU.

Tasks become Pass states that give what the task would, since moto would call other services for them. moto 5 evaluates no
JSONata by itself; it is given the library that this engine uses.
"""

from __future__ import annotations

import copy
import json
import os
import time
from collections.abc import Mapping
from typing import Any

_ROLE = "arn:aws:iam::123456789012:role/measured"


def without_tasks(definition: Mapping[str, Any], answer: str) -> dict[str, Any]:
    """Return the machine with a Pass for every Task; `answer` is the JSONata text of what `$states.result.Payload` was."""
    made = copy.deepcopy(dict(definition))
    _replace_tasks(made, answer)
    return made


def _replace_tasks(scope: dict[str, Any], answer: str) -> None:
    for name, state in scope["States"].items():
        for branch in state.get("Branches", []):
            _replace_tasks(branch, answer)
        if state["Type"] == "Task":
            output = json.loads(json.dumps(state["Output"]).replace("$states.result.Payload", answer))
            ways = {key: state[key] for key in ("Next", "End") if key in state}
            scope["States"][name] = {"Type": "Pass", "Output": output, **ways}


def moto_seconds(definition: Mapping[str, Any], executions: int) -> float:
    """Run the machine so many times on moto; give the CPU seconds of one execution."""
    import boto3
    from jsonata import Jsonata
    from moto import mock_aws
    from moto.stepfunctions.parser.asl.jsonata import jsonata

    jsonata._eval_jsonata = lambda text: Jsonata(text).evaluate(None)  # noqa: SLF001 - moto leaves it empty
    os.environ |= {"AWS_ACCESS_KEY_ID": "measured", "AWS_SECRET_ACCESS_KEY": "measured"}
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        states = boto3.client("stepfunctions", region_name="us-east-1")
        answer = states.create_state_machine(name="measured", definition=json.dumps(definition), roleArn=_ROLE)
        began = time.process_time()
        for number in range(executions):
            arn = states.start_execution(stateMachineArn=answer["stateMachineArn"], input="{}", name=f"e{number}")[
                "executionArn"
            ]
            while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
                time.sleep(0.005)
            if found["status"] != "SUCCEEDED":
                raise SystemExit(f"moto: {found['status']}")
        return (time.process_time() - began) / executions
