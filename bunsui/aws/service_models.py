"""The published models of AWS's services, as plain values: which operations there are, and what shapes they take and give.

Source: the service models that botocore carries (https://github.com/boto/botocore, `botocore/data`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

Shape = Mapping[str, Any]
"""A shape of a model: `type`, and by type `members`, `member`, `enum`, `min`, `max`, `pattern`."""


@cache
def service_model(service: str) -> Mapping[str, Any]:
    """Give a service's model: `metadata`, `operations` and `shapes`. KeyError when there is no such service."""
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import Loader

    try:
        model: Mapping[str, Any] = Loader().load_service_model(service, "service-2")
    except DataNotFoundError as problem:
        raise KeyError(service) from problem
    return model


@cache
def service_names() -> frozenset[str]:
    """Give the names of all services there are models of, such as `stepfunctions`."""
    from botocore.loaders import Loader

    return frozenset(Loader().list_available_services("service-2"))


def shape(service: str, name: str) -> Shape:
    """Give a shape by its name."""
    found: Shape = service_model(service)["shapes"][name]
    return found


def operation_shape(service: str, operation: str, direction: str) -> str:
    """Give the name of the shape that an operation takes ("input") or gives ("output"); empty when it has none."""
    return str(service_model(service)["operations"][operation].get(direction, {}).get("shape", ""))
