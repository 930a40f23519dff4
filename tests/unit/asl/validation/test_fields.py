from typing import Any

import pytest

from bunsui.asl.validation.validate import validate
from tests.unit.asl.validation.definitions import jsonata, machine, only, passing, task, told

WAIT = {"Type": "Wait", "End": True}
BRANCH = machine(Q=passing())


@pytest.mark.parametrize(
    ("definition", "message", "place"),
    [
        ({}, "These fields are required: [States, StartAt]", "/"),
        (machine(A=passing(TimeoutSeconds=5)), "Field 'TimeoutSeconds' is not supported", "/States/A"),
        (machine(A=passing(Foo=5)), "Field 'Foo' is not supported", "/States/A"),
        (machine(A={"Type": "Succeed", "End": True}), "Field 'End' is not supported", "/States/A"),
        (machine(A={"Type": "Task", "End": True}), "These fields are required: [Resource]", "/States/A"),
        (
            machine(A=passing(Output={"a": 1})),
            "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
            "/States/A",
        ),
        (
            jsonata(A=passing(InputPath="$.a")),
            "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
            "/States/A",
        ),
        (
            machine(A=passing(QueryLanguage="jsonata")),
            "Value should be one of the following: [JSONPath, JSONata]",
            "/States/A/QueryLanguage",
        ),
        (machine(top={"QueryLanguage": 5}, A=passing()), "Expected value of type [STRING]", "/QueryLanguage"),
        (machine(A={"Type": "Parallel", "Branches": [], "End": True}), "Value cannot be empty", "/States/A/Branches"),
        (
            machine(A={"Type": "Map", "MaxConcurrency": -1, "ItemProcessor": BRANCH, "End": True}),
            "Minimum value is 0",
            "/States/A/MaxConcurrency",
        ),
        (
            machine(A={"Type": "Map", "ItemProcessor": {**BRANCH, "QueryLanguage": "JSONata"}, "End": True}),
            "Field 'QueryLanguage' is not supported",
            "/States/A/ItemProcessor",
        ),
        (
            machine(A={**WAIT, "Timestamp": "2016-03-14 01:59:00Z"}),
            "String does not match RFC3339 timestamp",
            "/States/A/Timestamp",
        ),
        (machine(A=task(Credentials={})), "The field 'RoleArn' is required but was missing", "/States/A/Credentials"),
    ],
)
def test_fields_are_refused_in_the_words_of_aws(definition: Any, message: str, place: str) -> None:
    finding = only(definition)
    assert (finding.is_error, finding.aws_message, finding.aws_location) == (True, message, place)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"Type": "Tsk", "End": True}, "ASL007"),
        ({"End": True}, "ASL002"),
        (WAIT, "ASL002"),
        ({**WAIT, "Seconds": 1, "Timestamp": "2016-03-14T01:59:00Z"}, "ASL006"),
        ({**WAIT, "Seconds": -1}, "ASL005"),
        ({**WAIT, "Seconds": 1.5}, "ASL004"),
        ({**WAIT, "Seconds": True}, "ASL004"),
        (task(TimeoutSeconds=0), "ASL005"),
        (task(TimeoutSeconds=10, HeartbeatSeconds=10), "ASL005"),
        (task(TimeoutSeconds=10, TimeoutSecondsPath="$.t"), "ASL006"),
        ({"Type": "Fail", "Error": "a", "ErrorPath": "$.e"}, "ASL006"),
        ({"Type": "Fail", "Cause": ["no"]}, "ASL004"),
        (task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "A", "Assign": "$.x"}]), "ASL004"),
        ({"Type": "Map", "End": True}, "ASL002"),
        ({"Type": "Map", "ItemProcessor": BRANCH, "Iterator": machine(I=passing()), "End": True}, "ASL006"),
        (task(Retry={}), "ASL004"),
        (task(Retry=[{"ErrorEquals": []}]), "ASL004"),
        (task(Retry=[{}]), "ASL002"),
        (task(Retry=[{"ErrorEquals": ["States.ALL", "a"]}]), "ASL050"),
        (task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["a"]}]), "ASL050"),
        (task(Retry=[{"ErrorEquals": ["a"], "BackoffRate": 0.5}]), "ASL005"),
        (task(Retry=[{"ErrorEquals": ["a"], "IntervalSeconds": 5, "MaxDelaySeconds": 5}]), "ASL005"),
        (task(Retry=[{"ErrorEquals": ["a"], "JitterStrategy": "SOME"}]), "ASL007"),
        (task(Retry=[{"ErrorEquals": ["a"], "Interval": 5}]), "ASL003"),
        (task(Catch=[{"ErrorEquals": ["a"]}]), "ASL002"),
        (task(Catch=[{"ErrorEquals": ["a"], "Next": "A", "Output": 1}]), "ASL020"),
        (task(Resource="lambda"), "ASL040"),
        (task(Resource="$.function"), "ASL040"),
        (task(Resource="arn:aws:states:::sqs:sendMessage.sync"), "ASL041"),
        (task(Resource="arn:aws:states:::aws-sdk:S3:GetObject"), "ASL040"),
        (task(Resource="arn:aws:states:::aws-sdk:s3:getObject.sync"), "ASL041"),
    ],
)
def test_one_mistake_gives_one_error(state: dict[str, Any], code: str) -> None:
    errors = [finding.code for finding in validate(machine(A=state)) if finding.is_error]
    # A state without a known type has no end either.
    assert [found for found in errors if found != "ASL012"] == [code]


@pytest.mark.parametrize(
    "state",
    [
        task(
            TimeoutSeconds="${timeout}",
            Retry=[{"ErrorEquals": ["a"], "MaxAttempts": 0, "BackoffRate": 1.5, "JitterStrategy": "FULL"}],
        ),
        task(Resource="arn:aws:states:::ecs:runTask.waitForTaskToken", Parameters={"t.$": "$$.Task.Token"}),
        task(Resource="arn:aws:states:::states:startExecution.sync:2"),
        task(Resource="arn:aws-cn:lambda:cn-north-1:123456789012:function:f:1"),
        task(Resource="arn:${AWS::Partition}:states:::lambda:invoke"),
        task(Resource="arn:aws:states:us-east-1:123456789012:activity:a", HeartbeatSeconds=5, TimeoutSeconds=9),
        {**WAIT, "Timestamp": "2016-03-14T01:59:00.5+09:00"},
        {**WAIT, "SecondsPath": "$.s"},
        {
            "Type": "Map",
            "ItemProcessor": BRANCH,
            "ToleratedFailureCount": 1,
            "MaxConcurrency": 9223372036854775807,
            "End": True,
        },
    ],
)
def test_what_is_lawful_is_accepted(state: dict[str, Any]) -> None:
    assert validate(machine(A=state)) == ()


def test_express_runs_no_jobs_tokens_activities_or_distributed_maps() -> None:
    distributed = {**BRANCH, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    for state in (
        task(Resource="arn:aws:states:::glue:startJobRun.sync"),
        task(Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={"t.$": "$$.Task.Token"}),
        task(Resource="arn:aws:states:us-east-1:123456789012:activity:a"),
        {"Type": "Map", "ItemProcessor": distributed, "End": True},
    ):
        assert validate(machine(A=state)) == ()
        assert only(machine(A=state), "EXPRESS").code == "ASL042"


def test_the_children_of_an_express_map_are_express() -> None:
    inner = machine(J=task(Resource="arn:aws:states:::glue:startJobRun.sync"))
    processor = {**inner, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}
    state = {"Type": "Map", "ItemProcessor": processor, "End": True}
    assert told(machine(M=state)) == [("ASL042", "/States/M/ItemProcessor/States/J/Resource")]


def test_a_comment_accepts_a_finding_when_it_gives_a_reason() -> None:
    unused = {"Type": "Pass", "End": True}
    plain = machine(A=passing(), Old=unused)
    accepted = machine(A=passing(), Old={**unused, "Comment": "bunsui: accept ASL011 kept for the console"})
    unreasoned = machine(A=passing(), Old={**unused, "Comment": "bunsui: accept ASL011"})
    whole = machine(top={"Comment": "bunsui: accept ASL011, ASL051 a sketch"}, A=passing(), Old=unused)
    assert [only(plain).code, only(unreasoned).code] == ["ASL011", "ASL011"]
    assert (validate(accepted), validate(whole)) == ((), ())


DISTRIBUTED = {**BRANCH, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Parameters": {"Bucket": "b", "Key": "k"},
    "ReaderConfig": {"InputType": "CSV"},
}


def distributed(**fields: Any) -> dict[str, Any]:
    return machine(M={"Type": "Map", "ItemProcessor": DISTRIBUTED, "End": True, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {"ItemReader": READER, "Label": "files", "ToleratedFailurePercentage": 2.5},
        {"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket.$": "$.bucket"}}},
        {"ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {"day.$": "$.day"}}},
        {"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}}},
        {"ResultWriter": {"WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}}},
    ],
)
def test_a_distributed_map_reads_batches_and_writes(fields: dict[str, Any]) -> None:
    assert validate(distributed(**fields)) == ()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ItemReader": {**READER, "Resource": "arn:aws:states:::dynamodb:getItem"}}, "ASL040"),
        ({"ItemReader": {"Parameters": {}}}, "ASL002"),
        ({"ItemReader": {**READER, "ReaderConfig": {"InputType": "XML"}}}, "ASL007"),
        ({"ItemReader": {**READER, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}}}, "ASL002"),
        ({"ItemReader": {**READER, "ReaderConfig": {"MaxItems": 1, "MaxItemsPath": "$.m"}}}, "ASL006"),
        ({"ItemReader": {**READER, "Arguments": {}}}, "ASL020"),
        ({"ItemBatcher": {}}, "ASL002"),
        ({"ItemBatcher": {"MaxItemsPerBatch": 0}}, "ASL005"),
        ({"ResultWriter": {}}, "ASL002"),
        ({"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject"}}, "ASL002"),
        ({"ResultWriter": {"WriterConfig": {"OutputType": "XML"}}}, "ASL007"),
        ({"Label": "two words"}, "ASL013"),
        ({"MaxConcurrencyPath": "$.limits[*]"}, "ASL021"),
        ({"ItemProcessor": {**BRANCH, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}}, "ASL002"),
        ({"ItemProcessor": {**BRANCH, "ProcessorConfig": {"Mode": "FAST"}}}, "ASL007"),
    ],
)
def test_what_a_distributed_map_cannot_do_is_refused(fields: dict[str, Any], code: str) -> None:
    assert [finding.code for finding in validate(distributed(**fields))] == [code]


def test_a_branch_is_an_object() -> None:
    assert told(machine(A={"Type": "Parallel", "Branches": [[]], "End": True})) == [("ASL004", "/States/A/Branches[0]")]


def test_paths_inside_readers_and_batchers_are_looked_at() -> None:
    reader = {**READER, "ReaderConfig": {"InputType": "CSV", "MaxItemsPath": "most"}}
    assert told(distributed(ItemReader=reader)) == [("ASL021", "/States/M/ItemReader/ReaderConfig/MaxItemsPath")]
    assert told(distributed(ItemBatcher={"MaxItemsPerBatchPath": "$size"})) == [
        ("ASL032", "/States/M/ItemBatcher/MaxItemsPerBatchPath")
    ]
