"""A TOML file of the user's configuration: what it says, and the line at which it says it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bunsui.errors import InvalidInput

_SAID_WHERE = re.compile(r"\(at line (?P<line>\d+), column (?P<column>\d+)\)")
_HEADER = re.compile(r"^\s*\[+\s*(?P<path>[^\]]*?)\s*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """What a file holds. `error` makes an error of mistakes, each `FILE:LINE:COLUMN: what is wrong`."""

    name: str
    """As messages call it."""
    text: str
    data: Mapping[str, Any]

    def place(self, path: Sequence[str], what: str) -> str:
        """Return a mistake at the line of a key."""
        return f"{self.name}:{line_of(self.text, path)}:1: {what}"


def parse_toml(content: bytes, file: str, *, code: str) -> TomlFile:
    """Return what the content says.

    Raises:
        InvalidInput: with that code; it is not TOML in UTF-8.

    """
    try:
        text = content.decode("utf-8")
        return TomlFile(name=file, text=text, data=tomllib.loads(text))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise file_error(code, file, [f"{file}:{line}:1: it is not UTF-8"]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _SAID_WHERE.search(str(error))
        last = len(content.splitlines()) or 1
        place = f"{file}:{found['line']}:{found['column']}" if found else f"{file}:{last}:1"
        raise file_error(code, file, [f"{place}: {_SAID_WHERE.sub('', str(error)).strip()}"]) from error


def line_of(text: str, path: Sequence[str]) -> int:
    """Return the line of a key, from 1: under the header of its table, else of the header, else the first that names it."""
    header, best, first = "", 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        found = _HEADER.match(line)
        if found is not None:
            header = re.sub(r"[\s\"']", "", found["path"])
            best = best or (number if header.split(".")[: len(path)] == list(path) else 0)
        elif re.match(rf"\s*[\"']?{re.escape(path[-1])}[\"']?\s*=", line) and header == ".".join(path[:-1]):
            return number
        first = first or (number if path[-1] in line else 0)
    return best or first or 1


def file_error(code: str, file: str, mistakes: Sequence[str]) -> InvalidInput:
    """Return the error that tells all mistakes of a file, of which nothing is used."""
    count = len(mistakes)
    return InvalidInput(
        code,
        f"{file.rsplit('/', 1)[-1]} has {count} mistake{'s' * (count != 1)}",
        hint="Correct the file in an editor; nothing of it was used.",
        mistakes="\n".join(mistakes),
    )
