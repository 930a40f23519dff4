"""Slips of the pen that know the grammar of pipeline files: each changes a valid file in one place, and says where and what.

Seeded, so that a slip repeats. A slip may leave a file valid, as a word of one's own may be another; those are not counted.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import DocumentNode, Path

FILE = """\
version: 1
name: daily
title: Daily sales
timezone: Asia/Tokyo
parameters:
  date: {type: string, format: date, default: "{% $session.date %}"}
  region: {type: string, enum: [jp, us], default: jp}
  count: {type: integer, minimum: 1, default: 3}
schedules:
  - {id: nightly, cron: "0 3 * * ? *", input: {region: jp}}
defaults:
  timeout: 10m
jobs:
  list:
    operations:
      - id: ask
        type: lambda
        function: "list:1"
        payload: {date: "{% $params.date %}", count: "{% $params.count %}"}
        timeout: 5m
        retry: {attempts: 3, delay: 10s, errors: [throttling]}
    outputs:
      files: "{% $result.files %}"
      rows: "{% $ops.ask.rows %}"
  clean:
    depends_on: [list]
    foreach: {items: "{% $jobs.list.files %}", as: file, label: "{% $file.name %}", max_concurrency: 8}
    operations:
      - type: lambda
        function: "clean:1"
        payload: {key: "{% $file.key %}", region: "{% $params.region %}"}
  load:
    depends_on: [clean, list]
    when: "{% $jobs.list.rows > 0 and $params.region = 'jp' %}"
    operations:
      - type: s3
        action: list
        bucket: lake
        prefix: "in/{% $params.date %}/"
        poll: {every: 1m, timeout: 2h, until: "{% $count($result.objects) > 0 %}"}
      - type: sns_publish
        topic: arn:aws:sns:us-east-1:111122223333:done
        message: "{% $jobs.list.rows %} rows"
"""

_NEIGHBOURS = {
    "depends_on": ("needs", "dependencies", "upstream"),
    "when": ("if", "condition"),
    "foreach": ("matrix", "with_items", "loop"),
    "operations": ("steps", "tasks"),
    "outputs": ("output", "returns"),
    "schedules": ("schedule", "triggers"),
    "parameters": ("params", "inputs"),
    "retry": ("retries", "retry_policy"),
    "payload": ("input", "args"),
    "items": ("in", "over"),
    "as": ("var", "item"),
    "attempts": ("max_attempts", "limit"),
    "delay": ("interval",),
    "cron": ("schedule", "expression"),
    "until": ("condition", "success_if"),
    "every": ("interval", "poke_interval"),
    "jobs": ("steps", "tasks"),
    "id": ("name",),
    "max_concurrency": ("parallelism", "max_parallel"),
}
_WRONG = {
    "timeout": ("300", "5 minutes", "[5m]"),
    "attempts": ("three", '"3"', "0"),
    "delay": ("10", "ten"),
    "max_concurrency": ("many", '"8"'),
    "depends_on": ("{list: true}", "5"),
    "default": ("[1]",),
    "type": ("lamda", "text", "python_operator", "int"),
    "cron": ('"0 3 * * *"', '"daily"', '"0 3 ? * 1 *"'),
    "timezone": ("JST", "Tokio"),
    "action": ("ls", "lists"),
    "errors": ("throttling", "[throtling]"),
    "version": ("2", '"1"'),
    "every": ("60",),
}
_OPERATORS = (
    (" and ", " && "),
    (" = ", " == "),
    (" > 0", " => 0"),
    (" and ", " AND "),
    (" = 'jp'", " is 'jp'"),
    (" and ", " || "),
)
_NAMES = re.compile(r"\$[a-z]+(?:\.[a-z]+)+|\$count")
_QUOTED = re.compile(r"(?m)^(?P<before>[^#\n]*?: )(?P<value>\"\{% [^\"\n]*'[^\"\n]* %\}\")$")
_WHOLE = re.compile(r"\"\{% \$(params\.[a-z_]+) %\}\"")
_LOST = ("depends_on:", "function:", "type: lambda", "type: ecs_task", "name:", "version:", "action:", "cluster:", "topic:")
_FREE = frozenset(
    {
        "payload",
        "arguments",
        "environment",
        "input",
        "params",
        "mocks",
        "tests",
        "tags",
        "headers",
        "body",
        "item",
        "query",
        "attributes",
        "secrets",
        "states",
        "substitutions",
        "value",
        "message",
        "return",
        "key",
        "values",
    }
)
"""Keys whose mappings hold names of the author's own, at any depth."""
_NAMES_OF_OWN = frozenset({"jobs", "on_failure", "finally", "parameters", "outputs", "functions", "definitions"})
"""Keys whose mappings hold names of the author's own, and then keys again."""


class Slip(NamedTuple):
    """One changed file."""

    kind: str
    text: str
    line: int
    """Where it was changed, counted from 1."""
    meant: str
    """What stood there, some of which a remedy should name; empty when any remedy will do."""


def slips(seed: int, count: int, text: str = FILE) -> list[Slip]:
    """Return so many slips, drawn evenly over the kinds that the file has a place for."""
    chance = random.Random(seed)
    pen = Pen(text)
    made = (KINDS[at % len(KINDS)](pen, chance) for at in range(4 * count))
    return [slip for slip in made if slip is not None][:count]


class Pen:
    """A file in which slips are made."""

    def __init__(self, text: str) -> None:
        """Read the file, to know which of its keys are words of the language."""
        self.text = text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        document = read_document("pipeline.yaml", text.encode()).document
        assert document is not None, "slips are made in files that can be read"
        self.keys = [(key, start) for key, start in self._keys(document.root, ()) if text.startswith(f"{key}:", start)]

    def _keys(self, node: DocumentNode, path: Path) -> Iterator[tuple[str, int]]:
        """Return the keys that are words of the language, each with its offset."""
        if isinstance(node.children, dict):
            for key, child in node.children.items():
                is_own = bool(path) and (path[-1] in _NAMES_OF_OWN or not _FREE.isdisjoint(map(str, path)))
                if not is_own and node.keys is not None and key in node.keys:
                    mark = node.keys[key]
                    yield key, self.starts[mark.line - 1] + mark.column - 1
                yield from self._keys(
                    child, (*path, key) if not is_own or not path or path[-1] not in _NAMES_OF_OWN else (*path, "*")
                )
        elif node.children is not None:
            for child in node.children:
                assert isinstance(child, DocumentNode)
                yield from self._keys(child, (*path, 0))

    def changed(self, kind: str, start: int, end: int, new: str, meant: str) -> Slip:
        """Return the file with another text from one offset to another."""
        return Slip(kind, self.text[:start] + new + self.text[end:], self.text[:start].count("\n") + 1, meant)


def neighbours_key(pen: Pen, chance: random.Random) -> Slip | None:
    found = [(key, start) for key, start in pen.keys if key in _NEIGHBOURS]
    if not found:
        return None
    key, start = chance.choice(found)
    return pen.changed("a neighbour's key", start, start + len(key), chance.choice(_NEIGHBOURS[key]), key)


def misspelt_key(pen: Pen, chance: random.Random) -> Slip | None:
    found = [(key, start) for key, start in pen.keys if len(key) > 4]
    if not found:
        return None
    key, start = chance.choice(found)
    return pen.changed("a misspelt key", start, start + len(key), _misspelt(chance, key), key)


def wrong_value(pen: Pen, chance: random.Random) -> Slip | None:
    values = re.compile(r": (\[[^\]\n]*\]|\"[^\"\n]*\"|[^\s{}\[\],\"][^{},\n]*)")
    found = [(key, match) for key, start in pen.keys if key in _WRONG and (match := values.match(pen.text, start + len(key)))]
    if not found:
        return None
    key, match = chance.choice(found)
    return pen.changed("a wrong value", match.start(1), match.end(1), chance.choice(_WRONG[key]), "")


def misspelt_name(pen: Pen, chance: random.Random) -> Slip | None:
    inside = [span.span() for span in re.finditer(r"\{%.*?%\}", pen.text, re.DOTALL)]
    found = [
        match
        for match in _NAMES.finditer(pen.text)
        if any(start < match.start() < end for start, end in inside)
        and match.group().split(".")[0] in ("$params", "$jobs", "$session", "$ops", "$result", "$count")
    ]
    if not found:
        return None
    match = chance.choice(found)
    steps = match.group().split(".")
    known = {"$result": 1, "$ops": 2, "$params": 2, "$session": 2, "$jobs": 3, "$count": 1}[steps[0]]
    at = chance.randrange(min(known, len(steps)))
    meant = steps[at].lstrip("$")
    steps[at] = ("$" if at == 0 else "") + _misspelt(chance, meant)
    return pen.changed("a misspelt name", *match.span(), ".".join(steps), meant)


def wrong_quotes(pen: Pen, chance: random.Random) -> Slip | None:
    found = list(_QUOTED.finditer(pen.text))
    if not found:
        return None
    match = chance.choice(found)
    inner = match["value"][1:-1]
    new = chance.choice((f"'{inner}'", f'"{inner.replace(chr(39), chr(34))}"', inner))
    return pen.changed("quotes in quotes", *match.span("value"), new, "")


def dropped_mark(pen: Pen, chance: random.Random) -> Slip | None:
    found = [
        match
        for match in re.finditer(r"\{%|%\}|[\]})]", pen.text)
        if "cron" not in pen.text[match.start() - 30 : match.start()] and not _is_prose(pen.text, match.start())
    ]
    if not found:
        return None
    match = chance.choice(found)
    return pen.changed("a dropped brace", *match.span(), "", "")


def _is_prose(text: str, at: int) -> bool:
    """Tell whether an offset lies in a comment, a description or a text without quotes, where any brace may be dropped."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return "#" in line or re.match(r" *(description|title|owner|runbook|message|command): *[^\"{\[]", line) is not None


def foreign_operator(pen: Pen, chance: random.Random) -> Slip | None:
    places = [
        (match.start(1) + at, ours, theirs)
        for match in re.finditer(r"\{%([^%]*)%\}", pen.text)
        for ours, theirs in _OPERATORS
        if (at := match[1].find(ours)) >= 0
    ]
    if not places:
        return None
    start, ours, theirs = chance.choice(places)
    meant = "" if "is" in theirs or "|" in theirs else ours.strip().split()[0]
    return pen.changed("a foreign operator", start, start + len(ours), theirs, meant)


def foreign_expression(pen: Pen, chance: random.Random) -> Slip | None:
    found = list(_WHOLE.finditer(pen.text))
    if not found:
        return None
    match = chance.choice(found)
    theirs = chance.choice(
        (f'"{{{{ {match[1]} }}}}"', f'"${{{{ {match[1]} }}}}"', f'"$.{match[1]}"', f'"${match[1]}"', f"{{{{ {match[1]} }}}}")
    )
    return pen.changed("another tool's expression", *match.span(), theirs, match[1])


def lost_line(pen: Pen, chance: random.Random) -> Slip | None:
    found = [
        match for match in re.finditer(r"(?m)^ *([^#\n]*)\n", pen.text) if match[1].startswith(_LOST) and "{" not in match[1]
    ]
    if not found:
        return None
    match = chance.choice(found)
    return pen.changed("a lost line", *match.span(), "", match[1].split(":")[0])


def bad_indent(pen: Pen, chance: random.Random) -> Slip | None:
    starts = [match.start() for match in re.finditer(r"^ +(?=[a-z_]+:)", pen.text, re.MULTILINE)]
    if not starts:
        return None
    start = chance.choice(starts)
    return pen.changed("an indentation", start, start, chance.choice((" ", "\t")), "")


KINDS: Sequence[Callable[[Pen, random.Random], Slip | None]] = (
    neighbours_key,
    misspelt_key,
    wrong_value,
    misspelt_name,
    wrong_quotes,
    dropped_mark,
    foreign_operator,
    foreign_expression,
    lost_line,
    bad_indent,
)


def _misspelt(chance: random.Random, word: str) -> str:
    """Return the word with one letter lost, doubled or exchanged with the next."""
    at = chance.randrange(1, len(word) - 1) if len(word) > 2 else 0
    forms = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    )
    return next((form for form in chance.sample(forms, 3) if form != word), word + "x")
