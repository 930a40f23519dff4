"""The published schema of what `--json` prints: one document for each kind, described beside the function that writes it.

Plans and findings have schemas of their own (`plan_schema`, `findings_schema`), which files and other programs hold as well.
"""

from __future__ import annotations

from bunsui.cli.local_json import local_schemas
from bunsui.view.apply_view import events_schema
from bunsui.view.audit_view import audit_schema
from bunsui.view.findings_json import explained_schema
from bunsui.view.graph import graph_schema
from bunsui.view.init_json import init_schema
from bunsui.view.lock_view import freed_schema
from bunsui.view.schema_parts import DRAFT, Schema
from bunsui.view.session_json import session_schema, sessions_schemas
from bunsui.view.session_logs import logs_schema
from bunsui.view.simulation import simulation_schema
from bunsui.view.state_json import record_schema, state_schemas
from bunsui.view.status_view import status_schema
from bunsui.view.test_report import report_schema


def documents() -> dict[str, Schema]:
    """Give the schema of each document by its kind; `output_schema` has the parts that they refer to."""
    found: dict[str, Schema] = {
        "apply": events_schema(),
        "audit": audit_schema(),
        "finding": explained_schema(),
        "graph": graph_schema(),
        "init": init_schema(),
        "logs": logs_schema(),
        "simulation": simulation_schema(),
        "status": status_schema(),
        "tests": report_schema(),
        "unlock": freed_schema(),
        **local_schemas(),
        **sessions_schemas(),
        **state_schemas(),
    }
    return dict(sorted(found.items()))


def output_schema() -> Schema:
    """Give the JSON Schema of every document that a command prints with `--json`, plans and findings apart."""
    kinds = documents()
    return {
        "$schema": DRAFT,
        "title": "bunsui output",
        "description": "What commands print with --json: one document, told by its kind. Plans have a schema of their own, and "
        "so have findings: of `validate`, and of `plan` and `apply` when the files have errors.",
        "type": "object",
        "required": ["format_version", "kind"],
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds],
        "$defs": {**kinds, "one-session": session_schema(), "record": record_schema()},
    }
