"""Objects as bytes that distributed Maps read their items from, and the items: for the engine and for the embedded AWS."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.model.json import Json

if sys.version_info >= (3, 14):
    from compression.zstd import compress as zstd_packed
else:
    from backports.zstd import compress as zstd_packed

__all__ = ["KEY", "ItemObjects", "objects_in", "zstd_packed"]

KEY = "items"
"""The object that the reader names."""


@dataclass(frozen=True, kw_only=True)
class ItemObjects:
    """What lies in the bucket `BUCKET`, how it is read, and what comes of it."""

    body: bytes
    config: Mapping[str, Any]
    items: list[Json] | None
    """None: the reader fails."""
    more: Mapping[str, bytes] = field(default_factory=dict)
    """Other objects by key."""


CSV = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
GIVEN = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x"]}
ROWS: list[Json] = [{"id": "1", "city": "東京"}, {"id": "2", "city": "Besançon"}]
CSV_TEXT = "id,city\n1,東京\n2,Besançon\n"
JSON_TEXT = json.dumps(ROWS)
LINES_TEXT = "".join(json.dumps(row, ensure_ascii=False) + "\r\n" for row in ROWS)
JAPANESE = "番号,品名\n1,りんご\n".encode("shift_jis")
LATIN = "name\ncafé\n".encode("latin-1")
INVENTORY = {"InputType": "MANIFEST"}
LISTED: list[Json] = [{"Bucket": "lake", "Key": "a b.json", "Size": "12"}, {"Bucket": "lake", "Key": "é", "Size": "1"}]
LIST = b'"lake","a%20b.json","12"\n"lake","%C3%A9","1"\n'


def athena(kind: str) -> dict[str, str]:
    return {"ManifestType": "ATHENA_DATA", "InputType": kind}


def inventory(bucket: str, *keys: str, **more: Any) -> bytes:
    files = [{"key": key, "size": 1, "MD5checksum": "x"} for key in keys]
    said = {
        "destinationBucket": f"arn:aws:s3:::{bucket}",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": files,
    }
    return json.dumps({**said, **more}).encode()


def objects_in(bucket: str) -> dict[str, ItemObjects]:
    """Return the cases by name, for a bucket of that name."""
    packed: Mapping[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstd_packed}
    found: dict[str, ItemObjects] = {}
    texts = {"csv": (CSV, CSV_TEXT), "json": ({"InputType": "JSON"}, JSON_TEXT), "jsonl": ({"InputType": "JSONL"}, LINES_TEXT)}
    for name, (config, text) in texts.items():
        body = text.encode()
        found[name] = ItemObjects(body=body, config=config, items=ROWS)
        found[f"{name} with a byte order mark"] = ItemObjects(body=b"\xef\xbb\xbf" + body, config=config, items=ROWS)
        for kind, pack in packed.items():
            found[f"{name} in {kind}"] = ItemObjects(body=pack(body), config=config, items=ROWS)
            found[f"{name} in {kind}, cut"] = ItemObjects(body=pack(body)[:-6], config=config, items=None)
        for encoding in ("utf-16", "utf-16-le", "shift_jis"):
            text_there = text.replace("ç", "c").encode(encoding)
            fails = encoding != "shift_jis" or not text_there.isascii()
            found[f"{name} in {encoding}"] = ItemObjects(body=text_there, config=config, items=None if fails else ROWS)
    found["csv of two gzips"] = ItemObjects(
        body=gzip.compress(b"id,city\n1,x\n") + gzip.compress(b"2,y\n"),
        config=CSV,
        items=[{"id": "1", "city": "x"}, {"id": "2", "city": "y"}],
    )
    found["csv of an export in Japanese"] = ItemObjects(body=JAPANESE, config=CSV, items=None)
    found["csv in Latin-1, headers given"] = ItemObjects(body=LATIN, config=GIVEN, items=None)
    found["lines with a separator inside"] = ItemObjects(
        body='{"a": "x\u2028y"}\n'.encode(), config={"InputType": "JSONL"}, items=[{"a": "x\u2028y"}]
    )
    return found | _inventories(bucket) | _unloads(bucket)


def _inventories(bucket: str) -> dict[str, ItemObjects]:
    manifest = inventory(bucket, "one.csv.gz", "two.csv")
    first, second = LIST.splitlines(keepends=True)
    broken = {"files": [{"size": 1}]}
    return {
        "inventory": ItemObjects(
            body=manifest, config=INVENTORY, items=LISTED, more={"one.csv.gz": gzip.compress(first), "two.csv": second}
        ),
        "inventory in gzip": ItemObjects(
            body=gzip.compress(inventory(bucket, "list")), config=INVENTORY, items=LISTED, more={"list": zstd_packed(LIST)}
        ),
        "inventory in Latin-1": ItemObjects(
            body=inventory(bucket, "list"), config=INVENTORY, items=None, more={"list": b'"lake","caf\xe9","1"\n'}
        ),
        "inventory, its list cut": ItemObjects(
            body=inventory(bucket, "list"), config=INVENTORY, items=None, more={"list": gzip.compress(LIST)[:-9]}
        ),
        "inventory, its list missing": ItemObjects(body=inventory(bucket, "none"), config=INVENTORY, items=None),
        "inventory without names": ItemObjects(body=inventory(bucket, **broken), config=INVENTORY, items=None),
        "inventory in ORC": ItemObjects(body=inventory(bucket, fileFormat="ORC"), config=INVENTORY, items=None),
        "inventory that is no text": ItemObjects(body=b"\xff\xfe\x00", config=INVENTORY, items=None),
    }


def _unloads(bucket: str) -> dict[str, ItemObjects]:
    both = f"s3://{bucket}/d/one.gz\ns3://{bucket}/d/two\n".encode()
    lines = LINES_TEXT.splitlines(keepends=True)
    halves = {"d/one.gz": gzip.compress(lines[0].encode()), "d/two": lines[1].encode()}
    rows = {"d/one.gz": gzip.compress(CSV_TEXT.encode()), "d/two": zstd_packed(CSV_TEXT.encode())}
    return {
        "unload of lines": ItemObjects(body=both, config=athena("JSONL"), items=ROWS, more=halves),
        "unload of csv": ItemObjects(body=both, config={**CSV, **athena("CSV")}, items=[*ROWS, *ROWS], more=rows),
        "unload whose data is Latin-1": ItemObjects(
            body=both, config={**GIVEN, **athena("CSV")}, items=None, more={**rows, "d/two": LATIN}
        ),
        "unload of something else": ItemObjects(body=b"one\ntwo\n", config=athena("JSONL"), items=None),
    }
