"""The rules that stand in `recover`: one, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.document.yaml.tree import Path
from bunsui.model.values import Value


def rule_entries(path: Path, value: Value) -> Iterator[tuple[Path, Mapping[str, Value]]]:
    """Return the rules that stand in `recover`, each with its path; the value may be of any shape."""
    if isinstance(value, Mapping):
        yield path, value
        return
    for index, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
        if isinstance(entry, Mapping):
            yield (*path, index), entry
