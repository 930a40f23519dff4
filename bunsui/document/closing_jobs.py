"""Closing jobs of a pipeline: `on_failure` and `finally`, written out as jobs that depend on all others.

| written | becomes |
|---|---|
| `on_failure: [{type: …}, …]` | a job `on_failure` with these operations |
| `on_failure: {type: …}` | a job `on_failure` with this operation |
| `on_failure: {NAME: {…}, …}` | jobs of these names |

The same for `finally`, whose jobs come last. Every part keeps the place that it has in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bunsui.diagnostics import Diagnostic
from bunsui.document.yaml.tree import Document, DocumentNode, Mark, Path, list_node, mapping_node
from bunsui.model.outcomes import ClosingPhase, RunIf

RULES: Mapping[ClosingPhase, RunIf] = {ClosingPhase.ON_FAILURE: RunIf.ANY_FAILED, ClosingPhase.FINALLY: RunIf.ALL_DONE}
"""The rule of the jobs of each phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One closing job."""

    name: str
    node: DocumentNode
    key: Mark
    phase: ClosingPhase
    path: Path


def with_closing_jobs(document: Document) -> Document:
    """Return the document with the closing jobs among its jobs; the same one when it has none. Its data may be of any shape."""
    root = _children(document.root)
    jobs = root.get("jobs")
    found = list(_closing(document))
    if jobs is None or not isinstance(jobs.children, Mapping) or not found:
        return document
    own = _children(jobs)
    new = [one for one in found if one.name not in own]
    before: list[str] = list(own)
    nodes = dict(own)
    for phase in ClosingPhase:
        here = [one for one in new if one.phase is phase]
        nodes |= {one.name: _job(one, before) for one in here}
        before = [*before, *(one.name for one in here)]
    marks = {**(jobs.keys or {}), **{one.name: one.key for one in new}}
    # A phase with a name that is taken stays, to be told.
    moved = {one.phase.value for one in found} - {one.phase.value for one in found if one.name in own}
    children = {key: child for key, child in root.items() if key not in moved}
    children["jobs"] = mapping_node(jobs.mark, nodes, marks)
    keys = {key: mark for key, mark in (document.root.keys or {}).items() if key in children}
    return replace(
        document,
        root=mapping_node(document.root.mark, children, keys),
        closing={one.name: one.phase for one in new},
    )


def check_closing(document: Document) -> Iterator[Diagnostic]:
    """Return what is wrong with closing jobs: a name that is taken, or another rule than their own."""
    taken = _children(document.root).get("jobs")
    for one in _closing(document):
        if one.name in document.closing or taken is None or one.name not in _children(taken):
            continue
        yield document.finding(
            "BS203",
            f"the job {one.name} stands in {one.phase.value} and in jobs",
            one.path,
            on_key=True,
            hint="Give one of them another name.",
        )
    for name, phase in document.closing.items():
        path = ("jobs", name, "run_if")
        if _children(document.node(("jobs", name))).get("run_if") is not None:
            yield document.finding(
                "BS334",
                f"the jobs of {phase.value} have the rule {RULES[phase].value}, and take no other",
                path,
                on_key=True,
                hint="Remove run_if, or move the job to jobs: and write what it depends on.",
            )


def _closing(document: Document) -> Iterator[_Found]:
    root, keys = _children(document.root), document.root.keys or {}
    for phase in ClosingPhase:
        node = root.get(phase.value)
        if node is None:
            continue
        mark = keys.get(phase.value, node.mark)
        path: Path = (phase.value,)
        entries = node.children
        if isinstance(entries, Mapping) and not {"type", "operations"} & set(entries):
            for name, child in entries.items():
                key = (node.keys or {}).get(name, child.mark)
                if isinstance(child.children, (Mapping, list)):
                    yield _Found(name=name, node=child, key=key, phase=phase, path=(*path, name))
        elif entries is not None:
            yield _Found(name=phase.value, node=node, key=mark, phase=phase, path=path)


def _job(one: _Found, before: list[str]) -> DocumentNode:
    node = one.node._replace(origin=one.path)
    if not isinstance(node.children, Mapping):
        children: dict[str, DocumentNode] = {"operations": node}
        keys = {"operations": one.key}
    else:
        children, keys = dict(node.children), dict(node.keys or {})
    needs = children.get("depends_on")
    own = needs.children if needs is not None and isinstance(needs.children, list) else []
    if needs is not None and isinstance(needs.value, str):
        own = [needs]
    named = {entry.value for entry in own}
    all_before = [DocumentNode(name, one.key) for name in before if name not in named]
    children["depends_on"] = list_node(one.key, [*own, *all_before], origin=one.path)
    return mapping_node(one.node.mark, children, keys, origin=one.path)


def _children(node: DocumentNode) -> Mapping[str, DocumentNode]:
    return node.children if isinstance(node.children, Mapping) else {}
