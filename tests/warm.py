"""Imported by the server that processes are forked from: does before the first of them what each would do for itself.

It imports what commands import as they go, reads the descriptions of AWS's services, and makes what is made once in a process:
the readers of operations and of options, and what is kept of the first project that is compiled and shown.
"""

from __future__ import annotations

import collections
import gc
from importlib import import_module
from typing import Any, cast

from bunsui.aws.botocore_session import Credentials, core_session
from bunsui.aws.service_models import service_model, service_names
from bunsui.cli.main import load_command
from bunsui.cli.registry import COMMANDS
from bunsui.document.lowering.operations import _adapter
from bunsui.document.yaml.reader import read_document
from bunsui.operations.registry import builtin_registry
from tests.unit.document.key_toggles import BASE, PROJECT
from tests.unit.document.shown_project import shown

IMPORTED = (
    "bunsui.aws.approvals.items",
    "bunsui.aws.approvals.table",
    "bunsui.aws.approvals.task_tokens",
    "bunsui.aws.constraints.requests",
    "bunsui.aws.container_logs",
    "bunsui.aws.account.function_limits",
    "bunsui.aws.hints",
    "bunsui.aws.parameters",
    "bunsui.aws.stores.acts",
    "bunsui.aws.stores.applies",
    "bunsui.aws.stores.inventory",
    "bunsui.aws.stores.journal",
    "bunsui.aws.stores.lock",
    "bunsui.aws.stores.recovery",
    "bunsui.aws.stores.sessions",
    "bunsui.aws.stores.state",
    "bunsui.aws.stores.verification",
    "bunsui.aws.trail",
    "bunsui.aws.versions",
    "bunsui.composition.gate_ports",
    "bunsui.composition.local_calls",
    "bunsui.view.plan.comment",
    "deepdiff",
    "encodings.idna",
    "pydantic.dataclasses",
    "typer._adapters",
    "tzdata",
)
SERVICES = ("dynamodb", "iam", "lambda", "logs", "resourcegroupstaggingapi", "s3", "scheduler", "stepfunctions", "sts")


def warm() -> None:
    """Do it, without a call to anybody."""
    for name in IMPORTED:
        import_module(name)
    for operation_type in builtin_registry().values():
        _adapter(cast("Any", operation_type.params))
    for entry in COMMANDS:
        load_command(entry)
    read_document("bunsui.yaml", b"version: 1")
    service_names()
    core = core_session(None, Credentials(access_key="none", secret_key="none"), "http://127.0.0.1:1", print)
    for service in SERVICES:
        core.create_client(service, region_name="us-east-1", endpoint_url="http://127.0.0.1:1")
        service_model(service)
    collections.deque(shown(BASE, PROJECT), maxlen=0)
    gc.collect()
    gc.freeze()


warm()
