"""A difference in words: "state load: retry attempts 2 → 5"."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TypeGuard

from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.kinds.registry import kinds
from bunsui.model.json import Json
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value
from bunsui.view.spans import Line, Role, Span, line, span

SHORT = 72
"""Characters of a value that are shown within a sentence."""

_CONTEXT = 24
"""At most so many characters on each side of what differs in a long text."""
_MOST_PLACES = 2
"""Below one member that is told as a whole: so many are told each by itself."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_OTHER_CODE = re.compile(r"outside:[A-Za-z0-9+/=]{44}")
"""What a function holds that was uploaded by somebody else, or by an apply that died."""
_REPLACED_ARN = 44
"""How much of an ARN tells which one it was, when what replaces it is not known yet."""
_ARN = re.compile(r"arn:[a-z-]+:[^\s{}]+")

_FIELDS: Mapping[str, str] = {
    "StartAt": "starts at",
    "TimeoutSeconds": "timeout in seconds",
    "HeartbeatSeconds": "heartbeat in seconds",
    "MaxAttempts": "attempts",
    "IntervalSeconds": "delay in seconds",
    "BackoffRate": "backoff",
    "MaxDelaySeconds": "longest delay in seconds",
    "JitterStrategy": "jitter",
    "ErrorEquals": "errors",
    "MaxConcurrency": "concurrency",
    "QueryLanguage": "query language",
}
"""Fields of definitions whose plain words are clearer than their names; others are split into words."""


def kind_words(kind: str) -> str:
    """Return what a kind of resource is called in text."""
    known = kinds().get(kind)
    return known.title if known is not None else kind.replace("_", " ")


def attribute_words(name: str) -> str:
    """Return what an attribute of a resource is called in text."""
    return _attribute_words().get(name) or _FIELDS.get(name, name.replace("_", " "))


@cache
def _attribute_words() -> Mapping[str, str]:
    return {attribute.name: attribute.words for kind in kinds().values() for attribute in kind.attributes if attribute.words}


def sentence(item: DiffItem) -> Line:
    """Return the changed place as one line of text."""
    match item.section:
        case Section.STATE:
            return _state(item)
        case Section.MACHINE:
            return _place("definition", item, _path_words(item.path))
        case Section.STATEMENT:
            return _statement(item)
        case Section.ATTRIBUTE:
            name = attribute_words(item.attribute or item.subject)
            return _place(_dotted_path(name, item.path), item, "")


def place_words(item: DiffItem) -> str:
    """Return where the changed place is, without what it was and is."""
    match item.section:
        case Section.STATE:
            return f"state {item.subject}: {_path_words(item.path)}".removesuffix(": ")
        case Section.MACHINE:
            return f"definition: {_path_words(item.path)}"
        case Section.STATEMENT:
            document = attribute_words(item.attribute or "policy")
            return f"{document} {item.subject}: {_path_words(item.path)}".removesuffix(": ")
        case Section.ATTRIBUTE:
            return _dotted_path(attribute_words(item.attribute or item.subject), item.path)


def sentences(items: Iterable[DiffItem]) -> Iterator[tuple[DiffItem, Line]]:
    """Return the changed places as lines, each with its first place; members that came to one list of a statement, or went from
    it, share a line."""
    for _, group in groupby(items, key=_togetherness):
        together = tuple(group)
        if len(together) > 1 and _is_member(together[0]):
            yield together[0], _members(together)
        elif len(together) > _MOST_PLACES and _is_told_by_member(together[0]):
            yield together[0], _below_member(together)
        else:
            yield from ((item, sentence(item)) for item in together)


def shorten(value: Value, limit: int = SHORT) -> str:
    """Return the value as compact JSON, texts without quotes, cut with `…` at the limit; sensitive values stay hidden.

    Digests keep twelve digits, and ARNs their end, which is what tells one from another.
    """
    text = value if isinstance(value, str) else as_json(value)
    if _OTHER_CODE.fullmatch(text):
        return "other code"
    if _DIGEST.fullmatch(text):
        return text[7:19]
    if len(text) <= limit:
        return text
    return "…" + text[1 - limit :] if _ARN.fullmatch(text) else text[: limit - 1] + "…"


def as_json(value: Value) -> str:
    """Return the value as compact JSON text; what is not JSON yet is said in words."""
    if isinstance(value, (Expression, Reference, Unknown, Sensitive)):
        return str(jsonable(value))
    return json.dumps(jsonable(value), ensure_ascii=False, separators=(", ", ": "))


def jsonable(value: Value) -> Json:
    """Return the value as JSON, with references, unknown and sensitive leaves as a text in parentheses."""
    match value:
        case Expression(text=text):
            return "{% " + text + " %}"
        case Reference(address=address, attribute=attribute):
            return f"({attribute} of {address})"
        case Unknown(why=why):
            return f"({why})"
        case Sensitive():
            return "(sensitive)"
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            return {str(key): jsonable(item) for key, item in value.items()}
        case _:
            return [jsonable(item) for item in value]


def permission(statement: Value) -> str:
    """Return an IAM statement in words: `allow s3:GetObject on arn:… when {…}`."""
    if not isinstance(statement, Mapping):
        return shorten(statement)
    effect = str(statement.get("Effect", "Allow")).lower()
    words = [
        effect,
        "all but" if "NotAction" in statement else "",
        _list_words(statement.get("NotAction", statement.get("Action"))),
    ]
    principal = statement.get("NotPrincipal", statement.get("Principal"))
    if principal is not None:
        words += ["to all but" if "NotPrincipal" in statement else "to", shorten(principal)]
    resource = statement.get("NotResource", statement.get("Resource"))
    if resource is not None:
        words += ["on all but" if "NotResource" in statement else "on", _list_words(resource)]
    if statement.get("Condition"):
        words += ["when", shorten(statement["Condition"])]
    return " ".join(word for word in words if word)


def values(before: Value, after: Value) -> tuple[Span, ...]:
    """Return `before → after`, long ones as the words around what differs, so that what changed is never what was cut."""
    left, right = (value if isinstance(value, str) else as_json(value) for value in (before, after))
    if _ARN.fullmatch(left) and isinstance(after, (Unknown, Reference)):
        known = span(shorten(left, _REPLACED_ARN), Role.BEFORE)
        return known, span(" → ", Role.MUTED), span(shorten(right), Role.AFTER)
    if _short_enough(left) and _short_enough(right):
        return span(shorten(left), Role.BEFORE), span(" → ", Role.MUTED), span(shorten(right), Role.AFTER)
    left, right = _differing(left, right)
    return span(shorten(left), Role.BEFORE), span(" → ", Role.MUTED), span(shorten(right), Role.AFTER)


def _state(item: DiffItem) -> Line:
    name = f"state {item.subject}"
    if item.operation is ChangeOperation.MOVED:
        return line(span(name), span(" moved", Role.UPDATE), span(_moved_words(item)))
    if item.path:
        return _place(name, item, _path_words(item.path))
    content = item.after if item.operation is ChangeOperation.ADDED else item.before
    word, role = ("added", Role.CREATE) if item.operation is ChangeOperation.ADDED else ("removed", Role.DELETE)
    if item.operation is ChangeOperation.CHANGED:
        return _place(name, item, "")
    return line(span(name), " ", span(word, role), span(_state_type(content), Role.MUTED))


def _state_type(content: Value) -> str:
    if not isinstance(content, Mapping) or "Type" not in content:
        return ""
    resource = content.get("Resource")
    what = f", {str(resource).rpartition(':::')[2]}" if isinstance(resource, str) else ""
    return f" ({content['Type']}{what})"


def _moved_words(item: DiffItem) -> str:
    if isinstance(item.before, str) and isinstance(item.after, str):
        return f" from {item.before or 'the top level'} to {item.after or 'the top level'}"
    return " to another place of the definition"


def _statement(item: DiffItem) -> Line:
    document = (item.attribute or "policy").replace("_", " ")
    if _is_member(item):
        return _members([item])
    if item.path:
        return _place(f"{document} {item.subject}".rstrip(), item, _path_words(item.path))
    match item.operation:
        case ChangeOperation.ADDED:
            return line(f"{document} ", span("adds", Role.CREATE), ": ", span(permission(item.after), Role.AFTER))
        case ChangeOperation.REMOVED:
            return line(f"{document} ", span("drops", Role.DELETE), ": ", span(permission(item.before), Role.BEFORE))
        case ChangeOperation.CHANGED | ChangeOperation.MOVED:
            before, after = span(permission(item.before), Role.BEFORE), span(permission(item.after), Role.AFTER)
            return line(f"{document}: ", before, span(" → ", Role.MUTED), after)


def _is_member(item: DiffItem) -> bool:
    if item.operation not in (ChangeOperation.ADDED, ChangeOperation.REMOVED):
        return False
    return (item.section is Section.STATEMENT and len(item.path) == 1) or _is_in_list(item)


def _is_in_list(item: DiffItem) -> bool:
    """True for a text in a list of a state, such as an error name of a retrier; its position says nothing to a reader."""
    content = item.after if item.operation is ChangeOperation.ADDED else item.before
    return item.section is Section.STATE and bool(item.path) and item.path[-1].isdecimal() and isinstance(content, str)


@cache
def _told_by_member() -> frozenset[str]:
    return frozenset(one.name for kind in kinds().values() for one in kind.attributes if one.told_by_member)


def _is_told_by_member(item: DiffItem) -> bool:
    return item.section is Section.ATTRIBUTE and item.attribute in _told_by_member() and len(item.path) > 1


def _below_member(items: Sequence[DiffItem]) -> Line:
    """What changed below one member of an attribute: where it leads in full, of the rest which places."""
    first, places = items[0], list(dict.fromkeys(_field(item.path[1]) for item in items))
    subject = _dotted_path(attribute_words(first.attribute), first.path[:1])
    leads = next((item for item in items if item.path[1:] == ("arn",) and item.operation is ChangeOperation.CHANGED), None)
    if leads is None:
        return line(f"{subject}: ", ", ".join(places), " changed")
    rest = ", ".join(place for place in places if place != "arn")
    return line(f"{subject}: ", *values(leads.before, leads.after), f", and its {rest}")


def _togetherness(item: DiffItem) -> tuple[object, ...]:
    if _is_told_by_member(item):
        return item.section, item.attribute, item.path[0]
    path = item.path[:-1] if _is_in_list(item) else item.path
    return item.section, item.attribute, item.subject, path, item.operation


def _members(items: Sequence[DiffItem]) -> Line:
    """What came to a list, or went from it: actions or resources of a statement, error names of a retrier."""
    first = items[0]
    if _is_in_list(first):
        return _list_members(items)
    document = attribute_words(first.attribute or "policy")
    what = _field(first.path[0]) + ("s" if len(items) > 1 else "")
    added = first.operation is ChangeOperation.ADDED
    verb = span("adds", Role.CREATE) if added else span("drops", Role.DELETE)
    shown = _list_words([item.after if added else item.before for item in items])
    return line(f"{document} {first.subject} ", verb, f" {what} ", span(shown, Role.AFTER if added else Role.BEFORE))


def _list_members(items: Sequence[DiffItem]) -> Line:
    first = items[0]
    added = first.operation is ChangeOperation.ADDED
    verb = span("adds", Role.CREATE) if added else span("drops", Role.DELETE)
    shown = _list_words([item.after if added else item.before for item in items])
    where = f"state {first.subject}: {_path_words(first.path[:-1])} "
    return line(where, verb, " ", span(shown, Role.AFTER if added else Role.BEFORE))


def _place(subject: str, item: DiffItem, words: str) -> Line:
    head = f"{subject}: {words}{' ' if words else ''}"
    match item.operation:
        case ChangeOperation.ADDED:
            return line(head, span("set to ", Role.CREATE), span(shorten(item.after), Role.AFTER))
        case ChangeOperation.REMOVED:
            return line(head, span("removed", Role.DELETE), ", was ", span(shorten(item.before), Role.BEFORE))
        case ChangeOperation.CHANGED | ChangeOperation.MOVED:
            return line(head, *values(item.before, item.after))


def _path_words(path: Sequence[str]) -> str:
    """`("Retry", "0", "MaxAttempts")` reads `retry attempts`, `("Arguments", "Payload", "n")` reads `arguments.Payload.n`."""
    if not path:
        return ""
    if path[0] in ("Retry", "Catch") and len(path) >= 2:
        entry = "" if path[1] == "0" else f" {int(path[1]) + 1}" if path[1].isdecimal() else f" {path[1]}"
        rest = " ".join(_field(part) for part in path[2:])
        return f"{path[0].lower()}{entry} {rest}".rstrip()
    return _dotted_path(_field(path[0]), path[1:])


def _dotted_path(first: str, rest: Sequence[str]) -> str:
    return first + "".join(f"[{part}]" if part.isdecimal() else f".{part}" for part in rest)


def _field(name: str) -> str:
    known = _FIELDS.get(name)
    if known is not None:
        return known
    spaced = "".join(f" {character.lower()}" if character.isupper() else character for character in name)
    return spaced.strip() if name[:1].isupper() and name.isalnum() else name


def _list_words(value: Value) -> str:
    if _is_list(value):
        shown = [shorten(item) for item in value[:4]]
        return ", ".join(shown) + (f" and {len(value) - 4} more" if len(value) > 4 else "")
    return shorten(value)


def _is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    return isinstance(value, (list, tuple))


def _short_enough(text: str) -> bool:
    """True when nothing that matters is lost by `shorten`."""
    return len(text) <= SHORT or _DIGEST.fullmatch(text) is not None or _ARN.fullmatch(text) is not None


def _differing(left: str, right: str) -> tuple[str, str]:
    """Return what differs of two texts, with a few characters of its context, in whole words where there are any."""
    same = _common_prefix(left, right)
    same_end = min(_common_prefix(left[::-1], right[::-1]), min(len(left), len(right)) - same)
    start = _word_start(left, same)
    ends = [_word_end(text, len(text) - same_end) for text in (left, right)]
    shown = [
        ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
        for text, end in zip((left, right), ends, strict=True)
    ]
    return shown[0], shown[1]


def _word_start(text: str, at: int) -> int:
    """Return where to begin so that what stands at `at` has its context."""
    start = max(0, at - _CONTEXT)
    if start == 0:
        return 0
    gap = text.find(" ", start, at - _CONTEXT // 2)
    return gap + 1 if gap >= 0 else start


def _word_end(text: str, at: int) -> int:
    end = min(len(text), at + _CONTEXT)
    if end == len(text):
        return end
    gap = text.rfind(" ", at + _CONTEXT // 2, end)
    return gap if gap >= 0 else end


def _common_prefix(left: str, right: str) -> int:
    for index, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return index
    return min(len(left), len(right))
