"""One resource of each kind for the provider contract: what is created, and what it is then changed to."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bunsui.kinds.registry import kinds
from bunsui.model.address import Address
from bunsui.model.bucket import managed_name
from bunsui.model.json import Json
from bunsui.model.resource import CodeSource, DesiredResource, Scope
from bunsui.ports.cloud import ResolvedResource
from bunsui.ports.packaging import Package

PIPELINE = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A resource as first written, and the attributes that an update changes."""

    resource: ResolvedResource
    changes: Mapping[str, Json]
    needs: tuple[Specimen, ...] = ()
    """Written first."""

    @property
    def updated(self) -> ResolvedResource:
        """The resource after the change."""
        attributes = {**self.resource.attributes, **self.changes}
        tags = {key: value for key, value in self.resource.tags.items() if key.startswith("bunsui:")}
        declared = attributes.get("tags", {})
        assert isinstance(declared, Mapping)
        code = self.resource.code
        if code is not None:
            code = replace(code, digest=str(attributes["code_digest"]))
        return replace(
            self.resource,
            attributes=attributes,
            tags={**tags, **{key: str(value) for key, value in declared.items()}},
            code=code,
        )

    @property
    def desired(self) -> DesiredResource:
        """The resource as a plan wants it."""
        return DesiredResource(
            address=self.resource.address,
            physical_name=self.resource.physical_name,
            attributes=self.resource.attributes,
            code=self.resource.code,
        )


@dataclass
class ZipPackager:
    """Packages a file that holds the digest; counts how often it was asked."""

    asked: list[str] = field(default_factory=list)

    def package(self, code: CodeSource) -> Package:
        """Return an archive whose content follows from the digest."""
        self.asked.append(code.digest)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(zipfile.ZipInfo("main.py"), f"def handler(event, context):\n    return {code.digest!r}\n")
        content = buffer.getvalue()
        return Package(zip_bytes=content, sha256_base64=base64.b64encode(hashlib.sha256(content).digest()).decode())


KINDS = tuple(kinds())


def specimen(kind: str, scope: Scope) -> Specimen:
    """Return the specimen of a kind in a scope."""
    return _MAKERS[kind](scope)


def _resolved(
    scope: Scope,
    kind: str,
    physical_name: str,
    attributes: Mapping[str, Json],
    *,
    name: str = "",
    code: CodeSource | None = None,
) -> ResolvedResource:
    address = Address(kind, PIPELINE, name)
    declared = attributes.get("tags", {})
    assert isinstance(declared, Mapping)
    tags = {**scope.tags(address), **{key: str(value) for key, value in declared.items()}}
    return ResolvedResource(address=address, physical_name=physical_name, attributes=attributes, tags=tags, code=code)


def _stem(scope: Scope) -> str:
    return f"{scope.project}--{scope.environment}--{PIPELINE}"


def _trust(service: str) -> Json:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }


def _policy(*actions: str) -> Json:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [*actions], "Resource": ["*"]}]}


def _role(scope: Scope) -> Specimen:
    attributes: dict[str, Json] = {
        "path": f"/bunsui/{scope.project}/{scope.environment}/",
        "trust": _trust("states.amazonaws.com"),
        "policy": _policy("lambda:InvokeFunction", "logs:*", "xray:*"),
        "boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
        "description": "Runs orders",
        "tags": {"team": "data"},
    }
    return Specimen(
        resource=_resolved(scope, "role", _stem(scope), attributes),
        changes={
            "trust": _trust("lambda.amazonaws.com"),
            "policy": _policy("s3:GetObject"),
            "boundary": None,
            "description": "Runs orders, differently",
            "tags": {"cost": "7"},
        },
    )


def _log_group(scope: Scope) -> Specimen:
    attributes: dict[str, Json] = {"retention_days": 30, "tags": {"team": "data"}}
    return Specimen(
        resource=_resolved(scope, "log_group", f"/aws/vendedlogs/states/{_stem(scope)}", attributes),
        changes={"retention_days": 90, "tags": {"team": "data", "cost": "7"}},
    )


def _lambda_function(scope: Scope) -> Specimen:
    digest = "sha256:" + "1" * 64
    name = f"{_stem(scope)}--fetch"
    attributes: dict[str, Json] = {
        "runtime": "python3.12",
        "handler": "main.handler",
        "memory_mb": 256,
        "timeout_seconds": 30,
        "architecture": "x86_64",
        "role_arn": _role_arn(scope),
        "environment": {"MODE": "fast"},
        "code_digest": digest,
        "log_group": f"/aws/lambda/{name}",
        "tags": {"team": "data"},
    }
    code = CodeSource(path="code", requirements=None, runtime="python3.12", architecture="x86_64", digest=digest)
    return Specimen(
        resource=_resolved(scope, "lambda_function", name, attributes, name="extract.fetch", code=code),
        changes={
            "code_digest": "sha256:" + "2" * 64,
            "memory_mb": 512,
            "environment": {"MODE": "slow"},
            "tags": {},
            "reserved_concurrency": 2,
        },
        needs=(_role(scope),),
    )


def _state_machine(scope: Scope) -> Specimen:
    group = f"arn:aws:logs:{scope.region}:{scope.account}:log-group:/aws/vendedlogs/states/{_stem(scope)}"
    attributes: dict[str, Json] = {
        "type": "STANDARD",
        "definition": _definition("one"),
        "role_arn": _role_arn(scope),
        "tracing": True,
        "alias": "live",
        "logging": {"level": "ERROR", "include_execution_data": True, "log_group_arn": group},
        "tags": {"team": "data"},
    }
    return Specimen(
        resource=_resolved(scope, "state_machine", _stem(scope), attributes),
        changes={
            "definition": _definition("two"),
            "tracing": False,
            "logging": {"level": "ALL", "include_execution_data": False, "log_group_arn": group},
            "tags": {},
        },
        needs=(_role(scope), _log_group(scope)),
    )


def _schedule_group(scope: Scope) -> Specimen:
    return Specimen(
        resource=_resolved(scope, "schedule_group", _stem(scope), {"tags": {"team": "data"}}), changes={"tags": {"cost": "7"}}
    )


def _schedule(scope: Scope) -> Specimen:
    attributes: dict[str, Json] = {
        "group": _stem(scope),
        "expression": "cron(0 3 * * ? *)",
        "timezone": "Asia/Tokyo",
        "enabled": True,
        "input": {"params": {"day": 1}, "session": {"schedule": "daily"}},
        "target_arn": f"arn:aws:states:{scope.region}:{scope.account}:stateMachine:{_stem(scope)}:live",
        "role_arn": _role_arn(scope),
        "retries": 3,
    }
    return Specimen(
        resource=_resolved(scope, "schedule", f"{_stem(scope)}--daily", attributes, name="daily"),
        changes={
            "expression": "rate(1 hour)",
            "enabled": False,
            "input": {},
            "timezone": "UTC",
            "retries": 0,
            "max_age_seconds": 7200,
        },
        needs=(_schedule_group(scope),),
    )


def _bucket(scope: Scope) -> Specimen:
    return Specimen(
        resource=_resolved(
            scope,
            "bucket",
            managed_name(scope),
            {
                "public_access": "blocked",
                "ownership": "BucketOwnerEnforced",
                "encryption": "AES256",
                "policy": _closed(scope, "aws:SecureTransport"),
                "expiry_days": {"results/": 180, "resume/": 180},
                "tags": {"team": "data"},
            },
        ),
        changes={
            "public_access": "without BlockPublicPolicy, RestrictPublicBuckets",
            "ownership": "BucketOwnerPreferred",
            "encryption": f"aws:kms:arn:aws:kms:{scope.region}:{scope.account}:key/6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10",
            "policy": _closed(scope, "aws:PrincipalIsAWSService"),
            "expiry_days": {"results/": 30},
            "tags": {"cost": "7"},
        },
    )


def _closed(scope: Scope, key: str) -> Json:
    statement: Json = {
        "Sid": "closed",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{managed_name(scope)}/*",
        "Condition": {"Bool": {key: "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _alert_topic(scope: Scope) -> Specimen:
    return Specimen(
        resource=_resolved(
            scope,
            "alert_topic",
            f"{scope.project}--{scope.environment}--ops",
            {"policy": _publishing(scope, "*"), "encryption_key": "", "tags": {"team": "data"}},
        ),
        changes={
            "policy": _publishing(scope, f"{_stem(scope)}--*"),
            "encryption_key": f"arn:aws:kms:{scope.region}:{scope.account}:key/6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10",
            "tags": {"cost": "7"},
        },
    )


def _publishing(scope: Scope, rules: str) -> Json:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "alerts",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": f"arn:aws:sns:{scope.region}:{scope.account}:{scope.project}--{scope.environment}--ops",
                "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{scope.region}:{scope.account}:rule/{rules}"}},
            }
        ],
    }


def _alert_rule(scope: Scope) -> Specimen:
    machine = f"arn:aws:states:{scope.region}:{scope.account}:stateMachine:{_stem(scope)}"
    target: dict[str, Json] = {
        "arn": machine,
        "role_arn": _role_arn(scope),
        "paths": {"name": "$.detail.name"},
        "template": '{"name":<name>,"event":<aws.events.event.json>}',
    }
    attributes: dict[str, Json] = {
        "description": "Tells of orders",
        "pattern": {"source": ["aws.states"], "detail": {"stateMachineArn": [machine], "status": ["FAILED"]}},
        "enabled": True,
        "targets": {"ops": target},
        "tags": {"team": "data"},
    }
    return Specimen(
        resource=_resolved(scope, "alert_rule", f"{_stem(scope)}--failed", attributes, name="failed"),
        changes={
            "description": "Tells of orders, differently",
            "pattern": {"source": ["aws.states"], "detail": {"stateMachineArn": [machine]}},
            "enabled": False,
            "targets": {
                "mail": {**target, "paths": {}, "template": '{"event":<aws.events.event.json>}'},
            },
            "tags": {"cost": "7"},
        },
        needs=(_role(scope), _alert_topic(scope)),
    )


def _role_arn(scope: Scope) -> str:
    return f"arn:aws:iam::{scope.account}:role/bunsui/{scope.project}/{scope.environment}/{_stem(scope)}"


def _definition(result: str) -> Json:
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "only",
        "States": {"only": {"Type": "Pass", "Output": {"result": result}, "End": True}},
    }


_MAKERS = {
    "role": _role,
    "log_group": _log_group,
    "lambda_function": _lambda_function,
    "state_machine": _state_machine,
    "schedule_group": _schedule_group,
    "schedule": _schedule,
    "bucket": _bucket,
    "alert_topic": _alert_topic,
    "alert_rule": _alert_rule,
}
