from datetime import UTC, datetime, timedelta, timezone

from bunsui.engine.context import ExecutionIdentity, MapItem, context_object, timestamp

START = datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)
IDENTITY = ExecutionIdentity(
    id="arn:e", name="e", role_arn="arn:r", input={"a": 1}, started_at=START, state_machine_id="arn:m", state_machine_name="m"
)


def test_the_context_object_has_the_fields_that_aws_recorded() -> None:
    assert context_object(IDENTITY, state="S", entered_at=START) == {
        "Execution": {
            "Id": "arn:e",
            "Input": {"a": 1},
            "StartTime": "2026-01-02T03:04:05.006Z",
            "Name": "e",
            "RoleArn": "arn:r",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": "arn:m", "Name": "m"},
        "State": {"Name": "S", "EnteredTime": "2026-01-02T03:04:05.006Z"},
    }


def test_what_does_not_apply_is_left_out() -> None:
    whole = context_object(
        IDENTITY, state="S", entered_at=START, retry_count=2, task_token="t", item=MapItem(index=1, value="v", key="k")
    )
    assert whole["Task"] == {"Token": "t"}
    assert whole["Map"] == {"Item": {"Index": 1, "Key": "k", "Value": "v"}}
    assert whole["State"] == {"Name": "S", "EnteredTime": "2026-01-02T03:04:05.006Z", "RetryCount": 2}


def test_timestamps_are_utc_with_milliseconds() -> None:
    assert timestamp(datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))) == "2026-01-01T00:00:00.000Z"
