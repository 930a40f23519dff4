"""Whether a policy allows more than another one did.

Errs on the side of reporting: a pair that only several old statements together allowed, or that a condition of another form
allowed, counts as new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.kinds.canonical.json import encoded
from bunsui.kinds.canonical.policy import canonical_policy
from bunsui.model.values import Value
from bunsui.model.wildcards import fits

ALL_BUT = "all but "
"""Begins the text of what a `NotAction`, `NotResource` or `NotPrincipal` allows."""


_EVERYBODY = encoded({"Principal": {"AWS": ["*"]}})


@dataclass(frozen=True, slots=True)
class _Grant:
    effect: Value
    action: Value
    target: Value
    """A resource, or a principal as `AWS:111122223333` in a document that has no resources."""
    condition: str
    who: str = ""
    """The principals of a document that has resources too, such as a topic's policy."""


def widens(before: Value, after: Value) -> tuple[tuple[Value, Value], ...]:
    """Return the pairs of action and resource that `after` allows and `before` did not, in the order of the canonical form.

    In a trust policy the second of a pair is the principal. A resource that is known only after apply counts as new unless the
    old policy holds the very same or a pattern for everything. A Deny that is gone counts as new for what it forbade, as long
    as anything is allowed at all.
    """
    old, new = list(_grants(before)), list(_grants(after))
    denied = [grant for grant in new if grant.effect == "Deny"]
    allowed = [grant for grant in new if grant.effect != "Deny"]
    known = [grant for grant in old if grant.effect != "Deny"]
    wider = [grant for grant in allowed if not any(_covers(other, grant) for other in known)]
    if allowed:
        wider += [grant for grant in old if grant.effect == "Deny" and not any(_covers(other, grant) for other in denied)]
    return tuple(dict.fromkeys((grant.action, grant.target) for grant in wider))


def _grants(policy: Value) -> Iterator[_Grant]:
    canonical = canonical_policy(policy)
    statements = canonical.get("Statement", []) if isinstance(canonical, Mapping) else []
    for statement in statements if isinstance(statements, list) else []:
        if not isinstance(statement, Mapping):
            continue
        condition = encoded(statement.get("Condition", {}))
        who = encoded({key: statement[key] for key in ("Principal", "NotPrincipal") if key in statement})
        who = who if "Resource" in statement or "NotResource" in statement else ""
        for action in _named(statement, "Action"):
            for target in _targets(statement):
                yield _Grant(statement.get("Effect"), action, target, condition, who)


def _targets(statement: Mapping[str, Value]) -> list[Value]:
    if "Resource" in statement or "NotResource" in statement:
        return _named(statement, "Resource")
    for key, prefix in (("Principal", ""), ("NotPrincipal", ALL_BUT)):
        principals = statement.get(key)
        if isinstance(principals, Mapping):
            return [f"{prefix}{kind}:{name}" for kind, names in principals.items() for name in _listed(names)]
    return ["*"]


def _named(statement: Mapping[str, Value], key: str) -> list[Value]:
    if f"Not{key}" in statement:
        return [ALL_BUT + ", ".join(str(item) for item in _listed(statement[f"Not{key}"]))]
    return _listed(statement.get(key, []))


def _listed(value: Value) -> list[Value]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _covers(wide: _Grant, narrow: _Grant) -> bool:
    """Tell whether everything that `narrow` grants is granted by `wide`. A condition only ever narrows."""
    unconditional = wide.condition == encoded({})
    return (
        (unconditional or wide.condition == narrow.condition)
        and wide.who in (narrow.who, _EVERYBODY)
        and _matches(_lower(wide.action), _lower(narrow.action))
        and _matches(wide.target, narrow.target)
    )


def _lower(action: Value) -> Value:
    """Return the action as IAM compares it: case does not count."""
    return action.lower() if isinstance(action, str) and not action.startswith(ALL_BUT) else action


def _matches(pattern: Value, text: Value) -> bool:
    if pattern == "*" or encoded(pattern) == encoded(text):
        return True
    if not isinstance(pattern, str) or not isinstance(text, str) or ALL_BUT in (pattern[: len(ALL_BUT)], text[: len(ALL_BUT)]):
        return False
    # `?` is one character, and a star in `text` stands for any number of them.
    return fits(pattern.split("*"), text, single="?")
