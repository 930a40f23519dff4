"""For each key of a pipeline file and of bunsui.yaml a change that must be noticed, and the files to make it in.

A toggle is a place in the document (keys and indices, with `/`) and the value that is put there; `DROP` takes the key away.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

TOPIC = "arn:aws:sns:eu-west-1:111111111111:old"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/k"
ROLE = "arn:aws:iam::111111111111:role/given"
MAY = {"actions": ["kms:Decrypt"], "resources": ["arn:aws:kms:eu-west-1:111111111111:key/1"]}
CALL = {"type": "lambda", "function": "load", "id": "call"}
CODE = {
    "type": "lambda",
    "id": "code",
    "payload": {"x": "{% $one %}"},
    "code": {"path": "code", "handler": "a.b", "runtime": "python3.12"},
}
BASE: dict[str, Any] = {
    "version": 1,
    "name": "p",
    "description": "${var.v}",
    "parameters": {"n": {"type": "string"}},
    "schedules": [{"id": "daily", "cron": "0 3 * * ? *", "timezone": "UTC", "input": {"n": "z"}}],
    "jobs": {
        "a": {"operations": [{**CALL, "retry": {"attempts": 3, "backoff": 2}}], "outputs": {"x": "{% $result.x %}"}},
        "b": {
            "depends_on": ["a"],
            "recover": [{"strategy": "manual"}],
            "foreach": {"items": [1, 2], "as": "one"},
            "operations": [CODE],
        },
        "d": {"operations": [{"type": "lambda", "code": "g"}]},
        "c": {
            "depends_on": ["a"],
            "run_if": "all_done",
            "foreach": {"mode": "distributed", "items": {"s3": "s3://lake/a.csv", "format": "csv"}},
            "operations": [{**CALL, "poll": {"until": "{% $result.done %}", "every": "30s", "backoff": 2}}],
        },
    },
}  # fmt: skip
PROJECT: dict[str, Any] = {
    "version": 1,
    "project": "shop",
    "id": "6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10",
    "default_environment": "dev",
    "variables": {"v": "none"},
    "functions": {"g": {"path": "code", "handler": "a.b"}},
    "channels": {"ops": {"type": "sns"}, "mail": {"type": "sns"}},
    "alerts": [{"event": "failed", "notify": ["ops"]}],
    "environments": {
        "dev": {
            "account": "111111111111",
            "region": "eu-west-1",
            "freeze": [{"from": "2025-12-20", "to": "2026-01-05", "reason": "r"}],
        },
        "other": {"account": "111111111111", "region": "eu-west-2"},
    },
}
A, B, C = "jobs/a", "jobs/b", "jobs/c"
RULE = f"{B}/recover/0"
DROP = object()
"""Takes the key away."""
UNTOLD = {"$schema", "version"}
"""For editors; the only value of its key."""
ONE_VALUE = {"AlertEntry/event", "AlertEntry/deadline", "ChannelEntry/type"}
"""Keys of bunsui.yaml of which one change alone leaves no project that could be shown: other events, which have deadlines, need
a resident in each environment."""
PIPELINE_KEYS: dict[str, tuple[str, object]] = {
    "/name": ("name", "q"),
    "/title": ("title", "Pies"),
    "/description": ("description", "Bakes pies."),
    "/owner": ("owner", "mika"),
    "/runbook": ("runbook", "docs/pies.md"),
    "/timezone": ("timezone", "Asia/Tokyo"),
    "/slot": ("slot", {"offset": "-1d"}),
    "/enabled": ("enabled", False),
    "/tags": ("tags", {"team": "data"}),
    "/parameters": ("parameters", DROP),
    "/schedules": ("schedules", DROP),
    "/timeout": ("timeout", "3h"),
    "/type": ("type", "EXPRESS"),
    "/defaults": ("defaults", {"timeout": "7m"}),
    "/jobs": (C, DROP),
    "/functions": ("functions", {"f": {"path": "code", "handler": "a.b"}}),
    "/on_failure": ("on_failure", CALL),
    "/finally": ("finally", CALL),
    "/alerts": ("alerts", []),
    "/recover": ("recover", {"strategy": "resume"}),
    "/definition": ("definition", "machine.asl.json"),
    "/observed": ("observed", "CloudFormation stack etl"),
    "/substitutions": ("substitutions", {"a": 1}),
    "/resource_name": ("resource_name", "mine"),
    "/logging": ("logging", {"level": "ALL"}),
    "/tracing": ("tracing", True),
    "/roles": ("roles", {"machine": ROLE}),
    "/permissions": ("permissions", [MAY]),
    "PermissionEntry/actions": ("permissions", [{**MAY, "actions": ["kms:Encrypt"]}]),
    "PermissionEntry/resources": ("permissions", [{**MAY, "resources": ["arn:aws:kms:us-east-1:111122223333:key/2"]}]),
    "PermissionEntry/condition": ("permissions", [{**MAY, "condition": {"StringEquals": {"aws:a": "b"}}}]),
    "/accept": ("accept", [{"code": "BS210", "reason": "r"}]),
    "/lifecycle": ("lifecycle", {"prevent_destroy": True}),
    "/verify": ("verify", {"run": {"n": "z"}}),
    "VerifyEntry/run": ("verify", {"run": {"n": "y"}}),
    "VerifyEntry/within": ("verify", {"run": {"n": "z"}, "within": "3m"}),
    "/protect": ("protect", {"destroy": True}),
    "/moved": ("moved", {"from": "old"}),
    "/tests": ("tests", [{"name": "t", "expect": {"status": "nonsense"}}]),
    "AcceptEntry/code": ("accept", [{"code": "BS999", "reason": "r"}]),
    "AcceptEntry/reason": ("accept", [{"code": "BS210", "reason": "s"}]),
    "AcceptEntry/until": ("accept", [{"code": "BS210", "reason": "r", "until": "2025-01-01"}]),
    "AlertEntry/event": ("alerts", [{"event": "late", "notify": ["ops"]}]),
    "AlertEntry/notify": ("alerts", [{"event": "failed", "notify": ["mail"]}]),
    "AlertEntry/deadline": ("alerts", [{"event": "failed", "notify": ["ops"], "deadline": "06:00"}]),
    "DefaultsEntry/retry": ("defaults", {"retry": {"attempts": 9}}),
    "DefaultsEntry/timeout": ("defaults", {"timeout": "8m"}),
    "DefaultsEntry/lambda": ("defaults", {"lambda": {"timeout": "9m"}}),
    "ForeachEntry/items": (f"{B}/foreach/items", [1, 2, 3]),
    "ForeachEntry/mode": (f"{B}/foreach/mode", "distributed"),
    "ForeachEntry/as": (f"{B}/foreach/as", "two"),
    "ForeachEntry/label": (f"{B}/foreach/label", "{% $string($one) %}"),
    "ForeachEntry/max_items": (f"{C}/foreach/max_items", 7),
    "ForeachEntry/max_concurrency": (f"{B}/foreach/max_concurrency", 2),
    "ForeachEntry/batch": (f"{C}/foreach/batch", 5),
    "ForeachEntry/tolerate": (f"{C}/foreach/tolerate", "2%"),
    "JobEntry/depends_on": (f"{B}/depends_on", DROP),
    "JobEntry/description": (f"{A}/description", "Loads."),
    "JobEntry/when": (f"{A}/when", "{% $params.n = 'x' %}"),
    "JobEntry/run_if": (f"{B}/run_if", "all_done"),
    "JobEntry/handles": (f"{C}/handles", True),
    "JobEntry/isolate": (f"{B}/isolate", True),
    "JobEntry/foreach": (f"{B}/foreach", DROP),
    "JobEntry/operations": (f"{A}/operations", [CALL, {"type": "wait", "for": "1m"}]),
    "JobEntry/outputs": (f"{A}/outputs", DROP),
    "JobEntry/recover": (f"{A}/recover", {"strategy": "resume"}),
    "LifecycleEntry/prevent_destroy": ("lifecycle", {"prevent_destroy": True}),
    "LifecycleEntry/ignore": ("lifecycle", {"ignore": ["logging"]}),
    "LifecycleEntry/keep_versions": ("lifecycle", {"keep_versions": 3}),
    "LifecycleEntry/exclusive": ("lifecycle", {"exclusive": True}),
    "LoggingEntry/destination": (
        "logging",
        {"destination": "arn:aws:logs:eu-west-1:111111111111:log-group:/own"},
    ),
    "LoggingEntry/include_execution_data": ("logging", {"include_execution_data": True}),
    "LoggingEntry/level": ("logging", {"level": "FATAL"}),
    "LoggingEntry/retention_days": ("logging", {"retention_days": 7}),
    "MovedEntry/from": ("moved", {"from": ["old", "older"]}),
    "OperationEntry/id": (f"{B}/operations/0/id", "say"),
    "OperationEntry/type": (f"{A}/operations/0", {"type": "wait", "for": "5m"}),
    "OperationEntry/timeout": (f"{A}/operations/0/timeout", "9m"),
    "OperationEntry/heartbeat": (f"{A}/operations/0/heartbeat", "1m"),
    "OperationEntry/retry": (f"{A}/operations/0/retry", DROP),
    "OperationEntry/idempotent": (f"{A}/operations/0/idempotent", True),
    "OperationEntry/poll": (f"{A}/operations/0/poll", {"until": "{% $result.done %}"}),
    "ParameterEntry/type": ("parameters/n/type", "integer"),
    "ParameterEntry/description": ("parameters/n/description", "How many."),
    "ParameterEntry/sensitive": ("parameters/n/sensitive", True),
    "ParameterEntry/default": ("parameters/n/default", "z"),
    "ParameterEntry/enum": ("parameters/n/enum", ["q"]),
    "ParameterEntry/format": ("parameters/n/format", "date"),
    "ParameterEntry/pattern": ("parameters/n/pattern", "^q$"),
    "ParameterEntry/minimum": ("parameters/n", {"type": "integer", "minimum": 9}),
    "ParameterEntry/maximum": ("parameters/n", {"type": "integer", "maximum": 1}),
    "ParameterEntry/min_length": ("parameters/n/min_length", 5),
    "ParameterEntry/max_length": ("parameters/n/max_length", 0),
    "ParameterEntry/items": ("parameters/n", {"type": "array", "items": {"type": "string"}}),
    "PollEntry/until": (f"{C}/operations/0/poll/until", "{% $result.ok %}"),
    "PollEntry/fail_if": (f"{C}/operations/0/poll/fail_if", "{% $result.bad %}"),
    "PollEntry/every": (f"{C}/operations/0/poll/every", "7s"),
    "PollEntry/backoff": (f"{C}/operations/0/poll/backoff", 3),
    "PollEntry/max_delay": (f"{C}/operations/0/poll/max_delay", "2m"),
    "PollEntry/timeout": (f"{C}/operations/0/poll/timeout", "2h"),
    "RecoverEntry/strategy": (f"{RULE}/strategy", "restart"),
    "RecoverEntry/only": (f"{RULE}/only", ["data"]),
    "RecoverEntry/attempts": (RULE, {"strategy": "restart", "attempts": 2}),
    "RecoverEntry/job": (RULE, {"strategy": "restart-from", "job": "a"}),
    "RecoverEntry/output": (f"{A}/recover", {"strategy": "skip", "output": {"x": 1}}),
    "RecoverEntry/owner": (f"{RULE}/owner", "mika"),
    "RecoverEntry/note": (f"{RULE}/note", "Ask first."),
    "RecoverEntry/deadline": (f"{RULE}/deadline", "4h"),
    "RecoverEntry/automatic": (f"{RULE}/automatic", True),
    "RetryEntry/attempts": (f"{A}/operations/0/retry/attempts", 5),
    "RetryEntry/delay": (f"{A}/operations/0/retry/delay", "6s"),
    "RetryEntry/backoff": (f"{A}/operations/0/retry/backoff", 3),
    "RetryEntry/max_delay": (f"{A}/operations/0/retry/max_delay", "9m"),
    "RetryEntry/jitter": (f"{A}/operations/0/retry/jitter", False),
    "RetryEntry/except": (f"{A}/operations/0/retry/except", ["ValidationError"]),
    "RetryEntry/errors": (f"{A}/operations/0/retry/errors", ["infrastructure"]),
    "RolesEntry/machine": ("roles", {"machine": ROLE}),
    "RolesEntry/function": ("roles", {"function": ROLE}),
    "RolesEntry/scheduler": ("roles", {"scheduler": ROLE}),
    "ScheduleEntry/id": ("schedules/0/id", "nightly"),
    "ScheduleEntry/cron": ("schedules/0/cron", "0 4 * * ? *"),
    "ScheduleEntry/rate": ("schedules/0", {"id": "daily", "rate": "1 hour"}),
    "ScheduleEntry/at": ("schedules/0", {"id": "daily", "at": "2027-01-31T03:00:00"}),
    "ScheduleEntry/timezone": ("schedules/0/timezone", "Asia/Tokyo"),
    "ScheduleEntry/slot": ("schedules/0/slot", {"offset": "-2d"}),
    "ScheduleEntry/input": ("schedules/0/input", {"n": "k"}),
    "ScheduleEntry/enabled": ("schedules/0/enabled", False),
    "ScheduleEntry/max_age": ("schedules/0/max_age", "2h"),
    "ScheduleEntry/dead_letter": ("schedules/0/dead_letter", "arn:aws:sqs:us-east-1:111122223333:late"),
    "SlotEntry/offset": ("schedules/0/slot", {"offset": "-1d"}),
}
DEV = "environments/dev"
PROJECT_KEYS: dict[str, tuple[str, object]] = {
    "/project": ("project", "store"),
    "/id": ("id", "00000000-0000-0000-0000-000000000000"),
    "/timezone": ("timezone", "Asia/Tokyo"),
    "/pipelines": ("pipelines", ["elsewhere/*.yaml"]),
    "/default_environment": ("default_environment", "other"),
    "/variables": ("variables", {"v": 1}),
    "/rules": ("rules", {"BS999": "error"}),
    "/defaults": ("defaults", {"timeout": "7m"}),
    "/ignore": ("ignore", {"tags": ["owner"]}),
    "/local": ("local", {"ecs": "process"}),
    "/functions": ("functions/g/handler", "a.c"),
    "/channels": ("channels/new", {"type": "sns"}),
    "/alerts": ("alerts", DROP),
    "/environments": ("environments/dev/region", "eu-west-3"),
    "DefaultsEntry/retry": ("defaults", {"retry": {"attempts": 9}}),
    "DefaultsEntry/timeout": ("defaults", {"timeout": "8m"}),
    "DefaultsEntry/lambda": ("defaults", {"lambda": {"timeout": "9m"}}),
    "AlertEntry/notify": ("alerts", [{"event": "failed", "notify": ["mail"]}]),
    "EnvironmentEntry/channels": (f"{DEV}/channels", {"late": {"type": "sns"}}),
    "EnvironmentEntry/alerts": (f"{DEV}/alerts", "disabled"),
    "EnvironmentEntry/account": (f"{DEV}/account", "222222222222"),
    "EnvironmentEntry/region": (f"{DEV}/region", "eu-west-3"),
    "EnvironmentEntry/profile": (f"{DEV}/profile", "work"),
    "EnvironmentEntry/role_arn": (f"{DEV}/role_arn", ROLE),
    "EnvironmentEntry/variables": (f"{DEV}/variables", {"v": 2}),
    "EnvironmentEntry/schedules": (f"{DEV}/schedules", "disabled"),
    "EnvironmentEntry/protected": (f"{DEV}/protected", True),
    "EnvironmentEntry/drift": (f"{DEV}/drift", "overwrite"),
    "EnvironmentEntry/freeze": (f"{DEV}/freeze", DROP),
    "EnvironmentEntry/retire_for": (f"{DEV}/retire_for", "3d"),
    "EnvironmentEntry/retention": (f"{DEV}/retention", "30d"),
    "EnvironmentEntry/permissions_boundary": (f"{DEV}/permissions_boundary", "arn:aws:iam::111111111111:policy/b"),
    "EnvironmentEntry/state_encryption": (f"{DEV}/state_encryption", "aws_managed"),
    "EnvironmentEntry/bucket": (f"{DEV}/bucket", "managed"),
    "EnvironmentEntry/bucket_kms_key": (
        DEV,
        {"account": "111111111111", "region": "eu-west-1", "bucket": "managed", "bucket_kms_key": KEY},
    ),
    "EnvironmentEntry/resident": (f"{DEV}/resident", True),
    "EnvironmentEntry/roles": (f"{DEV}/roles", {"machine": ROLE}),
    "FreezeEntry/from": (f"{DEV}/freeze/0/from", "2026-01-02"),
    "FreezeEntry/to": (f"{DEV}/freeze/0/to", "2025-12-31"),
    "FreezeEntry/reason": (f"{DEV}/freeze/0/reason", "s"),
    "IgnoreEntry/tags": ("ignore", {"tags": ["cost:*"]}),
    "LocalEntry/ecs": ("local", {"ecs": "process"}),
    "LocalEntry/iam": ("local", {"iam": "warn"}),
    "LocalEntry/lag": ("local", {"lag": "3s"}),
    "LocalEntry/answers": ("local", {"answers": {"glue:startJobRun": {"answer": {}}}}),
    "RetryEntry/attempts": ("defaults", {"retry": {"attempts": 6}}),
    "RetryEntry/delay": ("defaults", {"retry": {"delay": "8s"}}),
    "RetryEntry/backoff": ("defaults", {"retry": {"backoff": 4}}),
    "RetryEntry/max_delay": ("defaults", {"retry": {"max_delay": "4m"}}),
    "RetryEntry/jitter": ("defaults", {"retry": {"jitter": False}}),
    "RetryEntry/except": ("defaults", {"retry": {"except": ["ValidationError"]}}),
    "RetryEntry/errors": ("defaults", {"retry": {"errors": ["infrastructure"]}}),
    "RolesEntry/machine": (f"{DEV}/roles", {"machine": ROLE}),
    "RolesEntry/function": (f"{DEV}/roles", {"function": ROLE}),
    "RolesEntry/scheduler": (f"{DEV}/roles", {"scheduler": ROLE}),
    "RuleEntry/level": ("rules", {"BS210": "info"}),
    "RuleEntry/reason": ("rules", {"BS210": {"level": "info", "reason": "s"}}),
    "RuleEntry/until": ("rules", {"BS210": {"level": "info", "until": "2027-01-31"}}),
    "RuleEntry/pipelines": ("rules", {"BS210": {"level": "info", "pipelines": ["p"]}}),
}


def changed(document: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return the document with the toggle made."""
    result: dict[str, Any] = copy.deepcopy(dict(document))
    place: Any = result
    *parents, last = path.split("/")
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    if value is DROP:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return result
