"""Deployments as items beside the inventory: records, holds, pauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, assert_never

from bunsui.aws.dynamodb import DynamoDBClient, Scalar
from bunsui.aws.stores.inventory import partition_of
from bunsui.aws.stores.item import chunks, value_in
from bunsui.aws.stores.lock import fenced_error, holds
from bunsui.errors import Conflict
from bunsui.model.deployments.deployment import Deployment, DeploymentAct
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.ports.ledger import DeploymentEntry, Fence
from bunsui.stored_words import StoredForm, StoredItem

_DEPLOYMENT = "deployment#"
_INTERVENTION = "intervention#"
_HOLD = f"{_INTERVENTION}hold#"
_PAUSE = f"{_INTERVENTION}pause#"


class DynamoDBDeploymentStore:
    """Implements `bunsui.ports.ledger.DeploymentStore`."""

    def __init__(self, client: DynamoDBClient, scope: Scope) -> None:
        """Make it for a scope."""
        self._client = client
        self._partition = partition_of(scope)

    def deployments(self, pipeline: str, *, limit: int | None = None) -> Sequence[Deployment]:
        """Return the records of a pipeline, newest first; all when `limit` is None.

        Raises:
            Refused: a record was written by a newer bunsui; the error names it.
            Unavailable: a record is damaged; the error names it.

        """
        prefix = f"{_DEPLOYMENT}{pipeline}#"
        items = self._client.query(self._partition, prefix=prefix, newest_first=True, page_size=limit)
        return [
            value_in([item], StoredForm.DEPLOYMENT, _deployment, name=f"deployment of {pipeline}")
            for item in islice(items, limit)
        ]

    def interventions(self) -> Interventions:
        """Return the holds and pauses of all pipelines.

        Raises:
            Refused: one was written by a newer bunsui; the error names it.
            Unavailable: one is damaged; the error names it.

        """
        found_holds: dict[str, Hold] = {}
        found_pauses: dict[str, Pause] = {}
        for item in self._client.query(self._partition, prefix=_INTERVENTION):
            key = str(item["sk"])
            if key.startswith(_HOLD):
                hold = value_in([item], StoredForm.HOLD, _hold, name=f"hold of {key.removeprefix(_HOLD)}")
                found_holds[hold.pipeline] = hold
            else:
                pause = value_in([item], StoredForm.PAUSE, _pause, name=f"pause of {key.removeprefix(_PAUSE)}")
                found_pauses[pause.pipeline] = pause
        return Interventions(holds=found_holds, pauses=found_pauses)

    def write(self, entries: Sequence[DeploymentEntry], fence: Fence, *, ends: Sequence[Hold | Pause] = ()) -> None:
        """Store the entries and remove `ends`, all or none.

        Raises:
            Conflict: the lock is somebody else's.

        """
        puts = [entry_item(self._partition, entry) for entry in entries]
        deletes = [(self._partition, intervention_key(one)) for one in ends]
        try:
            self._client.transact(puts=puts, deletes=deletes, only_if=holds(self._partition, fence))
        except Conflict as error:
            raise fenced_error(fence) from error


def entry_item(partition: str, entry: DeploymentEntry) -> Mapping[str, Scalar]:
    """Return the item of a record, a hold or a pause. A record whose role's policy would not fit is kept without it."""
    match entry:
        case Deployment():
            key, form, document = deployment_key(entry), StoredForm.DEPLOYMENT, _deployment_document(entry)
        case Hold():
            key, form, document = intervention_key(entry), StoredForm.HOLD, _hold_document(entry)
        case Pause():
            key, form, document = intervention_key(entry), StoredForm.PAUSE, _pause_document(entry)
        case _:
            assert_never(entry)
    [part] = chunks(document, form)  # a policy has 10,240 characters at most, and a definition names a few thousand functions
    return {"pk": partition, "sk": key, **part}


def deployment_key(deployment: Deployment) -> str:
    """Return the sort key of a record."""
    return f"{_DEPLOYMENT}{deployment.pipeline}#{deployment.id}"


def intervention_key(entry: Hold | Pause) -> str:
    """Return the sort key of a hold or a pause."""
    return f"{_HOLD if isinstance(entry, Hold) else _PAUSE}{entry.pipeline}"


def hold_key(pipeline: str) -> str:
    """Return the sort key of the hold that a pipeline may have."""
    return f"{_HOLD}{pipeline}"


def intervention_keys(pipeline: str) -> tuple[str, str]:
    """Return the sort keys of the hold and the pause that a pipeline may have."""
    return hold_key(pipeline), f"{_PAUSE}{pipeline}"


def _deployment_document(one: Deployment) -> dict[str, Json]:
    return {
        "pipeline": one.pipeline,
        "id": one.id,
        "act": one.act.value,
        "version_arn": one.version_arn,
        "at": one.at.isoformat(),
        "commit": one.commit,
        "who": one.who,
        "link": one.link,
        "reason": one.reason,
        "functions": list(one.functions),
        "code": dict(one.code),
        "role_policy": one.role_policy,
        "before": one.before,
        "before_remark": one.before_remark,
        "is_first": one.is_first,
        "verifies": one.verifies,
    }


def _deployment(document: Mapping[str, Any], item: StoredItem) -> Deployment:
    return Deployment(
        **{
            **document,
            "act": item.member("act", document["act"], DeploymentAct),
            "at": datetime.fromisoformat(document["at"]),
            "functions": tuple(document["functions"]),
        }
    )


def _hold_document(hold: Hold) -> dict[str, Json]:
    return {
        "pipeline": hold.pipeline,
        "id": hold.id,
        "version_arn": hold.version_arn,
        "from_version_arn": hold.from_version_arn,
        "since": hold.since.isoformat(),
        "who": hold.who,
        "reason": hold.reason,
    }


def _hold(document: Mapping[str, Any], _item: StoredItem) -> Hold:
    return Hold(**{**document, "since": datetime.fromisoformat(document["since"])})


def _pause_document(pause: Pause) -> dict[str, Json]:
    return {
        "pipeline": pause.pipeline,
        "id": pause.id,
        "since": pause.since.isoformat(),
        "who": pause.who,
        "reason": pause.reason,
        "until": pause.until.isoformat() if pause.until is not None else None,
        "schedules": list(pause.schedules),
    }


def _pause(document: Mapping[str, Any], _item: StoredItem) -> Pause:
    until: str | None = document["until"]
    return Pause(
        **{
            **document,
            "since": datetime.fromisoformat(document["since"]),
            "until": datetime.fromisoformat(until) if until is not None else None,
            "schedules": tuple(document["schedules"]),
        }
    )
