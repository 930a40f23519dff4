"""The reference suite of JSONata: its cases, read from the archive in which they lie, and what the engine makes of each.

A case is an expression, data that is its context item (Step Functions has none: only this test has), variables, and a value,
nothing, or the code of an error.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

from bunsui.asl import expressions
from bunsui.engine.context import Sources
from bunsui.engine.jsonata.errors import reason
from bunsui.engine.jsonata.functions import bind_functions
from bunsui.engine.jsonata.program import program, run
from bunsui.engine.jsonata.values import UNDEFINED, from_library, to_library

_SOURCES = Sources(now=lambda: datetime.now(UTC), chance=Random(0))


class Verdict(Enum):
    """What became of a case."""

    RIGHT = "right"
    OTHER_ERROR = "another error"
    REFUSED = "an error instead of a value"
    WRONG = "another value"
    """Nobody is told: what must never be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of the suite."""

    name: str
    """Group and file, and the place in it where it holds several."""
    expression: str
    variables: Mapping[str, Any]
    data: Any
    has_data: bool
    value: Any
    """UNDEFINED for nothing."""
    error: str
    """The code; empty where there is a value."""


def read_cases(archive: Path) -> Iterator[Case]:
    """Read every case, by name."""
    with tarfile.open(archive) as opened:
        inside = {member.name.partition("/test-suite/")[2]: member for member in opened if member.isfile()}
        texts = {name: opened.extractfile(member).read().decode() for name, member in inside.items() if name}  # type: ignore[union-attr]
    for name, text in sorted(texts.items()):
        if name.startswith("groups/") and name.endswith(".json"):
            told = json.loads(text)
            place = name.removeprefix("groups/").removesuffix(".json")
            if isinstance(told, list):
                yield from (_case(f"{place}[{at}]", case, texts) for at, case in enumerate(told))
            else:
                yield _case(place, told, texts)


def _case(name: str, told: Mapping[str, Any], texts: Mapping[str, str]) -> Case:
    group = name.partition("/")[0]
    data = told.get("data")
    if "data" not in told and told.get("dataset"):
        data = json.loads(texts[f"datasets/{told['dataset']}.json"])
    return Case(
        name=name,
        expression=told["expr"] if "expr" in told else texts[f"groups/{group}/{told['expr-file']}"],
        variables=told.get("bindings", {}),
        data=data,
        has_data="data" in told or bool(told.get("dataset")),
        value=UNDEFINED if told.get("undefinedResult") else told.get("result"),
        error=told.get("code") or told.get("error", {}).get("code", ""),
    )


def judge(case: Case) -> tuple[Verdict, Any]:
    """Return what the engine makes of the case, and what it gave: a value, or why there is none."""
    try:
        found = _evaluate(case)
    except Exception as error:  # noqa: BLE001 - whatever the library raises, and the bounds of AWS
        why = reason(error)
        if not case.error:
            return Verdict.REFUSED, why
        return (Verdict.RIGHT if why.startswith(f"{case.error}: ") else Verdict.OTHER_ERROR), why
    return (Verdict.RIGHT if not case.error and _is_same(found, case.value) else Verdict.WRONG), found


def _evaluate(case: Case) -> Any:
    wanted = {use.name for use in expressions.variables(case.expression)}
    frame = {"eval": None, **{name: to_library(value) for name, value in case.variables.items()}}
    frame |= {name: made for name, made in bind_functions(_SOURCES, wanted).items() if name not in frame}
    data = to_library(case.data) if case.has_data else None
    return from_library(run(program(case.expression), frame, data))


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(item, other[name]) for name, item in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
