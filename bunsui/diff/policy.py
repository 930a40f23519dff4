"""The difference of two IAM policy documents, by statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bunsui.diff.generic import Change, WhenUnknown, changes, is_later
from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.kinds.canonical.json import encoded
from bunsui.kinds.canonical.policy import LISTS, canonical_policy
from bunsui.model.values import Value

NAMED_ACTIONS = 2
"""Actions that the title of a statement names when there are many."""

_Statement = Mapping[str, Value]


def policy_items(before: Value, after: Value, *, attribute: str, when_unknown: WhenUnknown) -> tuple[DiffItem, ...]:
    """Return what differs between two policies: statements that came, went or changed, then the document's own fields.

    A statement is known by its Sid, else by what it allows: the same actions, or the same resources. Actions and resources
    are sets, so what was added to one or taken from it is an item each.
    """
    old, new = _document(before), _document(after)
    was, now = _statements(old), _statements(new)
    items: list[DiffItem] = []
    for one, other in _pairs(was, now):
        if one is None:
            items.append(
                Change(path=(), operation=ChangeOperation.ADDED, after=other).item(Section.STATEMENT, title(other), attribute)
            )
        elif other is None:
            items.append(
                Change(path=(), operation=ChangeOperation.REMOVED, before=one).item(Section.STATEMENT, title(one), attribute)
            )
        else:
            items += [
                change.item(Section.STATEMENT, title(other), attribute)
                for change in _statement_changes(one, other, when_unknown)
            ]
    rest = changes(_rest(old), _rest(new), when_unknown)
    return (*items, *(change.item(Section.ATTRIBUTE, attribute, attribute) for change in rest))


def title(statement: Value) -> str:
    """Return the Sid, else what the statement allows, shortly: `Allow s3:GetObject, s3:PutObject and 3 more`."""
    if not isinstance(statement, Mapping):
        return ""
    sid = statement.get("Sid")
    if isinstance(sid, str) and sid:
        return sid
    actions = statement.get("Action", statement.get("NotAction"))
    listed = [str(action) for action in actions] if isinstance(actions, (list, tuple)) else []
    but = "all but " if "NotAction" in statement else ""
    named, rest = listed[:NAMED_ACTIONS], len(listed) - NAMED_ACTIONS
    if rest <= 1:
        named, rest = listed, 0
    more = f" and {rest} more" if rest else ""
    return f"{statement.get('Effect', '')} {but}{', '.join(named)}{more}".strip()


def set_changes(before: Value, after: Value, path: tuple[str, ...], when_unknown: WhenUnknown) -> tuple[Change, ...]:
    """Return the members that came and went between two sets in canonical form."""
    old, new = _members(before), _members(after)
    gone = [value for key, value in old.items() if key not in new]
    came = [value for key, value in new.items() if key not in old]
    if when_unknown is WhenUnknown.SAME:
        gone, came = _without_unknown(gone, came)
    removed = [Change(path=path, operation=ChangeOperation.REMOVED, before=value) for value in gone]
    return (*removed, *(Change(path=path, operation=ChangeOperation.ADDED, after=value) for value in came))


def _without_unknown(gone: list[Value], came: list[Value]) -> tuple[list[Value], list[Value]]:
    """Let each member that is not known yet stand for one of the other side."""
    known_gone = [value for value in gone if not is_later(value)]
    known_came = [value for value in came if not is_later(value)]
    return known_gone[len(came) - len(known_came) :], known_came[len(gone) - len(known_gone) :]


def _members(value: Value) -> dict[str, Value]:
    listed = value if isinstance(value, (list, tuple)) else [value]
    return {encoded(member): member for member in listed}


def _document(policy: Value) -> _Statement:
    canonical = canonical_policy(policy)
    return canonical if isinstance(canonical, Mapping) else {"": canonical}


def _rest(document: _Statement) -> Value:
    return {key: value for key, value in document.items() if key != "Statement"}


def _statements(document: _Statement) -> list[Value]:
    found = document.get("Statement", [])
    return list(found) if isinstance(found, (list, tuple)) else [found]


def _statement_changes(before: Value, after: Value, when_unknown: WhenUnknown) -> tuple[Change, ...]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return changes(before, after, when_unknown)
    sets = [key for key in LISTS if isinstance(before.get(key), list) and isinstance(after.get(key), list)]
    found = [change for key in sets for change in set_changes(before[key], after[key], (key,), when_unknown)]
    rest = [{key: value for key, value in statement.items() if key not in sets} for statement in (before, after)]
    return (*found, *changes(rest[0], rest[1], when_unknown))


def _pairs(before: Sequence[Value], after: Sequence[Value]) -> list[tuple[Value, Value]]:
    """Match statements, nearest likeness first: the same altogether, the same Sid, the same actions, the same resources.

    What remains stands alone, None on the other side. In the order of `after`, then what is gone.
    """
    left, right = list(before), list(after)
    partner: dict[int, Value] = {}
    keys: tuple[Callable[[Value], str | None], ...] = (encoded, _sid, _actions, _resources)
    for key in keys:
        for index, statement in enumerate(right):
            wanted = key(statement)
            if index in partner or wanted is None:
                continue
            match = next((position for position, other in enumerate(left) if key(other) == wanted), None)
            if match is not None:
                partner[index] = left.pop(match)
    return [
        *((partner.get(index), statement) for index, statement in enumerate(right)),
        *((statement, None) for statement in left),
    ]


def _sid(statement: Value) -> str | None:
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    return sid if isinstance(sid, str) else None


def _actions(statement: Value) -> str | None:
    return _likeness(statement, ("Effect", "Action", "NotAction"))


def _resources(statement: Value) -> str | None:
    return _likeness(statement, ("Effect", "Resource", "NotResource", "Principal", "NotPrincipal"))


def _likeness(statement: Value, keys: tuple[str, ...]) -> str | None:
    """A statement with a Sid is known by it alone."""
    if not isinstance(statement, Mapping) or "Sid" in statement:
        return None
    return encoded({key: statement[key] for key in keys if key in statement})
