"""Forms that no earlier bunsui took: a file that has one was written for today's meaning, or was looked at since."""

from __future__ import annotations

from bunsui.document.upgrading.splices import children
from bunsui.document.yaml.tree import Document, DocumentNode, Path

_KEYS = ("on_failure", "finally", "functions")


def todays_form(document: Document) -> Path | None:
    """Return the first place with such a form; None for a file that an earlier bunsui may have taken."""
    root = children(document.root)
    for name, job in children(root.get("jobs")).items():
        found = _of_job(job)
        if found:
            return ("jobs", name, found)
    return next(((key,) for key in _KEYS if key in root), None)


def _of_job(job: DocumentNode) -> str:
    """Return the key with such a form; empty when there is none."""
    entries = children(job)
    for key in ("type", "handles"):
        if key in entries:
            return key
    if "depends_on" in entries and isinstance(entries["depends_on"].value, str):
        return "depends_on"
    if "foreach" in entries and not isinstance(entries["foreach"].value, dict):
        return "foreach"
    outputs = entries.get("outputs")
    if outputs is None:
        return ""
    is_list = not isinstance(outputs.value, dict)
    return "outputs" if is_list or any("value" in children(entry) for entry in children(outputs).values()) else ""
