"""What is kept warm of a function is listed as Lambda lists it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.internals import inner, replace_inner


def list_what_is_kept_warm() -> None:
    """Answer ListProvisionedConcurrencyConfigs, which the emulator takes for a Get without a qualifier and refuses.

    On AWS Get needs a qualifier, and the list of a function of which nothing is kept warm is empty."""
    from ministack.services import lambda_svc

    get: Callable[[str, str], object] = inner(lambda_svc, "_get_provisioned_concurrency")
    functions: Mapping[str, Mapping[str, Any]] = inner(lambda_svc, "_functions")
    arn_of: Callable[[str], str] = inner(lambda_svc, "_func_arn")
    answer: Callable[[object], object] = inner(lambda_svc, "json_response")

    def get_or_list(name: str, qualifier: str) -> object:
        if qualifier or name not in functions:
            return get(name, qualifier)
        kept: Mapping[str, Mapping[str, Any]] = functions[name].get("provisioned_concurrency", {})
        found = [{"FunctionArn": f"{arn_of(name)}:{key}", **one} for key, one in kept.items()]
        return answer({"ProvisionedConcurrencyConfigs": found})

    replace_inner(lambda_svc, "_get_provisioned_concurrency", get_or_list)
