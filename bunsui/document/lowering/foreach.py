"""`foreach` of a job: where its items come from, how many there may be, and what only the distributed mode can do."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.document.lowering.values import Lowering
from bunsui.document.yaml.tree import Path
from bunsui.model.pipeline import Foreach, S3Items
from bunsui.model.values import Expression, Value

INLINE_ITEMS = 10_000
INLINE_CONCURRENCY = 40
"""What Step Functions runs at once in an inline Map."""

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)%")
_PLACEHOLDER = r"\$\{[^}]*\}"
_URI = re.compile(rf"s3://((?:{_PLACEHOLDER}|[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]))/(.*)", re.DOTALL)
_BEGINNING = re.compile(r"""[\s(]*(["'])s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/""")
"""How an expression begins whose text begins with a bucket that is known."""


def lower_foreach(lowering: Lowering, path: Path, entry: Mapping[str, Value]) -> Foreach:
    """Return the foreach; what cannot be read or does not fit together is a finding."""
    items, label, tolerate = entry.get("items"), entry.get("label"), entry.get("tolerate")
    percent = _PERCENT.fullmatch(tolerate) if isinstance(tolerate, str) else None
    batch = lowering.whole((*path, "batch"), entry.get("batch"), 0)
    foreach = Foreach(
        items=items if isinstance(items, Expression) else tuple(items) if isinstance(items, (list, tuple)) else (),
        source=_source(lowering, (*path, "items"), items) if isinstance(items, Mapping) else None,
        is_distributed=entry.get("mode") == "distributed",
        batch=batch or None,
        variable=lowering.text((*path, "as"), entry.get("as"), "item"),
        label=label if isinstance(label, Expression) else None,
        max_items=lowering.whole((*path, "max_items"), entry.get("max_items"), 1000),
        max_concurrency=lowering.whole((*path, "max_concurrency"), entry.get("max_concurrency"), 0),
        tolerate_percent=float(percent.group(1)) if percent else None,
        tolerate_count=tolerate if isinstance(tolerate, int) and not isinstance(tolerate, bool) else None,
    )
    if not foreach.is_distributed:
        _refuse_inline(lowering, path, foreach, reads_object=isinstance(items, Mapping))
    return foreach


def _refuse_inline(lowering: Lowering, path: Path, foreach: Foreach, *, reads_object: bool) -> None:
    beyond = {
        "items": reads_object and "items of an object in S3",
        "batch": foreach.batch is not None and "a batch",
        "max_items": foreach.max_items > INLINE_ITEMS and f"more than {INLINE_ITEMS:,} items",
        "max_concurrency": foreach.max_concurrency > INLINE_CONCURRENCY and f"more than {INLINE_CONCURRENCY} items at once",
    }
    for key, what in beyond.items():
        if what:
            lowering.report(
                "BS116",
                f"an inline foreach cannot have {what}",
                (*path, key),
                hint="Add mode: distributed, by which each item is an execution of its own.",
            )


def _source(lowering: Lowering, path: Path, entry: Mapping[str, Value]) -> S3Items | None:
    uri = entry.get("s3")
    kind = lowering.text((*path, "format"), entry.get("format"), "json")
    headers = _headers(lowering, path, entry, kind)
    if isinstance(uri, Expression):
        found = _BEGINNING.match(uri.text)
        if found is not None:
            bucket, prefix = found.group(2), f"s3://{found.group(2)}/"
            key = Expression(f"$substringAfter({uri.text}, '{prefix}')")
            return S3Items(bucket=bucket, key=key, format=kind, headers=headers)
    elif isinstance(uri, str):
        match = _URI.fullmatch(uri)
        if match is not None and (match.group(2) or kind == "objects"):
            return S3Items(bucket=match.group(1), key=match.group(2), format=kind, headers=headers)
    else:
        return None  # the schema has said so
    lowering.report(
        "BS117",
        "the bucket of the items must be known when the plan is applied, since the role may read this one only"
        if isinstance(uri, Expression)
        else "not the address of an object: it begins with s3:// and a bucket, and ends with a key",
        (*path, "s3"),
        hint='Write "s3://BUCKET/{% … %}" or s3://BUCKET/KEY; with format: objects, s3://BUCKET/PREFIX/.',
    )
    return None


def _headers(lowering: Lowering, path: Path, entry: Mapping[str, Value], kind: str) -> tuple[str, ...]:
    told = entry.get("headers")
    names = tuple(name for name in told if isinstance(name, str)) if isinstance(told, (list, tuple)) else ()
    if names and kind != "csv":
        lowering.report("BS117", f"format: {kind} takes no headers", (*path, "headers"), hint="Only a CSV has columns.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        lowering.report("BS117", f"two columns are called {twice}", (*path, "headers"), hint="Name each column once.")
    return names
