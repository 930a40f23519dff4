"""State machines in a state file of Terraform, by ARN.

Read is format 4, which Terraform writes since 0.12: https://developer.hashicorp.com/terraform/internals/json-format describes
the public form; the file itself has `resources` with `type`, `name`, `module` and `instances` of `attributes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.errors import InvalidInput
from bunsui.ports.machines import TerraformStateReader

_TYPE = "aws_sfn_state_machine"
_FORMAT = 4
S3_ADDRESS = "s3://"
"""Begins the address of a state in a bucket."""
_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.+)")


def state_in_bucket(address: str, reader: TerraformStateReader) -> bytes:
    """Return the state at `s3://BUCKET/KEY`.

    Raises:
        InvalidInput: that is no address of an object, or nothing lies there.

    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        hint = "Write the bucket and the key of the backend:  --tfstate s3://BUCKET/KEY"
        raise InvalidInput("not-an-address", "this is no address of a state in S3", hint=hint, address=address)
    content = reader.state_in(match.group(1), match.group(2))
    if content is None:
        raise InvalidInput(
            "no-terraform-state",
            "there is no state of Terraform, so that nobody can see what it owns",
            hint="The key is that of the backend; of a workspace:  env:/WORKSPACE/KEY",
            address=address,
        )
    return content


def machines_in_state(content: bytes, *, file: str) -> dict[str, str]:
    """Return the addresses of the state machines that the file manages by their ARNs, such as
    `module.etl.aws_sfn_state_machine.nightly[0]`.

    Raises:
        InvalidInput: it is no state file, or one of another format.

    """
    try:
        state = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _not_a_state(file) from error
    if not isinstance(state, dict) or state.get("version") != _FORMAT or not isinstance(state.get("resources"), list):
        raise _not_a_state(file)
    return dict(found for resource in state["resources"] if isinstance(resource, dict) for found in _machines(resource))


def _machines(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if resource.get("mode") != "managed" or resource.get("type") != _TYPE:
        return
    module = f"{resource['module']}." if resource.get("module") else ""
    instances = resource.get("instances")
    for instance in instances if isinstance(instances, list) else ():
        attributes = instance.get("attributes") if isinstance(instance, dict) else None
        arn = attributes.get("arn") or attributes.get("id") if isinstance(attributes, dict) else None
        if isinstance(arn, str):
            key = instance.get("index_key")
            index = f"[{json.dumps(key)}]" if key is not None else ""
            yield arn, f"{module}{_TYPE}.{resource.get('name')}{index}"


def _not_a_state(file: str) -> InvalidInput:
    return InvalidInput(
        "not-a-terraform-state",
        "this is no state file of Terraform of format 4",
        hint="Of a remote state:  terraform state pull > state.json",
        file=file,
    )
