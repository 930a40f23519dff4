"""What stands in texts: `${…}` is filled in at plan time, and `{% … %}` is read as an expression.

`${var.x}`, `${environment.name | account | region}`, `${ssm:/path}` and the look-ups of `schema/lookups.py` are all there
is; the environment of the process is never read.
A text that is one placeholder takes the value's type; `$${` is a literal `${`. What was filled in is never looked at again: a
value from a parameter store cannot become an expression.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.asl.expressions import string_literal
from bunsui.diagnostics import Diagnostic
from bunsui.document.error_limit import MOST_ERRORS, at_most
from bunsui.document.expression_hints import closed, rewritten
from bunsui.document.schema.lookups import LOOK_UP_FORMS, look_up_in, offline_value
from bunsui.document.yaml.tree import Document, Path
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.model.values import Expression, Value
from bunsui.ports.cloud import LookUp, ParameterStore

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}?")
_SEGMENT = re.compile(r"(\{%[\s\S]*?%\})")
_IN_EXPRESSION = re.compile(r"\$\{(?:var\.|environment\.|ssm:|secret:|cfn:|tfstate:)[^}]*\}")
_LITERAL = frozenset({("tests",), ("accept",)})
"""What a test says, and why a finding is accepted, is taken as it is written, in every environment."""
_ENVIRONMENT = ("name", "account", "region")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderNames:
    """What placeholders may name."""

    variables: Mapping[str, Json]
    scope: Scope
    parameters: ParameterStore | None = None
    """None offline: `${ssm:…}` and look-ups then stay as they are, unknown texts."""
    asked: dict[str, Json] = field(default_factory=dict)
    """What was read already, by the placeholder's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A document after filling in."""

    data: Json
    """Placeholders replaced, expressions still as text: what the schema is checked on."""
    value: Value
    """Placeholders replaced, expressions as `Expression`: what is lowered."""
    expressions: tuple[tuple[Path, Expression], ...]
    """Every expression with its place, in the order of the file."""
    diagnostics: tuple[Diagnostic, ...]
    mixed: Mapping[Path, str] = field(default_factory=dict)
    """Texts around expressions, as they are written, by their places: `data` has one expression for each."""

    def as_written(self) -> Json:
        """Return the data with texts around expressions as their author wrote them."""
        return _with_texts(self.data, (), self.mixed) if self.mixed else self.data


def _with_texts(data: Json, path: Path, texts: Mapping[Path, str]) -> Json:
    if isinstance(data, Mapping):
        return {key: _with_texts(entry, (*path, key), texts) for key, entry in data.items()}
    if isinstance(data, list):
        return [_with_texts(entry, (*path, index), texts) for index, entry in enumerate(data)]
    return texts.get(path, data)


def fill(document: Document, names: PlaceholderNames) -> Filled:
    """Fill in every text of the document; keys stay as they are."""
    filling = _Filling(document=document, names=names)
    data, value = filling.walk(document.data, ())
    return Filled(
        data=data,
        value=value,
        expressions=tuple(filling.expressions),
        diagnostics=tuple(at_most(document, filling.findings)),
        mixed=filling.mixed,
    )  # fmt: skip


class _Unknown(Exception):
    """A placeholder that stands for nothing, with the finding's words."""

    def __init__(self, code: str, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.hint = hint


@dataclass(slots=True, kw_only=True)
class _Filling:
    document: Document
    names: PlaceholderNames
    expressions: list[tuple[Path, Expression]] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    mixed: dict[Path, str] = field(default_factory=dict)

    def walk(self, data: Json, path: Path) -> tuple[Json, Value]:
        if path in _LITERAL:
            return data, data
        if isinstance(data, str):
            return self._text(data, path) if "${" in data or "{%" in data else (data, data)
        if isinstance(data, (dict, Mapping)):
            pairs = {key: self.walk(entry, (*path, key)) for key, entry in data.items()}
            return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
        if isinstance(data, (list, Sequence)):
            entries = [self.walk(entry, (*path, index)) for index, entry in enumerate(data)]
            return [entry[0] for entry in entries], [entry[1] for entry in entries]
        return data, data

    def _text(self, text: str, path: Path) -> tuple[Json, Value]:
        if len(self.findings) > MOST_ERRORS:
            return text, text
        try:
            if "{%" not in text:
                filled = self._fill_in(text)
                return filled, filled
            return self._template(text, path)
        except _Unknown as unknown:
            self.findings.append(self.document.finding(unknown.code, unknown.summary, path, hint=unknown.hint))
            return text, text

    def _template(self, text: str, path: Path) -> tuple[Json, Value]:
        if text.rfind("{%") > text.rfind("%}"):
            # Asked before the text is split, which would look for the end of each of them.
            raise _Unknown("BS313", "an expression is opened with {% and not closed", closed(text))
        segments = [segment for segment in _SEGMENT.split(text) if segment]
        for segment in segments:
            _check_segment(segment)
        if len(_SEGMENT.findall(text.strip())) == 1 and _SEGMENT.fullmatch(text.strip()):
            expression = Expression(text.strip()[2:-2].strip(), str(self.document.at(path)))
        else:
            filled = [segment if segment.startswith("{%") else _as_text(self._fill_in(segment)) for segment in segments]
            parts = [
                f"({text[2:-2].strip()})" if segment.startswith("{%") else string_literal(text)
                for segment, text in zip(segments, filled, strict=True)
            ]
            expression = Expression(" & ".join(parts), str(self.document.at(path)))
            self.mixed[path] = "".join(filled)
        self.expressions.append((path, expression))
        return "{% " + expression.text + " %}", expression

    def _fill_in(self, text: str) -> Json:
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None and whole.group(1) is not None:
            return self._value(whole)
        return _PLACEHOLDER.sub(lambda match: _as_text(self._value(match)), text)

    def _value(self, match: re.Match[str]) -> Json:
        if match.group() == "$${":
            return "${"
        name = match.group(1)
        if match.string.startswith("{", match.end()) and not name:
            meant = rewritten(match.string)
            raise _Unknown(
                "BS205",
                "${{ }} is GitHub's: here an expression stands between {% and %}",
                f"Write {meant}." if meant else 'Write "{% $params.NAME %}", or "${var.NAME}" for what is known at plan time.',
            )
        if not match.group().endswith("}"):
            raise _Unknown(
                "BS205", f"the placeholder {match.group()} is not closed", "Close it with }, or write $${ for a literal ${."
            )
        kind, _, rest = name.partition(".")
        if kind == "var" and rest:
            return self._variable(rest)
        if kind == "environment" and rest in _ENVIRONMENT:
            scope = self.names.scope
            return {"name": scope.environment, "account": scope.account, "region": scope.region}[rest]
        if name.startswith("ssm:"):
            return self._parameter(name.removeprefix("ssm:"))
        looked_up = look_up_in(name)
        if looked_up is not None:
            return self._look_up(*looked_up)
        raise _Unknown("BS205", f"the placeholder ${{{name}}} stands for nothing", _meant_hint(name, self.names.variables))

    def _variable(self, name: str) -> Json:
        if name in self.names.variables:
            return self.names.variables[name]
        near = difflib.get_close_matches(name, list(self.names.variables), n=1, cutoff=0.6)
        environment = self.names.scope.environment
        raise _Unknown(
            "BS205",
            f"there is no variable {name} in the environment {environment}",
            f"Did you mean ${{var.{near[0]}}}?"
            if near
            else f"Add it to variables: in bunsui.yaml, for all or for {environment}.",
        )

    def _parameter(self, path: str) -> Json:
        if not re.fullmatch(r"/?[A-Za-z0-9_.\-/]+", path):
            raise _Unknown("BS206", f"{path!r} is not the name of an SSM parameter", "Write ${ssm:/path/of/parameter}.")
        if self.names.parameters is None:
            return "${ssm:" + path + "}"
        if path not in self.names.asked:
            try:
                found = self.names.parameters.parameter(path)
            except InvalidInput as error:
                raise _Unknown("BS206", f"the SSM parameter {path} cannot be used: {error.summary}", error.hint) from error
            self.names.asked[path] = found if isinstance(found, str) else list(found)
        return self.names.asked[path]

    def _look_up(self, kind: LookUp, name: str) -> Json:
        form = LOOK_UP_FORMS[kind]
        if not form.pattern.fullmatch(name):
            raise _Unknown("BS562", f"{name!r} names no {form.title}", f"Write {form.example}.")
        text = f"${{{kind.value}:{name}}}"
        if self.names.parameters is None:
            return offline_value(kind, name, self.names.scope) or text
        if text not in self.names.asked:
            try:
                self.names.asked[text] = self.names.parameters.look_up(kind, name)
            except InvalidInput as error:
                raise _Unknown("BS562", f"{text} cannot be filled in: {error.summary}", error.hint) from error
        return self.names.asked[text]


def _check_segment(segment: str) -> None:
    if not segment.startswith("{%"):
        return
    if not segment.endswith("%}") or "{%" in segment[2:]:
        raise _Unknown("BS313", "an expression is opened with {% and not closed", "Close it with %}.")
    if not segment[2:-2].strip():
        raise _Unknown("BS313", "there is nothing between {% and %}", "Write a JSONata expression there.")
    placeholder = _IN_EXPRESSION.search(segment)
    if placeholder is not None:
        raise _Unknown(
            "BS314",
            f"{placeholder.group()} is not filled in inside an expression",
            f'Declare a parameter with default: "{placeholder.group()}" and read it as $params.NAME.',
        )


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _meant_hint(name: str, variables: Mapping[str, Json]) -> str:
    plain = name.strip(" {}")
    if plain in variables:
        return f"Did you mean ${{var.{plain}}}?"
    for prefix in ("vars.", "variables.", "variable."):
        if plain.startswith(prefix):
            return f"Did you mean ${{var.{plain.removeprefix(prefix)}}}?"
    if plain.startswith(("environment.", "env.")) and plain.partition(".")[2] in _ENVIRONMENT:
        return f"Did you mean ${{environment.{plain.partition('.')[2]}}}?"
    if re.fullmatch(r"\$?(params|session|jobs|result|ops|item)\.[\w.]+", plain):
        return f'Values of a run stand in an expression: "{{% ${plain.lstrip("$")} %}}".'
    near = difflib.get_close_matches(plain, [f"environment.{name}" for name in _ENVIRONMENT], n=1, cutoff=0.8)
    if near:
        return f"Did you mean ${{{near[0]}}}?"
    known = "${var.NAME}, ${environment.name | account | region}, ${ssm:/path}, ${secret:NAME}, ${cfn:STACK.OUTPUT}"
    return f"There are {known} and ${{tfstate:STATE#OUTPUT}}; a literal ${{ is written $${{."
