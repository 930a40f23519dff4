"""Retries of earlier files: `errors` that were not written used to be throttling and infrastructure, and are all errors now."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.document.upgrading.splices import Splice, SplicedText
from bunsui.document.yaml.tree import DocumentNode, Path

BEFORE = ["throttling", "infrastructure"]
"""What `errors` were where they were not written."""


def retry_splices(old: SplicedText) -> Iterator[Splice]:
    """Write down what used to be meant: in the defaults, which the operations inherit, or else at operations at any depth."""
    for path, node in silent_retries(old.document.root):
        keys = node.keys or {}
        beside = next((key for key in keys if _is_on_its_line(node, key)), None)
        if beside is None:
            continue
        where = " ".join(str(step) for step in path[:-1])
        summary = f"{where}: retry of throttling and infrastructure alone, as it was; errors: [any] is the default now"
        yield from old.added(node, "errors", list(BEFORE), path, summary, beside=beside)


def silent_retries(root: DocumentNode) -> list[tuple[Path, DocumentNode]]:
    """Return every `retry` that is a mapping, retries, and neither says nor inherits which errors."""
    found = list(_retries(root, ()))
    default = next((node for path, node in found if path == ("defaults", "retry")), None)
    if default is not None:
        return [] if "errors" in (default.keys or {}) else [(("defaults", "retry"), default)]
    return [(path, node) for path, node in found if "errors" not in (node.keys or {}) and not _is_once(node)]


def _is_once(node: DocumentNode) -> bool:
    return isinstance(node.value, dict) and node.value.get("attempts") == 1


def _retries(node: DocumentNode, path: Path) -> Iterator[tuple[Path, DocumentNode]]:
    if path[:1] and path[0] not in ("defaults", "jobs"):
        return
    children = node.children
    if isinstance(children, dict):
        for key, child in children.items():
            if key == "retry" and isinstance(child.children, dict) and _may_retry(path):
                yield (*path, key), child
            elif key not in _DATA:
                yield from _retries(child, (*path, key))
    elif isinstance(children, list):
        for index, child in enumerate(children):
            yield from _retries(child, (*path, index))


_DATA = frozenset({"payload", "input", "params", "arguments", "outputs", "states", "item", "body", "message", "environment"})
"""Keys whose values are the author's own data."""


def _may_retry(path: Path) -> bool:
    """Tell whether the defaults, a job in short form or an operation stand at the path."""
    return path == ("defaults",) or len(path) == 2 or (bool(path) and isinstance(path[-1], int))


def _is_on_its_line(node: DocumentNode, key: str) -> bool:
    """Tell whether the value of the key is a text beside it."""
    child, mark = node.children[key] if isinstance(node.children, dict) else None, (node.keys or {})[key]
    return child is not None and child.children is None and child.mark.line == mark.line
