"""What placeholders stand for at plan time, over dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.errors import NotFound
from bunsui.model.json import Json
from bunsui.ports.cloud import LookUp
from bunsui.project.terraform_outputs import terraform_output


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLookUps:
    """Implements `bunsui.ports.cloud.ParameterStore`."""

    parameters: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """ARNs by name."""
    stacks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Outputs by stack."""
    states: Mapping[str, bytes] = field(default_factory=dict)
    """What lies at a path of the project, or at `s3://BUCKET/KEY`."""

    def parameter(self, path: str) -> str | Sequence[str]:
        """Return the value of a parameter."""
        if path not in self.parameters:
            raise NotFound("parameter-unknown", "there is no such SSM parameter", parameter=path)
        return self.parameters[path]

    def look_up(self, kind: LookUp, name: str) -> Json:
        """Return what the placeholder stands for."""
        match kind:
            case LookUp.SECRET:
                if name not in self.secrets:
                    raise NotFound("no-secret", "there is no such secret", secret=name)
                return self.secrets[name]
            case LookUp.STACK:
                stack, _, output = name.partition(".")
                if stack not in self.stacks:
                    raise NotFound("no-stack", "there is no such CloudFormation stack", stack=stack)
                if output not in self.stacks[stack]:
                    raise NotFound("no-stack-output", "the stack has no such output", stack=stack, output=output)
                return self.stacks[stack][output]
            case LookUp.TERRAFORM:
                state, _, output = name.rpartition("#")
                if state not in self.states:
                    raise NotFound("no-terraform-state", "there is no such state", state=state)
                return terraform_output(self.states[state], output, state=state)
