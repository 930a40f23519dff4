"""Activities: names that workers ask for work.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from bunsui.asl.quotas import ACTIVITIES
from bunsui.emulator.stepfunctions.api.configurations import OWN_KEY, checked_encryption
from bunsui.emulator.stepfunctions.api.paging import list_answer, page
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.api.tags import checked_tags
from bunsui.emulator.stepfunctions.errors import ApiError, no_activity, too_many_activities
from bunsui.emulator.stepfunctions.store.arns import check_name, parse_arn
from bunsui.emulator.stepfunctions.store.records import Activity

Request = Mapping[str, Any]

POLL_SECONDS = 60.0
"""How long GetActivityTask waits for work before it answers that there is none."""


def create_activity(context: RequestContext, request: Request) -> dict[str, Any]:
    """Make an activity; the same name again gives the same activity."""
    name = request["name"]
    check_name(name)
    arn = context.region_store.location.activity(name)
    encryption = checked_encryption(request.get("encryptionConfiguration"))
    tags = checked_tags(request.get("tags") or ())
    known = context.region_store.activities.get(arn)
    if known is None:
        if len(context.region_store.activities) >= ACTIVITIES:
            raise too_many_activities()
        known = Activity(arn=arn, name=name, created_at=context.now(), encryption=encryption)
        context.region_store.activities[arn] = known
        context.region_store.tags[arn] = tags
    elif known.encryption != encryption:
        raise ApiError("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'")
    return {"activityArn": arn, "creationDate": known.created_at}


def describe_activity(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return an activity."""
    activity = _known_activity(context, request["activityArn"])
    return {
        "activityArn": activity.arn,
        "name": activity.name,
        "creationDate": activity.created_at,
        "encryptionConfiguration": dict(activity.encryption or OWN_KEY),
    }


def delete_activity(context: RequestContext, request: Request) -> dict[str, Any]:
    """Delete an activity; success when there is none."""
    arn = request["activityArn"]
    parse_arn(arn, "activity")
    context.region_store.activities.pop(arn, None)
    context.region_store.tags.pop(arn, None)
    return {}


def list_activities(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the activities, oldest first."""
    activities = sorted(context.region_store.activities.values(), key=lambda activity: (activity.created_at, activity.arn))
    items, token = page(activities, request, about=("activities",), key=lambda activity: (activity.created_at, activity.arn))
    shown = [{"activityArn": found.arn, "name": found.name, "creationDate": found.created_at} for found in items]
    return list_answer("activities", (shown, token))


def get_activity_task(context: RequestContext, request: Request) -> Future[dict[str, Any]]:
    """Return work as soon as there is some, or nothing after `POLL_SECONDS`."""
    activity = _known_activity(context, request["activityArn"])
    work = context.runs.activity_queue.take(activity.arn, request.get("workerName"))

    def give_up() -> None:
        if not work.done():
            work.set_result({})

    context.later(POLL_SECONDS, give_up)
    return work


def _known_activity(context: RequestContext, arn: str) -> Activity:
    parse_arn(arn, "activity")
    activity = context.region_store.activities.get(arn)
    if activity is None:
        raise no_activity(arn)
    return activity
