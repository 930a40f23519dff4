"""What to write where somebody wrote an expression of another language, as text to paste."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from bunsui.asl.expressions import FUNCTIONS, problem
from bunsui.asl.foreign_methods import jsonata_for, value_before
from bunsui.asl.foreign_operators import repaired

_JINJA = re.compile(r"\s*\$?\{\{-?(?P<inner>[^{}]*)-?\}\}\s*\Z")
_JINJA_INSIDE = re.compile(r"\$?\{\{-?(?P<inner>[^{}]*)-?\}\}")
_JSON_PATH = re.compile(r"\s*\$\$?\.(?P<inner>[A-Za-z_][\w.\[\]*'\"-]*)\s*\Z")
_BRACES = re.compile(r"\s*(?:\{%?|(?=[^{]*%\}))\s*(?P<inner>\$[A-Za-z_][^{}]*?)\s*%?\}?\s*\Z")
_BARE = re.compile(r"\s*(?P<inner>\$[A-Za-z_]\w*[.\[(][\s\S]*)\Z")
_INTRINSIC = re.compile(r"\s*States\.[A-Z][A-Za-z0-9]*\([\s\S]*\)\s*\Z")
_LONGEST_MENDED = 400
"""Characters of an expression that is looked through for words of other languages."""
_MOST_LEVELS = 40
"""Negations and brackets of an expression that is mended: each is one level."""
_MOST_MISSING = 5
_LONGEST = 160
"""Characters of a remedy that is shown whole."""
_WORDS = {
    "ds": "$session.date",
    "logical_date": "$session.slot",
    "execution_date": "$session.slot",
    "data_interval_start": "$session.slot",
    "ts": "$session.slot",
    "run_id": "$session.id",
    "execution.id": "$session.id",
    "workflow.name": "$session.id",
    "trigger.date": "$session.slot",
    "github.run_id": "$session.id",
}
"""What neighbours call the session's own values."""
_ROOTS = {
    "params": "params",
    "inputs": "params",
    "parameters": "params",
    "inputs.parameters": "params",
    "workflow.parameters": "params",
    "vars": "params",
    "github.event.inputs": "params",
    "dag_run.conf": "params",
    "input": "params",
    "item": "item",
    "session": "session",
    "jobs": "jobs",
    "result": "result",
    "matrix": "item",
}
"""The beginning of a name of theirs -> the variable."""


class SyntaxHint(NamedTuple):
    """What to do about an expression that cannot be parsed."""

    hint: str
    offset: int | None
    """Of the word that is meant; None where only the parser knows a place."""


def quoted(expression: str) -> str:
    """Return an expression as it stands in a YAML file, in quotes that it does not hold."""
    if '"' in expression or "\\" in expression:
        return "'{% " + expression.replace("'", "''") + " %}'"
    return '"{% ' + expression + ' %}"'


def syntax_hint(text: str, names: Collection[str]) -> SyntaxHint:
    """Return the remedy for an expression that is refused; an empty one when nothing is recognised."""
    wrong = problem(text)
    if wrong is not None and wrong.kind == "function" and not wrong.subject.startswith("$"):
        meant = jsonata_for(wrong.subject, value_before(text, wrong.offset))
        return SyntaxHint(f"Write {meant}." if meant else f"Write $NAME(x) instead of x.{wrong.subject}().", None)
    if wrong is not None and wrong.kind == "reference" and (hint := _start_hint(text, wrong.subject, names)):
        return SyntaxHint(hint, None)
    # What is longer was written by a program; the mend goes down with every negation and bracket.
    repair = repaired(text, names=names, functions=FUNCTIONS) if _is_shallow(text) else None
    if repair is None:
        return SyntaxHint(_unfinished(text), None)
    if "\n" not in text and len(text) <= _LONGEST and problem(repair.text) is None:
        return SyntaxHint(f"Write {quoted(repair.text)}.{_beside(repair.first.written)}", repair.first.offset)
    return SyntaxHint(f"Write {repair.first.meant} for {repair.first.written}.", repair.first.offset)


def _start_hint(text: str, subject: str, names: Collection[str]) -> str:
    """Return what a path begins with that has no variable, and what a function is called that has no `$`."""
    field = re.search(r"\$\.([A-Za-z_]\w*)", text) if subject == "$" else None
    if field is not None and field[1] not in names:
        return f"Write $result.{field[1]}." if "result" in names else f"Write $params.{field[1]}, or $jobs.NAME.{field[1]}."
    if re.search(rf"(?<![\w$.]){re.escape(subject)}\s*\(", text) is None or subject in FUNCTIONS or jsonata_for(subject):
        return ""
    value = _CALLED.get(subject.lower().replace("_", ""), "")
    return f"Write {value}." if value else f"Names of functions begin with $, and JSONata has none called {subject}."


_CALLED = {
    "weekday": "$session.weekday",
    "dayofweek": "$session.weekday",
    "month": "$session.month",
    "today": "$session.date",
    "currentdate": "$session.date",
    "date": "$session.date",
    "now": "$session.slot",
    "currenttimestamp": "$session.slot",
}
"""Functions of other languages whose value the session has."""


def expression_meant(text: str) -> str:
    """Return the expression that a text was meant to be which has another language's marks, or none at all; empty when it looks
    like plain text. What a neighbour's name stands for is guessed, the marks are not."""
    for pattern in (_JINJA, _JSON_PATH):
        match = pattern.match(text)
        if match:
            inner = match["inner"].strip()
            return _named(inner) if inner else ""
    bare = _BRACES.match(text) or _BARE.match(text)
    return bare["inner"].strip() if bare and problem(bare["inner"]) is None else ""


def foreign_marks(text: str) -> str:
    """Return the marks of another language's expression in a text that would be sent as it is; empty when there are none."""
    if _JINJA_INSIDE.search(text):
        return "${{ }}" if "${{" in text else "{{ }}"
    if _JSON_PATH.match(text):
        return "$."
    if _BRACES.match(text) and ("%}" in text or "{%" in text):
        return "%}"
    if _INTRINSIC.match(text):
        return "States."
    return "$" if _BARE.match(text) and expression_meant(text) else ""


def closed(text: str) -> str:
    """Return what to write where a text that is one expression lacks its end."""
    if text.count("{%") != 1 or not text.strip().startswith("{%") or "\n" in text.strip():
        return "Close it with %}."
    inner = text.strip()[2:].rstrip("%} ").strip()
    return f"Close it with %}}: write {quoted(inner)}." if inner and problem(inner) is None else "Close it with %}."


def rewritten(text: str) -> str:
    """Return a text with other languages' marks as bunsui writes it, in quotes; empty when that cannot be told."""
    if (whole := expression_meant(text)) and problem(whole) is None:
        return quoted(whole)
    meant = _JINJA_INSIDE.sub(lambda match: "{% " + _named(match["inner"].strip()) + " %}", text)
    if meant == text or '"' in meant or "\\" in meant or any(problem(part) for part in re.findall(r"\{%(.*?)%\}", meant)):
        return ""
    return f'"{meant}"'


def _is_shallow(text: str) -> bool:
    return len(text) <= _LONGEST_MENDED and len(re.findall(r"[!(\[]|\bnot\b", text, re.IGNORECASE)) <= _MOST_LEVELS


def _named(inner: str) -> str:
    """Return a neighbour's name as one of bunsui's: `inputs.x` and `params['x']` are parameters."""
    inner = inner.split("|")[0].strip()
    if inner in _WORDS:
        return _WORDS[inner]
    task = re.match(
        r"(?:tasks|steps|outputs|needs)\.([\w-]+)\.(?:outputs\.(?:parameters\.|result\.)?|vars\.)?([\w-]+)\Z", inner
    )
    if task:
        return f"$jobs.{_step(task[1])}.{_step(task[2])}"
    for theirs in sorted(_ROOTS, key=len, reverse=True):
        if inner.startswith((f"{theirs}.", f"{theirs}[")):
            return f"${_ROOTS[theirs]}{inner[len(theirs) :]}"
    return inner if inner.startswith("$") else f"$params.{inner}" if re.fullmatch(r"[A-Za-z_]\w*", inner) else inner


def _step(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else f"`{name}`"


def _beside(written: str) -> str:
    if written in ("is", "IS"):
        return " What is not there at all is $not($exists(…))."
    return ""


def _unfinished(text: str) -> str:
    """Return what is missing at an expression that is not whole."""
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "", text)
    for opening, closing in ("()", "[]", "{}"):
        missing = bare.count(opening) - bare.count(closing)
        if 0 < abs(missing) <= _MOST_MISSING:
            return f"Add {closing * missing if missing > 0 else opening * -missing}: one {opening} needs one {closing}."
    if bare.count("'") % 2 or bare.count('"') % 2:
        return "Close the text with the quote that it begins with."
    last = re.search(r"(and|or|in|&|[-+*/%=<>.])\s*\Z", bare)
    return f"Write what stands after {last[1]}, or take {last[1]} out." if last else ""
