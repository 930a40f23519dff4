"""Names: which are allowed, and how resource names are made deterministic and short enough.

Sources: Step Functions, IAM, Lambda, CloudWatch Logs, SNS, EventBridge and EventBridge Scheduler in the AWS documentation.
"""

from __future__ import annotations

import hashlib
import re

ID_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
"""Ids of pipelines, jobs, operations and schedules: ASCII, no dots, and no `--` (checked apart, for a better message)."""

_ID = re.compile(ID_PATTERN)

STATE_MACHINE_NAME_LIMIT = 80
STATE_NAME_LIMIT = 80
EXECUTION_NAME_LIMIT = 80
ROLE_NAME_LIMIT = 64
FUNCTION_NAME_LIMIT = 64
SCHEDULE_NAME_LIMIT = 64
LOG_GROUP_NAME_LIMIT = 512
RULE_NAME_LIMIT = 64
TOPIC_NAME_LIMIT = 256

SEPARATOR = "--"
"""Stands between project, environment, pipeline and part; ids cannot hold it, so a joined name splits in one way only."""


def is_id(text: str) -> bool:
    """Tell whether the text can be an id."""
    return _ID.match(text) is not None and SEPARATOR not in text and not text.endswith("-")


def digest8(text: str) -> str:
    """Return 8 hex digits that stand for the text; the same in every process."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def fitted(name: str, limit: int) -> str:
    """Return the name, cut to the limit with `-` and 8 hex digits of the whole when it is longer."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9].rstrip('-')}-{digest8(name)}"


def resource_name(*parts: str, limit: int) -> str:
    """Join the parts (project, environment, pipeline, then more) with `--` and fit them to a service's limit."""
    return fitted(SEPARATOR.join(parts), limit)


def function_name(project: str, environment: str, pipeline: str, part: str) -> str:
    """Return the name of the Lambda function that belongs to the operation `part` (`job.operation`) of a pipeline."""
    return resource_name(project, environment, pipeline, *part.split("."), limit=FUNCTION_NAME_LIMIT)


def principal(arn: str) -> str:
    """Return who an ARN names, as people do: a user's name, or a role's with that of its session."""
    return arn.rpartition(":")[2].partition("/")[2] or arn.rpartition(":")[2]


def person(owner: str) -> str:
    """Return who is meant: by an ARN as `principal`, else as it was written."""
    return principal(owner) if owner.startswith("arn:") else owner
