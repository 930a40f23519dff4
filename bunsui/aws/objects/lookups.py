"""What placeholders stand for at plan time."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.objects.terraform_states import AwsTerraformStateReader
from bunsui.aws.parameters import SsmParameterStore
from bunsui.errors import CloudError, InvalidInput, Missing, NotFound
from bunsui.model.json import Json
from bunsui.ports.cloud import LookUp
from bunsui.project.terraform_outputs import terraform_output

LOOK_UP_GRANTS = (
    Grant(
        sid="SecretNames",
        purpose=Purpose.PLAN,
        service="secretsmanager",
        operations=("DescribeSecret",),
        on=("secretsmanager:secret:*",),
        optional="${secret:...} in the files cannot be filled in; no value is ever read",
    ),
    Grant(
        sid="StackOutputs",
        purpose=Purpose.PLAN,
        service="cloudformation",
        operations=("DescribeStacks",),
        on=("cloudformation:stack/*",),
        optional="${cfn:...} in the files cannot be filled in",
    ),
)
"""A state of Terraform in S3 lies in a bucket of the user's own: the caller needs s3:GetObject there, and kms:Decrypt for its
key, which no policy of bunsui names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsLookUps:
    """Implements `bunsui.ports.cloud.ParameterStore`. A stack or a state is asked for once, however many outputs are read."""

    connection: Connection
    read_file: Callable[[str], bytes]
    """Reads a file of the project, which it never leaves; InvalidInput where it cannot."""
    _stacks: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _states: dict[str, bytes] = field(default_factory=dict)

    def parameter(self, path: str) -> str | Sequence[str]:
        """Return a String as text or a StringList as a list."""
        return SsmParameterStore(self.connection).parameter(path)

    def look_up(self, kind: LookUp, name: str) -> Json:
        """Return what a placeholder of the kind stands for."""
        match kind:
            case LookUp.SECRET:
                return self._secret_arn(name)
            case LookUp.STACK:
                stack, _, output = name.partition(".")
                return self._stack_output(stack, output)
            case LookUp.TERRAFORM:
                state, _, output = name.rpartition("#")
                return terraform_output(self._state(state), output, state=state)

    def _secret_arn(self, name: str) -> str:
        """Return the whole ARN. What is asked for it answers with no value."""
        try:
            with self.connection.translated("secretsmanager", "DescribeSecret", secret=name):
                found = self.connection.reader("secretsmanager").describe_secret(SecretId=name)
        except Missing as error:
            raise NotFound(
                "no-secret",
                "there is no such secret in this account and region",
                hint=f"Look for it:\n  aws secretsmanager describe-secret --secret-id {name}",
                secret=name,
                region=self.connection.region,
            ) from error
        if found.get("DeletedDate") is not None:
            hint = f"Keep it:\n  aws secretsmanager restore-secret --secret-id {name}"
            raise InvalidInput("secret-deleted", "the secret is marked for deletion", hint=hint, secret=name)
        return str(found["ARN"])

    def _stack_output(self, stack: str, output: str) -> str:
        if stack not in self._stacks:
            self._stacks[stack] = self._outputs(stack)
        outputs = self._stacks[stack]
        if output in outputs:
            return outputs[output]
        near = difflib.get_close_matches(output, list(outputs), n=1, cutoff=0.6)
        there = f"It has {', '.join(sorted(outputs)[:10])}." if outputs else "It has no outputs."
        hint = f"Did you mean {near[0]}?" if near else there
        raise NotFound("no-stack-output", "the stack has no such output", hint=hint, stack=stack, output=output)

    def _outputs(self, stack: str) -> Mapping[str, str]:
        try:
            with self.connection.translated("cloudformation", "DescribeStacks", stack=stack):
                [found] = self.connection.reader("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except CloudError as error:
            if aws_code(error) != "ValidationError":  # Stack with id NAME does not exist
                raise
            raise NotFound(
                "no-stack",
                "there is no such CloudFormation stack in this account and region",
                hint=f"Look for it:\n  aws cloudformation describe-stacks --stack-name {stack}",
                stack=stack,
                region=self.connection.region,
            ) from error
        return {str(one["OutputKey"]): str(one["OutputValue"]) for one in found.get("Outputs", ())}

    def _state(self, state: str) -> bytes:
        if state not in self._states:
            self._states[state] = self._read_state(state)
        return self._states[state]

    def _read_state(self, state: str) -> bytes:
        if not state.startswith("s3://"):
            return self.read_file(state)
        bucket, _, key = state.removeprefix("s3://").partition("/")
        try:
            content = AwsTerraformStateReader(self.connection).state_in(bucket, key)
        except Missing as error:
            raise _no_state(state, "there is no such bucket") from error
        if content is None:
            raise _no_state(state, "there is no state of Terraform at that key")
        return content


def _no_state(state: str, summary: str) -> NotFound:
    hint = "Bucket and key are those of the backend; of a workspace:  s3://BUCKET/env:/WORKSPACE/KEY"
    return NotFound("no-terraform-state", summary, hint=hint, state=state)
