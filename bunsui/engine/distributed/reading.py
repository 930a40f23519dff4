"""Items of a distributed Map that are read from objects.

Source: developer guide, "ItemReader (Map)"; rows, headers and causes as recorded: a short row is filled with empty texts, what
goes beyond the headers is dropped, and ItemsPath does not count beside a reader.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from bunsui.engine.distributed.objects import ObjectFailure, Objects
from bunsui.engine.failures import ITEM_READER, StateFailure
from bunsui.model.values import Json

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
    """Give the items. Raises StateFailure (States.ItemReaderFailed)."""
    action = reader.resource.rsplit(":", 1)[-1]
    try:
        if action == "listObjectsV2":
            found = list(_listed(reader, objects))
        elif action == "getObject":
            found = _parsed(reader, objects)
        else:
            raise _failed(f"The resource {reader.resource} is not supported in an ItemReader.")
    except ObjectFailure as error:
        raise _failed(str(error)) from error
    most = reader.config.get("MaxItems")
    if isinstance(most, int) and most < 0:
        raise _failed("field MaxItems must be positive")
    return found[:most] if isinstance(most, int) and most > 0 else found


def _failed(cause: str) -> StateFailure:
    return StateFailure(ITEM_READER, cause)


def _text(reader: Reader, name: str) -> str:
    value = reader.parameters.get(name)
    if not isinstance(value, str):
        raise _failed(f"The ItemReader has no {name}.")
    return value


def _listed(reader: Reader, objects: Objects) -> Iterator[Json]:
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


def _parsed(reader: Reader, objects: Objects) -> list[Json]:
    version = reader.parameters.get("VersionId")
    body = objects.read(_text(reader, "Bucket"), _text(reader, "Key"), version if isinstance(version, str) else None)
    if reader.config.get("InputType") == "MANIFEST" or "ManifestType" in reader.config:
        return list(_of_manifest(reader, body, objects))
    return _of_body(reader, body)


def _of_body(reader: Reader, body: bytes) -> list[Json]:
    kind = reader.config.get("InputType", "JSON")
    parse = _PARSERS.get(str(kind))
    if parse is None:
        raise _failed(f"The input type {kind} is not supported.")
    try:
        return parse(reader.config, body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _failed("The object is no UTF-8 text.") from error


def _json(config: Mapping[str, Any], text: str) -> list[Json]:
    found: Any = _loaded(text)
    pointer = config.get("ItemsPointer", "")
    for name in str(pointer).split("/")[1:]:
        name = name.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        raise _failed("Attempting to map over non-iterable node.")
    return found


def _loaded(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except ValueError as error:
        raise _failed(f"The object is no JSON: {error}") from error
    return found


def _json_lines(config: Mapping[str, Any], text: str) -> list[Json]:
    return [_loaded(line) for line in text.splitlines() if line.strip()]


def _csv(config: Mapping[str, Any], text: str) -> list[Json]:
    delimiter = _DELIMITERS.get(str(config.get("CSVDelimiter", "COMMA")), ",")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if config.get("CSVHeaderLocation") == "GIVEN":
        headers = [str(header) for header in config.get("CSVHeaders", [])]
    else:
        headers, rows = (rows[0], rows[1:]) if rows else ([], [])
    if len(set(headers)) != len(headers):
        raise _failed("CSV headers cannot contain duplicates.")
    return [_row(headers, row) for row in rows]


def _row(headers: Sequence[str], row: Sequence[str]) -> dict[str, Json]:
    return {header: row[at] if at < len(row) else "" for at, header in enumerate(headers)}


_PARSERS: dict[str, Callable[[Mapping[str, Any], str], list[Json]]] = {"JSON": _json, "JSONL": _json_lines, "CSV": _csv}


def _of_manifest(reader: Reader, body: bytes, objects: Objects) -> Iterator[Json]:
    """Give the items of the files that a manifest names: an S3 inventory by default, or the data files of Athena."""
    if reader.config.get("ManifestType") == "ATHENA_DATA":
        for line in body.decode("utf-8").splitlines():
            bucket, _, key = line.strip().removeprefix("s3://").partition("/")
            if key:
                yield from _of_body(reader, _unpacked(objects.read(bucket, key)))
        return
    manifest: Any = _loaded(body.decode("utf-8"))
    if not isinstance(manifest, Mapping) or manifest.get("fileFormat", "CSV") != "CSV":
        raise _failed("The manifest is not that of an S3 inventory in CSV.")
    headers = [name.strip() for name in str(manifest.get("fileSchema", "Bucket, Key")).split(",")]
    bucket = str(manifest.get("destinationBucket", "")).rsplit(":", 1)[-1] or _text(reader, "Bucket")
    for file in manifest.get("files", []):
        text = _unpacked(objects.read(bucket, str(file["key"]))).decode("utf-8")
        for row in csv.reader(io.StringIO(text, newline="")):
            if row:
                item = _row(headers, row)
                yield {**item, "Key": unquote_plus(str(item["Key"]))} if "Key" in item else item


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
