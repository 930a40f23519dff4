"""Edits of one key, of every kind that the schema knows: each is told by the author's key and values, in no more than three
lines, and no face shows a name that the compiler made."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from bunsui.model.address import is_pipeline
from bunsui.model.alerts import Channel
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference, map_leaves
from bunsui.plan.model import PipelineFacts, Plan
from bunsui.project.compile import compile_project
from bunsui.project.repository import Repository
from bunsui.view.plan.edits import flow
from bunsui.view.plan.model import plan_view
from tests.edit_kinds import UNTOLD, Document, Edit, files, mutated, toggled
from tests.edited_plans import AT, MADE, edited_plan, faces, kept_text
from tests.faults.amount import amount
from tests.unit.document.key_toggles import PIPELINE_KEYS, PROJECT
from tests.unit.document.parameter_toggles import PARAMETERS
from tests.unit.document.shown_project import LOCK, MemoryFiles, project_of, scope_of
from tests.unit.document.test_every_parameter_changes_something import OTHERS

DECLARED = project_of(json.dumps(PROJECT)).project("dev")
CHOSEN = replace(DECLARED, channels={name: Channel(name=name, topic=f"arn:aws:sns:{name}") for name in DECLARED.channels})
"""With topics that somebody else makes: those of bunsui are no part of a pipeline."""
KEEPING = replace(CHOSEN, environment=replace(CHOSEN.environment, bucket="the-teams-own"))
"""Where a task may write its result: that needs a bucket, and nothing else does."""
SCOPE = scope_of(CHOSEN)
MOST_LINES = 3
NOTHING_IN_AWS = (
    *("/owner", "/runbook", "/accept", "AcceptEntry/", "/moved", "MovedEntry/", "ForeachEntry/as"),
    *("/observed", "/verify", "VerifyEntry/"),
    *("ParameterEntry/description", "ParameterEntry/pattern", "ParameterEntry/min_length", "ParameterEntry/max_length"),
)
"""Keys of which no resource is made: alone they make no plan, and are told with the next change."""
REFUSALS = 4
"""So many files in which an edit of one kind gave no right file, or no plan, are enough."""
EACH = amount(5, 1, 1)
"""Each so many edits and files are tried, an odd number: every edit is followed by its way back."""
_NAMES = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a right file becomes."""

    pipeline: Pipeline
    resources: tuple[DesiredResource, ...]
    states: frozenset[str]
    facts: PipelineFacts


def made(document: Document) -> Made | None:
    """Return what the file becomes; None for one with errors."""
    return _made(json.dumps(document))


@cache
def _made(text: str) -> Made | None:
    others = {f"pipelines/{one['name']}.yaml": json.dumps(one).encode() for one in OTHERS}
    sources = MemoryFiles(files={"pipelines/p.yaml": text.encode(), "lock.txt": LOCK, **others})
    project = KEEPING if '"result": "' in text else CHOSEN
    repository = Repository(source=sources, project=project, scope=scope_of(project), is_local=False)
    compiled = compile_project(repository, asks_whether_refused=False)
    if any(found.is_error for found in compiled.diagnostics):
        return None
    pipeline = next(one for one in compiled.documents.pipelines if one.name == "p")
    result = compiled.pipelines["p"]
    return Made(
        pipeline=pipeline,
        resources=tuple(_with_shared(one) for one in result.resources),
        states=frozenset(_states(result.definition)),
        facts=compiled.facts(AT, repository.registry)["p"],
    )


def _with_shared(resource: DesiredResource) -> DesiredResource:
    """Return it as it is where what the pipeline refers to and is not its own is there already."""
    return replace(resource, attributes={name: map_leaves(value, _known) for name, value in resource.attributes.items()})


def _known(leaf: Any) -> Any:
    is_shared = isinstance(leaf, Reference) and not is_pipeline(leaf.address.pipeline)
    return f"{leaf.attribute} of {leaf.address}" if is_shared else leaf


def _states(definition: Mapping[str, Any]) -> Iterator[str]:
    for name, state in definition.get("States", {}).items():
        yield name
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor", {})):
            yield from _states(inner)


def planned(edit: Edit) -> Plan | None:
    """Return the plan of an edit; None where one of its files has errors."""
    before, after = made(edit.before), made(edit.after)
    if before is None or after is None:
        return None
    kept = kept_text(before.pipeline.text)
    return edited_plan(SCOPE, before.resources, after.resources, kept=kept, facts=after.facts)


def problems(edit: Edit, plan: Plan) -> Iterator[str]:
    """Return what a reviewer would object to in what is said of an edit that changes something."""
    said = [line.text for line in plan_view(plan).pipelines[0].edits]
    if not 1 <= len(said) <= MOST_LINES:
        yield f"{len(said)} lines"
    before, after = made(edit.before), made(edit.after)
    assert before is not None
    assert after is not None
    own = set(_NAMES.findall(json.dumps([edit.before, edit.after])))
    own |= {
        f"{job.name}.{operation.id}" for side in (before, after) for job in side.pipeline.jobs for operation in job.operations
    }
    compilers = (before.states | after.states) - own
    for face, text in faces(plan).items():
        yield from (f"{face} lacks {line}" for line in said if line not in text)
        if found := MADE.search(text):
            yield f"{face} says {found[0]}"
        yield from (f"{face} names the state {name}" for name in sorted(compilers & set(_NAMES.findall(text))))
    told = " ".join(said)
    for value in (edit.old, edit.new):
        is_short = isinstance(value, (str, int)) and len(str(value)) < 40 and "${" not in str(value)
        if edit.key and is_short and flow(value) not in told:
            yield f"the value {flow(value)} is not told"
    if edit.key.rstrip("s") not in told and not said[0].startswith("rename"):
        yield f"the key {edit.key} is not told"


def test_each_key_of_the_schema_that_is_edited_there_and_back_is_told() -> None:
    bad: dict[str, list[str]] = {}
    held: Counter[str] = Counter()
    unchanged: set[str] = set()
    for edit in itertools.islice(toggled(), 0, None, EACH):
        plan = planned(edit)
        assert plan is not None, f"{edit.kind}: both files are right"
        if not plan.pending:
            unchanged.add(edit.kind)
        elif found := list(problems(edit, plan)):
            bad[edit.kind] = [*found, *(line.text for line in plan_view(plan).pipelines[0].edits)]
        held["back" if edit.kind.endswith(" back") else "there"] += 1
    assert bad == {}
    keys = (PIPELINE_KEYS.keys() | PARAMETERS.keys()) - UNTOLD
    assert all(abs(held[way] - len(keys) / EACH) <= 1 for way in ("there", "back")), held
    assert {kind for kind in unchanged if not kind.startswith(NOTHING_IN_AWS)} == {
        kind for kind in unchanged if kind.startswith(("/lifecycle", "LifecycleEntry/", "/protect")) and kind.endswith(" back")
    }


def test_each_value_of_a_file_that_is_changed_or_taken_away_is_told() -> None:
    held: dict[str, list[str]] = {}
    refused: Counter[str] = Counter()
    for document in itertools.islice(files(), 0, None, EACH):
        for edit in itertools.islice(mutated(document), 0, None, EACH):
            if edit.kind in held or refused[edit.kind] >= REFUSALS:
                continue
            plan = planned(edit)
            if plan is None or not plan.pending:
                refused[edit.kind] += 1
            else:
                held[edit.kind] = list(problems(edit, plan))
    kinds = Counter(kind.rpartition(" ")[2] for kind in held)
    assert {kind: found for kind, found in held.items() if found} == {}
    assert kinds["changed"] > 150 / EACH / EACH
    assert kinds["removed"] > 100 / EACH / EACH
