"""State machines of CloudFormation stacks: the emulator's provisioner finds and makes them in this service.

It works on a table of machines and a few functions of its own Step Functions; these stand in their location.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.stepfunctions.errors import ApiError

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Has an operation done for the current caller, and gives the answer. Raises Refused."""
Answer = tuple[int, dict[str, str], bytes]


class Machines:
    """The table of machines, as far as a provisioner looks into it."""

    def __init__(self, ask: Ask) -> None:
        """Look into the service that `ask` reaches."""
        self._ask = ask

    def __contains__(self, arn: object) -> bool:
        """Tell whether there is such a machine."""
        return self.get(str(arn)) is not None

    def __setitem__(self, arn: str, record: Mapping[str, Any]) -> None:
        """Make the machine."""
        request = {
            "name": record["name"],
            "definition": record["definition"],
            "roleArn": record["roleArn"],
            "type": record["type"],
            "loggingConfiguration": lower_camel(record["loggingConfiguration"]),
            "encryptionConfiguration": record["encryptionConfiguration"],
        }
        self._ask("CreateStateMachine", request)

    def get(self, arn: str, default: object = None) -> Any:
        """Return the machine as it is described."""
        try:
            return self._ask("DescribeStateMachine", {"stateMachineArn": arn})
        except ApiError:
            return default

    def pop(self, arn: str, default: object = None) -> Any:
        """Delete the machine."""
        self._ask("DeleteStateMachine", {"stateMachineArn": arn})
        return default


class Tags:
    """The table of tags: those of a machine that is deleted go with it."""

    def pop(self, _arn: str, default: object = None) -> Any:
        """Leave it to the machine's end."""
        return default


def operation(ask: Ask, name: str) -> Callable[[Mapping[str, Any]], Answer]:
    """Return a function that answers as the emulator's own do: status, headers and body."""

    def answer(request: Mapping[str, Any]) -> Answer:
        try:
            return 200, {}, json.dumps(ask(name, lower_camel(request))).encode()
        except ApiError as refused:
            return 400, {}, json.dumps({"__type": refused.code, "message": refused.message}).encode()

    return answer


def lower_camel(value: Any) -> Any:
    """Return the value with the names of its members as the API has them; a template begins them with a capital."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: lower_camel(item) for name, item in value.items()}
    return [lower_camel(item) for item in value] if isinstance(value, list) else value
