"""Who listens, or is started, beside ours: foreign schedules, subscriptions of topics, of logs, of buckets.

Sources: EventBridge Scheduler API reference (ListSchedules tells target and state), SNS (ListSubscriptionsByTopic, whose ARN is
`PendingConfirmation` until somebody confirmed), CloudWatch Logs (DescribeSubscriptionFilters), S3
(GetBucketNotificationConfiguration, which answers an empty document where there is none).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.aws.beside.finding import Applied, Found, Question, account_of, ask_each, of_kind
from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.objects.schedule_lists import schedules_in
from bunsui.kinds.alert_topic import ALERT_TOPIC
from bunsui.kinds.beside import wording as words
from bunsui.kinds.bucket import BUCKET
from bunsui.kinds.log_group import LOG_GROUP
from bunsui.kinds.schedule import SCHEDULE
from bunsui.kinds.schedule_group import SCHEDULE_GROUP
from bunsui.model.beside import BesideOurs
from bunsui.model.resource import AppliedResource
from bunsui.ports.beside import Depth


def beside_schedules(connection: Connection, applied: Applied, depth: Depth) -> Found:
    """Return the schedules in groups of ours that bunsui did not make, from the lists of the account or of each group."""
    del depth
    groups = {item.physical_name: address for address, item in of_kind(applied, SCHEDULE_GROUP).items()}
    if not groups:
        return []
    own = {(str(item.attributes.get("group")), item.physical_name) for item in of_kind(applied, SCHEDULE).values()}
    arns = {arn for item in applied.values() for arn in item.outputs.values() if arn.startswith("arn:")}
    listed = none_unless_permitted(lambda: schedules_in(connection, groups))
    if listed is None:
        connection.remark("schedules of others were not looked at: no permission for scheduler:ListSchedules")
    found: Found = []
    for one in listed or ():
        group, name = str(one["GroupName"]), str(one["Name"])
        if (group, name) in own or group not in groups:
            continue
        target = str((one.get("Target") or {}).get("Arn") or "something")
        is_enabled = one.get("State", "ENABLED") == "ENABLED"
        schedule = words.foreign_schedule(group, name, target, is_enabled=is_enabled, is_ours=target in arns)
        found.append((groups[group], schedule))
    return found


def beside_the_rest(connection: Connection, applied: Applied, depth: Depth) -> Found:
    """Return what stands beside topics, log groups and buckets, with DRIFT: a call each."""
    if depth is not Depth.DRIFT:
        return []
    return [
        *ask_each(connection, of_kind(applied, ALERT_TOPIC), _OF_TOPICS),
        *ask_each(connection, of_kind(applied, LOG_GROUP), _OF_LOG_GROUPS),
        *ask_each(connection, of_kind(applied, BUCKET), _OF_BUCKETS),
    ]


def _ask_subscriptions(connection: Connection, topic: AppliedResource) -> Iterator[BesideOurs]:
    arn = topic.outputs.get("arn", "")
    for one in connection.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
        endpoint, protocol = str(one.get("Endpoint") or ""), str(one.get("Protocol") or "")
        yield words.topic_subscription(str(one["SubscriptionArn"]), protocol, endpoint, account_of(topic))


def _ask_filters(connection: Connection, group: AppliedResource) -> Iterator[BesideOurs]:
    name = group.physical_name
    for one in connection.pages("logs", "describe_subscription_filters", "subscriptionFilters", logGroupName=name):
        yield words.log_subscription(name, str(one["filterName"]), str(one["destinationArn"]), account_of(group))


def _ask_notifications(connection: Connection, bucket: AppliedResource) -> Iterator[BesideOurs]:
    name = bucket.physical_name
    with connection.translated("s3", "GetBucketNotificationConfiguration", bucket=name):
        answer: Mapping[str, Any] = connection.reader("s3").get_bucket_notification_configuration(Bucket=name)
    for key, target in (
        ("TopicConfigurations", "TopicArn"),
        ("QueueConfigurations", "QueueArn"),
        ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ):
        for one in answer.get(key, ()):
            yield words.bucket_notification(name, str(one.get("Id") or ""), str(one[target]))
    if "EventBridgeConfiguration" in answer:
        yield words.bucket_notification(name, "EventBridge", "EventBridge")


_OF_TOPICS = (Question(ask=_ask_subscriptions, what="subscriptions of topics", needs="sns:ListSubscriptionsByTopic"),)
_OF_LOG_GROUPS = (Question(ask=_ask_filters, what="subscriptions of logs", needs="logs:DescribeSubscriptionFilters"),)
_OF_BUCKETS = (Question(ask=_ask_notifications, what="notifications of buckets", needs="s3:GetBucketNotification"),)
