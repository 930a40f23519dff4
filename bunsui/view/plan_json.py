"""A plan as JSON for machines: a public, versioned format, described by `plan_schema`.

Values are whole, sensitive ones apart, which are never in it. What apply alone can know stands as a text in parentheses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bunsui.diff.model import DiffItem, Operation, Section
from bunsui.kinds.registry import kind
from bunsui.model.values import Json
from bunsui.plan.digest import after_hash, before_hash, change_digest, desired_digest
from bunsui.plan.model import Action, Plan, Reason, ResourceChange, Retirement, Risk
from bunsui.plan.saved import checksum, edited
from bunsui.view.findings_json import finding_json, finding_schema
from bunsui.view.plan_words import jsonable, sentence

FORMAT_VERSION = 1
"""Grows when a reader of the old format could misread the new one; added keys do not count."""


def plan_json(plan: Plan) -> dict[str, Json]:
    """Give the plan as one JSON document."""
    return {
        "format_version": FORMAT_VERSION,
        "project": plan.scope.project,
        "project_id": plan.scope.project_id,
        "environment": plan.scope.environment,
        "account": plan.scope.account,
        "region": plan.scope.region,
        "commit": plan.commit,
        "as_of": plan.as_of.isoformat(),
        "complete": plan.complete,
        "can_apply": plan.can_apply,
        "state": {"lineage": plan.mark.lineage, "serial": plan.mark.serial},
        "select": list(plan.select) if plan.select is not None else None,
        "refresh": plan.refresh,
        "basis": {"revision": plan.basis.revision, "commit": plan.basis.commit} if plan.basis is not None else None,
        "at_once": plan.at_once,
        "digest": change_digest(plan),
        "desired_digest": desired_digest(plan),
        "counts": {action.value: count for action, count in plan.counts().items()},
        "changes": [_change(change) for change in plan.changes],
        "findings": [finding_json(found) for found in plan.diagnostics],
    }


def plan_file(plan: Plan, plan_id: str) -> dict[str, Json]:
    """Give the document of a saved plan: the plan with an id and a checksum."""
    document = {**plan_json(plan), "id": plan_id}
    return {**document, "checksum": checksum(document)}


def check_shown(document: Mapping[str, Json], plan: Plan) -> None:
    """Compare what the file shows of each change that is still to be done with what would be shown now.

    Raises:
        Refused: `plan-edited`.

    """
    rows = document["changes"]
    shown = {row["address"]: row for row in rows if isinstance(row, Mapping)} if isinstance(rows, Sequence) else {}
    for change in plan.pending:
        row = shown.get(str(change.address))
        now: dict[str, Json] = json.loads(json.dumps(_change(change)))  # through text, since a file knows no tuples
        said = change.desired or change.applied
        if isinstance(row, Mapping) and said is not None and said.lifecycle.ignore:
            now["revision"] = row.get("revision")  # it also tells of what belongs to others; the rest was compared
        if now != row:
            raise edited("it shows something else of a resource than would be done", resource=change.address)


def plan_schema() -> dict[str, Json]:
    """Give the JSON Schema of `plan --json`."""
    text: Json = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bunsui plan",
        "description": "What `bunsui plan --json` prints, and `bunsui plan --out FILE` saves.",
        "type": "object",
        "required": [
            "format_version", "project", "project_id", "environment", "account", "region", "commit", "as_of", "complete",
            "can_apply", "state", "select", "refresh", "at_once", "digest", "desired_digest", "counts", "changes", "findings",
        ],
        "properties": {
            "format_version": {"const": FORMAT_VERSION},
            "id": {"type": "string", "description": "Only in a saved plan: it is applied once."},
            "checksum": {"type": "string", "description": "Only in a saved plan: SHA-256 of the rest."},
            "project": text,
            "project_id": text,
            "environment": text,
            "account": text,
            "region": text,
            "commit": {"type": "string", "description": "With `*` when the tree was dirty; empty outside git."},
            "as_of": {"type": "string", "format": "date-time"},
            "complete": {"type": "boolean", "description": "False when only some pipelines were planned."},
            "can_apply": {"type": "boolean", "description": "There is something to do and nothing forbids it."},
            "state": {
                "type": "object",
                "description": "Which state the plan was made from, and how many applies it had seen.",
                "required": ["lineage", "serial"],
                "properties": {"lineage": text, "serial": {"type": "integer", "minimum": 0}},
            },
            "select": {"type": ["array", "null"], "description": "The planned pipelines; null for all.", "items": text},
            "refresh": {"enum": ["full", "touched", "hinted", "none"], "description": "How much of AWS was read."},
            "basis": {
                "type": ["object", "null"],
                "description": "The commit that the checkout is compared with; null when it is compared with AWS.",
                "required": ["revision", "commit"],
                "properties": {"revision": text, "commit": text},
            },
            "at_once": {
                "type": "boolean",
                "description": "True when what is removed is deleted without being retired first.",
            },
            "digest": {
                "type": "string",
                "description": "Two plans that change the same things from and to the same values share it.",
            },
            "desired_digest": {"type": "string", "description": "Of everything that the repository wants, changed or not."},
            "counts": {
                "type": "object",
                "propertyNames": {"enum": [action.value for action in Action]},
                "additionalProperties": {"type": "integer", "minimum": 1},
            },
            "changes": {"type": "array", "items": {"$ref": "#/$defs/change"}},
            "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
        },
        "$defs": {"change": _change_schema(), "place": _place_schema(), "finding": finding_schema()},
    }  # fmt: skip


def _change(change: ResourceChange) -> dict[str, Json]:
    return {
        "address": str(change.address),
        "kind": change.address.kind,
        "pipeline": change.address.pipeline,
        "name": change.address.name,
        "physical_name": change.physical_name,
        "action": change.action.value,
        "reason": change.reason.value,
        "risk": change.risk.value,
        "depends_on": [str(address) for address in change.depends_on],
        "diff": [_place(item) for item in change.diff.items],
        "drift": [_place(item) for item in change.drift],
        "note": change.note,
        "newly_allowed": [list(pair) for pair in change.newly_allowed],
        "creates": _created(change),
        "retirement": _retirement(change.retirement),
        "before_hash": before_hash(change),
        "after_hash": after_hash(change.desired),
        "revision": change.actual.revision if change.actual is not None else "",
        **_verified(change),
    }


def _verified(change: ResourceChange) -> dict[str, Json]:
    at = change.actual.verified_at if change.actual is not None and change.actual.is_assumed else None
    return {"verified_at": at.isoformat()} if at is not None else {}


def _created(change: ResourceChange) -> Json:
    """All attributes of a new resource, since there is nothing to differ from; null for every other change."""
    if change.action is not Action.CREATE or change.desired is None:
        return None
    hidden = {attribute.name for attribute in kind(change.address.kind).attributes if attribute.sensitive}
    values = change.desired.attributes
    return {name: "(sensitive)" if name in hidden else jsonable(value) for name, value in values.items()}


def _retirement(retirement: Retirement | None) -> Json:
    if retirement is None:
        return None
    return {
        "since": retirement.since.isoformat() if retirement.since else None,
        "until": retirement.until.isoformat() if retirement.until else None,
        "running": list(retirement.running),
        "redrivable": list(retirement.redrivable),
        "unknown": retirement.unknown,
        "is_over": retirement.is_over,
    }


def _place(item: DiffItem) -> dict[str, Json]:
    place: dict[str, Json] = {
        "section": item.section.value,
        "attribute": item.attribute,
        "subject": item.subject,
        "path": list(item.path),
        "operation": item.operation.value,
        "text": sentence(item).text,
    }
    if item.operation is not Operation.ADDED:
        place["before"] = jsonable(item.before)
    if item.operation is not Operation.REMOVED:
        place["after"] = jsonable(item.after)
    return place


def _change_schema() -> Json:
    places: Json = {"type": "array", "items": {"$ref": "#/$defs/place"}}
    text: Json = {"type": "string"}
    return {
        "type": "object",
        "required": [
            "address", "kind", "pipeline", "name", "physical_name", "action", "reason", "risk", "depends_on", "diff", "drift",
            "note", "newly_allowed", "creates", "retirement", "before_hash", "after_hash", "revision",
        ],
        "properties": {
            "address": {"type": "string", "description": "`kind.pipeline` or `kind.pipeline.name`; stable."},
            "kind": text,
            "pipeline": text,
            "name": text,
            "physical_name": {"type": "string", "description": "The name in AWS."},
            "action": {"enum": [action.value for action in Action]},
            "reason": {"enum": [reason.value for reason in Reason]},
            "risk": {"enum": [risk.value for risk in Risk]},
            "depends_on": {"type": "array", "items": {"type": "string"}},
            "diff": places,
            "drift": places,
            "note": text,
            "newly_allowed": {
                "type": "array",
                "description": "Pairs of action and resource that a role is newly allowed.",
                "items": {"type": "array", "prefixItems": [text, text], "minItems": 2, "maxItems": 2},
            },
            "creates": {"type": ["object", "null"], "description": "All attributes of a new resource."},
            "retirement": {
                "type": ["object", "null"],
                "description": "Why something that is no longer wanted stays; null for everything else.",
                "required": ["since", "until", "running", "redrivable", "unknown", "is_over"],
                "properties": {
                    "since": {"type": ["string", "null"], "description": "Null when this plan retires it."},
                    "until": {"type": ["string", "null"], "description": "The earliest time of its deletion."},
                    "running": {"type": "array", "items": text},
                    "redrivable": {"type": "array", "items": text},
                    "unknown": {"type": "string", "description": "Why nobody could tell what needs it."},
                    "is_over": {"type": "boolean", "description": "True when this plan deletes it."},
                },
            },
            "before_hash": {"type": "string", "description": "Of what AWS has; empty for nothing."},
            "after_hash": {"type": "string", "description": "Of what the repository wants; empty for nothing."},
            "revision": {"type": "string", "description": "The live revision that the plan saw."},
            "verified_at": {
                "type": "string",
                "format": "date-time",
                "description": "Only of what was not read: when it was last seen to be as applied.",
            },
        },
    }  # fmt: skip


def _place_schema() -> Json:
    return {
        "type": "object",
        "required": ["section", "attribute", "subject", "path", "operation", "text"],
        "properties": {
            "section": {"enum": [section.value for section in Section]},
            "attribute": {"type": "string"},
            "subject": {"type": "string", "description": "The state, statement or attribute that changes."},
            "path": {"type": "array", "items": {"type": "string"}},
            "operation": {"enum": [operation.value for operation in Operation]},
            "text": {"type": "string", "description": "The change in words, shortened."},
            "before": {"description": "Absent when the place was added."},
            "after": {"description": "Absent when the place was removed."},
        },
    }
