"""Calls of any service as Task states make them: their names for services, actions, members and errors, not boto3's.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html, and recordings of AWS. Members are
named as in the AWS SDK for Java 2.x, which Step Functions is built on: capitalised words, so `SSEKMSKeyId` is `SsekmsKeyId`.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from bunsui.asl.sdk_names import java_name
from bunsui.aws.service_models import boto_name, service_names
from bunsui.model.json import Json

_READ_SECONDS = 960
"""Longer than any function may run."""
_CONNECTIONS = 64


class CallerKeys(Protocol):
    """What a call is signed with."""

    @property
    def access_key(self) -> str:
        """The key's id."""
        ...

    @property
    def secret_key(self) -> str:
        """The key that it is signed with."""
        ...

    @property
    def token(self) -> str | None:
        """The session token; None for none."""
        ...


KeysOf = Callable[[str, str], CallerKeys]
"""Return the keys of an account and the ARN of a role, which is empty for the service itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """What a service gave."""

    output: dict[str, Json]
    """With members named as Step Functions names them."""
    headers: Mapping[str, str]
    status: int
    request_id: str
    body: bytes = b""
    """The bytes of the member that is streamed, such as an object of S3; `output` tells them as text, or in base64."""


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
    """Calls services at one endpoint, for any account, role and region."""

    def __init__(self, endpoint_url: str, *, keys: KeysOf) -> None:
        """Call services at the endpoint; `keys` names what a call is signed with."""
        self._endpoint_url = endpoint_url
        self._keys = keys
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.Lock()

    def call(
        self,
        service: str,
        action: str,
        arguments: Mapping[str, Json],
        *,
        account: str,
        region: str,
        role_arn: str = "",
        keep_names: bool = False,
    ) -> ServiceAnswer:
        """Call `action` (such as `putObject`) and wait for the answer.

        `role_arn` is the role in whose session it is called; empty for the service itself, in the account. `keep_names` leaves
        the answer's members as the service names them, as the optimized integrations do.

        Raises:
            ServiceFailure: the service refused.
            UnusableArguments: there is no such service, action or argument.

        """
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

        client = self._client(service, region)
        operation = _operation(client, action)
        model = client.meta.service_model.operation_model(operation)
        request = _wire(dict(arguments), model.input_shape, "$") if model.input_shape is not None else {}
        try:
            with _signing_with(self._keys(account, role_arn)):
                answer = getattr(client, _method(client, operation))(**request)
                body = _drain_stream(answer)
            output = _show_member(answer, model.output_shape, keep_names=keep_names) if model.output_shape is not None else {}
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
            output=output,
            headers=about["HTTPHeaders"],
            status=about["HTTPStatusCode"],
            request_id=about.get("RequestId", ""),
            body=body,
        )

    def _client(self, service: str, region: str) -> Any:
        name = boto_name(service)
        with self._making:
            key = (name, region)
            if key not in self._clients:
                self._clients[key] = self._make_client(name, region)
            return self._clients[key]

    def _make_client(self, name: str, region: str) -> Any:
        from botocore.config import Config
        from botocore.session import Session

        if name not in service_names():
            raise UnusableArguments(f"there is no service {name!r}")
        session = Session()
        session.register_component("credential_provider", _current_keys())
        return session.create_client(
            name,
            endpoint_url=self._endpoint_url,
            region_name=region,
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


_KEYS: ContextVar[CallerKeys] = ContextVar("what the call that is made here is signed with")


@contextmanager
def _signing_with(keys: CallerKeys) -> Iterator[None]:
    before = _KEYS.set(keys)
    try:
        yield
    finally:
        _KEYS.reset(before)


def _current_keys() -> Any:
    """Return a source of credentials that are those of each call, so that a client serves every caller."""
    from botocore.credentials import Credentials, ReadOnlyCredentials

    class CurrentKeys(Credentials):  # type: ignore[misc]  # botocore publishes no types
        def get_frozen_credentials(self) -> Any:
            keys = _KEYS.get()
            return ReadOnlyCredentials(keys.access_key, keys.secret_key, keys.token)

    class KeySource:
        def load_credentials(self) -> Any:
            return CurrentKeys("of each call", "of each call")

    return KeySource()


def _operation(client: Any, action: str) -> str:
    wanted = action.lower()
    for name in client.meta.service_model.operation_names:
        if name.lower() == wanted:
            return str(name)
    raise UnusableArguments(f"the service {client.meta.service_model.service_name} has no action {action!r}")


def _method(client: Any, operation: str) -> str:
    return str(next(method for method, name in client.meta.method_to_api_mapping.items() if name == operation))


def _wire(value: Any, shape: Any, path: str) -> Any:
    """Return an argument as botocore takes it: its names, and values of its types."""
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
        name = known.get(key.lower()) or _from_java(key, shape)
        if name is None:
            raise UnusableArguments(f'The field "{key}" is not supported by Step Functions')
        if item is not None:
            found[name] = _wire(item, shape.members[name], f"{path}.{key}")
    return found


def _from_java(key: str, shape: Any) -> str | None:
    """Return a member whose name is a word of Java's, such as DynamoDB's attribute value NULL."""
    name = {"Nul": "NULL", "EqualsValue": "Equals"}.get(key, "")
    return name if name in shape.members else None


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _drain_stream(answer: dict[str, Any]) -> bytes:
    """Read the streamed member into its place; return its bytes, none when nothing is streamed. No answer has two."""
    for name, value in answer.items():
        if hasattr(value, "read"):
            answer[name] = value.read()
            return bytes(answer[name])
    return b""


def _show_member(value: Any, shape: Any, *, keep_names: bool) -> Any:
    """Return a part of an answer as Step Functions shows it."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping) and not getattr(shape, "is_document_type", False):
        return {
            _member_name(key, shape, keep_names=keep_names): _show_member(item, shape.members[key], keep_names=keep_names)
            for key, item in value.items()
            if key in shape.members and item is not None
        }
    if kind == "list" and isinstance(value, list):
        return [_show_member(item, shape.member, keep_names=keep_names) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {key: _show_member(item, shape.value, keep_names=keep_names) for key, item in value.items()}
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
    """Return bytes as text; in base64 when they are none."""
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
