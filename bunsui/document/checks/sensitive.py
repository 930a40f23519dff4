"""Sensitive parameters take references instead of values: in defaults, in the input of schedules, in smoke runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.references import REFERENCE_FORMS, REFERENCE_NEEDED, is_reference


def check_sensitive(document: Document, data: Mapping[str, Json]) -> Iterator[Diagnostic]:
    """Return the values that stand where only a reference may; none is repeated, since it may be what is to be kept."""
    declared = data.get("parameters")
    parameters = declared if isinstance(declared, Mapping) else {}
    sensitive = {name: one for name, one in parameters.items() if isinstance(one, Mapping) and one.get("sensitive") is True}
    for name, entry in sensitive.items():
        path: Path = ("parameters", name)
        if entry.get("type") not in (None, "string"):
            summary = f"the sensitive parameter {name} must be of the type string: its values are references"
            yield document.finding("BS233", summary, (*path, "type"), hint="Write type: string.")
        if "default" in entry:
            yield from _value(document, name, entry["default"], (*path, "default"))
    schedules = data.get("schedules")
    for index, schedule in enumerate(schedules if isinstance(schedules, list) else ()):
        given = schedule.get("input") if isinstance(schedule, Mapping) else None
        for name, value in given.items() if isinstance(given, Mapping) else ():
            if name in sensitive:
                yield from _value(document, name, value, ("schedules", index, "input", name))
    verify = data.get("verify")
    tried = verify.get("run") if isinstance(verify, Mapping) else None
    for name, value in tried.items() if isinstance(tried, Mapping) else ():
        if name in sensitive:
            yield from _value(document, name, value, ("verify", "run", name))


def _value(document: Document, name: str, value: Json, path: Path) -> Iterator[Diagnostic]:
    if isinstance(value, str) and (is_reference(value) or "${" in value):
        return  # what is filled in only later is checked by the run
    yield document.finding(
        "BS233",
        f"the sensitive parameter {name} {REFERENCE_NEEDED}",
        path,
        hint=f"Store the value in one of them, and write its ARN: {REFERENCE_FORMS}.",
    )
