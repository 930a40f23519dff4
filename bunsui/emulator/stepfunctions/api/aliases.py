"""Aliases of state machines: names that lead to one version, or to two by weight.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bunsui.asl.quotas import ALIASES
from bunsui.emulator.stepfunctions.api.paging import list_answer, page
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError, invalid_value, no_machine, no_resource, quota_exceeded
from bunsui.emulator.stepfunctions.store.arns import parse_arn
from bunsui.emulator.stepfunctions.store.records import Alias

Request = Mapping[str, Any]

_MOST_ROUTES = 2
_WHOLE = 100


def create_state_machine_alias(context: RequestContext, request: Request) -> dict[str, Any]:
    """Make an alias; the same request again gives the same alias."""
    routes = _checked_routes(context, request["routingConfiguration"])
    machine_arn = context.region_store.versions[routes[0][0]].machine_arn
    arn = f"{machine_arn}:{request['name']}"
    description = str(request.get("description", ""))
    known = context.region_store.aliases.get(arn)
    if known is None:
        if sum(1 for one in context.region_store.aliases.values() if one.machine_arn == machine_arn) >= ALIASES:
            raise quota_exceeded()
        now = context.now()
        known = Alias(
            arn=arn,
            machine_arn=machine_arn,
            name=request["name"],
            created_at=now,
            updated_at=now,
            routes=routes,
            description=description,
        )
        context.region_store.aliases[arn] = known
    elif known.routes != routes or known.description != description:
        raise ApiError(
            "ConflictException",
            "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
        )
    return {"stateMachineAliasArn": known.arn, "creationDate": known.created_at}


def describe_state_machine_alias(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return an alias."""
    alias = _known_alias(context, request["stateMachineAliasArn"])
    return {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "description": alias.description,
        "routingConfiguration": [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in alias.routes],
        "creationDate": alias.created_at,
        "updateDate": alias.updated_at,
    }


def update_state_machine_alias(context: RequestContext, request: Request) -> dict[str, Any]:
    """Lead the alias elsewhere, or describe it otherwise."""
    alias = _known_alias(context, request["stateMachineAliasArn"])
    if request.get("routingConfiguration") is None and request.get("description") is None:
        raise ApiError("MissingRequiredParameter", "Either the description or the RoutingConfiguration must be specified")
    if request.get("routingConfiguration") is not None:
        routes = _checked_routes(context, request["routingConfiguration"])
        if context.region_store.versions[routes[0][0]].machine_arn != alias.machine_arn:
            raise invalid_value("Routing configuration must be of versions of the alias's own state machine")
        context.routes.note(alias.arn, alias.routes, now=context.now(), lag=context.lag.starts)
        alias = replace(alias, routes=routes)
    if request.get("description") is not None:
        alias = replace(alias, description=request["description"])
    context.region_store.aliases[alias.arn] = replace(alias, updated_at=context.now())
    return {"updateDate": context.region_store.aliases[alias.arn].updated_at}


def delete_state_machine_alias(context: RequestContext, request: Request) -> dict[str, Any]:
    """Delete an alias; ResourceNotFound when there is none."""
    alias = _known_alias(context, request["stateMachineAliasArn"])
    del context.region_store.aliases[alias.arn]
    return {}


def list_state_machine_aliases(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the aliases of a machine, or those that lead to a version, newest first."""
    arn = request["stateMachineArn"]
    parse_arn(arn, "stateMachine")
    if arn not in context.region_store.machines and arn not in context.region_store.versions:
        raise no_machine(arn)
    aliases = sorted(
        (alias for alias in context.region_store.aliases.values() if alias.machine_arn == arn or arn in dict(alias.routes)),
        key=lambda alias: (-alias.created_at, alias.arn),
    )
    items, token = page(aliases, request, about=("aliases", arn), key=lambda alias: (-alias.created_at, alias.arn))
    shown = [{"stateMachineAliasArn": alias.arn, "creationDate": alias.created_at} for alias in items]
    return list_answer("stateMachineAliases", (shown, token))


def _known_alias(context: RequestContext, arn: str) -> Alias:
    parse_arn(arn, "stateMachine")
    alias = context.region_store.aliases.get(arn)
    if alias is None:
        raise no_resource(arn)
    return alias


def _checked_routes(context: RequestContext, given: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, int], ...]:
    """Return the routes; every rule that AWS has for them is checked."""
    routes = tuple((str(route["stateMachineVersionArn"]), int(route["weight"])) for route in given)
    arns = [arn for arn, _ in routes]
    shown = f"[{', '.join(arns)}]"
    if not 1 <= len(routes) <= _MOST_ROUTES:
        raise invalid_value("Routing configuration must contain one or two routes")
    names = [parse_arn(arn, "stateMachine").names for arn in arns]
    if any(len(found) != 2 or not found[1].isdigit() for found in names):
        raise invalid_value(f"Routing configuration must contain state machine version ARNs. Received: {shown}")
    if len(set(arns)) != len(arns):
        raise invalid_value(f"Routing configuration must contain distinct state machine version ARNs. Received: {shown}")
    if len({found[0] for found in names}) != 1:
        raise invalid_value(f"Routing configuration must contain versions of one state machine. Received: {shown}")
    weights = [weight for _, weight in routes]
    if sum(weights) != _WHOLE:
        raise invalid_value(f"Sum of routing configuration weights must equal 100. Received: {weights}")
    missing = [arn for arn in arns if arn not in context.region_store.versions]
    if missing:
        raise no_resource(missing[0])
    return routes
