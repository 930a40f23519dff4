"""What can be said of a function besides its code: its runtime, its network, its storage.

Sources: API reference of Lambda, CreateFunction, VpcConfig, DeadLetterConfig; developer guide, "Lambda runtimes", "Lambda
quotas"; the managed policy AWSLambdaVPCAccessExecutionRole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from bunsui.model.values import Value
from bunsui.operations.contract import FunctionCode, Permission
from bunsui.operations.fields import CONFIG, Knowns

Runtime: TypeAlias = Literal[
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "nodejs22.x",
    "nodejs24.x",
    "ruby3.3",
    "ruby3.4",
    "java17",
    "java21",
    "java25",
    "dotnet8",
    "dotnet10",
    "provided.al2023",
]
PYTHON_HANDLER = re.compile(r"^[A-Za-z_][A-Za-z0-9_./]*\.[A-Za-z_][A-Za-z0-9_]*$")
_HANDLERS = {
    "python": (PYTHON_HANDLER, "app.handler"),
    "nodejs": (re.compile(r"^[\w./-]+\.[A-Za-z_$][\w$]*$"), "index.handler"),
    "ruby": (re.compile(r"^[\w./-]+\.[A-Za-z_][\w:.]*$"), "app.handler"),
    "java": (re.compile(r"^[\w.$]+(::\w+)?$"), "example.Handler::handleRequest"),
    "dotnet": (re.compile(r"^[\w.-]+(::[\w.+-]+::\w+)?$"), "Assembly::Namespace.Class::Method"),
    "provided": (re.compile(r"^\S+$"), "bootstrap"),
}
"""How handlers look, by the family of the runtime, with one for example."""
_LAYER = re.compile(r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$")
_QUEUE_OR_TOPIC = re.compile(r"^arn:aws[a-z-]*:(?:sqs|sns):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$")
_KEY = re.compile(r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$")

NETWORK_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What the role of a function in a VPC needs besides its log (AWSLambdaVPCAccessExecutionRole, on every resource)."""
TRACE_ACTIONS = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
"""What the role of a traced function needs (AWSXRayDaemonWriteAccess, without what samples)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionNetwork:
    """The VPC that a function reaches into. Networks are referred to, never made; the internet, and services of AWS without an
    endpoint in the VPC, are reached through a NAT only."""

    __pydantic_config__: ClassVar = CONFIG

    subnets: Annotated[Knowns, Field(min_length=1, max_length=16)]
    """Ids of subnets, better in more than one zone."""
    security_groups: Annotated[Knowns, Field(min_length=1, max_length=5)]
    """Ids of security groups."""


def is_python(runtime: str) -> bool:
    """Tell whether a runtime runs Python."""
    return runtime.startswith("python")


def check_settings(
    *, runtime: str, handler: str, requirements: str | None, layers: Sequence[Value], dead_letter: Value, kms_key: Value
) -> None:
    """Raise ValueError for what Lambda, or the packager, would refuse."""
    family = re.match(r"[a-z]+", runtime)
    form, example = _HANDLERS[family.group() if family is not None else "provided"]
    if not form.match(handler) or len(handler) > 128:
        raise ValueError(f"handler: {runtime} takes one such as {example}, of 128 characters at most")
    if requirements is not None and not is_python(runtime):
        raise ValueError(
            f"requirements: only Python's are packaged; for {runtime} lay what is needed into the folder (`include` takes back"
            " what is left out by itself, such as node_modules)"
        )
    wrong = next((one for one in layers if isinstance(one, str) and not _LAYER.match(one)), None)
    if wrong is not None:
        raise ValueError(f"layers: {wrong} is no ARN of a layer's version")
    if isinstance(dead_letter, str) and not _QUEUE_OR_TOPIC.match(dead_letter):
        raise ValueError("dead_letter: write the ARN of a standard queue or topic")
    if isinstance(kms_key, str) and not _KEY.match(kms_key):
        raise ValueError("kms_key: write the key's ARN, arn:aws:kms:REGION:ACCOUNT:key/…")


def setting_permissions(code: FunctionCode) -> tuple[Permission, ...]:
    """Return what a function's role needs for what is said of the function."""
    found = []
    if code.subnets:
        found.append(Permission(actions=NETWORK_ACTIONS, resources=("*",)))
    if code.tracing:
        found.append(Permission(actions=TRACE_ACTIONS, resources=("*",)))
    if code.dead_letter is not None:
        target = code.dead_letter
        service = target.split(":")[2] if isinstance(target, str) else ""
        sends = {"sqs": ("sqs:SendMessage",), "sns": ("sns:Publish",)}.get(service, ("sns:Publish", "sqs:SendMessage"))
        found.append(Permission(actions=sends, resources=(target,)))
    if code.kms_key is not None:
        found.append(Permission(actions=("kms:Decrypt",), resources=(code.kms_key,)))
    return tuple(found)
