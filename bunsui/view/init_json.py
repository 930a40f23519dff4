"""A new project as a JSON document."""

from __future__ import annotations

from bunsui.model.values import Json
from bunsui.services.init import InitOutcome
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, document, text, texts


def init_json(outcome: InitOutcome) -> dict[str, Json]:
    """Give the document of `bunsui init --json`."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "init",
        "folder": str(outcome.folder),
        "written": list(outcome.written),
        "kept": list(outcome.kept),
    }


def init_schema() -> Schema:
    """Describe what `init_json` gives."""
    return document(
        "init",
        "Of `init`: a project, or a pipeline of one, was started.",
        {
            "folder": text("The project's folder, as it was given."),
            "written": texts("New files, from the folder."),
            "kept": texts("Files that were there before and stayed as they were, from the folder."),
        },
    )
