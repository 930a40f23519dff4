"""A job with `foreach` in the distributed mode: a Map whose items are executions of their own, with histories of their own.

A child cannot read the variables of its parent, so that ItemSelector (for batches, BatchInput) hands it what its operations
read, and the place of its item, by which a resume finds what the item gave. What fails really fails, since Step Functions
counts failed children itself, stops in time and redrives these alone; the Map's result then tells them in full, and
is brought into the shape that the inline mode gives.
Sources: developer guide, "Using Map state in Distributed mode", "ItemReader (Map)", "ItemBatcher (Map)", "ResultWriter (Map)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import Branch, Choice, Distribution, Map, Pass, Rule, State, code
from bunsui.asl.printing import reachable
from bunsui.compile.context import CompilerSettings, EmitScope, PriorOperations
from bunsui.compile.flow import INPUT, ITEM, OPS
from bunsui.compile.foreach.items import RESULTS, emit_items, items_field, kept_data, too_many
from bunsui.compile.foreach.kept import ITEM_INDEX, ITEM_VALUE, KeptItems, kept_items, needs_results
from bunsui.compile.foreach.recognized import (
    BATCH,
    KEPT_STATE,
    KNOWN_STATE,
    RecognizedItems,
    plain_items,
    recognized_items,
)
from bunsui.compile.jobs import JobPlan, JobStates, JobWriter, guard_name
from bunsui.compile.values import as_list, asl_value, jsonata, path
from bunsui.model.json import Json
from bunsui.model.names import fitted
from bunsui.model.pipeline import Foreach, Job, S3Items
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import arn, integration
from bunsui.operations.integrations.object_permissions import absence, listing, object_arn

LABEL_LIMIT = 40
"""Characters of a Map's Label, which stands in the ARNs of its children."""
BATCH_BYTES = 262_144
"""The input of one execution; a batch that has fewer items than it may have is the lesser evil."""
_SHARED = f"{INPUT}.BatchInput"


def distributed_job(plan: JobPlan) -> JobStates:
    """Return the states of the job."""
    return _DistributedWriter(plan).states()


def map_label(job: str) -> str:
    """Return the Label of the job's Map, unique among those of its machine as the names of jobs are."""
    return fitted(job, LABEL_LIMIT)


def foreach_permissions(job: Job, setting: CompilerSettings) -> tuple[Permission, ...]:
    """Return what the machine's role needs for the children and the source of a distributed foreach; nothing for any other job.

    Source: developer guide, "IAM policies for using Distributed Map states". Children are executions of the machine itself.
    """
    foreach = job.foreach
    if foreach is None or not foreach.is_distributed:
        return ()
    machine, scope = setting.machine_name(setting.pipeline), setting.scope
    children = arn(scope, "states", f"execution:{machine}/{map_label(job.name)}:*")
    executions = (arn(scope, "states", f"execution:{machine}:*"), children)
    found = [
        Permission(actions=("states:StartExecution",), resources=(setting.machine_arn(setting.pipeline),)),
        Permission(actions=("states:DescribeExecution", "states:StopExecution"), resources=executions),
        Permission(actions=("states:RedriveExecution",), resources=(children,)),
    ]
    if foreach.source is not None and foreach.source.is_listed:
        found.append(listing(foreach.source.bucket, foreach.source.key, scope.partition))
    elif foreach.source is not None:
        # A manifest names further objects, whose keys only the run knows.
        key = None if foreach.source.format == "manifest" else foreach.source.key
        found.append(
            Permission(actions=("s3:GetObject",), resources=(object_arn(foreach.source.bucket, key, scope.partition),))
        )
        found.append(absence(foreach.source.bucket, foreach.source.key, scope.partition))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Results:
    """How what the children gave becomes the job's result, as JSONata over `$states.result`."""

    foreach: Foreach
    label: str | None
    """The label of a batch that failed, over the foreach variable; None when it has only its place."""
    is_read: bool
    """False when nobody reads the items' results: a child then gives the number of its items and nothing else, so that more of
    them fit into one payload."""
    kept: KeptItems | None = None
    """How items are left out that an earlier attempt finished; None where all of them start."""
    known: RecognizedItems | None = None
    """How those are recognized that an earlier attempt finished; None where nobody looks."""

    def record_kept(self) -> Json:
        """Return the output of a child that ended at once."""
        assert self.known is not None, "only such children do"
        return code(self.known.kept_result if self.is_read else self._own_count)

    def record(self, status: str, *, label: str | None, output: str | None) -> Json:
        """Return the output of a child that ended well; `label` and `output` are JSONata."""
        if not self.is_read:
            # One that was skipped is asked again by a resume, so that its result must tell.
            is_asked_again = self.kept is not None or self.known is not None
            return code(self._own_count if status == "succeeded" or not is_asked_again else f"{{'status': '{status}'}}")
        fields = [
            f"'label': {label}" if label is not None else "",
            f"'status': '{status}'",
            f"'items': {self._own_count}" if self.foreach.batch is not None else "",
            f"'output': {output}" if output is not None else "",
        ]
        return code("{" + ", ".join(part for part in fields if part) + "}")

    @property
    def whole(self) -> str:
        """The list in the order of the items or, when nobody reads it, the number of those that ran."""
        if self.kept is not None and self.is_read:
            return self.kept.join_results(self._ran)
        return self._ran

    @property
    def _ran(self) -> str:
        if not self.is_read:
            return f"$sum([$map($states.result, function($V) {{ $type($V) = 'number' ? $V : {self._lost_count} }})])"
        if self.foreach.batch is None:
            if not self.foreach.is_tolerant:
                return self._given
            place = "$I" if self.kept is None else self.kept.place("$I")
            label = f"$exists($V.Input) ? $parse($V.Input).label : $string({place})"
            return self._map_results(f"{{'label': {label}, {self._failed_items}}}", "$V")
        if self.label is None:
            numbered = "{'label': $string($I)}"
            return self._map_results(f"{{'label': $string($I), {self._failed_items}}}", f"$merge([{numbered}, $V])")
        items = "$parse($V.Input).Items"
        bound = f"${self.foreach.variable} := {items if self.known is None else plain_items(items)}"
        label = f"$exists($V.Input) ? ({bound}; {self.label}) : $string($I)"
        return self._map_results(f"{{'label': {label}, {self._failed_items}}}", "$V")

    def count(self, whole: str) -> str:
        """Return the number of items, those that failed included; `whole` is what `whole` became."""
        if not self.is_read:
            return whole
        # Without the brackets there would be nothing to sum up where there are no items at all.
        return f"$count({whole})" if self.foreach.batch is None else f"$sum([{whole}.items])"

    @property
    def _given(self) -> str:
        """What the children gave, as a list."""
        return "$states.result" if self.known is None else self.known.results

    @property
    def _own_count(self) -> str:
        """The number of a child's items, where it runs."""
        return f"$count({BATCH})" if self.foreach.batch is not None else "1"

    @property
    def _failed_items(self) -> str:
        items = f"'items': {self._lost_count}, " if self.foreach.batch is not None else ""
        return f"'status': 'failed', {items}'error': {{'Error': $V.Error, 'Cause': $V.Cause}}"

    @property
    def _lost_count(self) -> str:
        """The number of items of a child that failed. The Input of an execution may be left out where it is large
        (`InputDetails.Included`, API reference of DescribeExecution): a batch then counts as a full one, so that no item is
        missed where too many are looked for."""
        batch = self.foreach.batch
        return "1" if batch is None else f"($exists($V.Input) ? $count($parse($V.Input).Items) : {batch})"

    def _map_results(self, failed: str, succeeded: str) -> str:
        # Only a child that failed is told with its ARN; all others are told by the output that is written above.
        return f"[$map({self._given}, function($V, $I) {{ $exists($V.ExecutionArn) ? {failed} : {succeeded} }})]"


class _DistributedWriter(JobWriter):
    """Writes the states of one job."""

    @cached_property
    def foreach(self) -> Foreach:
        assert self.plan.job.foreach is not None, "only called for jobs with foreach"
        return self.plan.job.foreach

    @cached_property
    def results(self) -> _Results:
        label = self.foreach.label
        failed_label = None if label is None else f"$string({jsonata(label, self.rename)})"
        return _Results(
            foreach=self.foreach,
            label=failed_label,
            is_read=needs_results(self.plan.job),
            kept=self.kept,
            known=self.known,
        )

    @cached_property
    def kept(self) -> KeptItems | None:
        return kept_items(self.plan.job, self.rename)

    @cached_property
    def known(self) -> RecognizedItems | None:
        return recognized_items(self.plan.job, self.rename)

    def states(self) -> JobStates:
        foreach, start = self.foreach, guard_name(self.name)
        map_name = self.site.name(self.name)
        before = too_many(self, foreach)
        site = self._children_site()
        processor = self._processor(site)
        output: Json
        after: dict[str, State] = {}
        if foreach.source is None:
            output, following = self.recorded(self.results.whole, before=PriorOperations(), operation=RESULTS), self.plan.next
        else:
            output = code(f"$merge([{INPUT}, {{'ops': {{'{RESULTS}': {self.results.whole}}}}}])")
            following, after = self.state("counted"), self._count_items(foreach.source)
        found = Map(
            items=self._items(),
            item_selector=self._selector(site),
            max_concurrency=foreach.max_concurrency,
            processor=processor,
            distribution=self._distribution(site),
            output=output,
            catch=self.site.catch,
            next=following,
            comment=self.plan.job.description or f"Each item of the job {self.name}, in an execution of its own",
        )
        told = () if self.kept is None else (replace(self.kept.rule, next=map_name),)
        guard = self.guard(map_name, (*before.rules, *told))
        ordered = {start: guard, map_name: found, **after, **before.states, **self.closing_states()}
        return JobStates(states=reachable(ordered, start), can_skip_itself=False, repeats=self.site.repeats)

    def _items(self) -> Json:
        if self.foreach.source is not None:
            return None
        return items_field(self.foreach, self.rename) if self.kept is None else code(self.kept.chosen)

    def _children_site(self) -> EmitScope:
        foreach = self.foreach
        root = INPUT if foreach.batch is None else _SHARED
        names = {name: f"{root}.{name}" for name in ("jobs", "errors", "status", "params", "session")}
        names[foreach.variable] = ITEM if foreach.batch is None else BATCH
        return EmitScope(
            setting=self.plan.setting,
            job=self.name,
            names=names,
            skip_state=self.state("item-skipped"),
            taken=self.taken,
            repeats=self.site.repeats,
        )

    def _processor(self, site: EmitScope) -> Branch:
        foreach, results = self.foreach, self.results
        label: str | None = f"{INPUT}.label"
        if foreach.batch is not None:
            label = None if foreach.label is None else f"$string({jsonata(foreach.label, site.rename)})"
        entry, states = emit_items(self, site, lambda output: results.record("succeeded", label=label, output=output))
        if site.skips:
            skipped = results.record("skipped", label=label, output=None)
            states[site.skip_state] = Pass(output=skipped, comment="An operation skipped this item")
        if self.known is not None:
            first, last = self.state(KNOWN_STATE), self.state(KEPT_STATE)
            choice, end = self.known.entry(following=entry, kept=last, result=results.record_kept())
            entry, states = first, {first: choice, **states, last: end}
        return Branch(start_at=entry, states=reachable(states, entry))

    def _selector(self, site: EmitScope) -> dict[str, Json] | None:
        foreach, kept = self.foreach, self.kept
        recognized = {} if self.known is None else self.known.selector
        if foreach.batch is not None:
            return recognized or None
        if kept is not None:
            told = {"index": kept.index, "label": kept.item_label, "item": kept.item}
            return {name: code(text) for name, text in told.items()} | self._shared_payload(site)

        def rename(name: str) -> str | None:
            return ITEM_VALUE if name == foreach.variable else self.rename(name)

        label = f"$string({ITEM_INDEX})" if foreach.label is None else f"$string({jsonata(foreach.label, rename)})"
        return {**recognized, "label": code(label), "item": code(ITEM_VALUE), **self._shared_payload(site)}

    def _shared_payload(self, site: EmitScope) -> dict[str, Json]:
        """Return what all children get: outputs of other jobs, parameters and session, as far as they read them."""
        shared = kept_data(self, with_label=self.foreach.batch is not None)
        shared |= {name: code(f"${name}") for name in ("params", "session") if name in site.read}
        return shared if self.known is None else shared | self.known.shared

    def _distribution(self, site: EmitScope) -> Distribution:
        foreach = self.foreach
        batcher: dict[str, Json] | None = None
        if foreach.batch is not None:
            shared = self._shared_payload(site)
            batcher = {"MaxItemsPerBatch": foreach.batch, "MaxInputBytesPerBatch": BATCH_BYTES}
            batcher |= {"BatchInput": shared} if shared else {}
        return Distribution(
            label=map_label(self.name),
            reader=None if foreach.source is None else self._reader(foreach.source),
            batcher=batcher,
            tolerated_count=foreach.tolerate_count if self.kept is None else self._most_failures(),
            tolerated_percentage=None if self.kept is not None else _short(foreach.tolerate_percent),
        )

    def _most_failures(self) -> Json:
        """Return how many items may fail: a percentage is one of all items, also where some of them are kept and do not run."""
        foreach = self.foreach
        if foreach.tolerate_percent is None:
            return foreach.tolerate_count
        share = Fraction(str(foreach.tolerate_percent)) / 100
        return code(f"$floor($count({as_list(foreach.items, self.rename)}) * {share.numerator} / {share.denominator})")

    def _reader(self, source: S3Items) -> Mapping[str, Json]:
        config: dict[str, Json] = {} if source.is_listed else {"InputType": source.format.upper()}
        if source.headers:
            config |= {"CSVHeaderLocation": "GIVEN", "CSVHeaders": list(source.headers)}
        elif source.format == "csv":
            config["CSVHeaderLocation"] = "FIRST_ROW"
        # One more than there may be, by which too many are seen.
        config["MaxItems"] = self.foreach.max_items + 1
        action, named = ("listObjectsV2", "Prefix") if source.is_listed else ("getObject", "Key")
        return {
            "Resource": integration(self.plan.setting.scope, f"s3:{action}"),
            "ReaderConfig": config,
            "Arguments": {
                "Bucket": asl_value(source.bucket, self.rename),
                named: asl_value(source.key, self.rename),
            },
        }

    def _count_items(self, source: S3Items) -> dict[str, State]:
        """Nobody can count the items of an object before they are read, so that they are counted afterwards."""
        results, most = path(OPS, RESULTS), self.foreach.max_items
        remedy = f"more than {most} items, which max_items of the job {self.name} allows, in s3://"
        key = jsonata(source.key, self.rename)
        cause = f"{string_literal(remedy)} & {jsonata(source.bucket, self.rename)} & '/' & {key}"
        failure = self.failure("too-many", error="Bunsui.TooManyItems", cause=cause)
        exit_state = self.state("exit")
        rule = Rule(
            condition=code(f"{self.results.count(results)} > {most}"),
            next=failure.next,
            output=failure.output,
            comment=f"More than {most} items",
        )
        return {
            self.state("counted"): Choice(rules=(rule,), default=exit_state, comment="How many items were there?"),
            exit_state: self.exit(results, before=PriorOperations(), operation=RESULTS),
            **failure.states,
        }


def _short(percent: float | None) -> float | None:
    return int(percent) if percent is not None and percent.is_integer() else percent
