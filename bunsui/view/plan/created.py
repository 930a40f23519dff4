"""What something new is: in full, and as reviewers read it (what a role allows, when a schedule starts, a function's size)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bunsui.diff.powers import gives_power
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.role import ROLE
from bunsui.kinds.schedule import SCHEDULE
from bunsui.model.resource import DesiredResource
from bunsui.model.starts import next_starts
from bunsui.model.values import Reference, Value
from bunsui.plan.definitions import every_state
from bunsui.plan.model import ResourceChange
from bunsui.view.plan.graph import flow, is_compiled
from bunsui.view.plan.wording import attribute_words, kind_words, permission, shorten
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

_STARTS = 3
_NAMED = 6
"""Actions of a service, resources of a statement and variables of a function that are named; the others are counted."""
_STATEMENTS = 20


def created_lines(desired: DesiredResource, *, as_of: datetime) -> tuple[Line, ...]:
    """Return what is worth reviewing of a new resource, nothing for what its heading says already; starts are those after
    `as_of`."""
    attributes = desired.attributes
    match desired.address.kind:
        case kind if kind == ROLE:
            return tuple(_role_lines(attributes))
        case kind if kind == FUNCTION:
            return tuple(_function_lines(attributes))
        case kind if kind == SCHEDULE:
            return (*_summary_lines(kind, attributes), *_start_lines(attributes, as_of))
        case kind:
            return tuple(_summary_lines(kind, attributes))


def _summary_lines(kind: str, attributes: Mapping[str, Value]) -> Iterator[Line]:
    summary = kind_named(kind).summary
    words = safe(summary(attributes), limit=200) if summary is not None else ""
    if words:
        yield line(span(words, Role.AFTER))


def _role_lines(attributes: Mapping[str, Value]) -> Iterator[Line]:
    statements = [*_statements(attributes.get("policy"))]
    for statement in statements[:_STATEMENTS]:
        yield line(span(_statement_words(statement), Role.AFTER))
    if len(statements) > _STATEMENTS:
        yield line(span(f"and {len(statements) - _STATEMENTS} statements more", Role.MUTED))
    for statement in _statements(attributes.get("trust")):
        principal = statement.get("Principal") if isinstance(statement, Mapping) else None
        if not isinstance(principal, Mapping) or set(principal) != {"Service"}:
            yield line("trust ", span(permission(statement), Role.AFTER))


def _statements(policy: Value) -> Sequence[Value]:
    found = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(found) if isinstance(found, (list, tuple)) else [] if found is None else [found]


def _statement_words(statement: Value) -> str:
    """Return `allow s3: GetObject, PutObject on arn:…`; in full what is not of that simple form. What gives power comes first,
    so that it is never among what is counted."""
    if not isinstance(statement, Mapping) or "Action" not in statement or "Resource" not in statement:
        return permission(statement)
    targets = [_resource(item, cut=False) for item in _as_list(statement["Resource"])]
    told = sorted(map(str, _as_list(statement["Action"])), key=lambda action: not _is_power(action, targets))
    services: dict[str, list[str]] = {}
    for action in told:
        service, _, verb = action.partition(":")
        services.setdefault(service, []).append(verb or service)
    actions = "; ".join(f"{service}: {_name_some(verbs)}" for service, verbs in services.items())
    resources = _name_some([_resource(item) for item in _as_list(statement["Resource"])])
    condition = f" when {shorten(statement['Condition'])}" if statement.get("Condition") else ""
    return f"{str(statement.get('Effect', 'Allow')).lower()} {actions} on {resources}{condition}"


def _resource(value: Value, *, cut: bool = True) -> str:
    if isinstance(value, Reference):
        return f"{value.attribute} of {value.address}"
    return shorten(value) if cut else str(value)


def _is_power(action: str, targets: Sequence[str]) -> bool:
    return any(gives_power(action, target) for target in targets)


def _as_list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, (list, tuple)) else [value]


def _name_some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return f"{', '.join(texts[:_NAMED])}{more}"


def _function_lines(attributes: Mapping[str, Value]) -> Iterator[Line]:
    words = [shorten(attributes[name]) for name in ("runtime", "architecture", "handler") if attributes.get(name)]
    words += [f"{shorten(attributes['memory_mb'])} MB"] if attributes.get("memory_mb") else []
    words += [f"timeout {shorten(attributes['timeout_seconds'])} s"] if attributes.get("timeout_seconds") else []
    if words:
        yield line(span(", ".join(words), Role.AFTER))
    variables = attributes.get("environment")
    if isinstance(variables, Mapping) and variables:
        yield line("environment: ", span(_name_some([shorten(str(name)) for name in variables]), Role.AFTER))


def _start_lines(attributes: Mapping[str, Value], as_of: datetime) -> Iterator[Line]:
    expression, timezone = attributes.get("expression"), attributes.get("timezone") or "UTC"
    if not attributes.get("enabled", True) or not isinstance(expression, str) or not isinstance(timezone, str):
        return
    starts = next_starts(expression, timezone, after=as_of, count=_STARTS)
    if starts:
        shown = ", ".join(at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M") for at in starts)
        yield line("next starts: ", span(shown, Role.AFTER))


def content_lines(desired: DesiredResource) -> list[Line]:
    """Return all attributes of a new resource, each in a line."""
    lines: list[Line] = []
    for name, value in desired.attributes.items():
        words = attribute_words(name)
        if name == "definition":
            names, count = list(flow(value).nodes), sum(1 for _ in every_state(value))
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            what = f"{count} states of {len(names)} job{'s' * (len(names) != 1)}" if is_compiled(value) else f"{count} states"
            lines.append(line(f"{what}: ", span(", ".join(names[:12]) + more, Role.AFTER)))
        elif isinstance(value, Mapping) and isinstance(statements := value.get("Statement"), (list, tuple)):
            lines.extend(line(f"{words} ", span(permission(item), Role.AFTER)) for item in statements)
        elif value not in (None, "", {}, [], ()):
            lines.append(line(f"{words}: ", span(shorten(value), Role.AFTER)))
    return lines


def setting_lines(changes: Sequence[ResourceChange]) -> Iterator[Line]:
    """Return what a new pipeline is made with, beyond what it does (schedules, logging, tracing, tags), by resource."""
    for change in changes:
        summary = kind_named(change.address.kind).summary
        words = safe(summary(change.desired.attributes), limit=200) if summary and change.desired else ""
        if words:
            what = f"{kind_words(change.address.kind)} {change.address.name}".rstrip()
            yield line(span(f"{what}: ", Role.MUTED), span(words))
