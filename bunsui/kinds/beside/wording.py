"""How each thing that others put beside ours is worded.

Sources: the API references of Lambda (AddPermission,
FunctionUrlConfig, PutFunctionConcurrency, CreateEventSourceMapping), EventBridge Scheduler, EventBridge, Step Functions, SNS,
CloudWatch Logs; Lambda developer guide, "Using resource-based policies" for whom a statement lets in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bunsui.model.beside import BesideOurs
from bunsui.model.json import Json

_NARROWS = ("aws:sourceaccount", "aws:sourcearn", "aws:principalorgid", "aws:principalaccount", "lambda:eventsourcetoken")
"""Condition keys that keep strangers out, in lower case."""

RULE = "rule"
"""What a rule of EventBridge is called in a sentence."""


def function_statement(function: str, statement: Mapping[str, Json], account: str, qualifier: str = "") -> BesideOurs:
    """Return a statement of a function's own policy; bunsui writes none. `qualifier` is the version or alias that it is on."""
    sid = str(statement.get("Sid") or "")
    on = ("--qualifier", qualifier) if qualifier else ()
    effect, is_risky = _lets_in(statement, account)
    return BesideOurs(
        what=f"statement of the policy of version {qualifier}" if qualifier else "statement of the function's policy",
        name=sid,
        policy={"Version": "2012-10-17", "Statement": [dict(statement)]},
        effect=effect,
        is_risky=is_risky,
        removal=("lambda", "remove-permission", "--function-name", function, "--statement-id", sid, *on) if sid else (),
    )


def function_url(function: str, url: str, auth_type: str, qualifier: str = "") -> BesideOurs:
    """Return a URL of a function."""
    is_open = auth_type != "AWS_IAM"
    return BesideOurs(
        what="function URL",
        name=url,
        effect="lets anybody call it who knows the address" if is_open else "lets in who is allowed by IAM",
        is_risky=is_open,
        removal=(
            *("lambda", "delete-function-url-config", "--function-name", function),
            *(("--qualifier", qualifier) if qualifier else ()),
        ),
    )


def function_concurrency(function: str, amount: int) -> BesideOurs:
    """Return what somebody reserved for a function for which the files say nothing."""
    return BesideOurs(
        what="reserved concurrency",
        name=str(amount),
        effect="keeps it from running at all" if amount == 0 else f"lets it run {amount} times at once and no more",
        is_risky=amount == 0,
        removal=("lambda", "delete-function-concurrency", "--function-name", function),
    )


def provisioned_concurrency(function: str, qualifier: str, amount: int) -> BesideOurs:
    """Return what somebody keeps warm of a function."""
    return BesideOurs(
        what=f"provisioned concurrency of {qualifier}",
        name=str(amount),
        effect="costs something by the hour, whether or not it runs",
        removal=(
            *("lambda", "delete-provisioned-concurrency-config", "--function-name", function),
            *("--qualifier", qualifier),
        ),
    )


def function_alias(function: str, name: str, version: str) -> BesideOurs:
    """Return an alias of a function; bunsui makes none."""
    return BesideOurs(
        what="alias",
        name=name,
        effect=f"leads to version {version}",
        removal=("lambda", "delete-alias", "--function-name", function, "--name", name),
    )


def function_version(function: str, version: str) -> BesideOurs:
    """Return a version that somebody else published."""
    return BesideOurs(
        what="version",
        name=version,
        effect="is used by no machine of bunsui's",
        removal=("lambda", "delete-function", "--function-name", function, "--qualifier", version),
    )


def invoke_configuration(function: str, qualifier: str, destinations: Sequence[str]) -> BesideOurs:
    """Return settings of asynchronous calls of a function."""
    goes = f"sends results to {', '.join(destinations)}" if destinations else "says how often they are repeated"
    return BesideOurs(
        what="configuration of asynchronous calls",
        name=qualifier,
        effect=goes,
        removal=(
            *("lambda", "delete-function-event-invoke-config", "--function-name", function),
            *(("--qualifier", qualifier) if qualifier != "$LATEST" else ()),
        ),
    )


def event_source_mapping(uuid: str, source: str, *, is_enabled: bool) -> BesideOurs:
    """Return a queue or stream whose records a function is called with."""
    return BesideOurs(
        what="event source mapping",
        name=uuid,
        effect=f"calls it with what arrives at {source}" if is_enabled else f"is disabled, and reads from {source}",
        is_risky=is_enabled,
        removal=("lambda", "delete-event-source-mapping", "--uuid", uuid),
    )


def foreign_schedule(group: str, name: str, target: str, *, is_enabled: bool, is_ours: bool) -> BesideOurs:
    """Return a schedule in a group of ours that bunsui did not make; `is_ours` tells of its target."""
    starts = f"starts {target}" if is_enabled else f"is disabled, and would start {target}"
    return BesideOurs(
        what="schedule",
        name=f"{group}/{name}",
        effect=f"{starts}, and goes when the group does",
        is_risky=is_enabled and is_ours,
        removal=("scheduler", "delete-schedule", "--group-name", group, "--name", name),
    )


def rule_of_others(rule: str) -> BesideOurs:
    """Return a rule of EventBridge that has a machine of ours for its target."""
    return BesideOurs(
        what=RULE,
        name=rule,
        effect="starts it when an event fits",
        is_risky=True,
        removal=("events", "disable-rule", "--name", rule),
    )


def machine_alias(arn: str) -> BesideOurs:
    """Return an alias of a machine besides the one that bunsui moves."""
    return BesideOurs(
        what="alias",
        name=arn.rpartition(":")[2],
        effect="starts what it was pointed at, whatever is applied",
        removal=("stepfunctions", "delete-state-machine-alias", "--state-machine-alias-arn", arn),
    )


def machine_version(arn: str) -> BesideOurs:
    """Return a version of a machine that somebody else published."""
    return BesideOurs(
        what="version",
        name=arn.rpartition(":")[2],
        effect="was published by somebody else",
        removal=("stepfunctions", "delete-state-machine-version", "--state-machine-version-arn", arn),
    )


def topic_subscription(arn: str, protocol: str, endpoint: str, account: str) -> BesideOurs:
    """Return a subscription of a topic of ours. One that nobody confirmed has no ARN to remove it by."""
    is_abroad = endpoint.startswith("arn:") and _account_of(endpoint) not in ("", account)
    is_plain = protocol == "http"
    goes = f"sends alerts to {endpoint}"
    return BesideOurs(
        what=f"subscription by {protocol}",
        name=endpoint,
        effect=f"{goes}, in another account" if is_abroad else f"{goes}, unencrypted" if is_plain else goes,
        is_risky=is_abroad or is_plain,
        removal=("sns", "unsubscribe", "--subscription-arn", arn) if arn.startswith("arn:") else (),
    )


def log_subscription(group: str, name: str, destination: str, account: str) -> BesideOurs:
    """Return a subscription filter of a log group."""
    is_abroad = _account_of(destination) not in ("", account)
    return BesideOurs(
        what="subscription filter",
        name=name,
        effect=f"sends logs to {destination}" + (", in another account" if is_abroad else ""),
        is_risky=is_abroad,
        removal=("logs", "delete-subscription-filter", "--log-group-name", group, "--filter-name", name),
    )


def bucket_notification(bucket: str, name: str, target: str) -> BesideOurs:
    """Return who is told of objects in a bucket of ours. All of a bucket's stand in one document, so that no command removes
    one."""
    return BesideOurs(what="notification", name=name, effect=f"tells {target} of objects in {bucket}")


def _lets_in(statement: Mapping[str, Json], account: str) -> tuple[str, bool]:
    """Return what a statement of a resource's policy does, and whether strangers are let in."""
    actions = ", ".join(_texts(statement.get("Action", statement.get("NotAction"))))
    if statement.get("Effect") != "Allow":
        return f"forbids {actions}", True  # what machines are forbidden fails
    narrowed = {key for key in _condition_keys(statement) if key in _NARROWS}
    principals = list(_principals(statement))
    if "NotPrincipal" in statement or "*" in principals:
        whom, is_open = ("whoever fulfils its condition", False) if narrowed else ("anybody", True)
        return f"lets {whom} call {actions}", is_open
    others = sorted({one for one in principals if "." not in one and one != account})
    services = sorted({one for one in principals if "." in one})
    is_open = bool(others) or bool(services and not narrowed & {"aws:sourceaccount", "aws:sourcearn", "aws:principalorgid"})
    named = [*(f"account {one}" for one in others), *services]
    if not named:
        return f"lets {account} call {actions}", False
    unbound = "" if not services or narrowed else ", for whichever account"
    return f"lets {', '.join(named)} call {actions}{unbound}", is_open


def _principals(statement: Mapping[str, Json]) -> Iterator[str]:
    """Return accounts, names of services, and `*`."""
    said = statement.get("Principal")
    groups: Sequence[tuple[str, Json]] = list(said.items()) if isinstance(said, Mapping) else [("AWS", said)]
    for kind, names in groups:
        for name in _texts(names):
            yield (_account_of(name) or name) if kind == "AWS" and name != "*" else name


def _condition_keys(statement: Mapping[str, Json]) -> Iterator[str]:
    condition = statement.get("Condition")
    for test in condition.values() if isinstance(condition, Mapping) else ():
        yield from (str(key).lower() for key in (test if isinstance(test, Mapping) else ()))


def _texts(value: Json) -> list[str]:
    return [str(one) for one in (value if isinstance(value, (list, tuple)) else [value]) if one is not None]


def _account_of(arn: str) -> str:
    """Return the account that an ARN names; empty where it names none."""
    parts = arn.split(":")
    return parts[4] if arn.startswith("arn:") and len(parts) > 5 else ""
