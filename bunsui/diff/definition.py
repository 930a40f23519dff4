"""The difference of two state machine definitions, by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bunsui.diff.generic import Change, WhenUnknown, changes
from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.kinds.canonical.definition import PlacedState, canonical_definition, definition_of, machine_fields, placed_states
from bunsui.model.failures import START_STATE
from bunsui.model.values import Value

_Scope = tuple[str, ...]


def definition_items(before: Value, after: Value, *, attribute: str, when_unknown: WhenUnknown) -> tuple[DiffItem, ...]:
    """Return what differs between two definitions: the machine's own fields, then its states in the order of `after`, then
    those that are gone.

    States are matched by name, in whatever scope they stand. A Parallel or Map that only got another name does not make its
    states move: scopes are matched by the states in them.
    """
    old, new = definition_of(canonical_definition(before)), definition_of(canonical_definition(after))
    machine = [
        change.item(Section.MACHINE, "", attribute)
        for change in changes(machine_fields(old), machine_fields(new), when_unknown)
    ]
    old_states, new_states = list(placed_states(old)), list(placed_states(new))
    subjects = _Subjects(old_states, new_states)
    places = _matched_scopes(old_states, new_states)
    was = {subjects.of(state): state for state in old_states}
    now = {subjects.of(state): state for state in new_states}
    order = [subjects.of(state) for state in placed_states(definition_of(after))]
    items = list(machine)
    for subject in dict.fromkeys(order):
        if subject in now:
            items += _state_items(subject, was.get(subject), now[subject], places, attribute, when_unknown)
    items += [_state_gone(subject, state, attribute) for subject, state in was.items() if subject not in now]
    return _without_fingerprints(items)


def _without_fingerprints(items: Sequence[DiffItem]) -> tuple[DiffItem, ...]:
    """Leave out that the first state notes other fingerprints of its jobs, where anything else says why."""
    told = tuple(item for item in items if not (item.subject == START_STATE and item.path == ("Comment",)))
    return told or tuple(items)


def scope_text(scope: _Scope) -> str:
    """Return a scope as text, such as `Fan out[0]`, inner after outer; empty for the top level."""
    parts: list[str] = []
    for part in scope:
        if part.isdecimal() and parts:
            parts[-1] += f"[{part}]"
        elif part not in ("Branches", "ItemProcessor", "Iterator"):
            parts.append(part)
    return " / ".join(parts)


class _Subjects:
    """Names of states as subjects of items. In a definition that AWS would take, a name is enough; where one occurs twice, its
    scope is added."""

    def __init__(self, *documents: Sequence[PlacedState]) -> None:
        counts = [Counter(state.name for state in states) for states in documents]
        self._ambiguous = {name for count in counts for name, times in count.items() if times > 1}

    def of(self, state: PlacedState) -> str:
        return f"{state.name} in {'/'.join(state.scope)}" if state.name in self._ambiguous else state.name


def _state_items(
    subject: str,
    was: PlacedState | None,
    now: PlacedState,
    places: Mapping[_Scope, _Scope],
    attribute: str,
    when_unknown: WhenUnknown,
) -> Iterable[DiffItem]:
    if was is None:
        yield Change(path=(), operation=ChangeOperation.ADDED, after=now.fields).item(Section.STATE, subject, attribute)
        return
    if places.get(was.scope) != now.scope:
        moved = Change(path=(), operation=ChangeOperation.MOVED, before=scope_text(was.scope), after=scope_text(now.scope))
        yield moved.item(Section.STATE, subject, attribute)
    for change in changes(was.fields, now.fields, when_unknown):
        yield change.item(Section.STATE, subject, attribute)


def _state_gone(subject: str, state: PlacedState, attribute: str) -> DiffItem:
    return Change(path=(), operation=ChangeOperation.REMOVED, before=state.fields).item(Section.STATE, subject, attribute)


def _matched_scopes(before: Sequence[PlacedState], after: Sequence[PlacedState]) -> dict[_Scope, _Scope]:
    """Give, for each scope of `before`, the scope of `after` that holds most of its states, each taken once."""
    old, new = _names_by_scope(before), _names_by_scope(after)
    where: dict[str, list[_Scope]] = {}
    for scope, names in new.items():
        for name in names:
            where.setdefault(name, []).append(scope)
    common = Counter((scope, other) for scope, names in old.items() for name in names for other in where.get(name, ()))
    result: dict[_Scope, _Scope] = {(): ()}
    taken: set[_Scope] = {()}
    for scope, other in sorted(common, key=lambda pair: (-common[pair], pair[0] != pair[1], pair)):
        if scope not in result and other not in taken:
            result[scope] = other
            taken.add(other)
    return result


def _names_by_scope(states: Iterable[PlacedState]) -> dict[_Scope, set[str]]:
    result: dict[_Scope, set[str]] = {}
    for state in states:
        result.setdefault(state.scope, set()).add(state.name)
    return result
