"""A job with `foreach` as states: an inline Map over its items, how many there may be, and how many may fail."""

from __future__ import annotations

from bunsui.asl.model import Branch, Catcher, Choice, Map, Pass, Rule, State, code
from bunsui.asl.printing import reachable
from bunsui.compile.context import Before, Site, emit_operations
from bunsui.compile.flow import INPUT, JOBS, OPS, kept_keys, merged
from bunsui.compile.jobs import CAUGHT, Failure, JobPlan, JobStates, JobWriter, guard_name, leaves_well
from bunsui.compile.reads import operation_expressions, reads_of
from bunsui.compile.values import asl_value, jsonata, path
from bunsui.model.pipeline import Foreach
from bunsui.model.values import Expression, Json

ITEM_VALUE = "$states.context.Map.Item.Value"
ITEM_INDEX = "$states.context.Map.Item.Index"
RESULTS = "items"
"""The id under which the list of results travels to the exit, when it must be looked at first."""


def foreach_job(plan: JobPlan) -> JobStates:
    """Give the states of a job with foreach.

    The result is a list in item order: `{label, status, output}`, or `{label, status, error}` for a failed item that is
    tolerated. Without `tolerate`, the first failure fails the job.
    """
    foreach = plan.job.foreach
    assert foreach is not None, "only called for jobs with foreach"
    writer = JobWriter(plan)
    map_name = writer.site.name(writer.name)
    rules: tuple[Rule, ...] = ()
    states: dict[str, State] = {}
    if isinstance(foreach.items, Expression):
        too_many = _too_many(writer, foreach)
        count = f"$count([{jsonata(foreach.items, writer.rename)}]) > {foreach.max_items}"
        comment = f"More than {foreach.max_items} items"
        rules = (Rule(condition=code(count), next=too_many.next, output=too_many.output, comment=comment),)
        states |= too_many.states
    found = _map(writer, foreach, tolerant=_is_tolerant(foreach))
    after = _tolerance(writer, foreach) if _is_tolerant(foreach) else {}
    start = guard_name(writer.name)
    ordered = {start: writer.guard(map_name, rules), map_name: found, **after, **states, **writer.closing_states()}
    return JobStates(states=reachable(ordered, start), can_skip_itself=False, repeats=writer.site.repeats)


def _is_tolerant(foreach: Foreach) -> bool:
    return foreach.tolerate_count is not None or foreach.tolerate_percent is not None


def _map(writer: JobWriter, foreach: Foreach, *, tolerant: bool) -> Map:
    if isinstance(foreach.items, Expression):
        # In brackets, since JSONata turns a list of one item into the item.
        items: Json = code(f"[{jsonata(foreach.items, writer.rename)}]")
    else:
        items = asl_value(foreach.items, writer.rename)
    output: Json
    if tolerant:
        output, following = code(f"$merge([{INPUT}, {{'ops': {{'{RESULTS}': $states.result}}}}])"), writer.state("tolerate")
    else:
        output, following = writer.recorded("$states.result", before=Before(), operation=RESULTS), writer.plan.next
    return Map(
        items=items,
        item_selector=_selector(writer, foreach),
        max_concurrency=foreach.max_concurrency,
        processor=_processor(writer, foreach, tolerant=tolerant),
        output=output,
        catch=writer.site.catch,
        next=following,
        comment=writer.plan.job.description or f"Each item of the job {writer.name}",
    )


def _selector(writer: JobWriter, foreach: Foreach) -> dict[str, Json]:
    """Give each item what it needs: itself, its label, and the outputs of other jobs that its operations read."""

    def rename(name: str) -> str | None:
        return ITEM_VALUE if name == foreach.variable else writer.rename(name)

    label = f"$string({ITEM_INDEX})" if foreach.label is None else f"$string({jsonata(foreach.label, rename)})"
    selector: dict[str, Json] = {"label": code(label), "item": code(ITEM_VALUE)}
    flow, registry = writer.plan.flow, writer.plan.setting.registry
    expressions = (found for operation in writer.plan.job.operations for found in operation_expressions(operation, registry))
    kept = kept_keys(JOBS, flow.available, reads_of(expressions, flow.available))
    if kept is not None:
        selector["jobs"] = code(kept if kept == JOBS else merged((kept,)))
    return selector


def _processor(writer: JobWriter, foreach: Foreach, *, tolerant: bool) -> Branch:
    failed, skipped = writer.state("item-failed"), writer.state("item-skipped")
    site = Site(
        setting=writer.plan.setting,
        job=writer.name,
        item_variable=foreach.variable,
        catch=(Catcher(errors=("States.ALL",), next=failed, output=CAUGHT),) if tolerant else (),
        skip_state=skipped,
        taken=writer.taken,
        repeats=writer.site.repeats,
    )
    operations = writer.plan.job.operations
    names = [site.name(f"{writer.name}.{operation.id}") for operation in operations]
    states = _operations(writer, site, names)
    if tolerant:
        output = f"{{'label': {INPUT}.label, 'status': 'failed', 'error': {INPUT}.error}}"
        states[failed] = Pass(output=code(output), comment="One item failed, the others go on")
    if site.skips:
        output = f"{{'label': {INPUT}.label, 'status': 'skipped'}}"
        states[skipped] = Pass(output=code(output), comment="An operation skipped this item")
    return Branch(start_at=names[0], states=reachable(states, names[0]))


def _operations(writer: JobWriter, site: Site, names: list[str]) -> dict[str, State]:
    """Emit the operations of an item so that the last one ends it; with an exit state where its own states cannot."""
    operations, produced = writer.plan.job.operations, list[Json]()
    known, repeats = set(site.taken), dict(site.repeats)

    def record(result: str) -> Json:
        produced.append(code(f"{{'label': {INPUT}.label, 'status': 'succeeded', 'output': {result}}}"))
        return produced[-1]

    _, states = emit_operations(site, operations, names=names, next_state=None, before=Before(), finish=record)
    if all(leaves_well(state, None, produced) for state in states.values()):
        return states
    site.begin_again(known, repeats)
    last = writer.state("item-exit")
    _, states = emit_operations(site, operations, names=names, next_state=last, before=Before(), finish=None)
    states[last] = Pass(output=record(path(OPS, operations[-1].id)), comment="Records one item")
    return states


def _too_many(writer: JobWriter, foreach: Foreach) -> Failure:
    assert isinstance(foreach.items, Expression), "literal items are counted when the pipeline is compiled"
    count = f"$string($count([{jsonata(foreach.items, writer.rename)}]))"
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
        exit_state: Pass(
            output=writer.recorded(results, before=Before(), operation=RESULTS),
            next=writer.plan.next,
            comment=f"Records the job {writer.name}",
        ),
        **failure.states,
    }
