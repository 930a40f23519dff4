"""A job with `foreach` as states: an inline Map over its items, how many there may be, and how many may fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bunsui.asl.expressions import form_of, string_literal
from bunsui.asl.model import Branch, Catcher, Choice, Map, Pass, Rule, State, code
from bunsui.asl.printing import reachable
from bunsui.compile.context import EmitScope, PriorOperations
from bunsui.compile.emission import emit_operations
from bunsui.compile.flow import ERRORS, INPUT, ITEM, JOBS, OPS, STATUS, kept_keys, merged
from bunsui.compile.foreach.kept import ITEM_INDEX, ITEM_VALUE, KeptItems, kept_items
from bunsui.compile.jobs import CAUGHT, FailureExit, JobPlan, JobStates, JobWriter, guard_name, leaves_well
from bunsui.compile.reads import operation_expressions, reads_of, uses_variable
from bunsui.compile.values import Renaming, as_list, asl_value, jsonata, path
from bunsui.model.failures import ITEMS
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job
from bunsui.model.values import Expression

ITEM_FAILED = "item-failed"
"""What follows the job in the name of the state that a tolerated item passes."""
RESULTS = "items"
"""The id under which the list of results travels to the exit, when it must be looked at first."""


def foreach_job(plan: JobPlan) -> JobStates:
    """Return the states of a job with foreach.

    The result is a list in item order: `{label, status, output}`, or `{label, status, error}` for a failed item that is
    tolerated. Without `tolerate`, the first failure fails the job.
    """
    foreach = plan.job.foreach
    assert foreach is not None, "only called for jobs with foreach"
    writer = JobWriter(plan)
    map_name = writer.site.name(writer.name)
    before, kept = too_many(writer, foreach), kept_items(plan.job, writer.rename)
    found = _map(writer, foreach, kept)
    after = _tolerance(writer, foreach) if foreach.is_tolerant else {}
    start = guard_name(writer.name)
    told = () if kept is None else (replace(kept.rule, next=map_name),)
    guard = writer.guard(map_name, (*before.rules, *told))
    ordered = {start: guard, map_name: found, **after, **before.states, **writer.closing_states()}
    return JobStates(states=reachable(ordered, start), can_skip_itself=False, repeats=writer.site.repeats)


def items_field(foreach: Foreach, rename: Renaming) -> Json:
    """Return the Items of a Map."""
    if isinstance(foreach.items, Expression):
        return code(as_list(foreach.items, rename))
    return asl_value(foreach.items, rename)


def _map(writer: JobWriter, foreach: Foreach, kept: KeptItems | None) -> Map:
    output: Json
    result = "$states.result" if kept is None else kept.join_results("$states.result")
    if foreach.is_tolerant:
        output, following = code(f"$merge([{INPUT}, {{'ops': {{'{RESULTS}': {result}}}}}])"), writer.state("tolerate")
    else:
        output, following = writer.recorded(result, before=PriorOperations(), operation=RESULTS), writer.plan.next
    return Map(
        items=items_field(foreach, writer.rename) if kept is None else code(kept.chosen),
        item_selector=_selector(writer, foreach, kept),
        max_concurrency=foreach.max_concurrency,
        processor=_processor(writer, foreach),
        output=output,
        catch=writer.site.catch,
        next=following,
        comment=writer.plan.job.description or f"Each item of the job {writer.name}",
    )


def _selector(writer: JobWriter, foreach: Foreach, kept: KeptItems | None) -> dict[str, Json]:
    """Return each item what it needs: itself, its label, and the outputs of other jobs that its operations read."""
    if kept is not None:
        return {"label": code(kept.item_label), "item": code(kept.item), **kept_data(writer)}

    def rename(name: str) -> str | None:
        return ITEM_VALUE if name == foreach.variable else writer.rename(name)

    label = f"$string({ITEM_INDEX})" if foreach.label is None else f"$string({jsonata(foreach.label, rename)})"
    selector: dict[str, Json] = {"label": code(label), "item": code(ITEM_VALUE)}
    return selector | kept_data(writer)


def kept_data(writer: JobWriter, *, with_label: bool = False) -> dict[str, Json]:
    """Return what the items' operations read of other jobs: outputs, errors and statuses. `with_label`: the label is made where
    they run."""
    job, flow, registry = writer.plan.job, writer.plan.flow, writer.plan.setting.registry
    expressions = [found for operation in job.operations for found in operation_expressions(operation, registry)]
    if with_label and job.foreach is not None and job.foreach.label is not None:
        expressions.append(job.foreach.label)
    kept = kept_keys(JOBS, flow.available, reads_of(iter(expressions), flow.available))
    data: dict[str, Json] = {} if kept is None else {"jobs": code(kept if kept == JOBS else merged((kept,)))}
    for name, text in (("errors", ERRORS), ("status", STATUS)):
        if uses_variable(expressions, name) and (name != "errors" or flow.errors):
            data[name] = code(text)
    return data


def _processor(writer: JobWriter, foreach: Foreach) -> Branch:
    failed, skipped = writer.state(ITEM_FAILED), writer.state("item-skipped")
    site = EmitScope(
        setting=writer.plan.setting,
        job=writer.name,
        names={foreach.variable: ITEM},
        catch=(Catcher(errors=("States.ALL",), next=failed, output=CAUGHT),) if foreach.is_tolerant else (),
        skip_state=skipped,
        taken=writer.taken,
        repeats=writer.site.repeats,
    )
    succeeded = lambda result: code(f"{{'label': {INPUT}.label, 'status': 'succeeded', 'output': {result}}}")  # noqa: E731
    entry, states = emit_items(writer, site, succeeded)
    if foreach.is_tolerant:
        output = f"{{'label': {INPUT}.label, 'status': 'failed', 'error': {INPUT}.error}}"
        states[failed] = Pass(output=code(output), comment="One item failed, the others go on")
    if site.skips:
        output = f"{{'label': {INPUT}.label, 'status': 'skipped'}}"
        states[skipped] = Pass(output=code(output), comment="An operation skipped this item")
    return Branch(start_at=entry, states=reachable(states, entry))


def emit_items(writer: JobWriter, site: EmitScope, succeeded: Callable[[str], Json]) -> tuple[str, dict[str, State]]:
    """Emit the operations of an item so that the last one ends it; with an exit state where its own states cannot. Gives the
    entry's name and the states; `succeeded` makes the item's output of the JSONata of its last result."""
    operations, produced = writer.plan.job.operations, list[Json]()
    names = [site.name(f"{writer.name}.{operation.id}") for operation in operations]
    known, repeats = set(site.taken), dict(site.repeats)

    def record(result: str) -> Json:
        produced.append(succeeded(result))
        return produced[-1]

    _, states = emit_operations(site, operations, names=names, next_state=None, before=PriorOperations(), finish=record)
    if all(leaves_well(state, None, produced) for state in states.values()):
        return names[0], states
    site.begin_again(known, repeats)
    last = writer.state("item-exit")
    _, states = emit_operations(site, operations, names=names, next_state=last, before=PriorOperations(), finish=None)
    states[last] = Pass(output=record(path(OPS, operations[-1].id)), comment="Records one item")
    return names[0], states


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    """How the guard finds that the items are no list, or too many, and what follows."""

    rules: tuple[Rule, ...] = ()
    states: Mapping[str, State] = field(default_factory=dict)


def too_many(writer: JobWriter, foreach: Foreach) -> TooMany:
    """Return what is needed where the run alone can count the items; literal ones are counted when the pipeline is compiled."""
    if not isinstance(foreach.items, Expression):
        return TooMany()
    neither = no_list(foreach.items, writer.rename)
    rules: list[Rule] = []
    states: dict[str, State] = {}
    if neither is not None:
        wrong = writer.failure("no-list", error=ITEMS, cause=items_cause(writer.plan.job, foreach.items, writer.rename))
        rules.append(Rule(condition=code(neither), next=wrong.next, output=wrong.output, comment="items: is no list"))
        states |= wrong.states
    failure = _failure(writer, foreach)
    condition = code(f"$count({as_list(foreach.items, writer.rename)}) > {foreach.max_items}")
    comment = f"More than {foreach.max_items} items"
    rules.append(Rule(condition=condition, next=failure.next, output=failure.output, comment=comment))
    return TooMany(rules=tuple(rules), states={**states, **failure.states})


def _failure(writer: JobWriter, foreach: Foreach) -> FailureExit:
    assert isinstance(foreach.items, Expression), "the caller has looked"
    count = f"$string($count({as_list(foreach.items, writer.rename)}))"
    remedy = f" items, and max_items of the job {writer.name} is {foreach.max_items}: raise it, or give the job fewer items"
    return writer.failure("too-many", error="Bunsui.TooManyItems", cause=f"{count} & '{remedy}'")


def _tolerance(writer: JobWriter, foreach: Foreach) -> dict[str, State]:
    results = f"{OPS}.{RESULTS}"
    failed = f"$count({results}[status = 'failed'])"
    if foreach.tolerate_count is not None:
        beyond, allowed = f"{failed} > {foreach.tolerate_count}", f"{foreach.tolerate_count}"
    else:
        percent = f"{foreach.tolerate_percent:g}"
        beyond, allowed = f"100 * {failed} > {percent} * $count({results})", f"{percent} %"
    labels = f"$join($filter([{results}[status = 'failed'].label], function($v, $i) {{ $i < 5 }}), ', ')"
    cause = (
        f"$string({failed}) & ' of ' & $string($count({results})) & ' items failed, tolerated: {allowed}. First: ' & {labels}"
    )
    failure = writer.failure("items-failed", error="Bunsui.ItemsFailed", cause=cause)
    exit_state = writer.state("exit")
    rule = Rule(condition=code(beyond), next=failure.next, output=failure.output, comment="More failures than tolerated")
    return {
        writer.state("tolerate"): Choice(rules=(rule,), default=exit_state, comment="How many items failed?"),
        exit_state: writer.exit(results, before=PriorOperations(), operation=RESULTS),
        **failure.states,
    }


def no_list(items: Expression, rename: Renaming) -> str | None:
    """Return the test, as JSONata, that items are no list; None when they always are."""
    form, written = form_of(items.text), jsonata(items, rename)
    if form.kind == "sequence":
        return f"$not($exists({_named(form.root, rename)}))" if len(form.root) > 1 else None
    tests = [f"$type({written}) = 'array'"]
    if form.kind == "field":
        # A path over a list gives one value for a list of one, and nothing for an empty one.
        shortest = 3 if form.root[0] == "jobs" else 2
        tests += [f"$type({_named(form.root[:length], rename)}) = 'array'" for length in range(shortest, len(form.root))]
    return f"$not({' or '.join(tests)})"


def items_cause(job: Job, items: Expression, rename: Renaming) -> str:
    """Return, as JSONata, what is wrong with items that are no list."""
    written = jsonata(items, rename)
    words = string_literal(f"items of job {job.name} must be a list, and ")
    return f"{words} & ($exists({written}) ? 'are of the type ' & $type({written}) : 'gave nothing')"


def _named(names: tuple[str, ...], rename: Renaming) -> str:
    return path(rename(names[0]) or f"${names[0]}", *names[1:])
