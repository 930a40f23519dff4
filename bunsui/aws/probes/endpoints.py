"""Ask the endpoints that a plan needs for a sign of life, without credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from bunsui.aws.answers.parsers import FOREIGN
from bunsui.aws.botocore_session import core_session
from bunsui.aws.errors import foreign_answer, translate_errors
from bunsui.errors import BunsuiError, InvalidInput
from bunsui.ports.diagnosis import EndpointAnswer

_CALLS: Mapping[str, str] = {
    "sts": "get_caller_identity",
    "dynamodb": "list_tables",
    "stepfunctions": "list_state_machines",
    "lambda": "list_functions",
    "iam": "list_roles",
    "logs": "describe_log_groups",
}
"""A call of each service that no plan does without; any refusal by AWS is an answer."""
_CONNECT_SECONDS = 4.0
_READ_SECONDS = 6.0


def ask_endpoints(region: str, profile: str | None) -> Sequence[EndpointAnswer]:
    """Return what each endpoint answers, all asked at once.

    Raises:
        BunsuiError: the AWS configuration of the machine cannot be read.

    """
    with translate_errors("sts", "connect", profile=profile), readable_configuration():
        core = core_session(profile, None, None, lambda _: None)
        clients = {service: _client(core, service, region) for service in _CALLS}
    with ThreadPoolExecutor(max_workers=len(clients)) as pool:
        return list(pool.map(lambda service: _ask(service, clients[service]), clients))


@contextmanager
def readable_configuration() -> Iterator[None]:
    """Raise InvalidInput for what botocore raises for a setting of the machine that it cannot read."""
    try:
        yield
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(
            "aws-config-invalid",
            "a setting of the AWS configuration cannot be read",
            hint="Look at the AWS_* variables and at the profile:\n  aws configure list",
            reason=type(error).__name__,
        ) from error


def _client(core: Any, service: str, region: str) -> Any:
    from botocore import UNSIGNED  # heavy, and needed only when an account is
    from botocore.config import Config

    config = Config(
        region_name=region,
        signature_version=UNSIGNED,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        ignore_configured_endpoint_urls=True,
    )
    return core.create_client(service, region_name=region, config=config)


def _ask(service: str, client: Any) -> EndpointAnswer:
    host = urlsplit(str(client.meta.endpoint_url)).hostname or ""
    method = _CALLS[service]
    operation = client.meta.method_to_api_mapping[method]
    try:
        with translate_errors(service, operation, host=host), readable_configuration():
            answer = _refusal_of(client, method, service)
    except BunsuiError as problem:
        return EndpointAnswer(service=service, host=host, problem=problem)
    return EndpointAnswer(service=service, host=host, aws_time=_time_of(answer), local_time=datetime.now(UTC))


def _refusal_of(client: Any, method: str, service: str) -> Mapping[str, Any]:
    """Return what AWS answers; that it refuses a call without credentials is as good as anything else."""
    from botocore.exceptions import ClientError

    try:
        return dict(getattr(client, method)())
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == FOREIGN:
            raise foreign_answer(error.response["Error"], service, method) from error
        return dict(error.response)


def _time_of(answer: Mapping[str, Any]) -> datetime | None:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(str(headers.get("date", ""))).astimezone(UTC)
    except ValueError:
        return None
