"""Functions share what an account may run at once, as on AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.internals import inner, replace_inner
from bunsui.kinds.constraints.account import AT_ONCE, broken_reservation

Call = Callable[..., Any]
RATE_EXCEEDED = "Rate Exceeded."
"""What Lambda says of a call that is one too many, whichever limit it meets: HumanCellAtlas/data-store issue 1118; the limit is
told by the member Reason."""


def share_calls_at_once() -> None:
    """Refuse a reservation that leaves too little to other functions, tell of the account as AWS does, and word the refusal of
    a call as Lambda does.

    How many calls run at once is the emulator's own to say: no more than this machine can, and never more than an account.
    """
    from ministack.core.responses import error_response_json
    from ministack.services import lambda_svc

    functions = inner(lambda_svc, "_functions")
    reserve: Call = inner(lambda_svc, "_put_function_concurrency")
    settings: Callable[[], Any] = inner(lambda_svc, "_get_account_settings")
    refuse: Callable[..., dict[str, Any]] = inner(lambda_svc, "_throttle_response")

    admit: Call = inner(lambda_svc, "_acquire_execution_slot")
    reservation_of: Callable[..., int | None] = inner(lambda_svc, "_reserved_concurrency")
    running: Callable[[], tuple[int, Mapping[str, int]]] = lambda_svc.executions_in_flight

    def acquire_execution_slot(func: dict[str, Any], config: dict[str, Any]) -> Any:
        if reservation_of(func, config) is None:
            here = dict(functions.items())
            place = str(inner(lambda_svc, "_inflight_key")(config)).rpartition(":")[0]
            if unreserved_calls(running()[1], place, here) >= AT_ONCE - total_reserved(here):
                return None, "account"
        return admit(func, config)

    def put_function_concurrency(name: str, data: Mapping[str, Any]) -> Any:
        others = total_reserved({one: found for one, found in functions.items() if one != name})
        broken = broken_reservation(int(data.get("ReservedConcurrentExecutions", 0)), others=others)
        if broken is not None and name in functions:
            return error_response_json(broken.aws_code, broken.aws_message, 400)
        return reserve(name, data)

    def get_account_settings() -> Any:
        status, headers, body = settings()
        told = as_granted(json.loads(body), total_reserved(dict(functions.items())))
        return status, headers, json.dumps(told)

    def throttle_response(reason_code: str, msg: str, retry_after: int = 1) -> dict[str, Any]:
        return as_lambda_throttles(refuse(reason_code, msg, retry_after))

    replace_inner(lambda_svc, "_acquire_execution_slot", acquire_execution_slot)
    replace_inner(lambda_svc, "_put_function_concurrency", put_function_concurrency)
    replace_inner(lambda_svc, "_get_account_settings", get_account_settings)
    replace_inner(lambda_svc, "_throttle_response", throttle_response)


def total_reserved(functions: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many calls at once are reserved for these functions together."""
    return sum(int(one.get("concurrency") or 0) for one in functions.values())


def unreserved_calls(running: Mapping[str, int], place: str, functions: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how many of the calls that run in `place` (`ACCOUNT:REGION`) are of functions without a reservation. `running` are
    calls by `ACCOUNT:REGION:FUNCTION`."""
    named = ((key.removeprefix(f"{place}:"), count) for key, count in running.items() if key.startswith(f"{place}:"))
    return sum(count for name, count in named if functions.get(name, {}).get("concurrency") is None)


def as_granted(settings: Mapping[str, Any], reserved_calls: int) -> dict[str, Any]:
    """Return an account's settings with the calls at once that AWS grants by default."""
    limit = {
        **settings["AccountLimit"],
        "ConcurrentExecutions": AT_ONCE,
        "UnreservedConcurrentExecutions": AT_ONCE - reserved_calls,
    }
    return {**settings, "AccountLimit": limit}


def as_lambda_throttles(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the refusal of a call in Lambda's words."""
    return {**answer, "body": {**answer["body"], "message": RATE_EXCEEDED, "Type": "User"}}
