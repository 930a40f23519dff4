"""Outputs that stay behind as objects: put before an attempt starts, got again when somebody asks what it was told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bunsui.command_line import command_line
from bunsui.compile.restoring import restore_places
from bunsui.errors import InvalidInput, Missing
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, Session
from bunsui.services.session_context import SessionContext
from bunsui.sessions.payload import LARGEST_INPUT, input_bytes
from bunsui.sessions.recovery.stored import CarriedResume, stored_names
from bunsui.sessions.trace import read_trace


def check_fits(session: Session, carried: CarriedResume, applied: Mapping[str, Json]) -> None:
    """Refuse what Step Functions would not take, before anything is written or started; `applied` is what would run.

    Raises:
        InvalidInput: `resume-too-large`.

    """
    size = input_bytes(session, len(session.attempts) + 1) + len(json.dumps(carried.payload, ensure_ascii=False).encode())
    if size <= LARGEST_INPUT:
        return
    again = command_line("resume", session.id, "--from", carried.unfit[0] if carried.unfit else "JOB")
    hint = f"Run a job with large outputs again, which then need not be kept:\n  {again}"
    if not restore_places(applied):
        apply = command_line("apply", session.pipeline)
        hint = f"Give the environment a bucket, `bucket: managed` in bunsui.yaml, then apply it and resume:\n  {apply}\n{hint}"
    raise InvalidInput(
        "resume-too-large",
        "what the session would go on with is larger than the input of an execution may be",
        hint=hint,
        session=session.id,
        size_bytes=size,
        limit_bytes=LARGEST_INPUT,
        too_large=", ".join(carried.unfit) or None,
    )


def put_stored(context: SessionContext, carried: CarriedResume) -> None:
    """Put the objects that the new attempt is told of; the same ones again do no harm.

    Raises:
        InvalidInput: `bucket-missing`.

    """
    store = context.ports.objects
    for one in carried.stored:
        assert store is not None, "where machines load objects, there are buckets"
        try:
            store.put(one.place.bucket, one.key, one.content)
        except Missing as error:
            raise InvalidInput(
                "bucket-missing",
                "the bucket that holds large outputs is not there",
                hint=f"Apply, which makes it:\n  {command_line('apply')}",
                bucket=one.place.bucket.name,
            ) from error


def stored_outputs(context: SessionContext, definition: Mapping[str, Json], events: Sequence[HistoryEvent]) -> dict[str, Json]:
    """Return the outputs that an attempt was told of as objects, by job; what has expired is left out."""
    given = read_trace(events).input if events else None
    names = stored_names(given.get("resume")) if isinstance(given, Mapping) else {}
    store = context.ports.objects
    if not names or store is None:
        return {}
    places = restore_places(definition)
    found: dict[str, Json] = {}
    for job, name in names.items():
        content = store.get(places[job].bucket, f"{places[job].prefix}{name}") if job in places else None
        if content is not None:
            found[job] = json.loads(content)
    return found
