"""What others put on functions.

Sources: Lambda API reference. GetPolicy answers ResourceNotFoundException where there is no policy, the lists are empty then,
and so is the answer of GetFunctionConcurrency. A policy is kept for the function and for each version and alias apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bunsui.aws.beside.finding import Applied, Found, Question, account_of, ask_each, of_kind
from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.errors import Missing
from bunsui.kinds.beside import wording as words
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.model.beside import BesideOurs
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource
from bunsui.ports.beside import Depth

_LATEST = "$LATEST"
_OURS = "bunsui "
"""Begins the description of each version that bunsui publishes."""
_OFF = frozenset({"Disabled", "Disabling", "Deleting"})


def beside_functions(connection: Connection, applied: Applied, depth: Depth) -> Found:
    """Return what stands beside the functions: their policies by a call each, triggers by lists of the account; the rest
    with DRIFT."""
    functions = of_kind(applied, FUNCTION)
    if not functions:
        return []
    asked = _OF_DRIFT if depth is Depth.DRIFT else _OF_PLAN
    return [*ask_each(connection, functions, asked), *_triggers(connection, functions)]


def _ask_policy(connection: Connection, function: AppliedResource) -> Iterator[BesideOurs]:
    yield from _statements(connection, function, "")


def _statements(connection: Connection, function: AppliedResource, qualifier: str) -> Iterator[BesideOurs]:
    """Return the statements on a function, or on one of its qualifiers."""
    name, on = function.physical_name, {"Qualifier": qualifier} if qualifier else {}
    try:
        with connection.translated("lambda", "GetPolicy", function=name):
            answer = connection.reader("lambda").get_policy(FunctionName=name, **on)
    except Missing:
        return
    for statement in _statements_in(str(answer.get("Policy") or "")):
        if qualifier and _qualifier(str(statement.get("Resource"))) != qualifier:
            continue  # it is on the function, of which it is told already
        yield words.function_statement(name, statement, account_of(function), qualifier)


def _ask_urls(connection: Connection, function: AppliedResource) -> Iterator[BesideOurs]:
    name = function.physical_name
    for url in connection.pages("lambda", "list_function_url_configs", "FunctionUrlConfigs", FunctionName=name):
        yield words.function_url(name, str(url["FunctionUrl"]), str(url["AuthType"]), _qualifier(str(url["FunctionArn"])))


def _ask_concurrency(connection: Connection, function: AppliedResource) -> Iterator[BesideOurs]:
    """Calls set aside, where the files say nothing of them."""
    name = function.physical_name
    if function.attributes.get("reserved_concurrency") is None:
        with connection.translated("lambda", "GetFunctionConcurrency", function=name):
            answer = connection.reader("lambda").get_function_concurrency(FunctionName=name)
        if (amount := answer.get("ReservedConcurrentExecutions")) is not None:
            yield words.function_concurrency(name, int(amount))


def _ask_warm(connection: Connection, function: AppliedResource) -> Iterator[BesideOurs]:
    """What is kept warm."""
    name = function.physical_name
    key = "ProvisionedConcurrencyConfigs"
    for one in connection.pages("lambda", "list_provisioned_concurrency_configs", key, FunctionName=name):
        amount = int(one.get("RequestedProvisionedConcurrentExecutions") or 0)
        yield words.provisioned_concurrency(name, _qualifier(str(one["FunctionArn"])), amount)


def _ask_versions(connection: Connection, function: AppliedResource) -> Iterator[BesideOurs]:
    """Other names, versions that bunsui did not publish, and whom these and the version in use let in."""
    name = function.physical_name
    qualifiers = [version] if (version := function.outputs.get("version", "")) else []
    for alias in connection.pages("lambda", "list_aliases", "Aliases", FunctionName=name):
        qualifiers.append(str(alias["Name"]))
        yield words.function_alias(name, str(alias["Name"]), str(alias["FunctionVersion"]))
    for found in connection.pages("lambda", "list_versions_by_function", "Versions", FunctionName=name):
        if found["Version"] != _LATEST and not str(found.get("Description") or "").startswith(_OURS):
            yield words.function_version(name, str(found["Version"]))
    for qualifier in qualifiers:
        yield from _statements(connection, function, qualifier)


def _ask_invocations(connection: Connection, function: AppliedResource) -> Iterator[BesideOurs]:
    name, key = function.physical_name, "FunctionEventInvokeConfigs"
    for one in connection.pages("lambda", "list_function_event_invoke_configs", key, FunctionName=name):
        ends: Mapping[str, Any] = one.get("DestinationConfig") or {}
        targets = [str(ends[end]["Destination"]) for end in ("OnSuccess", "OnFailure") if ends.get(end, {}).get("Destination")]
        yield words.invoke_configuration(name, _qualifier(str(one["FunctionArn"])) or _LATEST, targets)


_OF_PLAN = (Question(ask=_ask_policy, what="functions' own policies", needs="lambda:GetPolicy"),)
_OF_DRIFT = (
    *_OF_PLAN,
    Question(ask=_ask_urls, what="URLs of functions", needs="lambda:ListFunctionUrlConfigs"),
    Question(ask=_ask_concurrency, what="concurrencies of functions", needs="lambda:GetFunctionConcurrency"),
    Question(
        ask=_ask_warm, what="provisioned concurrencies of functions", needs="lambda:ListProvisionedConcurrencyConfigs"
    ),
    Question(
        ask=_ask_versions,
        what="aliases and versions of functions",
        needs="lambda:ListAliases, lambda:ListVersionsByFunction and lambda:GetPolicy",
    ),
    Question(
        ask=_ask_invocations, what="settings of asynchronous calls", needs="lambda:ListFunctionEventInvokeConfigs"
    ),
)  # fmt: skip


def _triggers(connection: Connection, functions: Applied) -> Found:
    """Return the queues and streams that call functions of ours, from the lists of the account."""
    by_name = {item.physical_name: address for address, item in functions.items()}
    mappings: Sequence[Mapping[str, Any]] | None = none_unless_permitted(
        lambda: connection.pages("lambda", "list_event_source_mappings", "EventSourceMappings")
    )
    if mappings is None:
        connection.remark("triggers of functions were not looked at: no permission for lambda:ListEventSourceMappings")
    found: Found = []
    for one in mappings or ():
        parts = str(one.get("FunctionArn") or "").split(":")
        address = by_name.get(parts[6]) if len(parts) > 6 else None
        if address is not None:
            source = str(one.get("EventSourceArn") or "servers of Kafka")
            is_enabled = str(one.get("State")) not in _OFF
            found.append((address, words.event_source_mapping(str(one["UUID"]), source, is_enabled=is_enabled)))
    return found


def _statements_in(text: str) -> Sequence[Mapping[str, Json]]:
    try:
        document = json.loads(text)
    except ValueError:
        return ()
    found = document.get("Statement") if isinstance(document, dict) else None
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _qualifier(arn: str) -> str:
    """Return the qualifier that ends a function's ARN; empty without one, and for `$LATEST`."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 and parts[7] != _LATEST else ""
