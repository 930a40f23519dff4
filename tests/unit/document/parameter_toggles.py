"""For each parameter of each operation type an operation, and what is put into it that must be noticed.

`Owner/key` is what the published schema calls it, where the owner of a type's own keys is the type; places are written as
in `key_toggles.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.unit.document.key_toggles import DROP

Operation = Mapping[str, Any]
Toggle = tuple[Operation, Mapping[str, object]]

_ARN = "arn:aws:{}:us-east-1:111122223333:{}"
_RATES = _ARN.format("states", "stateMachine:rates:live")
_CONNECTION = _ARN.format("events", "connection/rates/0a1b2c3d-0000-4000-8000-000000000000")
_SECRET = _ARN.format("secretsmanager", "secret:db-AbCdEf")
_MAY = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]}
_VPC = {"subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]}
CALL: Operation = {"type": "lambda", "function": "load:live"}
CODE: Operation = {"type": "lambda", "code": {"path": "code", "handler": "a.b"}}
VPC: Operation = {"type": "lambda", "code": {"path": "code", "handler": "a.b", "network": _VPC}}
TASK: Operation = {
    "type": "ecs_task",
    "cluster": "etl",
    "task_definition": "load:7",
    "container": {"name": "load"},
    "network": {"subnets": ["subnet-0123456789abcdef0"]},
}
SPOT: Operation = {**TASK, "capacity": [{"provider": "FARGATE_SPOT"}]}
CHILD: Operation = {"type": "pipeline", "pipeline": "q"}
MACHINE: Operation = {"type": "step_function", "state_machine": _RATES}
WAIT: Operation = {"type": "wait", "for": "10m"}
CHOICE: Operation = {"type": "choice", "cases": [{"when": "{% $params.n = 'x' %}", "operations": [CALL]}]}
CHECK: Operation = {"type": "check", "that": "{% $params.n = 'x' %}"}
TOPIC: Operation = {"type": "sns_publish", "topic": _ARN.format("sns", "alerts"), "message": "m"}
QUEUE: Operation = {"type": "sqs_send", "queue": _ARN.format("sqs", "orders"), "body": "b"}
GET: Operation = {"type": "dynamodb", "action": "get", "table": "loads", "key": {"a": "b"}}
UPDATE: Operation = {"type": "dynamodb", "action": "update", "table": "loads", "key": {"a": "b"}, "update": "SET a = :b"}
PUT: Operation = {"type": "s3", "action": "put", "bucket": "lake", "key": "k", "body": "b"}
COPY: Operation = {"type": "s3", "action": "copy", "bucket": "lake", "key": "k", "source": {"bucket": "b", "key": "c"}}
LIST: Operation = {"type": "s3", "action": "list", "bucket": "lake"}
AWS: Operation = {"type": "aws", "action": "glue:startJobRun", "resources": [_ARN.format("glue", "job/sales")]}
SEND: Operation = {
    "type": "aws",
    "action": "sqs:sendMessage",
    "wait": "token",
    "token_at": "MessageBody.token",
    "arguments": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders"},
    "resources": [_ARN.format("sqs", "orders")],
}
ASL: Operation = {
    "type": "asl",
    "start_at": "One",
    "states": {"One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Pass", "End": True}},
}
ATHENA: Operation = {
    "type": "athena_query",
    "query": "SELECT a FROM b WHERE c = ?",
    "parameters": ["1"],
    "output": "s3://lake/athena/",
    "reads": ["s3://lake/b/"],
    "database": "sales",
}
HTTP: Operation = {"type": "http", "url": "https://api.example.com/v1", "connection": _CONNECTION}
POST: Operation = {**HTTP, "method": "POST", "body": {"a": "b"}}
APPROVAL: Operation = {"type": "approval", "message": "m", "deadline": "1h", "approvers": ["ann"]}
FAIL: Operation = {"type": "fail", "error": "No.Rows", "message": "m"}
GLUE: Operation = {"type": "glue_job", "job": "sales"}

PARAMETERS: Mapping[str, Toggle] = {
    "lambda/function": (CALL, {"function": "other:live"}),
    "lambda/code": (CALL, {"function": DROP, "code": {"path": "code", "handler": "a.b"}}),
    "lambda/payload": (CALL, {"payload": {"a": 1}}),
    "lambda.FunctionSource/path": (CODE, {"code/path": "other"}),
    "lambda.FunctionSource/handler": (CODE, {"code/handler": "a.c"}),
    "lambda.FunctionSource/runtime": (CODE, {"code/runtime": "python3.13"}),
    "lambda.FunctionSource/requirements": (CODE, {"code/requirements": "lock.txt"}),
    "lambda.FunctionSource/exclude": (CODE, {"code/exclude": ["c.py"]}),
    "lambda.FunctionSource/include": (CODE, {"code/include": ["b.pem"]}),
    "lambda.FunctionSource/memory": (CODE, {"code/memory": 512}),
    "lambda.FunctionSource/architecture": (CODE, {"code/architecture": "arm64"}),
    "lambda.FunctionSource/environment": (CODE, {"code/environment": {"LEVEL": "1"}}),
    "lambda.FunctionSource/secrets": (CODE, {"code/secrets": {"LOGIN": _SECRET}}),
    "lambda.FunctionSource/timeout": (CODE, {"code/timeout": "2m"}),
    "lambda.FunctionSource/network": (CODE, {"code/network": _VPC}),
    "lambda.FunctionNetwork/subnets": (VPC, {"code/network/subnets": ["subnet-1123456789abcdef0"]}),
    "lambda.FunctionNetwork/security_groups": (VPC, {"code/network/security_groups": ["sg-1123456789abcdef0"]}),
    "lambda.FunctionSource/layers": (CODE, {"code/layers": [_ARN.format("lambda", "layer:tools:1")]}),
    "lambda.FunctionSource/ephemeral_storage": (CODE, {"code/ephemeral_storage": 1024}),
    "lambda.FunctionSource/reserved_concurrency": (CODE, {"code/reserved_concurrency": 5}),
    "lambda.FunctionSource/tracing": (CODE, {"code/tracing": True}),
    "lambda.FunctionSource/dead_letter": (CODE, {"code/dead_letter": _ARN.format("sqs", "failed")}),
    "lambda.FunctionSource/kms_key": (CODE, {"code/kms_key": _ARN.format("kms", "key/0a1b")}),
    "lambda.FunctionSource/permissions": (CODE, {"code/permissions": [_MAY]}),
    "lambda.FunctionPermission/actions": (
        {**CODE, "code": {**CODE["code"], "permissions": [_MAY]}},
        {"code/permissions/0/actions": ["s3:PutObject"]},
    ),
    "lambda.FunctionPermission/resources": (
        {**CODE, "code": {**CODE["code"], "permissions": [_MAY]}},
        {"code/permissions/0/resources": ["arn:aws:s3:::c/*"]},
    ),
    "ecs_task/cluster": (TASK, {"cluster": "other"}),
    "ecs_task/task_definition": (TASK, {"task_definition": "load:8"}),
    "ecs_task/container": (TASK, {"container": DROP}),
    "ecs_task/network": ({**TASK, "launch": "ec2"}, {"network": DROP}),
    "ecs_task/launch": (TASK, {"launch": "ec2"}),
    "ecs_task/result": (TASK, {"result": "s3"}),
    "ecs_task/containers": (TASK, {"containers": [{"name": "side", "memory": 64}]}),
    "ecs_task/capacity": (TASK, {"capacity": [{"provider": "FARGATE_SPOT"}]}),
    "ecs_task.ProviderShare/provider": (SPOT, {"capacity/0/provider": "FARGATE"}),
    "ecs_task.ProviderShare/weight": (SPOT, {"capacity/0/weight": 2}),
    "ecs_task.ProviderShare/base": (SPOT, {"capacity/0/base": 1}),
    "ecs_task/platform_version": (TASK, {"platform_version": "1.4.0"}),
    "ecs_task/cpu": (TASK, {"cpu": 512}),
    "ecs_task/memory": (TASK, {"memory": 1024}),
    "ecs_task/ephemeral_storage": (TASK, {"ephemeral_storage": 50}),
    "ecs_task/task_role": (TASK, {"task_role": "arn:aws:iam::111122223333:role/load"}),
    "ecs_task/execution_role": (TASK, {"execution_role": "arn:aws:iam::111122223333:role/load"}),
    "ecs_task/tags": (TASK, {"tags": {"team": "data"}}),
    "ecs_task/propagate_tags": (TASK, {"propagate_tags": True}),
    "ecs_task/group": (TASK, {"group": "nightly"}),
    "ecs_task/exit_codes": (TASK, {"exit_codes": {"75": "TryLater"}}),
    "ecs_task/arguments": (TASK, {"arguments": {"EnableExecuteCommand": True}}),
    "ecs_task/roles": (TASK, {"roles": ["arn:aws:iam::111122223333:role/load"]}),
    "ecs_task.ContainerOverride/name": (TASK, {"container/name": "other"}),
    "ecs_task.ContainerOverride/command": (TASK, {"container/command": ["go"]}),
    "ecs_task.ContainerOverride/environment": (TASK, {"container/environment": {"A": "1"}}),
    "ecs_task.ContainerOverride/secrets": (TASK, {"container/secrets": {"A": _SECRET}}),
    "ecs_task.ContainerOverride/cpu": (TASK, {"container/cpu": 512}),
    "ecs_task.ContainerOverride/memory": (TASK, {"container/memory": 512}),
    "ecs_task.Network/subnets": (TASK, {"network/subnets": ["subnet-1123456789abcdef0"]}),
    "ecs_task.Network/security_groups": (TASK, {"network/security_groups": ["sg-0123456789abcdef0"]}),
    "ecs_task.Network/public_ip": (TASK, {"network/public_ip": True}),
    "pipeline/pipeline": (CHILD, {"pipeline": "r"}),
    "pipeline/params": (CHILD, {"params": {"m": "x"}}),
    "step_function/state_machine": (MACHINE, {"state_machine": _ARN.format("states", "stateMachine:other:live")}),
    "step_function/input": (MACHINE, {"input": {"a": 1}}),
    "wait/for": (WAIT, {"for": "11m"}),
    "wait/until": (WAIT, {"for": DROP, "until": "2027-01-31T06:00:00Z"}),
    "choice/cases": (CHOICE, {"cases": [{"when": "{% $params.n = 'y' %}", "operations": [CALL]}]}),
    "choice/default": (CHOICE, {"default": [WAIT]}),
    "choice.Case/when": (CHOICE, {"cases/0/when": "{% $params.n = 'z' %}"}),
    "choice.Case/operations": (CHOICE, {"cases/0/operations": [WAIT]}),
    "check/that": (CHECK, {"that": "{% $params.n = 'y' %}"}),
    "check/else": (CHECK, {"else": "warn"}),
    "check/message": (CHECK, {"message": "no"}),
    "approval/message": (APPROVAL, {"message": "no"}),
    "approval/evidence": (APPROVAL, {"evidence": {"a": 1}}),
    "approval/approvers": (APPROVAL, {"approvers": ["bob"]}),
    "approval/deadline": (APPROVAL, {"deadline": "2h"}),
    "approval/on_deadline": (APPROVAL, {"on_deadline": "approve"}),
    "approval/on_reject": (APPROVAL, {"on_reject": "continue"}),
    "approval/four_eyes": (APPROVAL, {"four_eyes": True}),
    "sns_publish/topic": (TOPIC, {"topic": _ARN.format("sns", "other")}),
    "sns_publish/message": (TOPIC, {"message": "n"}),
    "sns_publish/subject": (TOPIC, {"subject": "s"}),
    "sns_publish/attributes": (TOPIC, {"attributes": {"a": "b"}}),
    "sns_publish/group": (TOPIC, {"group": "g"}),
    "sns_publish/deduplication_id": (TOPIC, {"deduplication_id": "d"}),
    "sqs_send/queue": (QUEUE, {"queue": _ARN.format("sqs", "other")}),
    "sqs_send/body": (QUEUE, {"body": "c"}),
    "sqs_send/delay": (QUEUE, {"delay": "1m"}),
    "sqs_send/attributes": (QUEUE, {"attributes": {"a": "b"}}),
    "sqs_send/group": (QUEUE, {"group": "g"}),
    "sqs_send/deduplication_id": (QUEUE, {"deduplication_id": "d"}),
    "dynamodb/action": (GET, {"action": "delete"}),
    "dynamodb/table": (GET, {"table": "other"}),
    "dynamodb/key": (GET, {"key": {"a": "c"}}),
    "dynamodb/item": (GET, {"action": "put", "key": DROP, "item": {"a": "b"}}),
    "dynamodb/update": (UPDATE, {"update": "SET b = :b"}),
    "dynamodb/condition": (UPDATE, {"condition": "a = :b"}),
    "dynamodb/names": (UPDATE, {"names": {"#a": "b"}}),
    "dynamodb/values": (UPDATE, {"values": {":b": 1}}),
    "dynamodb/consistent": (GET, {"consistent": True}),
    "s3/action": (LIST, {"action": "get", "key": "k"}),
    "s3/bucket": (PUT, {"bucket": "other"}),
    "s3/key": (PUT, {"key": "l"}),
    "s3/body": (PUT, {"body": "c"}),
    "s3/content_type": (PUT, {"content_type": "text/plain"}),
    "s3/format": ({"type": "s3", "action": "get", "bucket": "lake", "key": "k"}, {"format": "json"}),
    "s3/source": (COPY, {"source": {"bucket": "b", "key": "d"}}),
    "s3/prefix": (LIST, {"prefix": "p"}),
    "s3/limit": (LIST, {"limit": 5}),
    "s3.CopySource/bucket": (COPY, {"source/bucket": "c"}),
    "s3.CopySource/key": (COPY, {"source/key": "e"}),
    "aws/action": (AWS, {"action": "glue:getJobRun"}),
    "aws/arguments": (AWS, {"arguments": {"JobName": "sales"}}),
    "aws/wait": (AWS, {"wait": "job"}),
    "aws/token_at": (SEND, {"token_at": "MessageBody.other"}),
    "aws/resources": (AWS, {"resources": [_ARN.format("glue", "job/other")]}),
    "aws/allow": (AWS, {"allow": ["glue:GetJob"]}),
    "lambda/permissions": (CALL, {"permissions": [_MAY]}),
    "asl/start_at": (ASL, {"start_at": "Two"}),
    "asl/states": (ASL, {"states/One/Comment": "c"}),
    "asl/input": (ASL, {"input": {"a": 1}}),
    "asl/permissions": (ASL, {"permissions": [_MAY]}),
    "asl.FunctionPermission/actions": ({**ASL, "permissions": [_MAY]}, {"permissions/0/actions": ["s3:PutObject"]}),
    "asl.FunctionPermission/resources": ({**ASL, "permissions": [_MAY]}, {"permissions/0/resources": ["arn:aws:s3:::c/*"]}),
    "athena_query/query": (ATHENA, {"query": "SELECT b FROM b WHERE c = ?"}),
    "athena_query/parameters": (ATHENA, {"parameters": ["2"]}),
    "athena_query/database": (ATHENA, {"database": "other"}),
    "athena_query/catalog": (ATHENA, {"catalog": "other"}),
    "athena_query/workgroup": (ATHENA, {"workgroup": "other"}),
    "athena_query/output": (ATHENA, {"output": "s3://lake/other/"}),
    "athena_query/fetch": (ATHENA, {"fetch": "rows"}),
    "athena_query/reads": (ATHENA, {"reads": ["s3://lake/c/"]}),
    "athena_query/writes": (ATHENA, {"writes": ["s3://lake/d/"]}),
    "athena_query/permissions": (ATHENA, {"permissions": [_MAY]}),
    "athena_query.FunctionPermission/actions": (
        {**ATHENA, "permissions": [_MAY]},
        {"permissions/0/actions": ["s3:PutObject"]},
    ),
    "athena_query.FunctionPermission/resources": (
        {**ATHENA, "permissions": [_MAY]},
        {"permissions/0/resources": ["arn:aws:s3:::c/*"]},
    ),
    "http/url": (HTTP, {"url": "https://api.example.com/v2"}),
    "http/connection": (HTTP, {"connection": _CONNECTION.replace("rates", "other")}),
    "http/method": (POST, {"method": "PUT"}),
    "http/headers": (HTTP, {"headers": {"A": "b"}}),
    "http/query": (HTTP, {"query": {"a": "b"}}),
    "http/body": (POST, {"body": {"a": "c"}}),
    "http/encoding": (POST, {"encoding": "form"}),
    "fail/error": (FAIL, {"error": "No.More"}),
    "fail/message": (FAIL, {"message": "n"}),
    "glue_job/job": (GLUE, {"job": "other"}),
    "glue_job/arguments": (GLUE, {"arguments": {"--a": "b"}}),
    "glue_job/result": (GLUE, {"result": "file"}),
    "glue_job/workers": (GLUE, {"workers": {"type": "G.1X", "count": 2}}),
    "glue_job.Workers/type": ({**GLUE, "workers": {"type": "G.1X", "count": 2}}, {"workers/type": "G.2X"}),
    "glue_job.Workers/count": ({**GLUE, "workers": {"type": "G.1X", "count": 2}}, {"workers/count": 3}),
}
