"""The short forms of a pipeline file, written out before anything else looks at it.

| short | long |
|---|---|
| a job with the keys of its only operation | `operations:` with that operation |
| `depends_on: a` | `depends_on: [a]` |
| `outputs: [rows]` | `outputs: {rows: "{% $result.rows %}"}` |
| `foreach: "{% … %}"`, `foreach: [1, 2]` | `foreach: {items: …}` |

Every part keeps the place that it has in the file, so that what is wrong with it is told there. What is neither form is left as
it is, for the schema to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.asl.expressions import field_step
from bunsui.document.yaml.tree import Document, DocumentNode, Path, list_node, mapping_node
from bunsui.model.names import ID_PATTERN

_EXPRESSION = re.compile(r"\s*\{%")
_ID = re.compile(ID_PATTERN)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobForm:
    """Which keys a job can have, and which an operation."""

    job: Collection[str]
    operation: Collection[str]
    """Of any type."""


def long_form(document: Document, form: JobForm) -> Document:
    """Return the document without short forms; the same one when it has none. Its data may be of any shape."""
    jobs = _children(document.root).get("jobs")
    if jobs is None:
        return document
    written = {name: _job(node, node.origin or ("jobs", name), form) for name, node in _children(jobs).items()}
    if all(written[name] is node for name, node in _children(jobs).items()):
        return document
    root = with_children(document.root, {"jobs": with_children(jobs, written)})
    return replace(document, root=root)


def is_short(document: Document, job: str) -> bool:
    """Tell whether the file has the keys of the job's operation in the job itself."""
    own = document.node(("jobs", job))
    return document.node(("jobs", job, "operations")).origin == (own.origin or ("jobs", job))


def with_children(node: DocumentNode, new: Mapping[str, DocumentNode]) -> DocumentNode:
    """Return a mapping with some of its entries replaced, in their order."""
    return mapping_node(node.mark, {**_children(node), **new}, node.keys or {}, origin=node.origin)


def _job(node: DocumentNode, path: Path, form: JobForm) -> DocumentNode:
    entries = _children(node)
    changed = {
        "depends_on": _dependencies(entries.get("depends_on"), (*path, "depends_on")),
        "foreach": _foreach(entries.get("foreach"), (*path, "foreach")),
        "outputs": _outputs(entries.get("outputs"), (*path, "outputs")),
    }
    new = {key: child for key, child in changed.items() if child is not None}
    job = with_children(node, new) if new else node
    return _with_operations(job, path, form) if _is_operation(entries, form) else job


def _is_operation(entries: Mapping[str, DocumentNode], form: JobForm) -> bool:
    """Tell whether the job has the keys of an operation, if only some of them, and no list."""
    return "operations" not in entries and any(key == "type" or _is_of_operation(key, form) for key in entries)


def _is_of_operation(key: str, form: JobForm) -> bool:
    return key in form.operation and key not in form.job


def _with_operations(node: DocumentNode, path: Path, form: JobForm) -> DocumentNode:
    entries, keys = _children(node), node.keys or {}
    own = [key for key in entries if key not in form.job]
    mark = keys.get("type", node.mark)
    operation = mapping_node(mark, {key: entries[key] for key in own}, {key: keys[key] for key in own}, origin=path)
    children = {key: child for key, child in entries.items() if key in form.job}
    children["operations"] = list_node(mark, [operation], origin=path)
    return mapping_node(node.mark, children, {key: keys[key] for key in children if key in keys}, origin=node.origin)


def _dependencies(node: DocumentNode | None, path: Path) -> DocumentNode | None:
    """Return the list of one name."""
    if node is None or not isinstance(node.value, str):
        return None
    return list_node(node.mark, [node._replace(origin=path)])


def _foreach(node: DocumentNode | None, path: Path) -> DocumentNode | None:
    """Return the mapping with the items."""
    if node is None:
        return None
    is_items = isinstance(node.value, list) or (isinstance(node.value, str) and _EXPRESSION.match(node.value))
    return mapping_node(node.mark, {"items": node._replace(origin=path)}, {"items": node.mark}) if is_items else None


def _outputs(node: DocumentNode | None, path: Path) -> DocumentNode | None:
    """Return the mapping of names to the fields of the result; a list with anything but different ids stays."""
    entries = node.children if node is not None and isinstance(node.value, list) else None
    if node is None or not isinstance(entries, Sequence):
        return None
    names = [entry.value for entry in entries if isinstance(entry.value, str) and _ID.fullmatch(entry.value)]
    if len(set(names)) < len(entries):
        return None
    children = {
        str(entry.value): entry._replace(value=f"{{% $result.{field_step(str(entry.value))} %}}", origin=(*path, index))
        for index, entry in enumerate(entries)
    }
    return mapping_node(node.mark, children, {str(entry.value): entry.mark for entry in entries})


def _children(node: DocumentNode) -> Mapping[str, DocumentNode]:
    return node.children if isinstance(node.children, Mapping) else {}
