"""Activities: names that workers ask for work, and the work that waits for them.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

from bunsui.local.stepfunctions.arns import check_name, parsed
from bunsui.local.stepfunctions.configurations import OWN_KEY, checked_encryption
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.paging import listed, page
from bunsui.local.stepfunctions.records import Activity
from bunsui.local.stepfunctions.refusals import Refused, no_activity
from bunsui.local.stepfunctions.tags import checked_tags

Request = Mapping[str, Any]

POLL_SECONDS = 60.0
"""How long GetActivityTask waits for work before it answers that there is none."""


@dataclass(slots=True, kw_only=True)
class Offer:
    """Work that waits for a worker."""

    token: str
    input: str
    taken: Callable[[str | None], None]
    """Told the worker's name when somebody takes it."""
    is_withdrawn: bool = False


@dataclass(slots=True)
class Board:
    """The work and the workers that wait, by activity."""

    offers: dict[str, deque[Offer]] = field(default_factory=dict)
    workers: dict[str, deque[tuple[Future[dict[str, Any]], str | None]]] = field(default_factory=dict)

    def offer(self, arn: str, offer: Offer) -> None:
        """Give the work to a worker that waits, or keep it."""
        waiting = self.workers.get(arn, deque())
        while waiting:
            worker, name = waiting.popleft()
            if _handed(worker, offer):
                offer.taken(name)
                return
        self.offers.setdefault(arn, deque()).append(offer)

    def take(self, arn: str, worker: str | None) -> Future[dict[str, Any]]:
        """Give what becomes a piece of work; whoever waits for it no longer cancels it."""
        future: Future[dict[str, Any]] = Future()
        offers = self.offers.get(arn, deque())
        while offers:
            offer = offers.popleft()
            if not offer.is_withdrawn:
                _handed(future, offer)
                offer.taken(worker)
                return future
        self.workers.setdefault(arn, deque()).append((future, worker))
        return future


def _handed(worker: Future[dict[str, Any]], offer: Offer) -> bool:
    try:
        worker.set_result({"taskToken": offer.token, "input": offer.input})
    except InvalidStateError:
        return False
    return True


def create_activity(desk: Desk, request: Request) -> dict[str, Any]:
    """Make an activity; the same name again gives the same activity."""
    name = request["name"]
    check_name(name)
    arn = desk.room.place.activity(name)
    encryption = checked_encryption(request.get("encryptionConfiguration"))
    tags = checked_tags(request.get("tags") or ())
    known = desk.room.activities.get(arn)
    if known is None:
        known = Activity(arn=arn, name=name, created_at=desk.now(), encryption=encryption)
        desk.room.activities[arn] = known
        desk.room.tags[arn] = tags
    elif known.encryption != encryption:
        raise Refused("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'")
    return {"activityArn": arn, "creationDate": known.created_at}


def describe_activity(desk: Desk, request: Request) -> dict[str, Any]:
    """Give an activity."""
    activity = _known(desk, request["activityArn"])
    return {
        "activityArn": activity.arn,
        "name": activity.name,
        "creationDate": activity.created_at,
        "encryptionConfiguration": dict(activity.encryption or OWN_KEY),
    }


def delete_activity(desk: Desk, request: Request) -> dict[str, Any]:
    """Delete an activity; success when there is none."""
    arn = request["activityArn"]
    parsed(arn, "activity")
    desk.room.activities.pop(arn, None)
    desk.room.tags.pop(arn, None)
    return {}


def list_activities(desk: Desk, request: Request) -> dict[str, Any]:
    """Give the activities, oldest first."""
    activities = sorted(desk.room.activities.values(), key=lambda activity: (activity.created_at, activity.arn))
    items, token = page(activities, request, about=("activities",), key=lambda activity: (activity.created_at, activity.arn))
    shown = [{"activityArn": found.arn, "name": found.name, "creationDate": found.created_at} for found in items]
    return listed("activities", (shown, token))


def get_activity_task(desk: Desk, request: Request) -> Future[dict[str, Any]]:
    """Give work as soon as there is some, or nothing after `POLL_SECONDS`."""
    activity = _known(desk, request["activityArn"])
    work = desk.runs.board.take(activity.arn, request.get("workerName"))

    def give_up() -> None:
        if not work.done():
            work.set_result({})

    desk.later(POLL_SECONDS, give_up)
    return work


def _known(desk: Desk, arn: str) -> Activity:
    parsed(arn, "activity")
    activity = desk.room.activities.get(arn)
    if activity is None:
        raise no_activity(arn)
    return activity
