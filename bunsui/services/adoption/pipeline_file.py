"""The pipeline's file of a machine that somebody made: everything around it is named, nothing of it is made anew."""

from __future__ import annotations

import posixpath
import re

from bunsui.document.globs import fixed_part, glob_pattern
from bunsui.document.lowering.raw_definition import AS_IT_STANDS
from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.names import is_id
from bunsui.model.pipeline import NO_LOG_GROUP
from bunsui.ports.machines import DescribedMachine
from bunsui.project.repository import Repository
from bunsui.services.adoption.owners import NOBODY, Owner

SCHEMA_FILE = "schemas/pipeline-v1.json"
"""The schema for editors, where a project keeps it."""
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
    return schema_line(path, has_schema=has_schema) + yaml_text(entry)


def schema_line(path: str, *, has_schema: bool) -> str:
    """Return the first line of a pipeline's file at `path`, which tells editors the schema; empty without one."""
    return f"# yaml-language-server: $schema={'../' * path.count('/')}{SCHEMA_FILE}\n" if has_schema else ""


def file_path(name: str, repository: Repository, folder: str | None) -> str:
    """Return where a pipeline's file goes, so that a pattern of the project finds it.

    Raises:
        InvalidInput: no pattern looks there.

    """
    patterns = repository.project.patterns
    places = (folder.strip("/"),) if folder is not None else tuple(dict.fromkeys(map(fixed_part, patterns)))
    for place in places:
        for suffix in (".yaml", ".yml"):
            path = f"{place}/{name}{suffix}" if place else f"{name}{suffix}"
            if any(glob_pattern(pattern).fullmatch(path) for pattern in patterns):
                return path
    raise InvalidInput(
        "not-a-pipelines-folder",
        "a file there would be no pipeline's: `pipelines` in bunsui.yaml does not look there",
        hint="Choose another folder:  --into FOLDER",
        folder=", ".join(places),
        pipelines=", ".join(patterns),
    )


def free_name(name: str, taken: set[str]) -> str:
    """Return the name, or one like it that is not taken."""
    if name not in taken:
        return name
    number = next(number for number in range(2, len(taken) + 3) if f"{name[:60]}-{number}" not in taken)
    return f"{name[:60]}-{number}"


def _logging(machine: DescribedMachine) -> dict[str, Json]:
    found: dict[str, Json] = {"level": machine.log_level, "destination": machine.log_group_arn or NO_LOG_GROUP}
    if machine.logs_data != (machine.log_level == "ALL"):
        found["include_execution_data"] = machine.logs_data
    return found
