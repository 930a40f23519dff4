"""The order of keys, as the schema of a file has it. Names that the user chose (jobs, parameters, tags) have none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.document.schema.published import Schema, operation_definition

_DEFS = "#/$defs/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaPlace:
    """A place in a schema, at which a value stands."""

    whole: Schema
    part: Any

    def order(self, keys: Collection[str], operation_type: str) -> list[str]:
        """Return all keys that a mapping with these keys may have, in their order; none when the user names them.

        `operation_type` is what the mapping has at `type`, else empty.
        """
        if self._is_job:
            own = [key for key in self.part["properties"] if key != "type"]
            place = own.index("operations") + 1
            operation = [key for key in self._operation(operation_type) if key not in own]
            return [*own[:place], *operation, *own[place:]]
        return list(self._mapping(keys, operation_type))

    def below(self, key: str, keys: Collection[str], operation_type: str) -> SchemaPlace:
        """Return the place of a mapping's value."""
        if self._is_job:
            own = self.part["properties"]
            found = own.get(key, True) if key != "type" else True
            return self._at(found if found is not True else self._operation(operation_type).get(key, {}))
        properties = self._mapping(keys, operation_type)
        if key in properties:
            found = properties[key]
            common = self.whole["$defs"].get("OperationEntry", {}).get("properties", {})
            return self._at(common.get(key, {}) if found is True else found)
        for branch in _branches(self.whole, self.part):
            if isinstance(branch.get("additionalProperties"), dict):
                return self._at(branch["additionalProperties"])
        return self._at({})

    def item(self) -> SchemaPlace:
        """Return the place of a list's items."""
        items = (branch["items"] for branch in _branches(self.whole, self.part) if isinstance(branch.get("items"), dict))
        return self._at(next(items, {}))

    @property
    def _is_job(self) -> bool:
        part = self.part
        return isinstance(part, dict) and part.get("else") == {"$ref": f"{_DEFS}job.operations"}

    def _at(self, part: Any) -> SchemaPlace:
        return SchemaPlace(whole=self.whole, part=_follow_path(self.whole, part))

    def _operation(self, name: str) -> Mapping[str, Any]:
        found = self.whole["$defs"].get(operation_definition(name), {})
        return self._properties(found)

    def _properties(self, part: Any) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = part.get("properties", {}) if isinstance(part, dict) else {}
        return properties

    def _mapping(self, keys: Collection[str], operation_type: str) -> Mapping[str, Any]:
        """Return the properties of the branch that knows most of the keys."""
        found: Mapping[str, Any] = {}
        for branch in _branches(self.whole, self.part):
            properties = self._properties(branch)
            if "discriminator" in branch:
                properties = self._operation(operation_type) or properties
            if len(set(keys) & set(properties)) > len(set(keys) & set(found)):
                found = properties
        return found


def place_of(schema: Schema) -> SchemaPlace:
    """Return the place of a whole file."""
    return SchemaPlace(whole=schema, part=schema)


def sorted_keys(keys: list[str], order: list[str]) -> list[str]:
    """Return the keys in the order, unknown ones after the others as they stood."""
    known = {key: place for place, key in enumerate(order)}
    return sorted(keys, key=lambda key: known.get(key, len(known)))


def _follow_path(whole: Schema, part: Any) -> Any:
    while isinstance(part, dict) and "$ref" in part:
        target: Any = whole
        for step in str(part["$ref"]).split("/")[1:]:
            target = target[step]
        part = target
    return part


def _branches(whole: Schema, part: Any) -> Iterator[Any]:
    part = _follow_path(whole, part)
    if not isinstance(part, dict):
        return
    yield part
    for keyword in ("anyOf", "oneOf"):
        for branch in part.get(keyword, ()):
            yield from _branches(whole, branch)
