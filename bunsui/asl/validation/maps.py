"""What is special about Maps: how their items are processed, read, batched and written.

Source: developer guide, "Using Map state in Distributed mode" and its pages on ItemReader, ItemBatcher and ResultWriter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui.asl.validation.fields import object_field
from bunsui.asl.validation.finding import DefinitionFinding, Path, error, other_language, warning
from bunsui.asl.validation.numbers import in_range, is_code
from bunsui.asl.validation.views import PROCESSORS, StateView, is_opaque

_MODES = ("INLINE", "DISTRIBUTED")
_TYPES = ("STANDARD", "EXPRESS")
LABEL_LIMIT = 40
_LABEL_FORBIDDEN = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]")


def maps(state: StateView) -> Iterator[DefinitionFinding]:
    """Check a Map's processor and its fields for many items."""
    if state.type != "Map":
        return
    for key in PROCESSORS:
        processor = state.fields.get(key)
        if isinstance(processor, Mapping) and "ProcessorConfig" in processor:
            yield from _config(state, key, processor["ProcessorConfig"])
    if state.is_distributed and state.machine.kind == "EXPRESS":
        message = "Express state machines do not support distributed Maps"
        yield error("ASL042", state.path, message, aws="Express state machine does not support distributed Map", on_key=True)
    yield from _label(state)
    yield from _batcher(state)
    yield from _reader(state)
    yield from _writer(state)
    items = state.fields.get("Items")
    if "Items" in state.fields and not isinstance(items, (list, Mapping)) and not is_code(items) and not is_opaque(items):
        yield warning("ASL004", (*state.path, "Items"), "Items should be a list, an object or an expression")


def _config(state: StateView, key: str, config: Any) -> Iterator[DefinitionFinding]:
    path = (*state.path, key, "ProcessorConfig")
    if is_opaque(config):
        return
    if not isinstance(config, Mapping):
        yield error("ASL004", path, "ProcessorConfig must be an object", aws="Expected value of type [OBJECT]")
        return
    for name, allowed in (("Mode", _MODES), ("ExecutionType", _TYPES)):
        value = config.get(name)
        if name in config and value not in allowed and not is_opaque(value):
            words = f"Value should be one of the following: [{', '.join(allowed)}]"
            yield error("ASL007", (*path, name), f"{name} is {' or '.join(allowed)}", aws=words)
    if config.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in config:
        words = "These fields are required: [ExecutionType]"
        yield error("ASL002", path, "a distributed Map needs an ExecutionType", aws=words, hint="STANDARD or EXPRESS.")


def _label(state: StateView) -> Iterator[DefinitionFinding]:
    label = state.fields.get("Label")
    if not isinstance(label, str) or is_opaque(label):
        return
    if not label or len(label) > LABEL_LIMIT or _LABEL_FORBIDDEN.search(label):
        message = f"a Label has 1 to {LABEL_LIMIT} characters and no spaces or special characters"
        yield error("ASL013", (*state.path, "Label"), message, aws_code="INVALID_LABEL_NAME")


def _batcher(state: StateView) -> Iterator[DefinitionFinding]:
    batcher = state.fields.get("ItemBatcher")
    if not isinstance(batcher, Mapping) or is_opaque(batcher):
        return
    path = (*state.path, "ItemBatcher")
    yield from _both(batcher, path, ("MaxItemsPerBatch", "MaxInputBytesPerBatch"))
    for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch"):
        value = batcher.get(name)
        if name in batcher and not is_opaque(value) and not (state.language == "JSONata" and is_code(value)):
            greatest = 262_144 if name == "MaxInputBytesPerBatch" else None
            yield from in_range(value, (*path, name), least=1, greatest=greatest, whole=True)
    if not any(str(name).startswith(("MaxItemsPerBatch", "MaxInputBytesPerBatch")) for name in batcher):
        message = "ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch"
        yield error("ASL002", path, message, aws="These fields are required: [MaxItemsPerBatch, MaxInputBytesPerBatch]")


_INPUT_TYPES = ("CSV", "JSON", "JSONL", "MANIFEST", "PARQUET")
_HEADERS = ("FIRST_ROW", "GIVEN")
_TRANSFORMATIONS = ("NONE", "COMPACT", "FLATTEN")
_OUTPUT_TYPES = ("JSON", "JSONL")


def _reader(state: StateView) -> Iterator[DefinitionFinding]:
    reader = state.fields.get("ItemReader")
    if not isinstance(reader, Mapping) or is_opaque(reader):
        return
    path = (*state.path, "ItemReader")
    yield from _language(state, reader, path)
    yield from object_field(reader, "ReaderConfig", path)
    config = reader.get("ReaderConfig")
    if not isinstance(config, Mapping) or is_opaque(config):
        return
    inner = (*path, "ReaderConfig")
    yield from _both(config, inner, ("MaxItems",))
    yield from _one_of(config, inner, "InputType", _INPUT_TYPES)
    yield from _one_of(config, inner, "CSVHeaderLocation", _HEADERS)
    headers = config.get("CSVHeaders", [])
    if not is_opaque(headers) and not (isinstance(headers, list) and all(isinstance(name, str) for name in headers)):
        words = "Expected value of type [ARRAY]"
        yield error("ASL004", (*inner, "CSVHeaders"), "CSVHeaders must be a list of names", aws=words)
    if config.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in config:
        words = "These fields are required: [CSVHeaders]"
        yield error("ASL002", inner, "headers are GIVEN, and there are no CSVHeaders", aws=words)


def _writer(state: StateView) -> Iterator[DefinitionFinding]:
    writer = state.fields.get("ResultWriter")
    if not isinstance(writer, Mapping) or is_opaque(writer):
        return
    path = (*state.path, "ResultWriter")
    yield from _language(state, writer, path)
    if "Resource" not in writer and "WriterConfig" not in writer:
        message = "ResultWriter needs a Resource with its target, or a WriterConfig"
        yield error("ASL002", path, message, aws="These fields are required: [Resource]")
    elif "Resource" in writer and not {"Parameters", "Arguments"} & set(writer):
        target = "Parameters" if state.language == "JSONPath" else "Arguments"
        words = f"These fields are required: [{target}]"
        yield error("ASL002", path, f"ResultWriter does not say where to: it has no {target}", aws=words)
    yield from object_field(writer, "WriterConfig", path)
    config = writer.get("WriterConfig")
    if isinstance(config, Mapping) and not is_opaque(config):
        yield from _one_of(config, (*path, "WriterConfig"), "Transformation", _TRANSFORMATIONS)
        yield from _one_of(config, (*path, "WriterConfig"), "OutputType", _OUTPUT_TYPES)


def _language(state: StateView, holder: Mapping[str, Any], path: Path) -> Iterator[DefinitionFinding]:
    name, own = ("Arguments", "JSONata") if state.language == "JSONPath" else ("Parameters", "JSONPath")
    if name in holder:
        yield other_language(path, name, used=state.language, only=own)


def _both(holder: Mapping[str, Any], path: Path, names: tuple[str, ...]) -> Iterator[DefinitionFinding]:
    for name in names:
        if name in holder and f"{name}Path" in holder:
            words = f"Only one of the following fields is allowed: [{name}, {name}Path]"
            yield error("ASL006", (*path, f"{name}Path"), f"{name} and {name}Path exclude each other", aws=words, at=path)


def _one_of(holder: Mapping[str, Any], path: Path, name: str, allowed: tuple[str, ...]) -> Iterator[DefinitionFinding]:
    value = holder.get(name)
    if name in holder and value not in allowed and not is_opaque(value) and not is_code(value):
        words = f"Value should be one of the following: [{', '.join(allowed)}]"
        yield error("ASL007", (*path, name), f"{name} is one of {', '.join(allowed)}", aws=words)
