"""The published models of AWS's services: which operations there are, and what shapes they take and give.

Source: the service models that botocore carries (https://github.com/boto/botocore, `botocore/data`). Step Functions has the
names of the AWS SDK for Java 2.x: a service is called by its `serviceId` in small letters without spaces, a member in
capitalised words (https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from bunsui.aws.descriptions import descriptions

Shape = Mapping[str, Any]
"""A shape of a model: `type`, and by type `members`, `member`, `enum`, `min`, `max`, `pattern`."""

_BOTO_NAMES: Mapping[str, str] = {
    "applicationdiscovery": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "costandusagereport": "cur",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "directory": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntimev2": "lexv2-runtime",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
"""What Step Functions calls otherwise than botocore, apart from hyphens."""
_OPTIMISED_NAMES: Mapping[str, str] = {"states": "stepfunctions", "elasticmapreduce": "emr", "events": "events"}
"""What its optimised integrations are called, where that is another name still."""


@cache
def service_model(service: str) -> Mapping[str, Any]:
    """Return a service's model without prose: `metadata`, `operations` and `shapes`. KeyError when there is no such service."""
    from botocore.exceptions import DataNotFoundError

    try:
        model: Mapping[str, Any] = descriptions(None).load_service_model(service, "service-2")
    except DataNotFoundError as problem:
        raise KeyError(service) from problem
    return model


@cache
def service_names() -> frozenset[str]:
    """Return the names of all services there are models of, such as `stepfunctions`."""
    return frozenset(descriptions(None).list_available_services("service-2"))


def shape(service: str, name: str) -> Shape:
    """Return a shape by its name."""
    found: Shape = service_model(service)["shapes"][name]
    return found


def operation_shape(service: str, operation: str, direction: str) -> str:
    """Return the name of the shape that an operation takes ("input") or gives ("output"); empty when it has none."""
    return str(service_model(service)["operations"][operation].get(direction, {}).get("shape", ""))


def boto_name(service: str) -> str:
    """Return what botocore calls a service that Step Functions calls `service`; the name itself where that is unknown."""
    return _OPTIMISED_NAMES.get(service) or offered_services().get(service, service)


@cache
def offered_services() -> Mapping[str, str]:
    """Return botocore's names of services by those of the SDK integrations of Step Functions."""
    otherwise = {boto: name for name, boto in _BOTO_NAMES.items()}
    return {otherwise.get(boto, boto.replace("-", "")): boto for boto in service_names()}
