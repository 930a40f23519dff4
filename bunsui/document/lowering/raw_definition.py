"""`definition:`: a state machine definition in a file of its own, its placeholders replaced."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from bunsui.document.checks.raw_definition import check_definition
from bunsui.document.lowering.values import Lowering
from bunsui.document.yaml.builder import LIMIT_DEFINITION_PARTS
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import RawDefinition
from bunsui.model.values import Value

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def definition_path(folder: str, said: str) -> str:
    """Return the definition's path from the project's root; `said` is relative to the pipeline's folder."""
    return posixpath.normpath(posixpath.join(folder, said))


def lower_definition(lowering: Lowering, folder: str, said: str, substitutions: Mapping[str, Value]) -> RawDefinition | None:
    """Read, substitute and check the definition; None, with findings, when it cannot be used."""
    path = definition_path(folder, said)
    if path.startswith(("../", "/")):
        lowering.report("BS213", f"the definition {said} lies outside the project's folder", ("definition",))
        return None
    try:
        content = lowering.source.read(path)
    except InvalidInput as error:
        lowering.report("BS213", f"{error.summary}: {path}", ("definition",), hint="The path is relative to this file.")
        return None
    intake = read_document(path, content, limit_parts=LIMIT_DEFINITION_PARTS)
    lowering.findings.extend(intake.diagnostics)
    if intake.document is None:
        return None
    replaced = _substitute(lowering, intake.document, substitutions)
    findings = check_definition(intake.document, replaced)
    lowering.findings.extend(findings)
    if not isinstance(replaced, Mapping) or any(finding.is_error for finding in findings):
        return None
    return RawDefinition(path=path, document=replaced)


def _substitute(lowering: Lowering, document: Document, substitutions: Mapping[str, Value]) -> Json:
    values = {name: lowering.constant(("substitutions", name), value) for name, value in substitutions.items()}
    used: set[str] = set()

    def replace(value: Json) -> Json:
        if isinstance(value, str):
            return _replace_placeholders(value, values, used)
        if isinstance(value, Mapping):
            return {str(_replace_placeholders(key, values, used)): replace(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [replace(item) for item in value]
        return value

    replaced = replace(document.data)
    for name in values:
        if name not in used:
            lowering.report(
                "BS214",
                f"the definition has no placeholder ${{{name}}}",
                ("substitutions", name),
                hint="Remove it, or correct its name.",
            )
    return replaced


def _replace_placeholders(text: str, values: Mapping[str, Json], used: set[str]) -> Json:
    whole = _NAMED.fullmatch(text)
    if whole is not None and whole.group(1) in values:
        used.add(whole.group(1))
        return values[whole.group(1)]

    def one(match: re.Match[str]) -> str:
        if match.group(1) not in values:
            return match.group()
        used.add(match.group(1))
        return str(values[match.group(1)])

    return _NAMED.sub(one, text)
