"""The state, its history and what was done to it by hand, as JSON documents."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.model.values import Json
from bunsui.ports.ledger import ApplyRecord
from bunsui.services.state import Rebuilt, StateRow
from bunsui.view.schema_parts import (
    FORMAT_VERSION,
    Schema,
    closed,
    document,
    flag,
    listed,
    moment,
    or_null,
    part,
    table,
    text,
    texts,
    whole,
)


def state_json(rows: Sequence[StateRow]) -> dict[str, Json]:
    """Give the state as one JSON document."""
    return {"format_version": FORMAT_VERSION, "kind": "state", "resources": [_resource_json(row) for row in rows]}


def history_json(records: Sequence[ApplyRecord]) -> dict[str, Json]:
    """Give the record of applies as one JSON document."""
    return {"format_version": FORMAT_VERSION, "kind": "history", "applies": [record_json(record) for record in records]}


def rebuilt_json(done: Rebuilt) -> dict[str, Json]:
    """Give what a rebuild did as one JSON document."""
    found = [str(address) for address in done.found]
    dropped = [str(address) for address in done.dropped]
    return {"format_version": FORMAT_VERSION, "kind": "rebuild", "found": found, "dropped": dropped}


def moved_json(old: str, new: str) -> dict[str, Json]:
    """Give the document of `bunsui state mv --json`."""
    return {"format_version": FORMAT_VERSION, "kind": "moved", "from": old, "to": new}


def forgotten_json(addresses: Sequence[str]) -> dict[str, Json]:
    """Give the document of `bunsui state rm --json`."""
    return {"format_version": FORMAT_VERSION, "kind": "forgotten", "addresses": list(addresses)}


def record_json(record: ApplyRecord) -> dict[str, Json]:
    """Give one record for programs."""
    return {
        "id": record.id,
        "operation": record.operation,
        "outcome": record.outcome,
        "begun_at": record.begun_at.isoformat(),
        "ended_at": record.ended_at.isoformat() if record.ended_at else None,
        "who": record.actor.who,
        "host": record.actor.host,
        "link": record.actor.link,
        "commit": record.commit,
        "plan_id": record.plan_id,
        "digest": record.digest,
        "fence": record.fence,
        "serial": record.serial,
        "previous": record.previous,
        "hash": record.hash,
        "facts": record.facts,
    }


def _resource_json(row: StateRow) -> Json:
    item = row.resource
    return {
        "address": str(item.address),
        "physical_name": item.physical_name,
        "attributes": item.attributes,
        "outputs": item.outputs,
        "revision": item.revision,
        "written_at": item.written_at.isoformat() if item.written_at else None,
        "commit": item.commit,
        "plan": item.plan,
        "is_known": item.is_known,
        "lifecycle": item.lifecycle.document(),
        "retired_at": item.retired_at.isoformat() if item.retired_at else None,
        "depends_on": [str(address) for address in item.depends_on],
        "half_done": row.pending.action if row.pending is not None else None,
    }


def state_schemas() -> dict[str, Schema]:
    """Describe the documents of this module, by kind."""
    return {
        "state": document(
            "state",
            "Of `state list` and `state show`: what bunsui remembers of its resources.",
            {"resources": listed(_resource_schema(), "By address.")},
        ),
        "history": document(
            "history",
            "Of `state history`: whatever wrote the state.",
            {"applies": listed(part("record"), "Newest first, as many as --limit allows.")},
        ),
        "rebuild": document(
            "rebuild",
            "Of `state rebuild`: what the state knows now.",
            {
                "found": texts("Addresses that AWS has with the project's tags."),
                "dropped": texts("Addresses that the state knew and AWS does not have."),
            },
        ),
        "moved": document(
            "moved",
            "Of `state mv`: a resource is remembered under another address.",
            {"from": text("The address that it had."), "to": text("The address that it has now.")},
        ),
        "forgotten": document(
            "forgotten", "Of `state rm`: resources that are remembered no more.", {"addresses": texts("As they were given.")}
        ),
    }


def record_schema() -> Schema:
    """Describe what `record_json` gives."""
    return closed(
        "One record of the audit trail: an apply, or whatever else wrote the state.",
        {
            "id": text("Sorts by time."),
            "operation": text("What was done, such as apply, destroy, state mv, unlock."),
            "outcome": text("begun, complete, incomplete, interrupted or failed; one that stays begun was killed."),
            "begun_at": moment("When it began, by the clock of whoever did it."),
            "ended_at": or_null(moment("When it ended; null when it did not.")),
            "who": text("The caller's ARN."),
            "host": text("The machine's name."),
            "link": text("Address of the CI run, without credentials; empty outside CI."),
            "commit": text("Of the checkout, with `*` when it was dirty; empty outside git."),
            "plan_id": text("Of the saved plan that was carried out; empty for none."),
            "digest": text("Of the changes that were to be made; empty for none."),
            "fence": whole("How often the lock had changed hands."),
            "serial": whole("Its place in the trail, from 1; 0 for what was written before there was a chain."),
            "previous": text("The hash of the record before it; empty for the first."),
            "hash": text("Its own hash: SHA-256 in hex."),
            "facts": table({}, "Counts, reasons and whatever else the operation wants to be remembered."),
        },
    )


def _resource_schema() -> Schema:
    place: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    lifecycle = closed(
        "What the file said of its end and of others' changes; it holds when the file is gone.",
        {
            "prevent_destroy": flag("What holds data is neither removed nor replaced."),
            "protect": flag("Whoever applies a change that others notice types the pipeline's name."),
            "keep_versions": whole("How many of the newest versions stay in any case."),
            "ignore": listed(place, "Places that belong to others: an attribute, then keys below it."),
        },
    )
    return closed(
        "What was last written to one resource.",
        {
            "address": text("`kind.pipeline` or `kind.pipeline.name`."),
            "physical_name": text("The name in AWS."),
            "attributes": table({}, "What was written, by the attribute's name; nothing sensitive."),
            "outputs": table({"type": "string"}, "What AWS answered, such as ARNs."),
            "revision": text("What AWS calls this revision; empty where it has none."),
            "written_at": or_null(moment("When it was written; null after a rebuild.")),
            "commit": text("Of the checkout that was applied; empty when it is not known."),
            "plan": text("The id of the saved plan that wrote it; empty when it was applied straight."),
            "is_known": flag("False after a rebuild: nobody knows whether bunsui wrote what is there."),
            "lifecycle": lifecycle,
            "retired_at": or_null(moment("Since when it is out of service; null while it is in service.")),
            "depends_on": texts("Addresses that it needs."),
            "half_done": or_null(text("What an apply that died was doing to it; null for nothing.")),
        },
    )
