"""What tells a definition in a file, with its placeholders, from the same machine elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json

_TOKEN = re.compile(r"[A-Za-z0-9_:/.*@+=-]+")
"""What a difference is made of: an ARN, a name, a URL, a number."""
_PLACEHOLDER = re.compile(r"(?<!\$)\$\{([^{}\n]+)\}")
_FOREIGN = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 40


class OtherMachine(Exception):
    """The two are not the same machine: their shape differs."""

    def __init__(self, path: Path) -> None:
        super().__init__("/".join(map(str, path)) or "the whole definition")


@dataclass(kw_only=True)
class DefinitionDifferences:
    """Collects what differs. `substitutions` is what the file says, None where its `${` is text."""

    substitutions: Mapping[str, Json] | None
    values: dict[str, tuple[Json, Json]] = field(default_factory=dict)
    """By new placeholders: what the file says, what the other machine has."""
    known: dict[str, Json] = field(default_factory=dict)
    """By placeholders that the file has already: what the other machine has."""
    texts: dict[Path, Json] = field(default_factory=dict)
    """Scalars as they have to stand in the file, by path."""

    def compare(self, here: Json, other: Json, path: Path = ()) -> None:
        """Compare a part of the file with the same part of the machine.

        Raises:
            OtherMachine: they are of different shape.

        """
        if isinstance(here, Mapping) and isinstance(other, Mapping):
            if list(here) != list(other) and set(here) != set(other):
                raise OtherMachine(path)
            for key in here:
                self.compare(here[key], other[key], (*path, key))
        elif isinstance(here, list) and isinstance(other, list):
            if len(here) != len(other):
                raise OtherMachine(path)
            for index, (mine, theirs) in enumerate(zip(here, other, strict=True)):
                self.compare(mine, theirs, (*path, index))
        elif isinstance(here, Mapping | list) or isinstance(other, Mapping | list) or (here is None) != (other is None):
            raise OtherMachine(path)
        elif not self._agree(here, other, path):
            self._vary(here, other, path)

    def _agree(self, here: Json, other: Json, path: Path) -> bool:
        """Tell whether a scalar is the other one, once the file's placeholders are filled in with what stands there."""
        if not isinstance(here, str) or self.substitutions is None:
            return type(here) is type(other) and here == other
        parts = _PLACEHOLDER.split(here)
        if len(parts) == 3 and parts[0] == parts[2] == "":
            self.known[parts[1]] = other
            return True
        pattern = "".join(
            f"({_TOKEN.pattern})" if at % 2 else re.escape(part.replace("$${", "${")) for at, part in enumerate(parts)
        )
        match = re.fullmatch(pattern, other) if isinstance(other, str) else None
        if match is None and len(parts) > 1:
            raise OtherMachine(path)
        self.known |= dict(zip(parts[1::2], match.groups(), strict=True)) if match is not None else {}
        return match is not None

    def _vary(self, here: Json, other: Json, path: Path) -> None:
        if not (isinstance(here, str) and isinstance(other, str)):
            self.texts[path] = f"${{{self._placeholder(here, other, path)}}}"
            return
        plain = here if self.substitutions is None else here.replace("$${", "${")
        if _TOKEN.sub("\0", plain) != _TOKEN.sub("\0", other):
            raise OtherMachine(path)
        theirs: Iterator[str] = iter(_TOKEN.findall(other))

        def one(match: re.Match[str]) -> str:
            token = next(theirs)
            return match.group() if match.group() == token else f"${{{self._placeholder(match.group(), token, path)}}}"

        self.texts[path] = _TOKEN.sub(one, plain.replace("${", "$${"))

    def _placeholder(self, here: Json, other: Json, path: Path) -> str:
        """Return the placeholder of two values: the same for the same two."""
        for name, pair in self.values.items():
            if pair == (here, other):
                return name
        key = next((step for step in reversed(path) if isinstance(step, str)), "value")
        name = _FOREIGN.sub("_", str(key)).strip("_").lower()[:_LONGEST] or "value"
        name = name if name[:1].isalpha() else f"value_{name}"
        taken = {*self.values, *(self.substitutions or {})}
        number = next(
            number for number in range(1, len(taken) + 2) if (name if number == 1 else f"{name}_{number}") not in taken
        )
        name = name if number == 1 else f"{name}_{number}"
        self.values[name] = (here, other)
        return name


def with_text_escaped(document: Json) -> Json:
    """Return the document with `${` as placeholders are told apart from it: `$${`."""
    if isinstance(document, Mapping):
        return {key: with_text_escaped(value) for key, value in document.items()}
    if isinstance(document, list):
        return [with_text_escaped(value) for value in document]
    return document.replace("${", "$${") if isinstance(document, str) else document
