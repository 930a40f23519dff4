"""Distributed Map: readers, batches, children, thresholds, results.

Facts: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html and the pages of ItemReader, ItemBatcher
and ResultWriter below it; the recordings in tests/conformance for readers and events.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.distributed.batching import batches
from bunsui.engine.execution import Status
from bunsui.engine.jsonpath.paths import compact
from tests.scripted import Played, fails, gives, machine, played, scope, task

GET = "arn:aws:states:::s3:getObject"


def over(processor: dict[str, Any], kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
        "StartAt": next(iter(processor)),
        "States": scope(processor),
    }
    return {"Type": "Map", "ItemProcessor": inner, **fields}


KEEP: dict[str, Any] = {"keep": {"Type": "Pass"}}


def reading(body: bytes, *, key: str = "data", more: dict[str, bytes] | None = None, **config: Any) -> Played:
    reader = {"Resource": GET, "Parameters": {"Bucket": "b", "Key": key}, "ReaderConfig": config}
    objects = {("b", name): held for name, held in {key: body, **(more or {})}.items()}
    return played(machine(each=over(KEEP, ItemReader=reader)), objects=objects)


def test_json_lines_are_items() -> None:
    assert reading(b'{"a": 1}\n\n[2]\n', InputType="JSONL").output == [{"a": 1}, [2]]


def test_a_pointer_finds_the_items_inside_a_document() -> None:
    run = reading(b'{"data": {"rows": [1, 2]}}', InputType="JSON", ItemsPointer="/data/rows")
    assert run.output == [1, 2]


def test_columns_can_be_parted_by_other_characters() -> None:
    run = reading(b'a|b\n"x|y"|2\n', InputType="CSV", CSVHeaderLocation="FIRST_ROW", CSVDelimiter="PIPE")
    assert run.output == [{"a": "x|y", "b": "2"}]


@pytest.mark.parametrize(("most", "found"), [(2, 2), (0, 3), (100, 3)])
def test_no_more_items_are_read_than_wanted(most: int, found: int) -> None:
    assert len(reading(b"[1, 2, 3]", InputType="JSON", MaxItems=most).output) == found


def test_a_negative_limit_fails_the_map_run() -> None:
    reader = {"Resource": GET, "Parameters": {"Bucket": "b", "Key": "k"}, "ReaderConfig": {"MaxItemsPath": "$.most"}}
    run = played(machine(each=over(KEEP, ItemReader=reader)), {"most": -1}, objects={("b", "k"): b"[1]"})
    assert run.types[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert run.execution.cause == "field MaxItems must be positive"


def test_an_inventory_names_objects() -> None:
    manifest = {
        "destinationBucket": "arn:aws:s3:::b",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "inventory/1.csv.gz"}],
    }
    rows = gzip.compress(b'"lake","a%20b.json","12"\n')
    run = reading(json.dumps(manifest).encode(), InputType="MANIFEST", more={"inventory/1.csv.gz": rows})
    assert run.output == [{"Bucket": "lake", "Key": "a b.json", "Size": "12"}]


def test_a_list_of_data_files_names_objects_with_items() -> None:
    files = b"s3://b/part-1.csv\ns3://b/part-2.csv\n"
    more = {"part-1.csv": b"n\n1\n", "part-2.csv": b"n\n2\n"}
    run = reading(files, ManifestType="ATHENA_DATA", InputType="CSV", CSVHeaderLocation="FIRST_ROW", more=more)
    assert run.output == [{"n": "1"}, {"n": "2"}]


@pytest.mark.parametrize(("transformation", "found"), [("LOAD_AND_FLATTEN", [1, 2, 3]), ("NONE", ["in/a.json", "in/b.json"])])
def test_a_listing_gives_objects_or_what_is_in_them(transformation: str, found: list[Any]) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Parameters": {"Bucket": "b", "Prefix": "in/"},
        "ReaderConfig": {"InputType": "JSON", "Transformation": transformation},
    }
    objects = {("b", "in/b.json"): b"[3]", ("b", "in/a.json"): b"[1, 2]", ("b", "out/c.json"): b"[4]"}
    run = played(machine(each=over(KEEP, ItemReader=reader)), objects=objects)
    assert [item["Key"] if isinstance(item, dict) else item for item in run.output] == found


@pytest.mark.parametrize(
    ("body", "config"), [(b"{", {"InputType": "JSON"}), (b"\xff", {"InputType": "CSV"}), (b"", {"InputType": "PARQUET"})]
)
def test_what_cannot_be_read_fails_the_map_run_with_the_readers_error(body: bytes, config: dict[str, Any]) -> None:
    run = reading(body, **config)
    assert run.execution.error == "States.ItemReaderFailed"
    assert "MapRunFailed" in run.types


def test_a_missing_object_fails_the_map_run() -> None:
    reader = {"Resource": GET, "Parameters": {"Bucket": "b", "Key": "gone"}}
    run = played(machine(each=over(KEEP, ItemReader=reader)))
    assert run.execution.error == "States.ItemReaderFailed"


def test_children_are_executions_with_names_and_histories_of_their_own() -> None:
    run = played(machine(each=over({"work": task()}, Label="rows")), [1, 2])
    (map_run,) = run.execution.map_runs
    child = map_run.children[1]
    assert child.names.machine_name == "simulated/rows"
    assert child.names.arn.startswith("arn:aws:states:us-east-1:123456789012:execution:simulated/rows:")
    assert [event["type"] for event in child.events][:3] == ["ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled"]
    assert child.payload == 2
    assert run.script.requests[1].execution_arn == child.names.arn
    assert run.types[2:-1] == ["MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited"]


def test_children_do_not_see_the_parents_variables() -> None:
    states = machine(
        first={"Type": "Pass", "Assign": {"outer": 1}},
        each=over({"a": {"Type": "Pass", "Output": "{% $exists($outer) %}"}}, Items=[1]),
    )
    assert played({**states, "QueryLanguage": "JSONata"}).output == [False]


def test_no_more_children_run_at_once_than_allowed() -> None:
    run = played(machine(each=over({"work": task()}, MaxConcurrency=2)), [1] * 5, work=[gives(after_seconds=10)])
    assert run.seconds == 30


def test_one_failure_is_too_many_when_none_is_tolerated() -> None:
    run = played(machine(each=over({"work": task()})), [1, 2], work=[fails(after_seconds=1), gives(after_seconds=9)])
    assert run.execution.error == "States.ExceedToleratedFailureThreshold"
    assert run.execution.cause == "The specified tolerated failure threshold was exceeded"
    (map_run,) = run.execution.map_runs
    assert [child.status for child in map_run.children.values()] == [Status.FAILED, Status.ABORTED]
    assert run.types[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"ToleratedFailureCount": 2}, Status.SUCCEEDED),
        ({"ToleratedFailureCount": 1}, Status.FAILED),
        ({"ToleratedFailurePercentage": 50}, Status.SUCCEEDED),
        ({"ToleratedFailurePercentage": 49}, Status.FAILED),
        ({"ToleratedFailurePercentage": 50, "ToleratedFailureCount": 1}, Status.FAILED),
    ],
)
def test_failures_are_tolerated_up_to_the_threshold(fields: dict[str, Any], status: Status) -> None:
    run = played(machine(each=over({"work": task()}, **fields)), [1, 2, 3, 4], work=[fails(), gives(2), fails("X"), gives(4)])
    assert run.status is status


def test_a_tolerated_failure_is_told_in_full_among_the_results() -> None:
    run = played(machine(each=over({"work": task()}, ToleratedFailureCount=1)), [1, 2], work=[fails(), gives("ok")])
    failed, good = run.output
    assert good == "ok"
    assert isinstance(failed, dict)
    assert (failed["Status"], failed["Error"], failed["Input"]) == ("FAILED", "Broken", "1")


def test_batches_hold_items_and_what_they_share() -> None:
    batcher = {"MaxItemsPerBatch": 2, "BatchInput": {"day.$": "$.day"}}
    run = played(machine(each=over(KEEP, ItemsPath="$.items", ItemBatcher=batcher)), {"items": [1, 2, 3], "day": "mo"})
    assert run.output == [
        {"BatchInput": {"day": "mo"}, "Items": [1, 2]},
        {"BatchInput": {"day": "mo"}, "Items": [3]},
    ]
    assert run.execution.map_runs[0].item_counts()["total"] == 3
    assert run.execution.map_runs[0].execution_counts()["total"] == 2


@given(
    st.lists(st.one_of(st.integers(), st.text(max_size=30)), max_size=30),
    st.one_of(st.none(), st.integers(1, 5)),
    st.one_of(st.none(), st.integers(30, 200)),
)
def test_batching_loses_nothing_and_keeps_its_limits(items: list[Any], most: int | None, most_bytes: int | None) -> None:
    found = list(batches(items, most_items=most, most_bytes=most_bytes, shared=None))
    assert [item for batch in found for item in batch["Items"]] == items  # type: ignore[union-attr]
    for batch in found:
        held = batch["Items"]
        assert isinstance(held, list)
        assert most is None or len(held) <= most
        assert most_bytes is None or len(held) == 1 or len(compact(batch).encode()) <= most_bytes


def test_results_are_exported_with_a_manifest() -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "runs"}}
    state = over({"work": task()}, ResultWriter=writer, ToleratedFailureCount=1)
    run = played(machine(each=state), ["a", "b"], work=[gives({"n": 1}), fails()])
    (map_run,) = run.execution.map_runs
    folder = "runs/" + map_run.arn.rsplit(":", 1)[1]
    assert run.output == {
        "MapRunArn": map_run.arn,
        "ResultWriterDetails": {"Bucket": "out", "Key": f"{folder}/manifest.json"},
    }
    bodies = {key: json.loads(body) for (_, key), body in run.objects.bodies.items()}
    manifest = bodies[f"{folder}/manifest.json"]
    assert manifest["DestinationBucket"] == "out"
    assert [len(manifest["ResultFiles"][group]) for group in ("SUCCEEDED", "FAILED", "PENDING")] == [1, 1, 0]
    (good,) = bodies[f"{folder}/SUCCEEDED_0.json"]
    assert (json.loads(good["Input"]), json.loads(good["Output"]), good["Status"]) == ("a", {"n": 1}, "SUCCEEDED")
    assert bodies[f"{folder}/FAILED_0.json"][0]["Error"] == "Broken"


def test_results_can_be_shaped_without_being_exported() -> None:
    state = over(KEEP, ResultWriter={"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}})
    assert played(machine(each=state), [[1, 2], 3]).output == [1, 2, 3]


def test_express_children_have_no_event_limit_and_no_redrive_count() -> None:
    state = over({"tell": {"Type": "Pass", "Parameters": {"about.$": "$$.Execution"}}}, kind="EXPRESS")
    (told,) = played(machine(each=state), [1]).output
    assert "RedriveCount" not in told["about"]


def test_an_aborted_parent_aborts_its_children() -> None:
    bad = {"StartAt": "bad", "States": scope({"bad": task()})}
    each = {"StartAt": "each", "States": scope({"each": over({"work": task()}, ItemsPath="$.items")})}
    run = played(
        machine(both={"Type": "Parallel", "Branches": [bad, each]}),
        {"items": [1]},
        bad=[fails(after_seconds=5)],
        work=[gives(after_seconds=50)],
    )
    (map_run,) = run.execution.map_runs
    assert (map_run.status, map_run.children[0].status) == (Status.ABORTED, Status.ABORTED)
    assert [kind for kind in run.types if kind.endswith("Aborted")] == ["TaskStateAborted", "MapRunAborted", "MapStateAborted"]


def test_the_fields_of_an_object_are_items_with_keys() -> None:
    given = {"a": 1, "b": {"c": 2}}
    selected = over(KEEP, ItemSelector={"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"})
    assert played(machine(each=over(KEEP)), given).output == [{"Key": "a", "Value": 1}, {"Key": "b", "Value": {"c": 2}}]
    assert played(machine(each=selected), given).output == [{"k": "a", "v": 1, "i": 0}, {"k": "b", "v": {"c": 2}, "i": 1}]


def test_an_expression_may_give_an_object_to_a_distributed_map_only() -> None:
    items = {"Items": "{% $states.input.o %}", "QueryLanguage": "JSONata"}
    spread = {"QueryLanguage": "JSONata", **machine(each=over(KEEP, **items))}
    inline = {"Type": "Map", "ItemProcessor": machine(keep={"Type": "Pass"}), **items}
    assert played(spread, {"o": {"a": 1}}).output == [{"Key": "a", "Value": 1}]
    assert played({"QueryLanguage": "JSONata", **machine(each=inline)}, {"o": {"a": 1}}).status is Status.FAILED
