"""The pipeline's file of a machine that somebody made: everything around it is named, nothing of it is made anew."""

from __future__ import annotations

import posixpath
import re

from bunsui.document.lowering.raw_definition import AS_IT_STANDS
from bunsui.document.yaml.writer import yaml_text
from bunsui.model.json import Json
from bunsui.model.names import is_id
from bunsui.model.pipeline import NO_LOG_GROUP
from bunsui.ports.machines import DescribedMachine
from bunsui.services.adoption.owners import NOBODY, Owner

_SCHEMA = "schemas/pipeline-v1.json"
_LONGEST = 64
_FOREIGN = re.compile(r"[^A-Za-z0-9_]+")
_SET_BY_TOOLS = ("aws:", "bunsui:")
"""Begins tags that AWS or bunsui sets itself."""


def pipeline_name(machine: str) -> str:
    """Return the id of a pipeline that says most of the machine's name."""
    name = _FOREIGN.sub("-", machine).strip("-_")
    name = name if name[:1].isalpha() else f"machine-{name}".rstrip("-")
    name = name[:_LONGEST].rstrip("-_")
    assert is_id(name), "made of letters, digits and single dashes"
    return name


def definition_name(path: str) -> str:
    """Return the path of the definition that lies beside a pipeline's file."""
    return f"{path.rpartition('.')[0]}.asl.json"


def pipeline_text(
    machine: DescribedMachine, name: str, *, path: str, has_schema: bool, tells: bool, owner: Owner = NOBODY
) -> str:
    """Return the file at `path` that means the machine as it is, its definition beside it. With an owner it is observed.

    `has_schema` where the project keeps the schema for editors, `tells` where the project says who is told of failures: an
    imported machine has nobody to begin with.
    """
    entry: dict[str, Json] = {
        "version": 1,
        "name": name,
        "resource_name": machine.name,
        "definition": posixpath.basename(definition_name(path)),
    }
    if owner is not NOBODY:
        entry["observed"] = owner.words
    if "${" in machine.definition:
        entry["substitutions"] = AS_IT_STANDS
    entry["roles"] = {"machine": machine.role_arn}
    entry["logging"] = _logging(machine)
    if machine.tracing:
        entry["tracing"] = True
    tags: dict[str, Json] = {key: text for key, text in sorted(machine.tags.items()) if not key.startswith(_SET_BY_TOOLS)}
    if tags:
        entry["tags"] = tags
    if tells:
        entry["alerts"] = []
    entry["lifecycle"] = {"prevent_destroy": True}
    above = "../" * path.count("/")
    first = f"# yaml-language-server: $schema={above}{_SCHEMA}\n" if has_schema else ""
    return first + yaml_text(entry)


def _logging(machine: DescribedMachine) -> dict[str, Json]:
    found: dict[str, Json] = {"level": machine.log_level, "destination": machine.log_group_arn or NO_LOG_GROUP}
    if machine.logs_data != (machine.log_level == "ALL"):
        found["include_execution_data"] = machine.logs_data
    return found
