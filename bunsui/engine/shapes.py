"""Whether the fields of a state have values of the kinds that they need, so that nothing later trips over them.

It is no validator: it only says whether a definition can be run at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["problems"]

_Test = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _number_or_text(value: Any) -> bool:
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


_FIELDS: Mapping[str, _Test] = {
    **dict.fromkeys(("InputPath", "OutputPath", "ResultPath"), _text_or_null),
    **dict.fromkeys(("Next", "Default", "Resource", "Label", "Error", "Cause", "Timestamp", "QueryLanguage"), _text),
    **dict.fromkeys(("ItemsPath", "SecondsPath", "TimestampPath", "ErrorPath", "CausePath", "MaxConcurrencyPath"), _text),
    **dict.fromkeys(("TimeoutSecondsPath", "HeartbeatSecondsPath", "ToleratedFailureCountPath"), _text),
    **dict.fromkeys(("ToleratedFailurePercentagePath", "MaxItemsPath", "MaxItemsPerBatchPath"), _text),
    **dict.fromkeys(("MaxInputBytesPerBatchPath", "ItemsPointer", "CSVDelimiter", "InputType"), _text),
    **dict.fromkeys(("Seconds", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency"), _number_or_text),
    **dict.fromkeys(("ToleratedFailureCount", "ToleratedFailurePercentage"), _number_or_text),
    **dict.fromkeys(("Assign", "ItemReader", "ResultWriter", "ItemBatcher", "ItemProcessor", "Iterator"), _object),
    **dict.fromkeys(("ProcessorConfig", "ReaderConfig", "WriterConfig"), _object),
    **dict.fromkeys(("ErrorEquals", "CSVHeaders"), _texts),
}
_PARTS = ("ItemReader", "ReaderConfig", "ResultWriter", "WriterConfig", "ItemBatcher")
_IN_PARTS = frozenset({"Resource", "ItemsPointer", "CSVDelimiter", "InputType", "CSVHeaders", *_PARTS}) | {
    name for name in _FIELDS if name.startswith(("MaxItems", "MaxInputBytes"))
}
"""Fields that are read in parts; whatever else is written there does not matter."""
_RULES = ("Retry", "Catch")


def problems(fields: Mapping[str, Any]) -> Iterator[str]:
    """Return the names of the fields of a state, and of the parts in it, whose values cannot be used."""
    for name, value in fields.items():
        test = _FIELDS.get(name)
        if test is not None and not test(value):
            yield name
        elif name in _PARTS:
            yield from problems({inner: item for inner, item in value.items() if inner in _IN_PARTS})
        elif name in _RULES:
            yield from _rules(name, value)
        elif name == "Choices":
            yield from _choices(value)


def _rules(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield name
        return
    for rule in value:
        if not isinstance(rule, Mapping) or "ErrorEquals" not in rule:
            yield name
        else:
            yield from problems(rule)


def _choices(value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield "Choices"
        return
    for rule in value:
        if not isinstance(rule, Mapping) or not isinstance(rule.get("Next"), str):
            yield "Choices"
        else:
            yield from _comparison(rule)


def _comparison(rule: Any) -> Iterator[str]:
    if not isinstance(rule, Mapping):
        yield "Choices"
        return
    for name, value in rule.items():
        if name in {"And", "Or"}:
            if not isinstance(value, list):
                yield name
                continue
            for part in value:
                yield from _comparison(part)
        elif name == "Not":
            yield from _comparison(value)
        elif not _fits(name, value):
            yield name


def _fits(name: str, value: Any) -> bool:
    if name == "Assign":
        return isinstance(value, Mapping)
    return isinstance(value, str) or not (name == "Variable" or name.endswith("Path"))
