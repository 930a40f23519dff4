"""What a service's model says of a request: required members, types, lengths, ranges, enumerations, patterns.

The sentences are those of AWS, as recorded of Step Functions; those about maps are Lambda's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bunsui.aws.constraints.patterns import matches
from bunsui.aws.service_models import Shape, operation_shape, shape

_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "float": (int, float),
    "double": (int, float),
    "list": (list, tuple),
    "structure": (Mapping,),
    "map": (Mapping,),
}
_NUMBERS = ("integer", "long", "float", "double")


def broken_rules(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every rule of the model that the request breaks. `service` as botocore calls it."""
    name = operation_shape(service, operation, "input")
    if name:
        yield from _broken_member(service, shape(service, name), request, "")


def validation_message(found: Iterable[str]) -> str:
    """Return what AWS answers to a request that breaks these rules."""
    rules = list(found)
    return f"{len(rules)} validation {'error' if len(rules) == 1 else 'errors'} detected: {'; '.join(rules)}"


def _broken_member(service: str, spec: Shape, value: Any, path: str) -> Iterator[str]:
    kind = spec["type"]
    expected = _PYTHON_TYPES.get(kind)
    if expected is not None and (not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected)):
        yield _say_broken(value, path, f"Member must be of type {kind}")
    elif kind == "structure":
        yield from _broken_structure(service, spec, value, path)
    elif kind == "list":
        yield from _broken_size(spec, len(value), value, path)
        for number, item in enumerate(value, start=1):
            yield from _broken_member(service, shape(service, spec["member"]["shape"]), item, f"{path}.{number}.member")
    elif kind == "map":
        yield from _broken_map(service, spec, value, path)
    elif kind == "string":
        yield from _broken_text(spec, value, path)
    elif kind in _NUMBERS:
        yield from _broken_number(spec, value, path)


def _broken_structure(service: str, spec: Shape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in spec["members"].items():
        inner = f"{path}.{name}" if path else name
        if value.get(name) is not None:
            yield from _broken_member(service, shape(service, member["shape"]), value[name], inner)
        elif name in spec.get("required", ()):
            yield _say_broken(None, inner, "Member must not be null")


def _broken_map(service: str, spec: Shape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from _broken_size(spec, len(value), value, path)
    keys, values = shape(service, spec["key"]["shape"]), shape(service, spec["value"]["shape"])
    rules = sorted({rule for key in value for rule in _text_rules(keys, key)})
    if rules:
        yield _say_broken(_shown_value(keys, value), path, f"Map keys must satisfy constraint: [{', '.join(rules)}]")
    for key, item in value.items():
        if values["type"] != "string":
            yield from _broken_member(service, values, item, f"{path}.{key}")
            continue
        if not isinstance(item, str):
            yield _say_broken(_shown_value(values, item), f"{path}.{key}", "Member must be of type string")
        elif broken := sorted(_text_rules(values, item)):
            yield _say_broken(_shown_value(values, value), path, f"Map value must satisfy constraint: [{', '.join(broken)}]")


def _broken_text(spec: Shape, value: str, path: str) -> Iterator[str]:
    for rule in _text_rules(spec, value):
        yield _say_broken(_shown_value(spec, value), path, rule)


def _text_rules(spec: Shape, value: str) -> Iterator[str]:
    if "enum" in spec and value not in spec["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(spec['enum'])}]"
    if len(value) > spec.get("max", len(value)):
        yield f"Member must have length less than or equal to {spec['max']}"
    elif len(value) < spec.get("min", 0):
        yield f"Member must have length greater than or equal to {spec['min']}"
    if (pattern := spec.get("pattern")) and not matches(pattern, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


def _broken_size(spec: Shape, size: int, value: Any, path: str) -> Iterator[str]:
    if size > spec.get("max", size):
        yield _say_broken(_shown_value(spec, value), path, f"Member must have length less than or equal to {spec['max']}")
    elif size < spec.get("min", 0):
        yield _say_broken(_shown_value(spec, value), path, f"Member must have length greater than or equal to {spec['min']}")


def _broken_number(spec: Shape, value: float, path: str) -> Iterator[str]:
    if value > spec.get("max", value):
        yield _say_broken(value, path, f"Member must have value less than or equal to {spec['max']}")
    if value < spec.get("min", value):
        yield _say_broken(value, path, f"Member must have value greater than or equal to {spec['min']}")


def _shown_value(spec: Shape, value: Any) -> Any:
    return "*** Sensitive Data Redacted ***" if spec.get("sensitive") else value


def _say_broken(value: object, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"
