"""Damage to data that knows the published JSON Schema of what it damages: keys that may stand there, values that nearly fit.

A wound is done to one value of the tree, which stays a tree: unlike damage to the text, it leads past the parser, to whatever
reads the values.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.faults.phrases import MEANT, Lot, Names, misspelt, text

Schema = Mapping[str, Any]
_DEPTH = 5
_ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "x" * 300,
    [],
    {},
    [[]],
    {"": 1},
    [None],
    {"a": {"b": []}},
)


@cache
def schema_of(name: str) -> Schema:
    """Return a published schema: pipeline-v1, project-v1 or tests-v1."""
    from bunsui.document.schema.published import published

    found = published(name)
    assert found is not None
    return found


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a tree: where it is held, and what may stand there."""

    holder: Any
    key: Any
    schema: Schema

    @property
    def value(self) -> Any:
        """What stands there now."""
        return self.holder[self.key]


def wounded(data: Any, schema: Schema, lot: Lot) -> Any:
    """Return the data with one value of it damaged; the data itself may be changed."""
    root = [data]
    spots = list(_spots(Spot(root, 0, schema), schema))
    # Shallow places are few, and would hardly ever be met; the deep ones are where most of the language is. Times, addresses
    # and errors have languages of their own.
    chance = lot.random()
    spoken = [one for one in spots if one.key in MEANT]
    near = spots[: max(1, len(spots) // 6)]
    spot = lot.choice(spoken if spoken and chance < 0.2 else near if chance < 0.35 else spots)
    _wound(spot, schema, lot, names_in(data))
    return root[0]


def names_in(data: Any) -> Names:
    """Return what a pipeline file declares."""
    entry = data if isinstance(data, dict) else {}
    jobs, parameters = (value if isinstance(value := entry.get(key), dict) else {} for key in ("jobs", "parameters"))
    found = list(_strings(jobs, ("id", "as", "start_at")))
    return Names(
        jobs=[str(job) for job in jobs] or ["extract"],
        operations=found or ["fetch"],
        parameters=[str(name) for name in parameters] or ["date"],
        others=found or ["file"],
    )


def _strings(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(value[key]) for key in keys if isinstance(value.get(key), str))
        for inner in value.values():
            yield from _strings(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, keys)


def _resolved(schema: Any, whole: Schema, value: Any) -> Schema:
    """Return the part that is about this value: references followed, the fitting branch of several taken."""
    if not isinstance(schema, Mapping):
        return {}
    if "$ref" in schema:
        return _resolved(_referred(whole, schema["$ref"]), whole, value)
    mapping = schema.get("discriminator", {}).get("mapping")
    if mapping is not None:
        chosen = value.get("type") if isinstance(value, dict) else None
        return _resolved({"$ref": mapping[chosen]}, whole, value) if isinstance(chosen, str) and chosen in mapping else schema
    for branch in schema.get("anyOf", ()):
        resolved = _resolved(branch, whole, value)
        if _fits(resolved, value):
            return resolved
    return schema


def _fits(schema: Schema, value: Any) -> bool:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return schema.get("type") == kinds.get(type(value))


def _odd(lot: Lot) -> Any:
    return copy.deepcopy(lot.choice(_ODD))


def _spots(spot: Spot, whole: Schema) -> Iterator[Spot]:
    value = spot.value
    schema = _resolved(spot.schema, whole, value)
    yield Spot(spot.holder, spot.key, spot.schema)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for key in value:
            yield from _spots(Spot(value, key, known.get(key, schema.get("additionalProperties") or {})), whole)
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from _spots(Spot(value, index, schema.get("items") or {}), whole)


def _wound(spot: Spot, whole: Schema, lot: Lot, names: Names) -> None:
    value = spot.value
    schema = _resolved(spot.schema, whole, value)
    chance = lot.random()
    if isinstance(value, dict) and chance < 0.6:
        _wound_mapping(value, schema, whole, lot, names)
    elif isinstance(value, list) and chance < 0.6:
        _wound_list(value, schema, whole, lot, names)
    elif chance < 0.12 and isinstance(spot.holder, dict):
        del spot.holder[spot.key]
    elif isinstance(value, str) and chance < 0.45:
        meant = MEANT.get(str(spot.key))
        spot.holder[spot.key] = lot.choice(meant) if meant and lot.random() < 0.6 else text(lot, names)
    elif isinstance(value, str) and chance < 0.55:
        spot.holder[spot.key] = misspelt(value, lot)
    elif chance < 0.85:
        spot.holder[spot.key] = grown(spot.schema, whole, lot, names, key=str(spot.key))
    else:
        spot.holder[spot.key] = nearly(schema, lot)


def _wound_mapping(value: dict[Any, Any], schema: Schema, whole: Schema, lot: Lot, names: Names) -> None:
    known = schema.get("properties", {})
    chance = lot.random()
    if chance < 0.55 and known:
        key = lot.choice(list(known))
        value[key] = grown(known[key], whole, lot, names, key=key)
    elif chance < 0.7 and value:
        old = lot.choice(list(value))
        renamed = {misspelt(str(key), lot) if key == old else key: inner for key, inner in value.items()}
        value.clear()
        value.update(renamed)
    elif chance < 0.85:
        inner = schema.get("additionalProperties")
        key = text(lot, names) if lot.random() < 0.3 else lot.choice((*names.jobs, *names.parameters, "fresh", "a--b", "end-"))
        value[key] = grown(inner, whole, lot, names, key=key) if isinstance(inner, Mapping) else _odd(lot)
    elif value:
        one, other = lot.choice(list(value)), lot.choice(list(value))
        value[one] = copy.deepcopy(value[other])


def _wound_list(value: list[Any], schema: Schema, whole: Schema, lot: Lot, names: Names) -> None:
    inner = schema.get("items") or {}
    chance = lot.random()
    if chance < 0.4:
        value.append(grown(inner, whole, lot, names))
    elif chance < 0.6 and value:
        value.append(copy.deepcopy(lot.choice(value)))
    elif chance < 0.7 and value:
        del value[lot.randrange(len(value))]
    elif chance < 0.75 and value:
        value.extend(copy.deepcopy(lot.choice(value)) for _ in range(lot.choice((12, 60))))
    elif value:
        value[lot.randrange(len(value))] = _odd(lot)
    else:
        value.append(_odd(lot))


def grown(schema: Any, whole: Schema, lot: Lot, names: Names, *, key: str = "", depth: int = 0) -> Any:
    """Return a value that the schema takes, or nearly."""
    if not isinstance(schema, Mapping) or not schema:
        return text(lot, names) if lot.random() < 0.6 else _odd(lot)
    if lot.random() < 0.06:
        return nearly(schema, lot)
    if "$ref" in schema:
        return grown(_referred(whole, schema["$ref"]), whole, lot, names, key=key, depth=depth)
    branches = schema.get("oneOf") if "discriminator" in schema else schema.get("anyOf")
    if branches:
        if "discriminator" in schema and lot.random() < 0.6:
            return _example(lot)
        return grown(lot.choice(branches), whole, lot, names, key=key, depth=depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return lot.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            return _grown_mapping(schema, whole, lot, names, depth)
        case "array":
            count = 0 if depth > _DEPTH else lot.randint(schema.get("minItems", 0), 3)
            return [grown(schema.get("items"), whole, lot, names, key=key, depth=depth + 1) for _ in range(count)]
        case "integer" | "number":
            least = schema.get("minimum", 0)
            return lot.choice((least, least + 1, schema.get("maximum", least + 40), lot.randint(0, 12), 2.5))
        case "boolean":
            return lot.random() < 0.5
        case _:
            return _grown_text(schema, lot, names, key)


def _referred(whole: Schema, pointer: str) -> Any:
    """Return what a reference of the schema into itself, such as `#/$defs/JobEntry/properties/timeout`, names."""
    found: Any = whole
    for step in pointer.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _grown_mapping(schema: Schema, whole: Schema, lot: Lot, names: Names, depth: int) -> dict[str, Any]:
    known = schema.get("properties", {})
    required = set(schema.get("required", ()))
    wanted = [name for name in known if name in required or (depth < _DEPTH and lot.random() < 0.3)]
    value = {name: grown(known[name], whole, lot, names, key=name, depth=depth + 1) for name in wanted}
    inner = schema.get("additionalProperties")
    if isinstance(inner, Mapping) and depth < _DEPTH:
        for name in lot.sample(("a", "fresh", "item_1", *names.jobs[:2], *names.parameters[:2]), k=lot.randint(1, 2)):
            value[name] = grown(inner, whole, lot, names, key=name, depth=depth + 1)
    return value


def _grown_text(schema: Schema, lot: Lot, names: Names, key: str) -> str:
    chance = lot.random()
    if key in MEANT and chance < 0.6:
        return lot.choice(MEANT[key])
    if "examples" in schema and chance < 0.7:
        return str(lot.choice(schema["examples"]))
    if chance < 0.8:
        return lot.choice((*names.jobs, *names.operations, *names.parameters))
    return text(lot, names)


@cache
def _examples() -> tuple[Any, ...]:
    import yaml

    from bunsui.operations.registry import builtin_registry

    return tuple(yaml.safe_load(operation_type.example) for operation_type in builtin_registry().values())


def _example(lot: Lot) -> Any:
    return copy.deepcopy(lot.choice(_examples()))


def nearly(schema: Schema, lot: Lot) -> Any:
    """Return a value that the schema refuses, as people come near: too many, too long, another kind, misspelt."""
    wrong: list[Any] = [_odd(lot)]
    if "enum" in schema:
        wrong += [misspelt(str(lot.choice(schema["enum"])), lot), str(lot.choice(schema["enum"])).upper()]
    if "maxLength" in schema:
        wrong.append("x" * (schema["maxLength"] + 1))
    if "minimum" in schema:
        wrong += [schema["minimum"] - 1, str(schema["minimum"])]
    if "maximum" in schema:
        wrong += [schema["maximum"] + 1, 10**12]
    if "maxItems" in schema:
        wrong.append(["x"] * (schema["maxItems"] + 1))
    if schema.get("uniqueItems"):
        wrong.append(["x", "x"])
    if schema.get("type") == "boolean":
        wrong += ["yes", "true", 1]
    if schema.get("type") == "string":
        wrong += [5, 12.5, ["x"], {"a": "x"}]
    if schema.get("type") == "object":
        wrong += [["a"], [{"a": 1}], {f"k{number}": {} for number in range(120)}]
    if schema.get("type") == "array":
        wrong += ["x", {"a": 1}, "a, b"]
    return copy.deepcopy(lot.choice(wrong))
