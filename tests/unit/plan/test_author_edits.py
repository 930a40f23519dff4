"""Every kind of edit of one key is told by the author's key and values, by nothing that the compiler made, in every face."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bunsui import __version__
from bunsui.codec.writing import to_json
from bunsui.compile.pipeline import compile_pipeline
from bunsui.composition.workspace import repository
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import ActualResource, DesiredResource
from bunsui.plan.edits import kept_texts
from bunsui.plan.model import PipelineFacts, Plan
from bunsui.project.compile import documents_of
from bunsui.view.documents.plan import plan_document
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import PlanView, plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.edited_plans import AT, MADE, edited_plan, faces, kept_text
from tests.fakes.workspace import Asked

ROLE = "arn:aws:iam::111111111111:role/given"
PROJECT: Mapping[str, Any] = {
    "version": 1,
    "project": "shop",
    "id": "6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10",
    "environments": {"dev": {"account": "111111111111", "region": "eu-west-1"}},
    "default_environment": "dev",
}
CALL: Mapping[str, Any] = {"type": "lambda", "function": "load:1"}
CODE: Mapping[str, Any] = {"path": "code", "handler": "a.b", "runtime": "python3.13", "memory": 128}
BASE: dict[str, Any] = {
    "version": 1,
    "name": "p",
    "description": "Bakes.",
    "timeout": "1h",
    "parameters": {"region": {"type": "string", "default": "jp"}, "n": {"type": "integer", "default": 1}},
    "schedules": [{"id": "daily", "cron": "0 3 * * ? *", "timezone": "UTC", "input": {"n": 2}}],
    "functions": {"shared": CODE},
    "jobs": {
        "a": {**CALL, "retry": {"attempts": 3, "backoff": 2}, "payload": {"x": 1}, "outputs": {"x": "{% $result.x %}"}},
        "b": {"depends_on": ["a"], "type": "lambda", "code": {**CODE}},
        "c": {"depends_on": ["a"], "type": "lambda", "code": "shared", "when": "{% $jobs.a.x > 0 %}"},
        "d": {"depends_on": ["b", "c"], "run_if": "none_failed", "type": "wait", "for": "1m"},
        "e": {**CALL, "depends_on": ["a"], "poll": {"until": "{% $result.done %}", "every": "30s"}},
        "f": {**CALL, "foreach": {"items": [1, 2], "as": "one", "max_concurrency": 3}},
        "g": {"operations": [{**CALL, "id": "first"}, {"type": "wait", "id": "then", "for": "2m"}]},
        "h": {**CALL, "foreach": {"mode": "distributed", "items": {"s3": "s3://lake/a.csv", "format": "csv"}, "max_items": 9}},
    },
}  # fmt: skip
DROP = object()
"""Takes the key away."""
EDITS: Mapping[str, tuple[object, str]] = {
    "title": ("Pies", "pipeline: title set to Pies"),
    "description": ("Bakes pies.", "pipeline: description Bakes. → Bakes pies."),
    "timezone": ("Asia/Tokyo", "pipeline: timezone set to Asia/Tokyo"),
    "tags": ({"team": "data"}, "pipeline: tags team set to data"),
    "timeout": ("2h", "pipeline: timeout 1h → 2h"),
    "defaults": ({"timeout": "7m"}, "pipeline: defaults timeout set to 7m"),
    "logging": ({"level": "ALL"}, "pipeline: logging level set to ALL"),
    "tracing": (True, "pipeline: tracing set to true"),
    "roles": ({"machine": ROLE}, f"pipeline: roles machine set to {ROLE}"),
    "resource_name": ("mine", "pipeline: resource_name set to mine"),
    "lifecycle": ({"prevent_destroy": True}, "pipeline: lifecycle prevent_destroy set to true"),
    "parameters/region/default": ("us", "parameter region: default jp → us"),
    "parameters/region/enum": (["jp", "us"], "parameter region: enum set to [jp, us]"),
    "parameters/n/minimum": (1, "parameter n: minimum set to 1"),
    "parameters/n/type": ("number", "parameter n: type integer → number"),
    "parameters/m": ({"type": "string", "default": "q"}, "parameter m added {type: string, default: q}"),
    "schedules/0/cron": ("0 4 * * ? *", "schedule daily: cron 0 3 * * ? * → 0 4 * * ? *"),
    "schedules/0/timezone": ("Asia/Tokyo", "schedule daily: timezone UTC → Asia/Tokyo"),
    "schedules/0/slot": ({"offset": "-1d"}, "schedule daily: slot offset set to -1d"),
    "schedules/0/input/n": (5, "schedule daily: input n 2 → 5"),
    "schedules/0/enabled": (False, "schedule daily: enabled set to false"),
    "schedules": (DROP, "schedule daily removed {cron: 0 3 * * ? *, timezone: UTC, input: {n: 2}}"),
    "functions/shared/memory": (256, "function shared: memory 128 → 256"),
    "jobs/a/retry/attempts": (5, "job a: retry attempts 3 → 5"),
    "jobs/a/retry/backoff": (3, "job a: retry backoff 2 → 3"),
    "jobs/a/retry/delay": ("6s", "job a: retry delay set to 6s"),
    "jobs/a/retry/max_delay": ("9m", "job a: retry max_delay set to 9m"),
    "jobs/a/retry/jitter": (False, "job a: retry jitter set to false"),
    "jobs/a/retry/errors": (["throttling"], "job a: retry errors set to [throttling]"),
    "jobs/a/retry": (DROP, "job a: retry removed, was {attempts: 3, backoff: 2}"),
    "jobs/a/timeout": ("9m", "job a: timeout set to 9m"),
    "jobs/a/function": ("load:2", "job a: function load:1 → load:2"),
    "jobs/a/payload/x": (2, "job a: payload x 1 → 2"),
    "jobs/a/isolate": (True, "job a: isolate set to true"),
    "jobs/a/description": ("Loads.", "job a: description set to Loads."),
    "jobs/a/outputs/x": ("{% $result.y %}", "job a: outputs x {% $result.x %} → {% $result.y %}"),
    "jobs/b/code/memory": (256, "job b: code memory 128 → 256"),
    "jobs/b/code/handler": ("a.c", "job b: code handler a.b → a.c"),
    "jobs/b/code/environment": ({"KEY": "v"}, "job b: code environment KEY set to v"),
    "jobs/c/when": ("{% $jobs.a.x > 1 %}", "job c: when {% $jobs.a.x > 0 %} → {% $jobs.a.x > 1 %}"),
    "jobs/d/depends_on": (["c"], "job d: depends_on [b, c] → [c]"),
    "jobs/d/run_if": ("all_done", "job d: run_if none_failed → all_done"),
    "jobs/d/for": ("2m", "job d: for 1m → 2m"),
    "jobs/e/poll/until": ("{% $result.ok %}", "job e: poll until {% $result.done %} → {% $result.ok %}"),
    "jobs/e/poll/every": ("7s", "job e: poll every 30s → 7s"),
    "jobs/e/poll/fail_if": ("{% $result.bad %}", "job e: poll fail_if set to {% $result.bad %}"),
    "jobs/e/poll/timeout": ("2h", "job e: poll timeout set to 2h"),
    "jobs/e/poll": (DROP, "job e: poll removed, was {until: \"{% $result.done %}\", every: 30s}"),
    "jobs/e/foreach": ([1], "job e: foreach items set to [1]"),
    "jobs/f/foreach/items": ([1, 2, 3], "job f: foreach items [1, 2] → [1, 2, 3]"),
    "jobs/f/foreach/max_concurrency": (2, "job f: foreach max_concurrency 3 → 2"),
    "jobs/f/foreach/label": ("{% $string($one) %}", "job f: foreach label set to {% $string($one) %}"),
    "jobs/g/operations/1/for": ("3m", "job g, operation then: for 2m → 3m"),
    "jobs/h/foreach/tolerate": ("2%", "job h: foreach tolerate set to 2%"),
    "jobs/h/foreach/batch": (5, "job h: foreach batch set to 5"),
    "jobs/h": (DROP, "job h removed (lambda)"),
    "jobs/i": ({**CALL, "depends_on": ["a"]}, "job i added (lambda after a)"),
}  # fmt: skip
LOWERED: dict[str, Pipeline] = {}
COMPILED: dict[str, tuple[DesiredResource, ...]] = {}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "pipelines").mkdir()
    (folder / "code").mkdir()
    (folder / "code/a.py").write_text("def b(event, context): ...\ndef c(event, context): ...\n")
    (folder / "bunsui.yaml").write_text(json.dumps(PROJECT))
    return folder


def changed(document: Mapping[str, Any], edits: Mapping[str, object]) -> dict[str, Any]:
    result: dict[str, Any] = copy.deepcopy(dict(document))
    for path, value in edits.items():
        place: Any = result
        *parents, last = path.split("/")
        for part in parents:
            place = place[int(part) if isinstance(place, list) else part]
        if value is DROP:
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return result


def lowered(folder: Path, document: Mapping[str, Any]) -> Pipeline:
    text = json.dumps(document)
    if text not in LOWERED:
        (folder / "pipelines/p.yaml").write_text(text)
        documents = documents_of(repository(Asked(directory=folder, environment=None)))
        (LOWERED[text],) = documents.pipelines or pytest.fail("; ".join(found.summary for found in documents.diagnostics))
    return LOWERED[text]


def compiled(folder: Path, pipeline: Pipeline) -> tuple[DesiredResource, ...]:
    if pipeline.text not in COMPILED:
        found = repository(Asked(directory=folder, environment=None))
        made = compile_pipeline(pipeline, scope=found.scope, registry=found.registry, asks_whether_refused=False)
        COMPILED[pipeline.text] = made.resources
    return COMPILED[pipeline.text]


def a_plan(
    folder: Path,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    kept: AppliedText | None = None,
    outside: Callable[[ActualResource], ActualResource] = lambda actual: actual,
) -> Plan:
    """Plan `after` where `before` was applied; `outside` is what somebody did to each resource since."""
    scope = repository(Asked(directory=folder, environment=None)).scope
    was, now = lowered(folder, before), lowered(folder, after)
    text = kept or kept_text(was.text)
    facts = PipelineFacts(name="p", path="pipelines/p.yaml", text=now.text)
    return edited_plan(scope, compiled(folder, was), compiled(folder, now), kept=text, facts=facts, outside=outside)


@pytest.mark.parametrize("path", EDITS)
def test_an_edit_of_one_key_is_told_by_its_key_and_values(folder: Path, path: str) -> None:
    value, said = EDITS[path]
    plan = a_plan(folder, BASE, changed(BASE, {path: value}))
    assert plan.pending, "it changes something"
    assert [line.text for line in plan_view(plan).pipelines[0].edits] == [said]
    for face, text in faces(plan).items():
        assert said in text, (face, text)
        assert not MADE.search(text), (face, text)


def test_ten_edits_are_told_by_job_in_the_order_of_the_file(folder: Path) -> None:
    paths = [path for path in EDITS if path.startswith("jobs/") and EDITS[path][0] is not DROP][::3][:8]
    paths = [*reversed(paths), "timeout", "parameters/region/default"]
    plan = a_plan(folder, BASE, changed(BASE, {path: EDITS[path][0] for path in paths}))
    said = [line.text for line in plan_view(plan).pipelines[0].edits]
    assert sorted(said) == sorted(EDITS[path][1] for path in paths)
    assert said[:2] == [EDITS["timeout"][1], EDITS["parameters/region/default"][1]]
    jobs = [text.partition(":")[0].partition(",")[0].split()[1] for text in said[2:]]
    assert jobs == sorted(jobs)


def test_a_job_that_only_got_another_name_was_renamed(folder: Path) -> None:
    after = json.loads(json.dumps(BASE).replace('"c"', '"cc"'))
    plan = a_plan(folder, BASE, after)
    assert [line.text for line in plan_view(plan).pipelines[0].edits] == ["rename job c → cc"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"id": "daily"', '"id": "nightly"', "rename schedule daily → nightly"),
        ('"region"', '"place"', "rename parameter region → place"),
    ],
)
def test_what_only_got_another_name_was_renamed(folder: Path, before: str, after: str, said: str) -> None:
    plan = a_plan(folder, BASE, json.loads(json.dumps(BASE).replace(before, after)))
    assert [line.text for line in plan_view(plan).pipelines[0].edits] == [said]


def test_an_operation_of_another_type_is_told_as_a_whole(folder: Path) -> None:
    plan = a_plan(folder, BASE, changed(BASE, {"jobs/d": {"depends_on": ["b", "c"], "run_if": "none_failed", **CALL}}))
    told = "job d: {type: wait, for: 1m} → {type: lambda, function: load:1}"
    assert [line.text for line in plan_view(plan).pipelines[0].edits] == [told]


def test_a_text_around_an_expression_is_told_as_it_is_written(folder: Path) -> None:
    before, after = (changed(BASE, {"jobs/a/payload/x": f"{word}/{{% $params.n %}}.csv"}) for word in ("in", "out"))
    told = "job a: payload x in/{% $params.n %}.csv → out/{% $params.n %}.csv"
    assert [line.text for line in plan_view(a_plan(folder, before, after)).pipelines[0].edits] == [told]


def test_a_renamed_job_whose_outputs_are_read_is_one_edit(folder: Path) -> None:
    after = json.loads(json.dumps(BASE).replace('"a"', '"first-of"').replace("$jobs.a.", "$jobs.`first-of`."))
    plan = a_plan(folder, BASE, after)
    assert [line.text for line in plan_view(plan).pipelines[0].edits] == ["rename job a → first-of"]


def test_a_default_of_a_type_is_told_once_with_the_jobs_that_inherit_it(folder: Path) -> None:
    plan = a_plan(folder, BASE, changed(BASE, {"defaults": {"lambda": {"timeout": "9m"}}}))
    assert [line.text for line in plan_view(plan).pipelines[0].edits] == [
        "pipeline: defaults lambda timeout set to 9m (in jobs a, b, c, e and 3 more)"
    ]


def test_states_are_shown_when_they_are_asked_for(folder: Path) -> None:
    plan = a_plan(folder, BASE, changed(BASE, {"jobs/d/run_if": "all_done"}))
    assert "--states shows them" in plain(plan_lines(plan_view(plan)))
    for view in (plan_view(plan, states=True), plan_view(plan, context=1)):
        text = plain(plan_lines(view))
        assert "--states" not in text
        assert "state d.guard: " in text or "state _par" in text
        assert "job d: run_if none_failed → all_done" in text


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("jobs/b/code/memory", {"b"}),
        ("functions/shared/memory", {"c"}),
        ("jobs/d/run_if", {"d"}),
        ("jobs/a/retry/attempts", {"a"}),
    ],
)
def test_the_graph_marks_the_jobs_whose_text_or_code_changes_and_no_others(folder: Path, path: str, marked: set[str]) -> None:
    graph = plan_view(a_plan(folder, BASE, changed(BASE, {path: EDITS[path][0]}))).pipelines[0].graph
    assert set(re.findall(r'"~ (\w+)"', graph)) == marked


def _view(folder: Path, **kept: Any) -> PlanView:
    text = AppliedText(pipeline="p", text=lowered(folder, BASE).text, kept_at=AT, written_by=__version__)
    after = changed(BASE, {"jobs/a/retry/attempts": 5})
    return plan_view(a_plan(folder, BASE, after, kept=replace(text, **kept)))


def test_a_text_that_is_older_than_the_machine_is_not_believed(folder: Path) -> None:
    view = _view(folder, kept_at=AT - timedelta(seconds=1))
    text = plain(plan_lines(view))
    assert "state a: retry" in text
    assert "job a" not in text
    assert view.unworded is not None
    assert text.count(view.unworded.text) == plan_markdown(view).count("not kept by the last apply") == 1


def test_what_another_bunsui_compiled_is_told_by_edits_and_by_state(folder: Path) -> None:
    text = plain(plan_lines(_view(folder, written_by="0.0.1")))
    assert "job a: retry attempts 3 → 5" in text
    assert "bunsui 0.0.1" in text
    assert "state a: retry" in text


def test_a_change_that_no_edit_explains_is_told_by_state(folder: Path) -> None:
    now = lowered(folder, changed(BASE, {"jobs/a/retry/attempts": 5}))
    text = plain(plan_lines(_view(folder, text=now.text)))
    assert "state a: retry" in text


def test_what_was_changed_outside_is_told_by_state(folder: Path) -> None:
    def edited(actual: ActualResource) -> ActualResource:
        text = json.dumps(actual.attributes).replace('"Seconds": 60', '"Seconds": 61')
        return replace(actual, attributes=json.loads(text))

    after = changed(BASE, {"jobs/a/retry/attempts": 5})
    text = plain(plan_lines(plan_view(a_plan(folder, BASE, after, outside=edited))))
    assert "job a: retry attempts 3 → 5" in text
    assert "state a: retry" in text
    assert "state d: seconds 61 → 60" in text
    assert "--states" not in text


def test_the_text_is_kept_with_the_machine_or_else_with_the_last_change(folder: Path) -> None:
    both = a_plan(folder, BASE, changed(BASE, {"jobs/b/code/memory": 256, "schedules/0/enabled": False}))
    assert list(kept_texts(both)) == [Address("state_machine", "p")]
    schedule = a_plan(folder, BASE, changed(BASE, {"schedules/0/enabled": False}))
    assert list(kept_texts(schedule)) == [Address("schedule", "p", "daily")]
    assert not kept_texts(a_plan(folder, BASE, BASE))


def test_json_has_the_edits_beside_the_states(folder: Path) -> None:
    document = to_json(plan_document(a_plan(folder, BASE, changed(BASE, {"jobs/a/retry/attempts": 5}))))
    assert document["edits"] == {
        "p": [
            {
                "part": "job",
                "name": "a",
                "operation": "",
                "path": ["retry", "attempts"],
                "edit": "changed",
                "before": 3,
                "after": 5,
                "inherited_by": [],
                "text": "job a: retry attempts 3 → 5",
            }
        ]
    }


def test_the_digest_is_that_of_what_is_written_to_aws(folder: Path) -> None:
    after = changed(BASE, {"jobs/a/retry/attempts": 5})
    assert (
        plan_document(a_plan(folder, BASE, after)).digest
        == plan_document(replace(a_plan(folder, BASE, after), edits={})).digest
    )
