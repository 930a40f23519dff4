"""Items of a distributed Map that are read from objects.

Source: developer guide, "ItemReader (Map)"; rows, headers and causes as recorded: a short row is filled with empty texts, what
goes beyond the headers is dropped, and ItemsPath does not count beside a reader. What cannot be read fails the state: a reader
never gives fewer items, or others, than the object holds.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from bunsui.engine.distributed.objects import ObjectFailure, Objects
from bunsui.engine.distributed.packed import reader_failure, text_of
from bunsui.model.json import Json

__all__ = ["Reader", "read_items"]

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """An ItemReader with its expressions evaluated."""

    resource: str
    parameters: Mapping[str, Any]
    """`Bucket` and `Key`, or `Bucket` and `Prefix`."""
    config: Mapping[str, Any]
    """ReaderConfig as written, `MaxItems` evaluated."""

    @property
    def source(self) -> str:
        """Where items come from, as the context object tells it."""
        return f"S3://{self.parameters.get('Bucket')}/{self.parameters.get('Key', '')}"


def read_items(reader: Reader, objects: Objects) -> list[Json]:
    """Return the items. Raises StateFailure (States.ItemReaderFailed)."""
    action = reader.resource.rsplit(":", 1)[-1]
    try:
        if action == "listObjectsV2":
            found = list(_list_objects(reader, objects))
        elif action == "getObject":
            found = _parse_body(reader, objects)
        else:
            raise reader_failure(f"The resource {reader.resource} is not supported in an ItemReader.")
    except ObjectFailure as error:
        raise reader_failure(str(error)) from error
    most = reader.config.get("MaxItems")
    if isinstance(most, int) and most < 0:
        raise reader_failure("field MaxItems must be positive")
    return found[:most] if isinstance(most, int) and most > 0 else found


def _text(reader: Reader, name: str) -> str:
    value = reader.parameters.get(name)
    if not isinstance(value, str):
        raise reader_failure(f"The ItemReader has no {name}.")
    return value


def _list_objects(reader: Reader, objects: Objects) -> Iterator[Json]:
    prefix = reader.parameters.get("Prefix")
    bucket = _text(reader, "Bucket")
    flatten = reader.config.get("Transformation") == "LOAD_AND_FLATTEN"
    for entry in objects.list(bucket, prefix if isinstance(prefix, str) else ""):
        if flatten:
            yield from _of_body(reader, objects.read(bucket, entry.key))
            continue
        yield {
            "Etag": entry.etag,
            "Key": entry.key,
            "LastModified": int(entry.modified.timestamp()),
            "Size": entry.size,
            "StorageClass": entry.storage_class,
        }


def _parse_body(reader: Reader, objects: Objects) -> list[Json]:
    version = reader.parameters.get("VersionId")
    body = objects.read(_text(reader, "Bucket"), _text(reader, "Key"), version if isinstance(version, str) else None)
    if reader.config.get("InputType") == "MANIFEST" or "ManifestType" in reader.config:
        athena = reader.config.get("ManifestType") == "ATHENA_DATA"
        return list(_of_athena(reader, body, objects) if athena else _of_inventory(reader, body, objects))
    return _of_body(reader, body)


def _of_body(reader: Reader, body: bytes) -> list[Json]:
    kind = reader.config.get("InputType", "JSON")
    parse = _PARSERS.get(str(kind))
    if parse is None:
        raise reader_failure(f"The input type {kind} is not supported.")
    return parse(reader.config, text_of(body))


def _json(config: Mapping[str, Any], text: str) -> list[Json]:
    found: Any = _load_json(text)
    pointer = config.get("ItemsPointer", "")
    for name in str(pointer).split("/")[1:]:
        name = name.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        raise reader_failure("Attempting to map over non-iterable node.")
    return found


def _load_json(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise reader_failure(f"The object is no JSON: {error}") from error
    return found


def _json_lines(config: Mapping[str, Any], text: str) -> list[Json]:
    # By line feeds alone: a text in JSON may hold the other characters that Python takes for the end of a line.
    return [_load_json(line) for line in text.split("\n") if line.strip()]


def _csv(config: Mapping[str, Any], text: str) -> list[Json]:
    delimiter = _DELIMITERS.get(str(config.get("CSVDelimiter", "COMMA")), ",")
    rows = _rows(text, delimiter)
    if config.get("CSVHeaderLocation") == "GIVEN":
        headers = [str(header) for header in config.get("CSVHeaders", [])]
    else:
        headers, rows = (rows[0], rows[1:]) if rows else ([], [])
    if len(set(headers)) != len(headers):
        raise reader_failure("CSV headers cannot contain duplicates.")
    return [_row(headers, row) for row in rows]


def _rows(text: str, delimiter: str = ",") -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error as error:
        raise reader_failure(f"The object is no CSV: {error}") from error


def _row(headers: Sequence[str], row: Sequence[str]) -> dict[str, Json]:
    return {header: row[at] if at < len(row) else "" for at, header in enumerate(headers)}


_PARSERS: dict[str, Callable[[Mapping[str, Any], str], list[Json]]] = {"JSON": _json, "JSONL": _json_lines, "CSV": _csv}


def _of_athena(reader: Reader, body: bytes, objects: Objects) -> Iterator[Json]:
    """Return the items of the data files that a manifest of Athena's UNLOAD names, an address a line."""
    for line in text_of(body).split("\n"):
        address = line.strip()
        bucket, _, key = address.removeprefix("s3://").partition("/")
        if address and not (address.startswith("s3://") and bucket and key):
            raise reader_failure(f"The manifest names no object in S3: {address}")
        if address:
            yield from _of_body(reader, objects.read(bucket, key))


def _of_inventory(reader: Reader, body: bytes, objects: Objects) -> Iterator[Json]:
    """Return a row for each object that an S3 inventory lists; the lists are files that its manifest names."""
    manifest: Any = _load_json(text_of(body))
    if not isinstance(manifest, Mapping) or manifest.get("fileFormat", "CSV") != "CSV":
        raise reader_failure("The manifest is not that of an S3 inventory in CSV.")
    headers = [name.strip() for name in str(manifest.get("fileSchema", "Bucket, Key")).split(",")]
    bucket = str(manifest.get("destinationBucket", "")).rsplit(":", 1)[-1] or _text(reader, "Bucket")
    files = manifest.get("files")
    if not isinstance(files, list) or not all(isinstance(file, Mapping) and isinstance(file.get("key"), str) for file in files):
        raise reader_failure("The manifest of the S3 inventory names no files.")
    for file in files:
        for row in _rows(text_of(objects.read(bucket, file["key"]))):
            item = _row(headers, row)
            yield {**item, "Key": unquote_plus(str(item["Key"]))} if "Key" in item else item
