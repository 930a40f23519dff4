"""Export: a pipeline's machine as files that need no bunsui: its definition, and Terraform that imports what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bunsui.ports.machines import DescribedMachine

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]+")


def exported_files(machine: DescribedMachine, name: str) -> dict[str, bytes]:
    """Return the files by name: `NAME.asl.json` as AWS has it, byte by byte, and `NAME.tf`, of which the first plan imports the
    machine and changes nothing."""
    definition = f"{name}.asl.json"
    return {definition: machine.definition.encode(), f"{name}.tf": "".join(_terraform(machine, name, definition)).encode()}


def _terraform(machine: DescribedMachine, name: str, definition: str) -> Iterator[str]:
    label = _label(name)
    address = f"aws_sfn_state_machine.{label}"
    yield "# Needs Terraform 1.5 or newer. The first plan imports the machine and changes nothing.\n"
    yield "import {\n"
    yield f"  to = {address}\n  id = {_text(machine.arn)}\n}}\n\n"
    yield f'resource "aws_sfn_state_machine" "{label}" {{\n'
    yield f"  name       = {_text(machine.name)}\n"
    yield f"  type       = {_text('EXPRESS' if machine.is_express else 'STANDARD')}\n"
    yield f"  role_arn   = {_text(machine.role_arn)}\n"
    yield f'  definition = file("${{path.module}}/{definition}")\n'
    if machine.log_group_arn is not None or machine.log_level != "OFF":
        yield "\n  logging_configuration {\n"
        yield f"    level                  = {_text(machine.log_level)}\n"
        yield f"    include_execution_data = {'true' if machine.logs_data else 'false'}\n"
        if machine.log_group_arn is not None:
            yield f"    log_destination        = {_text(machine.log_group_arn + ':*')}\n"
        yield "  }\n"
    if machine.tracing:
        yield "\n  tracing_configuration {\n    enabled = true\n  }\n"
    if machine.key_arn:
        yield "\n  encryption_configuration {\n"
        yield f'    type       = "CUSTOMER_MANAGED_KMS_KEY"\n    kms_key_id = {_text(machine.key_arn)}\n  }}\n'
    tags = {key: value for key, value in sorted(machine.tags.items()) if not key.startswith("aws:")}
    if tags:
        yield "\n  tags = {\n"
        yield from (f"    {_text(key)} = {_text(value)}\n" for key, value in tags.items())
        yield "  }\n"
    yield "}\n"


def _label(name: str) -> str:
    """Return a name that Terraform takes for a resource."""
    label = _FOREIGN.sub("_", name)
    return label if label[:1].isalpha() else f"machine_{label}"


def _text(value: str) -> str:
    """Return a text of HCL: what would be filled in there is escaped."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
