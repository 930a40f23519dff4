"""The descriptions of AWS's services that clients are made from: read once, and kept without their prose."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=8)
def descriptions(data_path: str | None) -> Any:
    """Return the botocore loader for all sessions of this process; `data_path` names folders with the user's own
    descriptions."""
    from botocore.loaders import create_loader  # heavy, and needed only when an account is

    loader = create_loader(data_path)
    loader.file_loader = WithoutProse()
    every = loader.list_available_services
    loader.list_available_services = lambda type_name: DescribedServices(loader, type_name, lambda: every(type_name))
    return loader


@dataclass(frozen=True, slots=True)
class DescribedServices(Collection[str]):
    """The services of which there is a description of one type (`service-2`, `waiters-2`).

    botocore asks whether one is among them before it reads it, and looks through the folders of all of them (430, for each type
    again) to tell: here that one is looked for.
    """

    loader: Any
    """A `botocore.loaders.Loader`."""
    type_name: str
    every: Callable[[], list[str]]
    """Lists them, sorted."""

    def __contains__(self, name: object) -> bool:
        from botocore.exceptions import DataNotFoundError

        if not isinstance(name, str) or Path(name).name != name:
            return False
        try:
            return bool(self.loader.list_api_versions(name, self.type_name))
        except (DataNotFoundError, NotADirectoryError):  # files lie beside the folders of the services
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.every())

    def __len__(self) -> int:
        return len(self.every())


class WithoutProse:
    """A botocore file loader (as `botocore.loaders.JSONFileLoader`) that leaves out the texts for readers, which take half of
    the memory that a service's description takes."""

    def exists(self, file_path: str) -> bool:
        """Tell whether there is a file of that path without its ending."""
        return any(Path(file_path + ending).is_file() for ending in (".json", ".json.gz"))

    def load_file(self, file_path: str) -> Mapping[str, Any] | None:
        """Return what the file says; None when there is none."""
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return _read(plain.read_bytes())
        return _read(gzip.decompress(packed.read_bytes())) if packed.is_file() else None


def _read(content: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(content, object_hook=_without_prose)
    for parameter in found.get("clientContextParams", {}).values():
        parameter["documentation"] = ""  # botocore asks for it, and only here; S3 has such parameters
    return found


def _without_prose(value: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value.get("documentation"), str):  # a member of that name is an object
        del value["documentation"]
    return value
