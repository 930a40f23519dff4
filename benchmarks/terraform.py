"""The same resources for Terraform: a configuration in JSON made from what bunsui compiles, one file for each pipeline.

`TERRAFORM_BIN` names the program and `TERRAFORM_PROVIDER_MIRROR` a folder that mirrors the AWS provider; nothing is downloaded.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bunsui.aws.botocore_session import Credentials
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Reference

_TYPES = {
    "role": "aws_iam_role",
    "log_group": "aws_cloudwatch_log_group",
    "lambda_function": "aws_lambda_function",
    "state_machine": "aws_sfn_state_machine",
    "schedule_group": "aws_scheduler_schedule_group",
    "schedule": "aws_scheduler_schedule",
}
_SERVICES = ("sts", "iam", "sfn", "logs", "lambda", "scheduler")


def is_there() -> bool:
    """Tell whether the environment names Terraform and its mirror."""
    return bool(os.environ.get("TERRAFORM_BIN") and os.environ.get("TERRAFORM_PROVIDER_MIRROR"))


def program() -> str:
    """Return Terraform's path."""
    return shutil.which(os.environ["TERRAFORM_BIN"]) or os.environ["TERRAFORM_BIN"]


def environment(folder: Path, keys: Credentials) -> dict[str, str]:
    """Return the environment of its process: the mirror only, no telemetry, keys of the emulator."""
    rc = folder / "terraform.rc"
    rc.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{os.environ["TERRAFORM_PROVIDER_MIRROR"]}"\n  }}\n}}\n',
        encoding="utf-8",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    return kept | {
        "TF_CLI_CONFIG_FILE": str(rc),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token or "",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


def write_configuration(folder: Path, resources: Iterable[DesiredResource], *, scope: Scope, code: Path, endpoint: str) -> None:
    """Write what makes Terraform manage the same resources at that endpoint."""
    folder.mkdir(parents=True)
    write_endpoint(folder, scope=scope, endpoint=endpoint)
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        for file in sorted(code.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
    by_pipeline: dict[str, list[DesiredResource]] = defaultdict(list)
    for resource in resources:
        by_pipeline[resource.address.pipeline].append(resource)
    for pipeline, parts in by_pipeline.items():
        blocks: dict[str, dict[str, Any]] = defaultdict(dict)
        for part in parts:
            for kind, content in _MAKERS[part.address.kind](part, scope).items():
                blocks[kind][_label(part.address)] = content
        _write(folder / f"{pipeline}.tf.json", {"resource": blocks})


def write_endpoint(folder: Path, *, scope: Scope, endpoint: str) -> None:
    """Write where the provider finds AWS."""
    provider = {
        "region": scope.region,
        "skip_metadata_api_check": True,
        "endpoints": [dict.fromkeys(_SERVICES, endpoint)],
    }
    versions = {"required_providers": {"aws": {"source": "hashicorp/aws"}}}
    _write(folder / "main.tf.json", {"terraform": versions, "provider": {"aws": provider}})


def write_state(folder: Path, parts: Iterable[Path]) -> None:
    """Write one state out of those of several folders, whose resources all have names of their own."""
    states = [json.loads((part / "terraform.tfstate").read_text(encoding="utf-8")) for part in parts]
    whole = {**states[0], "resources": [resource for state in states for resource in state["resources"]]}
    _write(folder / "terraform.tfstate", whole)


def _role(resource: DesiredResource, scope: Scope) -> dict[str, Any]:
    attributes = resource.attributes
    role = {
        "name": resource.physical_name,
        "path": attributes["path"],
        "description": attributes["description"],
        "assume_role_policy": _document(attributes["trust"]),
        "tags": _tags(resource, scope),
    }
    policy = {
        "name": "bunsui",
        "role": f"${{aws_iam_role.{_label(resource.address)}.name}}",
        "policy": _document(attributes["policy"]),
    }
    return {"aws_iam_role": role, "aws_iam_role_policy": policy}


def _log_group(resource: DesiredResource, scope: Scope) -> dict[str, Any]:
    days = resource.attributes["retention_days"]
    group = {"name": resource.physical_name, "retention_in_days": days, "tags": _tags(resource, scope)}
    return {"aws_cloudwatch_log_group": group}


def _function(resource: DesiredResource, scope: Scope) -> dict[str, Any]:
    attributes = resource.attributes
    function = {
        "function_name": resource.physical_name,
        "filename": "code.zip",
        "handler": attributes["handler"],
        "runtime": attributes["runtime"],
        "memory_size": attributes["memory_mb"],
        "timeout": attributes["timeout_seconds"],
        "role": _text(attributes["role_arn"]),
        "publish": True,
        "tags": _tags(resource, scope),
    }
    return {"aws_lambda_function": function}


def _machine(resource: DesiredResource, scope: Scope) -> dict[str, Any]:
    attributes = resource.attributes
    logging: Any = attributes["logging"]
    label = _label(resource.address)
    machine = {
        "name": resource.physical_name,
        "definition": _document(attributes["definition"]),
        "role_arn": _text(attributes["role_arn"]),
        "publish": True,
        "tracing_configuration": {"enabled": attributes["tracing"]},
        "logging_configuration": {
            "level": logging["level"],
            "include_execution_data": logging["include_execution_data"],
            "log_destination": _text(logging["log_group_arn"]) + ":*",
        },
        "tags": _tags(resource, scope),
    }
    route = {"state_machine_version_arn": f"${{aws_sfn_state_machine.{label}.state_machine_version_arn}}", "weight": 100}
    return {"aws_sfn_state_machine": machine, "aws_sfn_alias": {"name": attributes["alias"], "routing_configuration": route}}


def _schedule_group(resource: DesiredResource, scope: Scope) -> dict[str, Any]:
    return {"aws_scheduler_schedule_group": {"name": resource.physical_name, "tags": _tags(resource, scope)}}


def _schedule(resource: DesiredResource, _: Scope) -> dict[str, Any]:
    attributes = resource.attributes
    schedule = {
        "name": resource.physical_name,
        "group_name": f"${{aws_scheduler_schedule_group.{_label(Address('schedule_group', resource.address.pipeline))}.name}}",
        "schedule_expression": attributes["expression"],
        "schedule_expression_timezone": attributes["timezone"],
        "flexible_time_window": {"mode": "OFF"},
        "target": {
            "arn": _text(attributes["target_arn"]),
            "role_arn": _text(attributes["role_arn"]),
            "input": _document(attributes["input"]),
            "retry_policy": {"maximum_retry_attempts": attributes["retries"]},
        },
    }
    return {"aws_scheduler_schedule": schedule}


_MAKERS = {
    "role": _role,
    "log_group": _log_group,
    "lambda_function": _function,
    "state_machine": _machine,
    "schedule_group": _schedule_group,
    "schedule": _schedule,
}


def _tags(resource: DesiredResource, scope: Scope) -> dict[str, Any]:
    own: Any = resource.attributes["tags"]
    return {**scope.tags(resource.address), **own}


def _document(value: Any) -> str:
    """Return JSON text in which references are Terraform's, and nothing else is."""
    return _text(json.dumps(_marked(value), separators=(",", ":"), ensure_ascii=False))


def _marked(value: Any) -> Any:
    if isinstance(value, Reference):
        return f"\x00{_reference(value)}\x00"
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, (list, tuple)) else value


def _text(value: Any) -> str:
    if isinstance(value, Reference):
        return f"${{{_reference(value)}}}"
    literal = str(value).replace("${", "$${").replace("%{", "%%{")
    return re.sub(r"(?:\\u0000|\x00)(.+?)(?:\\u0000|\x00)", r"${\1}", literal)


def _reference(reference: Reference) -> str:
    kind, attribute = _TYPES[reference.address.kind], reference.attribute
    if attribute == "alias_arn":
        kind, attribute = "aws_sfn_alias", "arn"
    if attribute == "version_arn":
        attribute = "qualified_arn"
    return f"{kind}.{_label(reference.address)}.{attribute}"


def _label(address: Address) -> str:
    return "_".join((address.pipeline, *address.name.split("."))).strip("_")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
