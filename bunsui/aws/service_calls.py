"""Calls of any service as Task states make them: their names for services, actions, members and errors, not boto3's.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html, and recordings of AWS. Members are
named as in the AWS SDK for Java 2.x, which Step Functions is built on: capitalised words, so `SSEKMSKeyId` is `SsekmsKeyId`.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bunsui.aws.service_models import service_names
from bunsui.model.values import Json

_READ_SECONDS = 960
"""Longer than any function may run."""
_CONNECTIONS = 64

BOTO_NAMES: Mapping[str, str] = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "cognitoidentityprovider": "cognito-idp",
    "cognitoidentity": "cognito-identity",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "dynamodbstreams": "dynamodbstreams",
    "resourcegroupstaggingapi": "resourcegroupstaggingapi",
    "applicationautoscaling": "application-autoscaling",
    "autoscaling": "autoscaling",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "route53": "route53",
    "sagemakerruntime": "sagemaker-runtime",
    "iotdataplane": "iot-data",
    "bedrockruntime": "bedrock-runtime",
    "ssmincidents": "ssm-incidents",
    "waf": "waf",
    "opensearch": "opensearch",
    "emr": "emr",
    "elasticmapreduce": "emr",
    "ses": "ses",
    "sesv2": "sesv2",
}
"""What Step Functions names otherwise than botocore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """What a service gave."""

    output: dict[str, Json]
    """With members named as Step Functions names them."""
    headers: Mapping[str, str]
    status: int
    request_id: str


class ServiceFailure(Exception):
    """A service refused."""

    def __init__(self, *, code: str, message: str, status: int, request_id: str, name: str, is_modelled: bool) -> None:
        """Keep what the service said. `name` is the service's as its model has it, such as `DynamoDB`."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.name = name
        self.is_modelled = is_modelled


class UnusableArguments(Exception):
    """The arguments do not fit the action, or the service or the action does not exist."""


class ServiceCalls:
    """Calls services at one endpoint, for any account and region."""

    def __init__(self, endpoint_url: str) -> None:
        """Call services at the endpoint."""
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._making = threading.Lock()

    def call(
        self,
        service: str,
        action: str,
        arguments: Mapping[str, Json],
        *,
        account: str,
        region: str,
        keep_names: bool = False,
    ) -> ServiceAnswer:
        """Call `action` (such as `putObject`) and wait for the answer.

        `keep_names` leaves the answer's members as the service names them, as the optimized integrations do.

        Raises:
            ServiceFailure: the service refused.
            UnusableArguments: there is no such service, action or argument.

        """
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        client = self._client(service, account, region)
        operation = _operation(client, action)
        model = client.meta.service_model.operation_model(operation)
        request = _wire(dict(arguments), model.input_shape, "$") if model.input_shape is not None else {}
        try:
            answer = getattr(client, _method(client, operation))(**request)
            output = _shown(answer, model.output_shape, keep_names=keep_names) if model.output_shape is not None else {}
        except ClientError as problem:
            raise _failure(problem, client, model) from problem
        except HTTPClientError as problem:
            name = str(client.meta.service_model.metadata.get("serviceId", ""))
            raise ServiceFailure(
                code="SdkClientException", message=str(problem), status=0, request_id="", name=name, is_modelled=True
            ) from problem
        except (BotoCoreError, TypeError, AttributeError, ValueError) as problem:
            raise UnusableArguments(str(problem)) from problem
        about = answer["ResponseMetadata"]
        return ServiceAnswer(
            output=output, headers=about["HTTPHeaders"], status=about["HTTPStatusCode"], request_id=about.get("RequestId", "")
        )

    def _client(self, service: str, account: str, region: str) -> Any:
        name = BOTO_NAMES.get(service, service)
        with self._making:
            key = (name, account, region)
            if key not in self._clients:
                self._clients[key] = self._made(name, account, region)
            return self._clients[key]

    def _made(self, name: str, account: str, region: str) -> Any:
        import boto3
        from botocore.config import Config

        if name not in service_names():
            raise UnusableArguments(f"there is no service {name!r}")
        return boto3.session.Session().client(
            name,
            endpoint_url=self._endpoint_url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="local",  # noqa: S106 - the embedded AWS checks no signatures
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=_READ_SECONDS,
                max_pool_connections=_CONNECTIONS,
                # The service itself says what is wrong, in its own words.
                parameter_validation=False,
                inject_host_prefix=False,
                s3={"addressing_style": "path"},
            ),
        )


def java_name(name: str) -> str:
    """Give the name of a member or a service as the AWS SDK for Java 2.x has it, capitalised."""
    return "".join(word[0].upper() + word[1:].lower() for word in _WORDS.findall(name))


_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def _operation(client: Any, action: str) -> str:
    wanted = action.lower()
    for name in client.meta.service_model.operation_names:
        if name.lower() == wanted:
            return str(name)
    raise UnusableArguments(f"the service {client.meta.service_model.service_name} has no action {action!r}")


def _method(client: Any, operation: str) -> str:
    return str(next(method for method, name in client.meta.method_to_api_mapping.items() if name == operation))


def _wire(value: Any, shape: Any, path: str) -> Any:
    """Give an argument as botocore takes it: its names, and values of its types."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping) and not getattr(shape, "is_document_type", False):
        return _wire_members(value, shape, path)
    if kind == "list" and isinstance(value, list):
        return [_wire(item, shape.member, f"{path}[{number}]") for number, item in enumerate(value)]
    if kind == "map" and isinstance(value, Mapping):
        return {key: _wire(item, shape.value, f"{path}.{key}") for key, item in value.items()}
    if kind == "string" and not isinstance(value, str):
        return _as_text(value)
    if kind == "blob":
        return (value if isinstance(value, str) else _as_text(value)).encode(errors="replace")
    if kind in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _wire_members(value: Mapping[str, Any], shape: Any, path: str) -> dict[str, Any]:
    known = {name.lower(): name for name in shape.members}
    found = {}
    for key, item in value.items():
        # DynamoDB's attribute value NULL is Nul in Java.
        name = known.get(key.lower()) or ("NULL" if key == "Nul" and "NULL" in shape.members else None)
        if name is None:
            raise UnusableArguments(f'The field "{key}" is not supported by Step Functions')
        if item is not None:
            found[name] = _wire(item, shape.members[name], f"{path}.{key}")
    return found


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shown(value: Any, shape: Any, *, keep_names: bool) -> Any:
    """Give a part of an answer as Step Functions shows it."""
    kind = shape.type_name
    if hasattr(value, "read"):
        return _text_of(value.read())
    if kind == "structure" and isinstance(value, Mapping) and not getattr(shape, "is_document_type", False):
        return {
            _member_name(key, shape, keep_names=keep_names): _shown(item, shape.members[key], keep_names=keep_names)
            for key, item in value.items()
            if key in shape.members and item is not None
        }
    if kind == "list" and isinstance(value, list):
        return [_shown(item, shape.member, keep_names=keep_names) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: _shown(item, shape.value, keep_names=keep_names) for key, item in value.items()}
    if isinstance(value, bytes):
        return _text_of(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _member_name(name: str, shape: Any, *, keep_names: bool) -> str:
    if (shape.name, name) == ("AttributeValue", "NULL") and not keep_names:
        return "Nul"
    return name[0].upper() + name[1:] if keep_names else java_name(name)


def _text_of(value: bytes) -> str:
    """Give bytes as text; in base64 when they are none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _failure(problem: Any, client: Any, model: Any) -> ServiceFailure:
    about, error = problem.response["ResponseMetadata"], problem.response.get("Error", {})
    code = str(error.get("Code", ""))
    names = {shape.name: shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
    modelled = next((name for name, wire in names.items() if code in (name, wire)), None)
    return ServiceFailure(
        code=code,
        message=str(error.get("Message", "")),
        status=int(about.get("HTTPStatusCode", 500)),
        request_id=str(about.get("RequestId", "")),
        name=str(client.meta.service_model.metadata.get("serviceId", "")),
        is_modelled=modelled is not None,
    )
