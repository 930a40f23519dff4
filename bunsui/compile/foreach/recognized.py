"""Items that no Map can leave out, since Step Functions reads them from S3 or groups them itself: all of them start, and those
that an earlier attempt finished end at once.

ItemSelector, which comes after ItemReader and before ItemBatcher, gives each item its place and a digest of its value. A new
attempt may be told `$resume.items.JOB`, `{count, kept: {PLACE: RESULT}, digests: {PLACE: DIGEST}, …}`: what those gave that
succeeded, which need not be told where nobody reads it, and by what they are recognized. An item is the one of then while its
place and its digest are the same; a batch while it begins at the same place and consists of the same items. Whatever became of
the object meanwhile, what is not recognized runs.
Source: developer guide, "Map state input and output fields" (the order), "Context object" (Map.Item.Index, Map.Item.Value),
"Transforming data with JSONata" ($hash).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Choice, Pass, Rule, State, code
from bunsui.compile.flow import INPUT
from bunsui.compile.foreach.kept import ITEM_INDEX, ITEM_VALUE, told_items, why_never_kept
from bunsui.compile.values import Renaming, jsonata
from bunsui.model.json import Json
from bunsui.model.pipeline import Job

DIGEST_LENGTH = 12
"""Hexadecimal digits: 10,000 items fit into an execution's input, and of 10^14 changed items one would be taken for the one
that stood at its place."""
_PIECE = 8000
"""Characters that are hashed at once: States.Hash takes 10,000, and nobody says whether $hash takes more."""
BATCH = f"{INPUT}.Items"
SOURCE = "source"
"""What a child is told of the object that its item comes from: s3://BUCKET/KEY."""
PLACE, DIGEST, KEPT, VALUE = "index", "digest", "kept", "value"
KNOWN_STATE, KEPT_STATE = "item-known", "item-kept"
"""What follows the job in the names of the states with which a child begins, and with which one ends at once."""
_KNOWN_COMMENT, _KEPT_COMMENT = "Was it done in an earlier attempt?", "What it gave is told to the Map"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizedItems:
    """ASL and JSONata for the items of one job."""

    job: str
    is_batched: bool
    source: str | None
    """JSONata for s3://BUCKET/KEY; None for items that an expression gives."""

    @property
    def selector(self) -> dict[str, Json]:
        """What ItemSelector tells each item beside what it is, or what makes it one of a batch."""
        found = f"$lookup({self._told}.digests, $string({ITEM_INDEX}))"
        known = f"$exists({found}) ? {found}"
        kept = f"{known} : ''" if self.is_batched else f"{known} = {_digest_of_value()} : false"
        fields = {PLACE: ITEM_INDEX, DIGEST: _digest_of_value(), KEPT: kept}
        if self.is_batched:
            fields[VALUE] = ITEM_VALUE
        return {name: code(text) for name, text in fields.items()}

    @property
    def shared(self) -> dict[str, Json]:
        """What each child is told once."""
        return {SOURCE: code(self.source)} if self.source is not None else {}

    def entry(self, *, following: str, kept: str, result: Json) -> tuple[Choice, State]:
        """Return the state with which a child begins, and the one named `kept` with which it ends when it is recognized;
        `result` is its output then."""
        condition = f"{BATCH}[0].{KEPT} = {_digest_of_batch()}" if self.is_batched else f"{INPUT}.{KEPT}"
        rule = Rule(condition=code(condition), next=kept, comment="Done in an earlier attempt")
        output = code(f"$merge([{INPUT}, {{'Items': {plain_items(BATCH)}}}])") if self.is_batched else None
        choice = Choice(rules=(rule,), default=following, output=output, comment=_KNOWN_COMMENT)
        return choice, Pass(output=result, comment=_KEPT_COMMENT)

    @property
    def kept_result(self) -> str:
        """What stands for the result of a child that ended at once, until `results` puts it there."""
        return f"{{'{KEPT}': {self._place}}}"

    @property
    def results(self) -> str:
        """What all children gave, those that were done before included."""
        put = f"$exists($K.{KEPT}) ? $lookup({self._told}.kept, $K.{KEPT}) : $K"
        return f"($exists({self._told}) ? [$map($states.result, function($K) {{ {put} }})] : $states.result)"

    @property
    def _place(self) -> str:
        return f"$string({BATCH}[0].{PLACE})" if self.is_batched else f"$string({INPUT}.{PLACE})"

    @property
    def _told(self) -> str:
        return told_items(self.job)


def recognized_items(job: Job, rename: Renaming) -> RecognizedItems | None:
    """Return how the job's items are recognized; None where a Map leaves out those that are done, and where all always run."""
    foreach = job.foreach
    if foreach is None or not foreach.is_recognized or why_never_kept(job):
        return None
    source = None
    if foreach.source is not None:
        bucket, key = (jsonata(part, rename) for part in (foreach.source.bucket, foreach.source.key))
        source = f"{string_literal('s3://')} & {bucket} & '/' & {key}"
    return RecognizedItems(job=job.name, is_batched=foreach.batch is not None, source=source)


def is_recognizing(state: Mapping[str, Json]) -> bool:
    """Tell whether a state of a definition only finds out whether an item was done, or ends it when it was."""
    return state.get("Comment") in (_KNOWN_COMMENT, _KEPT_COMMENT)


def plain_items(items: str) -> str:
    """Return JSONata for the items of a batch as they are; `items` is that of the list in which each has its place around it.

    Of a list of one, JSONata makes its member, so that one that is a list itself is kept from being taken for the batch."""
    one = "$type($v) = 'array' ? [[$v]] : [$v]"
    many = f"$map($b, function($i) {{ $i.{VALUE} }})"
    return f"($b := {items}; $count($b) = 1 ? ($v := $b[0].{VALUE}; {one}) : {many})"


def batched_values(batch: Sequence[Json]) -> list[Json]:
    """Return the items of a batch as they are, by what its execution was given; an earlier bunsui compiled them as they are."""
    boxes = [one for one in batch if isinstance(one, Mapping) and one.keys() == {PLACE, DIGEST, KEPT, VALUE}]
    return [box[VALUE] for box in boxes] if len(boxes) == len(batch) else list(batch)


def batch_digest(digests: Iterable[str]) -> str:
    """Return by what a batch of items with these digests is recognized: `DIGEST/COUNT`, as a child makes it of its own."""
    found = list(digests)
    text = "".join(found)
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    whole = hashlib.sha256("".join(hashlib.sha256(piece.encode()).hexdigest() for piece in pieces).encode())
    return f"{whole.hexdigest()[:DIGEST_LENGTH]}/{len(found)}"


def items_in(digest: str) -> int:
    """Return how many items are recognized by it: those of a batch, or one."""
    count = digest.partition("/")[2]
    return int(count) if count.isdecimal() else 1


def _digest_of_value() -> str:
    return _digest(f"$string({{'v': {ITEM_VALUE}}})")


def _digest_of_batch() -> str:
    joined = f"$join([{BATCH}.{DIGEST}], '')"
    return f"{_digest(joined)} & '/' & $string($count({BATCH}))"


def _digest(text: str) -> str:
    """Return JSONata for the digest of a text that is not empty: that of the digests of its pieces."""
    pieces = f"[0..$floor(($length($t) - 1) / {_PIECE})]"
    hashed = f"$hash($substring($t, $i * {_PIECE}, {_PIECE}), 'SHA-256')"
    joined = f"$join([$map({pieces}, function($i) {{ {hashed} }})], '')"
    return f"($t := {text}; $substring($hash({joined}, 'SHA-256'), 0, {DIGEST_LENGTH}))"
