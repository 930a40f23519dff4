"""Changed code in words: which files changed, and whose new versions a machine calls because of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.model.address import Address
from bunsui.model.values import Reference, Unknown
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.view.spans import Line, Role, line, span

CODE = "code_digest"
"""The attribute that stands for a function's code."""

_NAMED = 4
"""Files or functions that are named; the others are counted."""

_VERSION = re.compile(r"arn:[a-z-]+:lambda:[^:]*:[^:]*:function:([^:]+):\d+")


def code_line(change: ResourceChange) -> Line | None:
    """Return which files of the code change; None where nobody knows, such as when somebody else uploaded what is there."""
    desired, applied, actual = change.desired, change.applied, change.actual
    if desired is None or desired.code is None or applied is None or actual is None:
        return None
    before, after = applied.files, desired.code.files
    if not before or not after or actual.attributes.get(CODE) != applied.attributes.get(CODE):
        return None
    said = list(_changed_files(before, after))
    if not said:
        return None
    more = f" and {len(said) - _NAMED} more files" if len(said) > _NAMED else ""
    return line("code: ", span(", ".join(said[:_NAMED]) + more, Role.AFTER))


def renewed_functions(plan: Plan) -> Mapping[str, Address]:
    """Return the functions that get a new version, by their names in AWS."""
    kinds = (Action.UPDATE, Action.REPLACE)
    return {
        change.physical_name: change.address
        for change in plan.changes
        if change.address.kind == FUNCTION and change.action in kinds
    }


def apart(items: Iterable[DiffItem], renewed: Mapping[str, Address]) -> tuple[Sequence[DiffItem], tuple[Line, ...]]:
    """Return the places that somebody edited, and one line for those that only follow from new versions of functions."""
    own: list[DiffItem] = []
    called: dict[str, None] = {}
    for item in items:
        function = _renewed_function(item, renewed)
        if function is None:
            own.append(item)
        else:
            called[function] = None
    return own, (_calls(tuple(called)),) if called else ()


def callers(items: Iterable[DiffItem], renewed: Mapping[str, Address]) -> frozenset[str]:
    """Return the states that call the new version of a function."""
    return frozenset(item.subject for item in items if _renewed_function(item, renewed) is not None)


def _renewed_function(item: DiffItem, renewed: Mapping[str, Address]) -> str | None:
    """Return the name of the function of which this place only names the next version, which is known after apply."""
    if item.section is not Section.STATE or item.operation is not ChangeOperation.CHANGED:
        return None
    version = _VERSION.fullmatch(item.before) if isinstance(item.before, str) else None
    if version is None or version[1] not in renewed or not isinstance(item.after, (Unknown, Reference)):
        return None
    address = renewed[version[1]]
    if isinstance(item.after, Reference) and item.after.address != address:
        return None
    return address.name


def _calls(names: Sequence[str]) -> Line:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    what = "the new version of function" if len(names) == 1 else f"the new versions of {len(names)} functions:"
    return line(span(f"calls {what} {', '.join(names[:_NAMED])}{more}", Role.MUTED))


def _changed_files(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*before, *after}):
        if path not in before:
            yield f"{path} added"
        elif path not in after:
            yield f"{path} removed"
        elif before[path] != after[path]:
            yield f"{path} changed"
