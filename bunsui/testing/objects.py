"""The objects of S3 that a test tells of, by which distributed Maps find their items."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.errors import InvalidInput
from bunsui.model.json import Json

_URI = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)


def read_objects(told: Mapping[str, Json]) -> MemoryObjects:
    """Return a store that holds them: texts as they are, lists under `.jsonl` with an item a line, anything else as JSON.

    Raises:
        InvalidInput: `object-invalid`, the name is no address in S3.

    """
    store = MemoryObjects()
    for uri, content in told.items():
        found = _URI.fullmatch(uri)
        if found is None:
            raise InvalidInput("object-invalid", "an object's name is its address", hint="Write s3://BUCKET/KEY.", found=uri)
        store.write(found.group(1), found.group(2), _body(found.group(2), content))
    return store


def _body(key: str, content: Json) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if key.endswith(".jsonl") and isinstance(content, (list, tuple)):
        return "".join(f"{_text(item)}\n" for item in content).encode()
    return _text(content).encode()


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
