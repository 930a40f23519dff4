"""Edits of one key, made from the published schema: every key is added, taken away and, by its kind of value, changed.

For each key of the schema `key_toggles` and `parameter_toggles` hold a file and a change, and tests that none is missing.
Each change is an edit, and so is the way back. Then every value in those files is changed and taken away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bunsui.document.schema.published import published
from tests.unit.document import key_toggles
from tests.unit.document.key_toggles import DROP, PIPELINE_KEYS, changed
from tests.unit.document.parameter_toggles import PARAMETERS
from tests.unit.document.test_every_parameter_changes_something import put, with_operation

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit."""

    kind: str
    """The key of the schema, or the place in a file with `*` for names, and what was done there."""
    before: Document
    after: Document
    key: str = ""
    """The key that is added, removed or changed; empty where a change is of several keys."""
    old: Any = None
    new: Any = None


def _base() -> dict[str, Any]:
    base: dict[str, Any] = json.loads(json.dumps(key_toggles.BASE))
    base["jobs"]["b"]["operations"][0]["payload"] = {"x": 1}
    del base["schedules"][0]["input"]
    base["parameters"]["n"]["default"] = "x"
    return base


BASE = _base()
_PLAIN = {"version": 1, "name": "p", "jobs": {"a": {"type": "lambda", "function": "load:1"}}}
_ASKED = {**_PLAIN, "parameters": {"n": {"type": "string"}}}
_TOPIC = {"type": "sns_publish", "topic": "arn:aws:sns:us-east-1:111122223333:alerts", "message": "m"}
_CODE = {"path": "code", "handler": "a.b"}
_USED = {**_PLAIN, "jobs": {"a": {"type": "lambda", "code": "f"}}, "functions": {"f": _CODE}}
_SENDING = {
    "type": "aws",
    "action": "sqs:sendMessage",
    "wait": "token",
    "token_at": "MessageBody.token",
    "arguments": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q"},
    "resources": ["arn:aws:sqs:eu-west-1:111111111111:q"],
}
_WAITING = {"version": 1, "name": "p", "jobs": {"a": _SENDING}}
_LIMITED = {**_PLAIN, "concurrency": {"limit": 3}}
_NO_OUTPUTS = changed(BASE, "jobs/a/outputs", DROP)
_INSTEAD: Mapping[str, tuple[Document, Document]] = {
    "/protect": (BASE, {**BASE, "protect": True}),
    "/concurrency": (_PLAIN, _LIMITED),
    "ConcurrencyEntry/limit": (_LIMITED, changed(_LIMITED, "concurrency/limit", 2)),
    "ConcurrencyEntry/policy": (_LIMITED, changed(_LIMITED, "concurrency/policy", "skip")),
    "/functions": (_USED, changed(_USED, "functions/f/handler", "a.c")),
    "/on_failure": (_PLAIN, {**_PLAIN, "on_failure": _TOPIC}),
    "/finally": (_PLAIN, {**_PLAIN, "finally": _TOPIC}),
    "JobEntry/operations": (_NO_OUTPUTS, changed(_NO_OUTPUTS, *PIPELINE_KEYS["JobEntry/operations"])),
    "OperationEntry/heartbeat": (_WAITING, changed(_WAITING, "jobs/a/heartbeat", "1m")),
    "OperationEntry/type": (_NO_OUTPUTS, changed(_NO_OUTPUTS, *PIPELINE_KEYS["OperationEntry/type"])),
    "ParameterEntry/sensitive": (_ASKED, changed(_ASKED, "parameters/n/sensitive", True)),
}
"""Files in place of those that show what a key does: an edit begins and ends with a file that is right."""
UNTOLD = frozenset({"/name", "/type", "/definition", "/substitutions", "/tests", "RecoverEntry/automatic"})
UNTOLD |= {"AlertEntry/event", "AlertEntry/deadline"}
"""The name by which a text is found; what has one value; what raw pipelines have, which have no text of ours; tests, of which
nothing is made; what is an error in every environment without a resident."""


def toggled() -> Iterator[Edit]:
    """Return the edits of the tables: each key of the schema, there and back."""
    for key, (path, value) in PIPELINE_KEYS.items():
        if key in UNTOLD:
            continue
        base = _ASKED if key.startswith("ParameterEntry/") else BASE
        before, after = _INSTEAD[key] if key in _INSTEAD else (base, changed(base, path, value))
        yield from _both_ways(key, before, after)
    for key, (operation, made) in PARAMETERS.items():
        yield from _both_ways(key, with_operation(operation), with_operation(put(operation, made)))


def _both_ways(key: str, before: Document, after: Document) -> Iterator[Edit]:
    yield Edit(kind=key, before=before, after=after)
    yield Edit(kind=f"{key} back", before=after, after=before)


def files() -> Iterator[Document]:
    """Return every file of the tables once."""
    seen: set[str] = set()
    for edit in toggled():
        text = json.dumps(edit.before)
        if text not in seen:
            seen.add(text)
            yield edit.before


def mutated(document: Document) -> Iterator[Edit]:
    """Return edits of each value of the file, several candidates of one kind where not every one is a right file."""
    for path, value in _places(document, ""):
        place, key = _pattern(document, path), _key(path)
        yield Edit(kind=f"{place} removed", before=document, after=changed(document, path, DROP), key=key, old=value)
        for other in _others(key, value):
            after = changed(document, path, other)
            yield Edit(kind=f"{place} changed", before=document, after=after, key=key, old=value, new=other)


def _places(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        below = f"{path}/{key}" if path else str(key)
        if path or key not in ("version", "name", "accept", "tests"):
            if not isinstance(value, list):
                yield below, entry
            yield from _places(entry, below)


def _key(path: str) -> str:
    return next(part for part in reversed(path.split("/")) if not part.isdigit())


def _pattern(document: Document, path: str) -> str:
    """Return the place without the names that authors give, with the type of the operation that it is in."""
    place: Any = document
    words: list[str] = []
    for part in path.split("/"):
        if isinstance(place, dict) and isinstance(place.get("type"), str) and words[:1] == ["jobs"]:
            words = ["jobs", "*", place["type"]]
        is_name = words[-1:] in (["jobs"], ["parameters"], ["functions"]) or part.isdigit()
        words.append("*" if is_name else part)
        place = place[int(part)] if isinstance(place, list) else place[part]
    return "/".join(words)


def _others(key: str, value: object) -> Iterator[object]:
    """Return other values of the kind, those that the schema lists for the key first."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
    elif isinstance(value, str):
        yield from (other for other in _listed(key) if other != value)
        yield from _other_texts(value)
    elif isinstance(value, list) and value:
        yield value[:-1]
        yield [*value, value[-1]]


def _other_texts(value: str) -> Iterator[str]:
    if value.startswith("{%"):
        yield f"{{% ({value[2:-2].strip()}) %}}"
    elif found := re.search(r"[1-8](?!.*[1-8])", value):
        yield value[: found.start()] + str(int(found[0]) + 1) + value[found.end() :]
    yield f"{value}x"


@cache
def _listed(key: str) -> tuple[object, ...]:
    """Return the values that some definition of the schema lists for a key of that name."""
    schema = published("pipeline-v1")
    assert schema is not None
    found: dict[object, None] = {}
    for definition in (schema, *schema["$defs"].values()):
        entry = definition.get("properties", {}).get(key, {})
        forms = (entry, *entry.get("anyOf", ())) if isinstance(entry, dict) else ()
        for form in forms:
            found |= dict.fromkeys(value for value in form.get("enum", ()) if isinstance(value, str))
    return tuple(found)[:4]
