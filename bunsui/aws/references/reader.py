"""Ask AWS for each referred object: one call for many where the service has one, else one for each, on threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code, is_forbidden
from bunsui.aws.references.networks import look_at_groups, look_at_subnets
from bunsui.errors import AccessDenied, CloudError, Missing
from bunsui.ports.account import LookedAt, Presence, ReferredObject

THERE, ABSENT = LookedAt(presence=Presence.THERE), LookedAt(presence=Presence.MISSING)
_ABSENT_CODES = frozenset({"404", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})
_ABSENT_WORDS = "Unable to describe task definition"
_ELSEWHERE = "301"
"""S3 of a bucket in another region: it is there."""
_FORBIDDEN = "403"
"""S3 to HeadBucket, whose answers have no body that could say more."""
_AT_ONCE = 50
"""Names that a filter of DescribeParameters takes."""


class AwsReferenceReader:
    """Implements `bunsui.ports.account.ReferenceReader`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def look(self, objects: Sequence[ReferredObject]) -> Mapping[ReferredObject, LookedAt]:
        """Return what AWS says of each."""
        single = [one for one in objects if one.kind in SINGLE_LOOKS]
        answers = self._connection.each(self._look_at_one, single)
        found = dict(zip(single, answers, strict=True))
        for kind, (look, permission) in LOOKS_TOGETHER.items():
            names = [one.name for one in objects if one.kind == kind]
            if not names:
                continue
            together = self._ask(partial(look, self._connection, names), permission)
            for name in names:
                one = ReferredObject(kind=kind, name=name)
                found[one] = together if isinstance(together, LookedAt) else together.get(name, ABSENT)
        return found

    def _look_at_one(self, one: ReferredObject) -> LookedAt:
        look, permission = SINGLE_LOOKS[one.kind]

        def there() -> LookedAt:
            look(self._connection, one.name)
            return THERE

        answer = self._ask(there, permission)
        assert isinstance(answer, LookedAt)
        return answer

    def _ask(self, look: Callable[[], LookedAt | Mapping[str, LookedAt]], permission: str) -> LookedAt | Mapping[str, LookedAt]:
        try:
            return look()
        except Missing:
            return ABSENT
        except CloudError as error:
            code = aws_code(error)
            if code in _ABSENT_CODES or _ABSENT_WORDS in error.facts.get("aws_message", ""):
                return ABSENT
            if code == _ELSEWHERE:
                return THERE
            if is_forbidden(error) or code == _FORBIDDEN:
                return LookedAt(presence=Presence.UNKNOWN, permission=permission)
            if isinstance(error, AccessDenied):
                raise
            return LookedAt(presence=Presence.UNKNOWN, reason=error.summary)


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _function(connection: Connection, arn: str) -> None:
    with connection.translated("lambda", "GetFunctionConfiguration", function=arn):
        connection.reader("lambda", region=_region(arn)).get_function_configuration(FunctionName=arn)


def _task_definition(connection: Connection, arn: str) -> None:
    with connection.translated("ecs", "DescribeTaskDefinition", definition=arn):
        connection.reader("ecs", region=_region(arn)).describe_task_definition(taskDefinition=arn)


def _cluster(connection: Connection, arn: str) -> None:
    with connection.translated("ecs", "DescribeClusters", cluster=arn):
        answer = connection.reader("ecs", region=_region(arn)).describe_clusters(clusters=[arn])
    if not any(one.get("status") != "INACTIVE" for one in answer["clusters"]):
        raise Missing("missing", "the cluster does not exist")


def _table(connection: Connection, arn: str) -> None:
    with connection.translated("dynamodb", "DescribeTable", table=arn):
        connection.reader("dynamodb", region=_region(arn)).describe_table(TableName=arn)


def _bucket(connection: Connection, arn: str) -> None:
    with connection.translated("s3", "HeadBucket", bucket=arn):
        connection.reader("s3").head_bucket(Bucket=arn.rpartition(":")[2])


def _queue(connection: Connection, arn: str) -> None:
    account, name = arn.split(":")[4:6]
    with connection.translated("sqs", "GetQueueUrl", queue=arn):
        connection.reader("sqs", region=_region(arn)).get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)


def _topic(connection: Connection, arn: str) -> None:
    with connection.translated("sns", "GetTopicAttributes", topic=arn):
        connection.reader("sns", region=_region(arn)).get_topic_attributes(TopicArn=arn)


def _secret(connection: Connection, arn: str) -> None:
    with connection.translated("secretsmanager", "DescribeSecret", secret=arn):
        answer = connection.reader("secretsmanager", region=_region(arn)).describe_secret(SecretId=arn)
    if answer.get("DeletedDate") is not None:
        raise Missing("missing", "the secret is being deleted, so that nobody can read it any more")


def _machine(connection: Connection, arn: str) -> None:
    with connection.translated("stepfunctions", "DescribeStateMachine", machine=arn):
        connection.reader("stepfunctions", region=_region(arn)).describe_state_machine(stateMachineArn=arn)


def _parameters(connection: Connection, arns: Sequence[str]) -> Mapping[str, LookedAt]:
    """Return the parameters that are there, by ARN; a name with a hierarchy begins with a slash that its ARN lacks."""
    known: set[str] = set()
    names = sorted(_parameter_name(arn) for arn in arns)
    for start in range(0, len(names), _AT_ONCE):
        wanted = [{"Key": "Name", "Option": "Equals", "Values": names[start : start + _AT_ONCE]}]
        pages = connection.each_page("ssm", "describe_parameters", "Parameters", ParameterFilters=wanted)
        known |= {str(one["Name"]) for page in pages for one in page}
    return {arn: THERE for arn in arns if _parameter_name(arn) in known}


def _parameter_name(arn: str) -> str:
    name = arn.split(":parameter/", 1)[1]
    return f"/{name}" if "/" in name else name


SINGLE_LOOKS: Mapping[str, tuple[Callable[[Connection, str], None], str]] = {
    "function": (_function, "lambda:GetFunctionConfiguration"),
    "cluster": (_cluster, "ecs:DescribeClusters"),
    "task definition": (_task_definition, "ecs:DescribeTaskDefinition"),
    "table": (_table, "dynamodb:DescribeTable"),
    "bucket": (_bucket, "s3:ListBucket"),
    "queue": (_queue, "sqs:GetQueueUrl"),
    "topic": (_topic, "sns:GetTopicAttributes"),
    "secret": (_secret, "secretsmanager:DescribeSecret"),
    "state machine": (_machine, "states:DescribeStateMachine"),
}
"""By kind what asks for one, raising where it is not there, and the permission that it needs."""
LOOKS_TOGETHER: Mapping[str, tuple[Callable[[Connection, Sequence[str]], Mapping[str, LookedAt]], str]] = {
    "parameter": (_parameters, "ssm:DescribeParameters"),
    "subnet": (look_at_subnets, "ec2:DescribeSubnets"),
    "security group": (look_at_groups, "ec2:DescribeSecurityGroups"),
}
"""By kind what asks for many, returning those that are there."""
