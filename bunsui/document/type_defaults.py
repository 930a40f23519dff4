"""`defaults` by operation type, laid under the operations before anything else looks at them.

Mappings are merged key by key, everything else is replaced. What is nearest counts: the operation, then the pipeline's
defaults, then the project's; of one file what it says for the type before what it says for all operations. A part that comes
from a default keeps the place that it has there, in the project file too.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, DocumentNode, Mark, Path, list_node, mapping_node
from bunsui.operations.contract import OperationType

GENERAL = ("retry", "timeout")
"""What `defaults` says for operations of all types."""
_NEVER = ("id", "type", "poll")
"""Keys of one operation alone."""


def with_type_defaults(
    document: Document, registry: Mapping[str, OperationType], *, project: Document | None = None
) -> Document:
    """Return the document, which is in the long form, with its defaults and the project's under its operations; the same
    document when there are none. The data may be of any shape."""
    layers = _layers(document, registry, project)
    jobs = children_of(document.root).get("jobs")
    if not layers or jobs is None:
        return document
    merge = _Merge(layers=layers, registry=registry)
    written = {name: _with(job, {"operations": merge.operations(job)}) for name, job in children_of(jobs).items()}
    root = _with(document.root, {"jobs": _with(jobs, written)})
    others = {project.file: project.lines} if project is not None else {}
    return replace(document, root=root, others={**document.others, **others})


def check_project_defaults(project: Document, registry: Mapping[str, OperationType]) -> Iterator[Diagnostic]:
    """Return a finding for each key of the project's `defaults` that is no operation type; plugins bring types that the
    published schema does not know."""
    known = [*GENERAL, *registry]
    for key in children_of(project.node(("defaults",))) if "defaults" in children_of(project.root) else ():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"Did you mean {near[0]}?" if near else "Known here: " + ", ".join(known) + "."
            yield project.finding("BS101", f"unknown key {key}", ("defaults", key), on_key=True, hint=hint)


def _layers(
    document: Document, registry: Mapping[str, OperationType], project: Document | None
) -> dict[str, DocumentNode]:  # fmt: skip
    """Return what lies under the operations of each type."""
    own = children_of(children_of(document.root).get("defaults"))
    others = children_of(children_of(project.root).get("defaults")) if project is not None else {}
    layers: dict[str, DocumentNode] = {}
    for name in registry:
        path = ("defaults", name)
        near = place_node(own[name], path) if name in own else None
        far = place_node(others[name], path, file=project.file) if project is not None and name in others else None
        far = _without_shadowed(far, own) if far is not None else None
        both = [one for one in (far, near) if one is not None and isinstance(one.children, Mapping)]
        if both:
            layers[name] = both[0] if len(both) == 1 else _merge_over(both[0], both[1], registry[name])
    return layers


def _without_shadowed(layer: DocumentNode, nearer: Mapping[str, DocumentNode]) -> DocumentNode:
    """Return the project's defaults for a type without what the pipeline says for all types."""
    entries = dict(children_of(layer))
    if "timeout" in nearer:
        entries.pop("timeout", None)
    if "retry" in nearer and "retry" in entries:
        said = children_of(nearer["retry"])
        left = {key: node for key, node in children_of(entries["retry"]).items() if key not in said}
        entries["retry"] = mapping_node(entries["retry"].mark, left, entries["retry"].keys or {})
    return mapping_node(layer.mark, entries, layer.keys or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge:
    layers: Mapping[str, DocumentNode]
    registry: Mapping[str, OperationType]

    def operations(self, job: DocumentNode) -> DocumentNode | None:
        """Return the job's list of operations over their defaults; None when it has none."""
        return self._list(children_of(job).get("operations"))

    def _list(self, node: DocumentNode | None) -> DocumentNode | None:
        if node is None or not isinstance(node.children, Sequence):
            return None
        return list_node(node.mark, [self._one(entry) for entry in node.children], origin=node.origin)

    def _one(self, entry: DocumentNode) -> DocumentNode:
        kind = children_of(entry).get("type")
        operation_type = self.registry.get(kind.value) if kind is not None and isinstance(kind.value, str) else None
        if operation_type is None:
            return entry
        for pattern in operation_type.operation_lists:
            entry = self._inside(entry, pattern)
        layer = self.layers.get(operation_type.name)
        return entry if layer is None else _merge_over(layer, entry, operation_type)

    def _inside(self, node: DocumentNode, pattern: Sequence[str]) -> DocumentNode:
        """Return the node with the lists of operations inside it over their defaults."""
        if not pattern:
            return self._list(node) or node
        step, rest = pattern[0], pattern[1:]
        if step == "*" and isinstance(node.children, Sequence):
            return list_node(node.mark, [self._inside(entry, rest) for entry in node.children], origin=node.origin)
        inner = children_of(node).get(step)
        return node if inner is None else _with(node, {step: self._inside(inner, rest)})


def _merge_over(under: DocumentNode, over: DocumentNode, operation_type: OperationType) -> DocumentNode:
    """Return the operation's keys over the default ones; a key gives way to another one that stands for the same."""
    own = children_of(over)
    gone = {
        key
        for group in operation_type.alternatives
        if any(key in own for key in group)
        for key in group
        if key not in own
    }  # fmt: skip
    kept = {key: node for key, node in children_of(under).items() if key not in gone and key not in _NEVER}
    return _over(mapping_node(under.mark, kept, under.keys or {}), over)


def _over(under: DocumentNode, over: DocumentNode) -> DocumentNode:
    if not isinstance(under.children, Mapping) or not isinstance(over.children, Mapping):
        return over
    children = {**under.children}
    for key, node in over.children.items():
        children[key] = _over(children[key], node) if key in children else node
    keys = {**{key: mark for key, mark in (under.keys or {}).items() if key in children}, **(over.keys or {})}
    return mapping_node(over.mark, children, keys, origin=over.origin)


def place_node(node: DocumentNode, path: Path, *, file: str = "") -> DocumentNode:
    """Return the node with its path and file in all of its parts."""
    keys = {key: _in(mark, file) for key, mark in node.keys.items()} if node.keys is not None else None
    children = node.children
    if isinstance(children, Mapping):
        children = {key: place_node(child, (*path, key), file=file) for key, child in children.items()}
    elif children is not None:
        children = [place_node(child, (*path, index), file=file) for index, child in enumerate(children)]
    return node._replace(mark=_in(node.mark, file), children=children, keys=keys, origin=path)


def _in(mark: Mark, file: str) -> Mark:
    return mark._replace(file=file) if file else mark


def _with(node: DocumentNode, new: Mapping[str, DocumentNode | None]) -> DocumentNode:
    """Return a mapping with those of its entries replaced that are not None."""
    changed = {key: child for key, child in new.items() if child is not None}
    return mapping_node(node.mark, {**children_of(node), **changed}, node.keys or {}, origin=node.origin) if changed else node


def children_of(node: DocumentNode | None) -> Mapping[str, DocumentNode]:
    """Return the entries of a mapping; none of anything else."""
    return node.children if node is not None and isinstance(node.children, Mapping) else {}
